# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench: figures as ratios against a named peer in the same run, never a pass or a fail.
# tests/bench/bench-*.c run on this machine; read-path runs in the virtual lab.

BENCH_SRC := $(wildcard tests/bench/bench-*.c)
BENCH_BIN := $(BENCH_SRC:tests/bench/%.c=$(B)/tests/bench/%)

$(B)/tests/bench/%: tests/bench/%.c $(A) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(UNIT_CFLAGS) $(LDFLAGS) -o $@ $< $(A) $(LIB_LIBS)

$(B)/tests/bench/read-path: tests/bench/read-path.c $(SO)
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(TOOL_ALL_CFLAGS) -o $@ $< -L$(B)/lib -lsense -Wl,-rpath,'$$ORIGIN/../../lib'

bench:
	@tools/dev/install-deps build lab bench
	@$(MAKE) -s all lab modules-6.1 $(BENCH_BIN) $(B)/tests/bench/read-path
	@for b in $(BENCH_BIN); do echo "== $${b##*/}"; $$b || exit 1; done
	@echo "== read-path (virtual lab, simulated card)"
	@tests/bench/read-path.sh
