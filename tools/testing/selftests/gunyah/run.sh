#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the selftests beside this script, all of them or those that are named:
#
#	run [TEST...]
#
# Prints one TAP document: the tests of each program, numbered through, under
# the name of their program.  A program that dies, prints no plan or does not
# keep it is one failed test more.  Exit status 0: none failed.

dir=$(cd "$(dirname "$0")" && pwd)
state=${TMPDIR:-/tmp}/gunyah-selftest.$$
module=$dir/modules/$(uname -r)/gunyah_stub_stat.ko

[ $# -gt 0 ] || set -- $(cat "$dir/tests")

# Reads TAP of program "name" whose exit status will be in "status_file";
# numbers go on after "count".  The last line of the output file is the state.
flatten='
function result(ok, text) {
	count++
	printf "%s %d - %s: %s\n", ok ? "ok" : "not ok", count, name, text
	fflush()
}
/^1\.\.[0-9]+/ { if (!planned) plan = substr($0, 4) + 0; planned = 1; next }
/^TAP version/ { next }
/^(ok|not ok) [0-9]+/ {
	ran++
	good = /^ok/
	bad += !good
	skipped += /# SKIP/
	sub(/^(not )?ok [0-9]+ *-? */, "")
	result(good, $0)
	next
}
{ print /^#/ ? $0 : "# " $0; fflush() }
END {
	getline status < status_file
	if (!planned && status == 126 && name ~ /32$/) {
		skipped++
		result(1, "# SKIP this kernel runs no 32 bit programs")
	} else if (!planned) {
		bad++
		result(0, "no plan, exit status " status)
	} else if (ran != plan) {
		bad++
		result(0, "ended after " ran + 0 " of " plan " tests, exit status " status)
	} else if (status != (bad > 0)) {
		bad++
		result(0, "exit status " status)
	}
	print count, failed + bad, skips + skipped > state
}'

if [ -e "$module" ]; then
	insmod "$module" || echo "# $module cannot be loaded"
fi

echo "TAP version 13"
echo "0 0 0" >"$state"
for name; do
	read -r count failed skips <"$state"
	echo "# ---- $name"
	{ timeout -s KILL 2400 "$dir/$name" 2>&1; echo $? >"$state.status"; } |
		awk -v name="$name" -v count="$count" -v failed="$failed" \
			-v skips="$skips" -v state="$state" \
			-v status_file="$state.status" "$flatten"
done
read -r count failed skips <"$state"
echo "1..$count"
echo "# $((count - failed - skips)) passed, $failed failed, $skips skipped"
[ ! -d /sys/module/gunyah_stub_stat ] || rmmod gunyah_stub_stat
rm -f "$state" "$state.status"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
