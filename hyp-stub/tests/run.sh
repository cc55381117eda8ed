#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#
# Runs test programs, shows their TAP, adds up.  A program that dies, or that runs
# fewer tests than it has planned, is a failure of its own.

pass=0
fail=0
skip=0

for prog in "$@"; do
	echo "# $(basename "$prog")"
	out=$(timeout 300 "$prog" 2>&1)
	status=$?
	printf '%s\n' "$out"
	count() { printf '%s\n' "$out" | grep -c "$1"; }
	ok=$(count '^ok ')
	bad=$(count '^not ok ')
	skipped=$(count '^ok .*# SKIP')
	planned=$(printf '%s\n' "$out" | sed -n 's/^1\.\.//p')
	pass=$((pass + ok - skipped))
	fail=$((fail + bad))
	skip=$((skip + skipped))
	if [ "$((ok + bad))" != "${planned:-none}" ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
		echo "not ok - $(basename "$prog") ended with status $status after $((ok + bad)) of ${planned:-?} tests"
		fail=$((fail + 1))
	fi
done

echo "$pass passed, $fail failed, $skip skipped"
[ "$fail" = 0 ] && [ "$pass" != 0 ]
