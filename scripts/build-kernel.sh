#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build a kernel out of Debian's kernel source:
#
#   build-kernel.sh guest   of protected guests: configs/guest-protected.config
#   build-kernel.sh debug   of a host, with all that finds bugs: configs/debug.config
#
# Takes minutes the first time; after that nothing, unless the configuration or the
# source has changed.
#
# build/guest-kernel/, build/kernel/debug/: Image, release (its version), stamp (what it
# was made of), kdir/ (objects; modules can be built against it), modules/ (its own).

set -euo pipefail
. "$(dirname "$0")/lib.sh"

LINUX=$BUILD/src/linux-6.12
MODULES=
case ${1:-} in
guest)
	CONFIGS=("$TOP/configs/guest-protected.config")
	OUT=$BUILD/guest-kernel
	;;
debug)
	CONFIGS=("$TOP/configs/host-small.config" "$TOP/configs/debug.config")
	OUT=$BUILD/kernel/debug
	MODULES=modules
	;;
*)
	die "usage: build-kernel.sh guest|debug"
	;;
esac

"$(dirname "$0")/setup.sh" guest
mkdir -p "$OUT/kdir"
exec 9>"$OUT/.lock"
flock 9

CROSS=()
if [ "$(uname -m)" != aarch64 ]; then
	CROSS=(CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}")
fi
# Its own make: what the caller's was told is not meant for a kernel.
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE_ARGS=(make --no-print-directory -C "$LINUX" O="$OUT/kdir" ARCH=arm64 "${CROSS[@]}")

wanted=$(cat "${CONFIGS[@]}" "$LINUX/Makefile" | sha256sum | sed 's/ .*//')
[ "$(cat "$OUT/stamp" 2>/dev/null)" != "$wanted" ] || exit 0

say "building the $1 kernel (minutes, once; log in ${OUT#"$TOP/"}/log)"
rm -f "$OUT/stamp"
cat "${CONFIGS[@]}" >"$OUT/config"
build()
{
	"${MAKE_ARGS[@]}" -s KCONFIG_ALLCONFIG="$OUT/config" allnoconfig &&
		nice "${MAKE_ARGS[@]}" -s -j"$(nproc)" Image $MODULES
}
build >"$OUT/log" 2>&1 || { tail -n 20 "$OUT/log" >&2; die "the kernel does not build"; }

# A symbol that another one forbids is dropped without a word.
grep -E '^CONFIG_' "$OUT/config" | while read -r line; do
	grep -qxF "$line" "$OUT/kdir/.config" || die "$line: not in the kernel"
done
if [ -n "$MODULES" ]; then
	rm -rf "$OUT/modules"
	"${MAKE_ARGS[@]}" -s INSTALL_MOD_PATH="$OUT/root" modules_install >>"$OUT/log" 2>&1
	mv "$OUT/root/lib/modules" "$OUT/modules"
fi
cp "$OUT/kdir/arch/arm64/boot/Image" "$OUT/Image"
cat "$OUT/kdir/include/config/kernel.release" >"$OUT/release"
echo "$wanted" >"$OUT/stamp"
