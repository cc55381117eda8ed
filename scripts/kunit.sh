#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Run the driver's KUnit tests on User Mode Linux; prints KTAP.
#
# build/kunit/tree is the kernel's source as symbolic links, with the driver
# laid over it; build/kunit/out keeps the objects, so that only the first run
# takes minutes.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

LINUX=$BUILD/src/linux-6.12
TREE=$BUILD/kunit/tree
OUT=$BUILD/kunit/out
CONFIG=drivers/virt/gunyah/.kunitconfig

# A file of the kernel that gets a line of ours, once.
add_line()
{
	local file=$1 line=$2 before=$3

	grep -qxF "$line" "$TREE/$file" && return 0
	rm -f "$TREE/$file"
	if [ -n "$before" ]; then
		sed "s,^$before\$,$line\n&," "$LINUX/$file" >"$TREE/$file"
	else
		{ cat "$LINUX/$file"; echo "$line"; } >"$TREE/$file"
	fi
	grep -qxF "$line" "$TREE/$file" || die "cannot add to $file"
}

overlay()
{
	if [ ! -e "$TREE/.complete" ]; then
		say "laying out a kernel tree in build/kunit"
		rm -rf "$TREE"
		mkdir -p "$BUILD/kunit"
		cp -as "$LINUX" "$TREE"
		# kunit.py finds the tree by its own real path.
		rm -rf "$TREE/tools/testing/kunit"
		cp -a "$LINUX/tools/testing/kunit" "$TREE/tools/testing/kunit"
		touch "$TREE/.complete"
	fi
	find "$TREE/drivers/virt/gunyah" "$TREE/include/linux/gunyah" \
		-type l ! -exec test -e {} \; -delete 2>/dev/null || true
	mkdir -p "$TREE/drivers/virt/gunyah"
	cp -asf "$TOP/drivers/virt/gunyah/." "$TREE/drivers/virt/gunyah/"
	cp -asf "$TOP/include/." "$TREE/include/"
	add_line drivers/virt/Kconfig 'source "drivers/virt/gunyah/Kconfig"' endif
	add_line drivers/virt/Makefile 'obj-y += gunyah/' ''
}

[ -e "$TOP/$CONFIG" ] || die "no $CONFIG yet"
overlay
say "building the tests (minutes the first time) and running them"
cd "$TREE"
# kunit.py's own status is not enough: it prints what happened, the reader
# (scripts/test.py) counts.
exec python3 tools/testing/kunit/kunit.py run --jobs="$(nproc)" \
	--build_dir="$OUT" --kunitconfig="$CONFIG" --timeout=300 \
	--raw_output=kunit "$@"
