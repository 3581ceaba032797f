#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The launcher's promises: exit status, streams, what the guest may see, a disk that outlives the
# machine, a kernel log that is judged.
. "$(dirname "$0")/lib.sh"
work=$(mktemp -d /tmp/lab-run.XXXXXX)
trap 'rm -rf "$work"' EXIT
lab() { sense-lab run --kernel "$kernel" --no-driver --logs "$work/logs" "$@"; }
mkdir "$work/logs"

# Status, separate streams, standard input, environment, directory; root inside, clock and TAI set.
start=$EPOCHREALTIME
printf 'one\ntwo\n' | SENSE_PROBE=passed lab --env GIVEN=too --share "$work/share" -- bash -c '
	cat; echo "to stderr" >&2; echo "$SENSE_PROBE $GIVEN $PWD $(id -u)"
	echo from-guest >'"$work"'/share/result; ln -s /etc/passwd '"$work"'/share/link
	mkdir '"$work"'/share/sub; echo deep >'"$work"'/share/sub/file
	date +%s; python3 -c "import time; print(round(time.clock_gettime(time.CLOCK_TAI) - time.time()))"
	ls -A /home /root; ls /etc/shadow /etc/ssh /etc/ssl/private 2>&1
	cat '"$root"'/.git/config '"$root"'/.git 2>/dev/null | grep .
	exit 7' >"$work/out" 2>"$work/err"
rc=$?
took=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
[ $rc -eq 7 ] || { cat "$work/err"; fail "exit status $rc, not the command's 7"; }
mapfile -t line <"$work/out"
[ "${line[0]}${line[1]}" = onetwo ] || fail "standard input: ${line[0]} ${line[1]}"
[ "${line[2]}" = "passed too $root 0" ] || fail "environment, directory or user: ${line[2]}"
now=$(date +%s)
[ $((now - line[3])) -le 30 ] && [ $((now - line[3])) -ge 0 ] || fail "the guest's clock: ${line[3]}"
[ "${line[4]}" = 37 ] || fail "TAI offset ${line[4]}"
grep -q 'to stderr' "$work/err" || fail "standard error"
if grep -qE 'repositoryformat|gitdir' "$work/out"; then
	# In a plain chroot there is no mount point of one's own to make private.
	unshare -m sh -c 'mount --make-rprivate /' 2>/dev/null && fail "the guest reads the repository"
	echo "= .git is not hidden from the guest: no mounts of one's own here"
fi
grep -c 'No such file' "$work/out" | grep -qx 3 || fail "the guest sees what it must not: $(cat "$work/out")"
[ "$(cat "$work/share/result")" = from-guest ] || fail "the shared directory"
[ "$(cat "$work/share/sub/file")" = deep ] || fail "a directory in the shared directory"
[ ! -L "$work/share/link" ] || fail "a link of the guest's making reached the host"
[ "$(stat -c %u "$work/share/result")" = "$(id -u)" ] || fail "the result belongs to somebody else"
echo "= boot, command, power-off: $took s"

# A disk is kept, also when the machine is killed: what was synced is there in the next boot.
lab --disk "$work/disk.img,64M" -- sh -c 'echo written; echo first >/disk/a; sync; echo b >/disk/b; sync /disk/b
	sense-lab fault kill; sleep 10' >"$work/out" 2>&1
rc=$?
[ $rc -eq 4 ] && grep -q written "$work/out" || fail "a killed machine gives exit status $rc: $(cat "$work/out")"
lab --disk "$work/disk.img,64M,/mnt/data" -- sh -c 'cat /mnt/data/a /mnt/data/b' >"$work/out" 2>&1 ||
	fail "the second boot: $(cat "$work/out")"
[ "$(tr '\n' ' ' <"$work/out")" = 'first b ' ] || fail "the disk holds $(cat "$work/out")"

# A kernel that complains fails the run, even when the command succeeds, and its words are shown.
lab -- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at planted/by-test.c:1" >/dev/kmsg' >"$work/out" 2>&1
rc=$?
[ $rc -eq 4 ] || fail "a WARNING in the kernel's log gives exit status $rc"
grep -q planted/by-test "$work/out" || fail "the WARNING is not shown"
lab -- sh -c 'echo c >/proc/sysrq-trigger' >"$work/out" 2>&1
rc=$?
[ $rc -eq 4 ] && grep -q 'Kernel panic' "$work/out" || fail "a panic: $rc $(cat "$work/out")"

# An interrupt reaches the command; the machine then ends in order.
(lab -- bash -c 'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.1; done' \
	>"$work/out" 2>"$work/err"; echo $? >"$work/rc") &
for _ in $(seq 300); do grep -q ready "$work/out" 2>/dev/null && break; sleep 0.1; done
pid=$(pgrep -f "sense-lab run .*--logs $work/logs" | head -n 1)
kill -INT "$pid"
wait
grep -q caught "$work/out" && [ "$(cat "$work/rc")" = 9 ] ||
	fail "interrupt: $(cat "$work/rc") $(cat "$work/out" "$work/err")"

# Wrong use is said in one sentence.
for bad in '--kernel 9.9' '--smp none' '--disk x,1' '--fault' '--accel xen'; do
	# shellcheck disable=SC2086
	lab $bad -- true >"$work/out" 2>&1 && fail "'$bad' is accepted"
done
lab --fault stal,3 -- true >"$work/out" 2>&1
[ $? -eq 2 ] && grep -q "no fault called 'stal'" "$work/out" ||
	fail "a fault that does not exist: $(cat "$work/out")"
# A reader that leaves early does not leave a machine behind.
lab -- yes 2>/dev/null | head -n 1 | grep -qx y || fail "a pipe that closes"
pgrep -f "sense-lab run .*--logs $work/logs" >/dev/null && fail "a lab is left running"
exit 0
