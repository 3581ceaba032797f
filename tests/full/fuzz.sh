#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# every fuzz target for ten minutes (FUZZ_SECONDS=600), without a finding
exec make -s fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-600}"
