#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense doctor: topics that stay, a remedy for whatever needs one, an exit status that is true.
. "$(dirname "$0")/lib.sh"

timeout 30 "$sense" doctor --json >.out 2>.err
rc=$? command=(doctor --json)
silent
python3 - .out "$rc" <<'P' || complain "findings"
import json, sys
d = json.load(open(sys.argv[1]))
f = d["findings"]
topics = {x["topic"] for x in f}
for t in ("kernel", "driver", "udev.rule", "group", "clock.source", "clock.tai", "clock.sync",
          "limits.rtprio", "limits.memlock", "io_uring", "storage.room"):
    assert t in topics, t
for x in f:
    assert x["severity"] in ("ok", "note", "warning", "error") and x["sentence"], x
    if x["severity"] in ("warning", "error"):
        assert x["remedy"], x
errors = sum(x["severity"] == "error" for x in f)
assert errors == d["errors"] and int(sys.argv[2]) == (1 if errors else 0), (errors, sys.argv[2])
P
timeout 30 "$sense" doctor --quiet >.out 2>.err
prints_not '^(ok|note) '
timeout 30 "$sense" doctor --directory /no/such/folder >.out 2>.err
rc=$?
expect "$rc" 1 "a folder there is not"; prints '^error +storage .*/no/such/folder'
printf 'version: 1\ndevices: [{id: any}]\nrecord: {path: "%s/r.sense"}\n' "$tmp" >c.yaml
timeout 30 "$sense" doctor --config c.yaml >.out 2>.err
prints "storage.room .*$tmp"
printf 'version: 7\n' >c.yaml
timeout 30 "$sense" doctor --config c.yaml >.out 2>.err
rc=$?
expect "$rc" 1 "a bad configuration"; prints '^error +config '
finish
