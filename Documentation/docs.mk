# SPDX-License-Identifier: GPL-2.0-or-later
#
# make docs    man pages into build/man, the other pages as HTML into build/html
# make man     the man pages alone

MAN_SRC := $(wildcard Documentation/man/*.scd)
MAN := $(MAN_SRC:Documentation/man/%.scd=$(B)/man/%)
HTML := $(patsubst %.md,$(B)/html/%.html,$(shell \
	find README.md CONTRIBUTING.md CHANGELOG.md Documentation -name '*.md'))

.PHONY: man html
docs: | docs-deps
	@$(MAKE) -s man html

.PHONY: docs-deps
docs-deps:
	@tools/dev/install-deps docs

man: $(MAN)
html: $(HTML)

# The date on a page is the source's, not the day of the build: builds repeat.
$(B)/man/%: Documentation/man/%.scd
	@mkdir -p $(@D)
	@echo '  MAN     $@'
	@of=$$(git log -1 --format=%ct -- $< 2>/dev/null); \
		SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$${of:-$$(stat -c %Y $<)}} \
		scdoc <$< >$@

$(B)/html/%.html: %.md
	@mkdir -p $(@D)
	@echo '  HTML    $@'
	@sed 's/\](\([^):]*\)\.md\([#)]\)/](\1.html\2/g' $< | \
		pandoc -f gfm -t html5 -s --metadata title="$(notdir $*)" -o $@
