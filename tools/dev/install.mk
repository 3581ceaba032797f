# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install DESTDIR= PREFIX=/usr/local LIBDIR=$(PREFIX)/lib
#
# Nothing outside $(DESTDIR)$(PREFIX). Kernel modules: make modules_install.

INSTALL ?= install
D_BIN := $(DESTDIR)$(PREFIX)/bin
D_LIB := $(DESTDIR)$(LIBDIR)
D_INCLUDE := $(DESTDIR)$(PREFIX)/include/sense
D_SHARE := $(DESTDIR)$(PREFIX)/share
D_ETC := $(DESTDIR)$(PREFIX)/lib

install: lib tools | docs-deps
	@$(MAKE) -s man
	@if ls tools/lab/*.c >/dev/null 2>&1; then $(MAKE) -s lab; fi
	$(INSTALL) -d $(D_BIN) $(D_LIB)/pkgconfig $(D_INCLUDE) $(D_SHARE)/man/man1 \
		$(D_SHARE)/man/man3 $(D_SHARE)/man/man5 \
		$(D_SHARE)/bash-completion/completions $(D_SHARE)/zsh/site-functions \
		$(D_SHARE)/doc/sense $(D_ETC)/udev/rules.d $(D_ETC)/sysusers.d
	$(INSTALL) -m 755 $(SO) $(D_LIB)/
	ln -sf $(notdir $(SO)) $(D_LIB)/libsense.so.$(ABI)
	ln -sf libsense.so.$(ABI) $(D_LIB)/libsense.so
	$(INSTALL) -m 644 $(A) $(D_LIB)/
	sed -e 's#@PREFIX@#$(PREFIX)#; s#@LIBDIR@#$(LIBDIR)#; s#@VERSION@#$(VERSION)#' \
		-e 's#@LIBS@#$(LIB_LIBS)#' libsense/sense.pc.in >$(D_LIB)/pkgconfig/sense.pc
	chmod 644 $(D_LIB)/pkgconfig/sense.pc
	$(INSTALL) -m 644 libsense/include/sense/*.h $(D_INCLUDE)/
	$(INSTALL) -m 755 $(B)/bin/sense $(D_BIN)/
	if [ -x $(B)/bin/sense-lab ]; then $(INSTALL) -m 755 $(B)/bin/sense-lab $(D_BIN)/; fi
	for page in $(B)/man/*.[135]; do \
		$(INSTALL) -m 644 $$page $(D_SHARE)/man/man$${page##*.}/ || exit 1; done
	$(INSTALL) -m 644 tools/sense/completion/sense.bash $(D_SHARE)/bash-completion/completions/sense
	$(INSTALL) -m 644 tools/sense/completion/_sense $(D_SHARE)/zsh/site-functions/
	$(INSTALL) -m 644 README.md CHANGELOG.md $(wildcard Documentation/*.md) driver/sense-card.h \
		$(D_SHARE)/doc/sense/
	$(INSTALL) -m 644 udev/60-sense.rules $(D_ETC)/udev/rules.d/
	$(INSTALL) -m 644 udev/sense.sysusers $(D_ETC)/sysusers.d/sense.conf
	@if [ -z "$(DESTDIR)" ]; then \
		echo "Now, once, as root:"; \
		echo "  ldconfig"; \
		echo "  systemd-sysusers && udevadm control --reload && udevadm trigger -s iio"; \
		echo "  usermod -aG sense YOU     # then log in again"; \
		echo "and see what 'sense doctor' finds."; \
	fi
