#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense certificate: what it prints, and the exit code that says whom to believe.
set -u
cd "$(dirname "$0")/../.." || exit 4
sense=${SENSE:-build/bin/sense}
dcc=tests/fixtures/dcc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() { echo "FAIL: $*"; failures=$((failures + 1)); }
# expect CODE COMMAND...: standard output is left in $work/out
expect() {
	local want=$1 got
	shift
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	[ "$got" -eq "$want" ] || fail "exit $got, not $want: $* ($(head -c 300 "$work/out" "$work/err"))"
}
says() { grep -qF -- "$1" "$work/out" || fail "'$1' is not in: $(head -c 600 "$work/out")"; }
json() { jq -e "$1" "$work/out" >/dev/null || fail "not so: $1"; }

# ---- show ----
expect 0 $sense certificate show $dcc/dcc-3.3.xml
says 'TEST-33-0004  (DCC 3.3.0)'
says 'Serial no.: PT-4711'
says 'Reference temperature [°C]'
says 'U k=2 p=95% [mΩ]'
says '119409.1'
says 'Signature      none:'
expect 0 $sense certificate show --language de $dcc/dcc-3.1.xml
says '  Druckaufnehmer, Example Sensors ES-1'
expect 0 $sense certificate show $dcc/dcc-3.2.xml
says 'line 62, si:complex: a complex quantity was left aside'

expect 0 $sense certificate show --json $dcc/dcc-3.3.xml
json '.schema_version == "3.3.0" and .unique_identifier == "TEST-33-0004"'
json '.laboratory == "Testlabor Neu" and .laboratory_code == "TL-0815"'
json '.items[0].serial == "PT-4711" and .items[0].manufacturer == "Example Sensors"'
json '.results[0].name == "Measuring results" and (.results | length) == 2'
json '.results[0].quantities[2] | .ref_types == ["basic_measuredValue"] and .unit == "\\milli\\ohm"
	and .values == [100012.9, 119409.1, 138518.4] and .uncertainty == [4, 4.4, 5]
	and .k == 2 and .p == 0.95'
json '.results[0].quantities[0].uncertainty == [0.002, 0.002, 0.002]'
json '.signature | .present == false and .valid == false and .trusted == false and (.reason | length) > 0'
json '.notes == []'
expect 0 $sense certificate show --json $dcc/dcc-2.4.xml
json '.results[0].quantities[0] | .k == [2, 2, 2.5] and .p == [0.95, 0.95, 0.99] and .unit == null
	and .units[2] == "\\tonne"'
expect 0 $sense certificate show --json $dcc/dcc-3.1.xml
json '.results[0].quantities[1].values[4] == null'

# ---- verify ----
root=$dcc/signed-root.pem
expect 1 $sense certificate verify $dcc/signed.xml
says 'no trust anchor was given'
expect 0 $sense certificate verify --trusted-pem $root $dcc/signed.xml
says 'verified: signed by CN=lab,O=Testlabor,C=AT, under the trust anchor CN=Test Root'
expect 0 $sense certificate verify --json --trusted-pem $root $dcc/signed.xml
json '.verified and .signature.present and .signature.valid and .signature.trusted'
expect 1 $sense certificate verify --trusted-pem $root $dcc/dcc-3.3.xml
says 'is not signed'
sed 's/119409\.1/119409.2/' $dcc/signed.xml >"$work/changed.xml"
expect 1 $sense certificate verify --trusted-pem $root "$work/changed.xml"
says 'was changed after it was signed'
head -c 5000 $dcc/signed.xml >"$work/cut.xml"
expect 1 $sense certificate verify --json --trusted-pem $root "$work/cut.xml"
json '.verified == false and .signature.valid == false'
# One bad file among good ones is heard of.
expect 1 $sense certificate verify --trusted-pem $root $dcc/signed.xml "$work/changed.xml" \
	$dcc/signed.xml
expect 0 $sense certificate verify --trusted-pem $root --serial PT-4711 --manufacturer 'example sensors' \
	--in-force 2025-04-30 --reference $dcc/dcc-3.1.xml --reference $dcc/dcc-2.4.xml $dcc/signed.xml
expect 1 $sense certificate verify --trusted-pem $root --serial PT-4712 $dcc/signed.xml
says "not for 'PT-4712'"
expect 1 $sense certificate verify --trusted-pem $root --in-force 2025-05-01 $dcc/signed.xml
says 'was to be relied on until 2025-04-30'
expect 1 $sense certificate verify --trusted-pem $root --reference $dcc/dcc-3.2.xml $dcc/signed.xml

# ---- list ----
expect 0 $sense certificate list --trusted-pem $root $dcc/*.xml
[ "$(wc -l <"$work/out")" -eq 6 ] || fail "list has $(wc -l <"$work/out") lines"
row='TEST-33-0004	Pt100 (en) and others	PT-4711	Testlabor Neu	2025-03-31'
grep -q "^$row	2025-04-30	trusted	" "$work/out" || fail "the row of the signed one"
expect 0 $sense certificate list --json $dcc/*.xml
json 'length == 5 and (map(select(.signature.valid)) | length) == 1'

# ---- what goes wrong ----
expect 2 $sense certificate show
expect 2 $sense certificate burn $dcc/dcc-3.3.xml
expect 2 $sense certificate verify --in-force tomorrow $dcc/signed.xml
expect 4 $sense certificate show "$work/none.xml"
expect 4 $sense certificate verify "$work/none.xml"
expect 4 $sense certificate verify --trusted-pem $dcc/signed.xml $dcc/signed.xml
echo '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>' >"$work/entity.xml"
expect 1 $sense certificate show "$work/entity.xml"
grep -q 'document type declaration' "$work/err" || fail "the DOCTYPE is not named"
# What a certificate says does not paint the terminal (U+009B begins a control sequence).
sed "s/Kundin/Kun$(printf '\302\233')31mdin$(printf '\342\200\256')x/" $dcc/dcc-3.3.xml >"$work/paint.xml"
expect 0 $sense certificate show "$work/paint.xml"
says 'Kun?31mdin?x'

# ---- PTB's own, where they are ----
shared=${SENSE_SHARED:-../shared}/data/dcc
if [ -r "$shared/dcc_gp_temperature_typical_v12_v3.2.0_signed.xml" ]; then
	signed=$shared/dcc_gp_temperature_typical_v12_v3.2.0_signed.xml
	{
		echo '-----BEGIN CERTIFICATE-----'
		sed -n 's/.*<ds:X509Certificate>\(.*\)<\/ds:X509Certificate>.*/\1/p' "$signed" | fold -w 64
		echo '-----END CERTIFICATE-----'
	} >"$work/ptb.pem"
	expect 0 $sense certificate verify --trusted-pem "$work/ptb.pem" "$signed"
	for file in "$shared"/*.xml; do
		expect 0 $sense certificate show --json "$file"
		json '.notes == [] and (.results[0].quantities | length) >= 3'
	done
	echo "= PTB's signed example verified, $(ls "$shared"/*.xml | wc -l) of its examples read without a note"
else
	echo "= without PTB's examples: they are not in ${shared}"
fi
[ "$failures" -eq 0 ] || exit 1
