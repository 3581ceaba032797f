#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every test in the virtual lab, whole counts, on kernel 6.1.
SENSE_KERNEL=6.1 make -s vm
