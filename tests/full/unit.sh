#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every unit and command line test with its whole count of random cases.
make -s all lab && make -s unit && make -s cli
