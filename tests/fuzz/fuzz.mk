# SPDX-License-Identifier: GPL-2.0-or-later
#
# make fuzz              every tests/fuzz/fuzz-*.c for FUZZ_SECONDS (60) each
# make build/fuzz/NAME   one target; run it with a directory of inputs
# A finding is left in build/fuzz/NAME-*; running the target with that file repeats it. First inputs
# are in tests/fuzz/NAME.corpus, one path per line (a directory, or a file name pattern).

FUZZ_SECONDS ?= 60
FUZZ_SRC := $(wildcard tests/fuzz/fuzz-*.c)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_FLAGS := -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	-std=gnu17 -D_GNU_SOURCE -Ilibsense/include -Ilibsense $(LIB_CFLAGS) -MMD -MP
FUZZ_OBJ := $(LIB_SRC:%.c=$(B)/fuzz/%.o)

$(B)/fuzz/libsense/%.o: libsense/%.c | fuzz-deps
	@mkdir -p $(@D)
	@echo '  FUZZ CC $<'
	@clang $(FUZZ_FLAGS) -c -o $@ $<

$(B)/fuzz/libsense.a: $(FUZZ_OBJ)
	@rm -f $@ && ar rcs $@ $(FUZZ_OBJ)

$(B)/fuzz/fuzz-%: tests/fuzz/fuzz-%.c $(B)/fuzz/libsense.a | fuzz-deps
	@echo '  FUZZ LD $@'
	@clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(B)/fuzz/libsense.a $(LIB_LIBS)

.PHONY: fuzz fuzz-deps
fuzz-deps:
	@tools/dev/install-deps build fuzz

fuzz: $(FUZZ_BIN)
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_BIN)

-include $(shell [ -d $(B)/fuzz ] && find $(B)/fuzz -name '*.d' 2>/dev/null)
