#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every test in the virtual lab, whole counts, on kernel 6.12.
SENSE_KERNEL=6.12 make -s vm
