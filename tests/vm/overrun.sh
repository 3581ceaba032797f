#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A card faster than its readers, at three rates: what libsense reports lost, for each of the two
# kernel buffers, is exactly what the card and the driver say, scan by scan.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi
dev=$(device)
gaps=build/tests/vm/gaps

check() { # BUFFER FILE
	read -r _ first next delivered lost < <(grep '^end' "$2") || fail "buffer $1: no end line: $(cat "$2")"
	made=$(sense-lab account | jq '[.. | objects | select(has("ticks"))] | last | .ticks')
	last=$(cat "$dev/buffer$1/last_sequence")
	[ $((delivered + lost)) -eq $((next - first)) ] ||
		fail "buffer $1: $delivered delivered and $lost lost are not the $((next - first)) it answers for"
	[ "$next" -eq $((last + 1)) ] ||
		fail "buffer $1: accounts up to $next, the driver drained $((last + 1)) of $made"
	# The card's own losses, position by position.
	sense-lab account | jq -r '[.. | objects | select(has("ticks"))] | last | .drops[] |
		"\(.[0]) \(.[1])"' | awk -v first="$first" -v last="$last" '$1 >= first && $1 <= last' |
		expand_runs >"$2.card"
	awk '$1 == "gap" && ($4 == "card" || $4 == "corrupt") { print $2, $3 }' "$2" | expand_runs >"$2.said"
	cmp -s "$2.card" "$2.said" || { diff "$2.card" "$2.said" | head -n 60
		grep -v "^gap .* \(kernel\|card\)$" "$2"; tail -n 3 "$2"; fail "buffer $1: the losses on the card are not those reported"; }
	# The buffer's refusals: the driver's count.
	refused=$(cat "$dev/buffer$1/lost")
	kernel=$(awk '$1 == "gap" && $4 == "kernel" { n += $3 } END { print n + 0 }' "$2")
	card=$(awk '$1 == "gap" && $4 != "kernel" { n += $3 } END { print n + 0 }' "$2")
	echo "= buffer $1 at $3/s: made $made, delivered $delivered, lost on the card $card, refused by the buffer $kernel"
	total=$((kernel + card))
	[ "$total" -eq "$lost" ] || fail "buffer $1: causes add up to $total, not $lost"
	[ "$refused" -eq "$kernel" ] || [ "$refused" -eq "$total" ] ||
		fail "buffer $1: the driver refused $refused, libsense says $kernel"
}
# Runs as one line per sequence number's run, joined where they touch.
expand_runs() {
	sort -n | awk 'NR > 1 && $1 == e { e += $2; next } NR > 1 { print s, e - s } { s = $1; e = $1 + $2 }
		END { if (NR) print s, e - s }'
}

some=0
for rate in 100000 500000 1000000; do
	# Short kernel buffers and a reader that dawdles, while the card loses bursts of its own.
	"$gaps" 0 $rate 4 8192 40 >/tmp/b0 2>/tmp/e0 &
	p0=$!
	# The second joins the first: the card's account is of one run.
	until [ "$(cat "$dev/buffer0/enable")" = 1 ]; do
		kill -0 $p0 2>/dev/null || fail "buffer 0: $(cat /tmp/e0)"
		sleep 0.1
	done
	"$gaps" 1 0 2 2048 25 >/tmp/b1 2>/tmp/e1 &
	p1=$!
	sleep 0.7
	sense-lab fault overrun,137 || fail "the lab does not take a fault"
	sleep 0.5
	sense-lab fault overrun,1
	wait $p0 || fail "buffer 0: $(cat /tmp/e0)"
	wait $p1 || fail "buffer 1: $(cat /tmp/e1)"
	check 0 /tmp/b0 $rate
	some=$((some + lost))
	check 1 /tmp/b1 $rate
	some=$((some + lost))
done
[ "$some" -gt 0 ] || fail "nothing was lost: the test forced no overrun"
