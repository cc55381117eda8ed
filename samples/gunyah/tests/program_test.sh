#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The whole program on a fake /dev/gunyah: what it prints and how it ends.
#
#	program_test.sh PROGRAM
#
# A time limit only keeps a hang from lasting for ever.
set -u

vmm=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# A minimal Image: magic, image_size 64 KiB, text_offset as told.
image()
{
	{
		printf '\0\0\0\0\0\0\0\0'
		printf "$1"
		printf '\0\0\001\0\0\0\0\0'
		head -c 32 /dev/zero
		printf 'ARM\144\0\0\0\0'
	} >"$2"
}
image '\0\0\0\0\0\0\0\0' "$dir/Image"
image '\0\0\010\0\0\0\0\0' "$dir/Image-offset"
head -c 64 /dev/zero >"$dir/other"
echo initrd >"$dir/initrd"
head -c 65536 /dev/zero >"$dir/disk"

# expect STATUS STDOUT STDERR-PATTERN [NAME=VALUE...] -- options; input from
# standard input
expect()
{
	status=$1 out=$2 err=$3
	shift 3
	settings=
	while [ "$1" != -- ]; do
		settings="$settings $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	env $settings timeout 20 "$vmm" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	if [ $got = "$status" ] && [ "$(cat "$dir/out")" = "$out" ] &&
	   grep -q -e "$err" "$dir/err"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "failed:$settings $vmm $*: status $got, not $status"
	sed 's/^/  out: /' "$dir/out"
	sed 's/^/  err: /' "$dir/err"
}

run="--kernel $dir/Image --mem 16"
exec </dev/null
# shellcheck disable=SC2086
{
	expect 0 hello 'powered off' -- $run
	expect 0 hello 'powered off' -- $run --cpus 8 --initrd "$dir/initrd"
	expect 0 hello 'powered off' FAKE_LENT=1 -- $run --lend
	expect 0 hello 'vCPU 0: 0 reads, 6 writes' -- $run --quiet --stats
	expect 0 hello '' FAKE_END=0 -- $run
	expect 3 hello 'reset' FAKE_END=2 -- $run --cpus 3
	expect 3 hello 'reset' FAKE_END=3 -- $run
	expect 4 hello 'watchdog' FAKE_END=4 -- $run
	expect 4 hello 'forbids' FAKE_END=5 -- $run
	expect 4 hello 'hardware' FAKE_END=6 -- $run
	expect 5 hello 'force' FAKE_END=7 -- $run
	expect 4 hello 'unknown reason (exit type 8)' FAKE_END=8 -- $run
	expect 4 hello 'crashed (status 3)' FAKE_END=crash -- $run --quiet
	expect 1 hello 'not be loaded' FAKE_END=load -- $run
	expect 1 hello 'VCPU_RUN: Input/output error (EIO)' FAKE_END=error -- $run --cpus 2
	expect 1 hello 'exit reason 77' FAKE_END=strange -- $run
	expect 1 hello '0x1234: Cannot allocate memory (ENOMEM)' FAKE_END=fault -- $run

	# errno 1 EPERM, 12 ENOMEM, 17 EEXIST, 19 ENODEV, 25 ENOTTY
	expect 1 '' 'CREATE_VM: No such device (ENODEV)' FAKE_FAIL=CREATE_VM:19 -- $run
	expect 1 '' 'VM_START: Operation not permitted (EPERM).*--lend' FAKE_FAIL=VM_START:1 -- $run
	expect 1 '' 'VM_SET_USER_MEM_REGION: Cannot allocate memory' FAKE_FAIL=VM_SET_USER_MEM_REGION:12 -- $run
	expect 1 '' 'VM_ADD_FUNCTION(VCPU): File exists' FAKE_FAIL=VM_ADD_FUNCTION:17 -- $run
	expect 1 '' 'VM_SET_DTB_CONFIG: ' FAKE_FAIL=VM_SET_DTB_CONFIG:22 -- $run
	expect 1 '' 'VM_SET_BOOT_CONTEXT: ' FAKE_FAIL=VM_SET_BOOT_CONTEXT:22 -- $run
	expect 0 hello 'powered off' FAKE_FAIL=VM_SET_BOOT_CONTEXT:25 -- $run
	expect 1 '' 'at the beginning of its memory' FAKE_FAIL=VM_SET_BOOT_CONTEXT:25 \
		-- --kernel "$dir/Image-offset" --mem 16

	expect 0 hello 'powered off' FAKE_LENT=1 FAKE_WINDOW=1 -- $run --protected
	expect 0 hello 'powered off' FAKE_LENT=1 FAKE_WINDOW=1 -- \
		$run --protected --disk "$dir/disk" --cpus 2
	expect 0 hello 'powered off' -- $run --disk "$dir/disk"
	expect 0 hello 'powered off' FAKE_LENT=1 -- $run --memory-file
	expect 0 hello 'powered off' FAKE_LENT=1 FAKE_SMALL=1 -- $run --memory-file --small
	expect 0 hello 'powered off' FAKE_LENT=1 FAKE_WINDOW=1 -- \
		$run --memory-file --protected --disk "$dir/disk"
	expect 1 '' 'VM_MAP_MEM: Operation not permitted' FAKE_FAIL=VM_MAP_MEM:1 -- \
		$run --memory-file
	expect 1 '' 'CREATE_GUEST_MEM: Inappropriate' FAKE_FAIL=CREATE_GUEST_MEM:25 -- \
		$run --memory-file
	expect 0 hello 'taken back [0-9]* times, refused 0 times' -- $run --reclaim 1
	expect 0 hello '64 MiB more at 0x88000000' -- $run --grow 64
	expect 2 '' '--grow wants' -- $run --grow 0
	expect 2 '' '--reclaim wants' -- $run --reclaim 0
	expect 2 '' 'disk needs memory that is shared' -- $run --lend --disk "$dir/disk"
	expect 1 '' 'not a file that can be a disk' -- $run --disk "$dir/initrd"
	expect 1 '' 'No such file' -- $run --disk "$dir/none"

	expect 2 '' 'kernel is missing' -- --mem 16
	expect 2 '' '--cpus wants' -- $run --cpus 0
	expect 2 '' '--cpus wants' -- $run --cpus 9
	expect 2 '' '--mem wants' -- $run --mem 0
	expect 2 '' '--mem wants' -- $run --mem -1
	expect 2 '' '--mem wants' -- $run --mem 16M
	expect 2 '' '--mem wants' -- $run --mem 1046528
	expect 2 '' 'belong to no option' -- $run more
	expect 2 '' 'unrecognized option' -- $run --more
	expect 1 '' 'not an arm64 Image' -- --kernel "$dir/other"
	expect 1 '' 'too short' -- --kernel "$dir/initrd"
	expect 1 '' 'No such file or directory (ENOENT)' -- --kernel "$dir/none"
	expect 1 '' 'needs more --mem' -- $run --mem 3

	printf 'abcq' >"$dir/input"
	expect 0 "$(printf 'hello\nabc')" 'powered off' FAKE_END=echo -- $run <"$dir/input"
	head -c 5000 /dev/zero | tr '\0' z >"$dir/long"
	echo q >>"$dir/long"
	expect 0 "$(printf 'hello\n'; head -c 5000 "$dir/long")" 'powered off' \
		FAKE_END=echo -- $run <"$dir/long"
}

# signalled NAME SIZE FAKE_TEXT: a signal stops it, once SIZE bytes have come.
signalled()
{
	mkfifo "$dir/fifo"
	# shellcheck disable=SC2086
	FAKE_TEXT=$3 FAKE_END=sleep timeout 20 "$vmm" $run --cpus 4 >"$dir/fifo" 2>"$dir/err" &
	{ head -c "$2" >/dev/null; kill -s "$1" $!; } <"$dir/fifo"
	wait $!
	got=$?
	rm "$dir/fifo"
	if [ $got = 5 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1: status $got, not 5: $(cat "$dir/err")"
	fi
}

line='hello
'
for signal in INT TERM HUP; do
	signalled $signal ${#line} "$line"
done
# A prompt is no whole line and comes all the same.
signalled TERM 7 'login: '

echo "program: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
