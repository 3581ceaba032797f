# SPDX-License-Identifier: GPL-2.0-or-later
#
# Documentation/examples/*.c: compiled against the public headers alone, and run by tests/vm.

EXAMPLE_SRC := $(wildcard Documentation/examples/*.c)
EXAMPLE_BIN := $(EXAMPLE_SRC:Documentation/examples/%.c=$(B)/examples/%)

.PHONY: examples
examples: $(EXAMPLE_BIN)
tests: examples

$(B)/examples/%: Documentation/examples/%.c $(SO) | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(BASE_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -L$(B)/lib -lsense -lm -lpthread \
		-Wl,-rpath,'$$ORIGIN/../lib'
