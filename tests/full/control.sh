#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The deviation controller on 16 uniform and 4 vertex plants, 100 for limit cycles, beside a PID.
set -eu
make -s lib lab build/tests/unit/test-loop
exec tests/run build/tests/unit/test-loop
