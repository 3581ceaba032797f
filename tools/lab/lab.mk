# SPDX-License-Identifier: GPL-2.0-or-later
#
# lab    the virtual lab: build/bin/sense-lab, and the guest's agent

LAB_MODEL := bath air sensors account card card-clock card-output card-table card-fault
LAB_MODEL_OBJ := $(LAB_MODEL:%=$(B)/tools/lab/%.o)
LAB_OBJ := $(LAB_MODEL_OBJ) $(patsubst %,$(B)/tools/lab/%.o,card-process ivshmem cpio guest \
	vm run control kernel-log sense-lab)

.PHONY: lab
lab: $(B)/bin/sense-lab $(B)/lab/agent

$(LAB_OBJ): TOOL_ALL_CFLAGS += -Idriver -Itools/lab

$(B)/bin/sense-lab: $(LAB_OBJ)
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(LAB_OBJ) -lm

# Static: it is process 1 of a guest that has no /usr yet.
$(B)/lab/agent: tools/lab/agent.c tools/lab/channel.h | deps
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) $(BASE_CFLAGS) $(CFLAGS) -static -o $@ $<

# Unit tests of the model link its objects.
$(B)/tests/unit/test-bath $(B)/tests/unit/test-bath-replay $(B)/tests/unit/test-controller: $(B)/tools/lab/bath.o
$(B)/tests/unit/test-air: $(B)/tools/lab/air.o $(B)/tools/lab/bath.o
$(B)/tests/unit/test-card: $(LAB_MODEL_OBJ)

# The reader of tests/vm/lab-*.sh, which trusts neither driver nor library.
lab: $(B)/tests/vm/scan-check
$(B)/tests/vm/scan-check: tests/vm/scan-check.c driver/sense-card.h | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(BASE_CFLAGS) -Idriver $(CFLAGS) -o $@ $<

# The main job: samples of the simulated card through the driver and libsense into a record.
# DURATION=seconds, RATE=scans per second, KERNEL=series of the guest
RATE ?= 1000
run:
	@tools/dev/install-deps build lab
	@$(MAKE) -s lib tools lab modules-$(KERNEL)
	@KERNEL=$(KERNEL) tools/lab/main-job $(DURATION) $(RATE)

# The controller on the bath, with the plants and scenarios of tests/bench.
$(B)/tests/bench/loop-plants.o: tests/bench/loop-plants.c | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(UNIT_CFLAGS) -c -o $@ $<
$(B)/tests/unit/test-loop: $(B)/tests/bench/loop-plants.o $(B)/tools/lab/bath.o
