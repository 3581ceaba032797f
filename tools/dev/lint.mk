# SPDX-License-Identifier: GPL-2.0-or-later
#
# make lint            every step of tools/dev/lint; STEP="headers symbols" for some
# make coverage        lines and branches that unit and command-line tests reach, in build/coverage

lint:
	@tools/dev/install-deps build lint
	@$(MAKE) -s lib
	@B=$(B) KERNEL=$(KERNEL) tools/dev/lint $(STEP)

# A build of its own beside the usual one: other flags.
coverage:
	@tools/dev/install-deps build check lint
	@rm -rf $(B)/coverage && mkdir -p $(B)/coverage
	@$(MAKE) -s B=$(B)/coverage CFLAGS='-O0 -g --coverage -fprofile-update=atomic' lib tools tests
	@-for t in $(B)/coverage/tests/unit/*; do \
		case $$t in *.d|*.gcno|*.gcda) continue ;; esac; \
		timeout 300 $$t >$(B)/coverage/$${t##*/}.log 2>&1 || echo "failed: $$t"; done
	@-for t in $(CLI_TESTS); do \
		SENSE=$(abspath $(B)/coverage/bin/sense) CLI=$(abspath $(B)/coverage/tests/cli) \
			timeout 300 $$t >$(B)/coverage/$$(basename $$t).log 2>&1 || \
			[ $$? -eq 77 ] || echo "failed: $$t"; done
	@gcovr -r . --object-directory $(B)/coverage -f libsense/ -f tools/sense/ -s \
		--gcov-ignore-parse-errors --html-details $(B)/coverage/index.html \
		--txt $(B)/coverage/summary.txt -j 2 $(B)/coverage
	@echo "$(B)/coverage/index.html"
