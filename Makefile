# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            library, tools and kernel modules, below build/
# make run        the main job, in a virtual lab: DURATION=seconds (60)
# make check      every test that fits in minutes
# make check-full S=shard   the full counts; "make check-full" alone lists the shards
# make bench lint coverage docs install modules modules_install clean

VERSION := $(shell sed -n 's/^.define SENSE_VERSION "\(.*\)"/\1/p' libsense/include/sense/version.h)
ABI := 0

B := build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
DURATION ?= 60

CC ?= gcc
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wvla -Wno-unused-parameter
# One rounding per operation, in source order: replay is bit-identical. errno and traps change no
# value and would keep sqrt out of line and loops scalar.
FLOAT := -ffp-contract=off -fno-fast-math -frounding-math -fno-math-errno -fno-trapping-math

LIB_PKGS := libiio libudev liburing sqlite3 yaml-0.1 jansson lapacke libxml-2.0 xmlsec1-openssl libcrypto
LIB_CFLAGS := $(shell pkg-config --cflags $(LIB_PKGS) 2>/dev/null)
LIB_LIBS := $(shell pkg-config --libs $(LIB_PKGS) 2>/dev/null) -lm -lpthread

BASE_CFLAGS := -std=gnu17 -D_GNU_SOURCE -fno-common $(WARN) $(FLOAT) -Ilibsense/include -MMD -MP
LIB_ALL_CFLAGS := $(BASE_CFLAGS) -fvisibility=hidden -fPIC -Ilibsense $(LIB_CFLAGS) $(CFLAGS)
TOOL_ALL_CFLAGS := $(BASE_CFLAGS) $(CFLAGS)

LIB_SRC := $(wildcard libsense/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
SENSE_SRC := $(wildcard tools/sense/*.c)
SENSE_OBJ := $(SENSE_SRC:%.c=$(B)/%.o)

SO := $(B)/lib/libsense.so.$(VERSION)
A := $(B)/lib/libsense.a

.PHONY: all lib tools modules run check check-full bench lint coverage docs install \
	modules_install clean deps
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

all: lib tools modules

# Every target that compiles starts here: it says what is missing instead of
# leaving it to the compiler, and installs it where it may.
deps:
	@tools/dev/install-deps build

lib: $(SO) $(A) $(B)/lib/sense.pc

$(B)/libsense/%.o: libsense/%.c | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(LIB_ALL_CFLAGS) -c -o $@ $<

$(SO): $(LIB_OBJ) libsense/libsense.map
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) -shared -Wl,-soname,libsense.so.$(ABI) -Wl,--version-script=libsense/libsense.map \
		-Wl,-z,defs -Wl,--build-id $(CFLAGS) $(LDFLAGS) -o $@ $(LIB_OBJ) $(LIB_LIBS)
	@ln -sf $(@F) $(B)/lib/libsense.so.$(ABI)
	@ln -sf libsense.so.$(ABI) $(B)/lib/libsense.so

$(A): $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo '  AR      $@'
	@rm -f $@ && ar rcs $@ $(LIB_OBJ)

$(B)/lib/sense.pc: libsense/sense.pc.in libsense/include/sense/version.h
	@mkdir -p $(@D)
	@sed -e 's#@PREFIX@#$(PREFIX)#; s#@LIBDIR@#$(LIBDIR)#; s#@VERSION@#$(VERSION)#' \
		-e 's#@LIBS@#$(LIB_LIBS)#' $< >$@

# ---- tools ---------------------------------------------------------------------

tools: $(B)/bin/sense

$(B)/tools/%.o: tools/%.c | deps
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(TOOL_ALL_CFLAGS) $(shell pkg-config --cflags jansson 2>/dev/null) -c -o $@ $<

# `sense loop simulate` has the lab's bath inside.
$(B)/bin/sense: $(SENSE_OBJ) $(B)/tools/lab/bath.o $(SO)
	@mkdir -p $(@D)
	@echo '  LD      $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(SENSE_OBJ) $(B)/tools/lab/bath.o -L$(B)/lib -lsense -ljansson -lm -lpthread \
		-Wl,-rpath,'$$ORIGIN/../lib'

# ---- parts with a make file of their own ------------------------------------------

-include driver/module.mk tools/lab/lab.mk tests/tests.mk tests/fuzz/fuzz.mk tests/bench/bench.mk \
	Documentation/docs.mk Documentation/examples/examples.mk tools/dev/lint.mk tools/dev/install.mk

clean:
	rm -rf $(filter-out $(B)/kernel,$(wildcard $(B)/*))

-include $(shell [ -d $(B) ] && find $(B)/libsense $(B)/tools $(B)/tests -name '*.d' 2>/dev/null)
