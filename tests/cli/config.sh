#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense config check: line, key and remedy of everything that is wrong.
. "$(dirname "$0")/lib.sh"

cat >good.yaml <<'Y'
version: 1
devices:
  - id: any
    rate_hz: 1000
record:
  path: run.sense
Y
try 0 config check good.yaml; prints '^good.yaml: good'; silent

sed 's/rate_hz/rate_Hz/; s/path:/paht:/' good.yaml >bad.yaml
try 1 config check bad.yaml; silent
prints '^bad.yaml:4: .*rate_Hz.*; .*rate_hz'
prints '^bad.yaml:6: .*paht.*; .*path'
try 1 config check bad.yaml good.yaml; prints '^good.yaml: good'
try 1 config check bad.yaml --json
python3 - "$tmp/.out" <<'P' || complain "JSON of config check"
import json, sys
f = json.load(open(sys.argv[1]))["files"][0]
assert f["good"] is False and {x["line"] for x in f["findings"]} >= {4, 6}, f
assert all(x["key"] and x["sentence"] and x["remedy"] for x in f["findings"]), f
P
try 0 config check good.yaml --json; prints '"good": *true'

printf 'version: 1\ndevices: [\n' >torn.yaml
try 1 config check torn.yaml; prints '^torn.yaml:[0-9]+: '
: >empty.yaml
try 1 config check empty.yaml; prints '^empty.yaml:'
try 4 config check absent.yaml; says 'absent.yaml.*No such file'; remedy .
try 4 config check /tmp; says '/tmp'; remedy .
# A bad configuration is not run, and the sentence says the line.
try 4 record --config bad.yaml; says 'bad.yaml:4'; remedy .
finish
