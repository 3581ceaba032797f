# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/unit/test-*.c    CUnit, one program per object under test, linked with libsense.a so that
#                        internal functions can be reached too
# tests/cli/*.sh         the command line, black box
# tests/vm/*.sh          on the host, each starting the virtual lab
# A test exits 0 (passed), 77 (skipped, with a line "SKIP: reason") or anything else (failed).

UNIT_SRC := $(wildcard tests/unit/test-*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)
CLI_TESTS := $(sort $(filter-out tests/cli/lib.sh,$(wildcard tests/cli/*.sh)))
CLI_BIN := $(patsubst tests/cli/%.c,$(B)/tests/cli/%,$(wildcard tests/cli/*.c))
VM_TESTS := $(sort $(filter-out tests/vm/lib.sh,$(wildcard tests/vm/*.sh)))

UNIT_CFLAGS := $(BASE_CFLAGS) -Ilibsense -Itests/unit -Itools/lab -Idriver $(LIB_CFLAGS) $(CFLAGS)

$(B)/tests/unit/%: tests/unit/%.c $(A) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(UNIT_CFLAGS) $(LDFLAGS) -o $@ $< $(filter %.o,$^) $(A) -lcunit $(LIB_LIBS)

# What the command-line tests need made: through the public headers alone.
$(B)/tests/cli/%: tests/cli/%.c $(A) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(TOOL_ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(A) $(LIB_LIBS)

# Programs that tests run in the virtual machine: on the public headers, or on the card's alone.
VM_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/vm/*.c))
$(B)/tests/vm/%: tests/vm/%.c driver/sense-card.h $(SO) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(TOOL_ALL_CFLAGS) -Idriver $(LDFLAGS) -o $@ $< -L$(B)/lib -Wl,--as-needed -lsense \
		-Wl,-rpath,'$$ORIGIN/../../lib'

# This one uses libsense, by its public headers alone.
$(B)/tests/vm/stream-check: tests/vm/stream-check.c $(SO) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(TOOL_ALL_CFLAGS) -o $@ $< -L$(B)/lib -lsense -lpthread -Wl,-rpath,'$$ORIGIN/../../lib'

# Parts that unit tests share.
$(B)/tests/unit/%.o: tests/unit/%.c | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(B)/tests/unit/test-power: $(B)/tests/unit/power-vfs.o

.PHONY: tests unit cli vm
tests: $(UNIT_BIN) $(CLI_BIN) $(VM_PROGRAMS)

unit: tests
	@tests/run $(UNIT_BIN)
cli: tests tools
	@tests/run $(CLI_TESTS)
vm: all lab tests modules-$(or $(SENSE_KERNEL),6.1)
	@tests/run $(VM_TESTS)

check:
	@tools/dev/install-deps build lab check
	@$(MAKE) -s all lab tests modules-6.1
	@tests/run $(UNIT_BIN) $(CLI_TESTS) $(VM_TESTS)

check-full:
	@tools/dev/install-deps build lab check
	@tests/full/run "$(S)"
