# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernel modules. KDIR is a kernel build directory; by default the running
# kernel's headers, and where those are not installed the lab's guest kernel.
# The sources are copied below build/ first: one tree builds for many kernels,
# and the source directory stays clean.

KERNEL ?= 6.1
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(abspath $(B)/kernel/$(KERNEL)/headers))
MODSRC := Kbuild driver/Kbuild $(wildcard driver/*.[ch])

# $(call build-modules,KERNEL DIRECTORY,OUTPUT DIRECTORY,MORE ARGUMENTS)
define build-modules
	@mkdir -p $(2)/driver
	@cp -pu Kbuild $(2)/ && cp -pu driver/Kbuild driver/*.[ch] $(2)/driver/
	@$(MAKE) -s -C $(1) M=$(abspath $(2)) W=1 CONFIG_DEBUG_INFO_BTF_MODULES= $(3) modules
endef

modules: | deps
	@[ -e $(KDIR)/Makefile ] || $(MAKE) -s $(B)/kernel/$(KERNEL)/release
	$(call build-modules,$(KDIR),$(B)/modules/host)

modules_install: modules
	$(MAKE) -C $(KDIR) M=$(abspath $(B)/modules/host) INSTALL_MOD_PATH=$(DESTDIR) modules_install

# The guest kernels: downloaded and unpacked, never installed.
$(B)/kernel/%/release: tools/lab/fetch-kernel tools/lab/extract-vmlinux
	@tools/dev/install-deps lab
	@tools/lab/fetch-kernel $* $(B)/kernel/$*
	@touch $@

# modules-6.1, modules-6.12: against the guest kernels.
.PHONY: modules-6.1 modules-6.12
modules-6.1 modules-6.12: modules-%: $(B)/kernel/%/release
	$(call build-modules,$(abspath $(B)/kernel/$*/headers),$(B)/modules/$*)
