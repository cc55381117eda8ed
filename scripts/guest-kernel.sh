#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the kernel of protected guests, configs/guest-protected.config, out of
# Debian's kernel source.  Takes minutes the first time; after that nothing,
# unless the configuration or the source has changed.
#
# build/guest-kernel/: Image, release (its version), stamp (what it was made of),
# obj/ (objects).

set -euo pipefail
. "$(dirname "$0")/lib.sh"

CONFIG=$TOP/configs/guest-protected.config
LINUX=$BUILD/src/linux-6.12
OUT=$BUILD/guest-kernel

"$(dirname "$0")/setup.sh" guest
mkdir -p "$OUT/obj"
exec 9>"$OUT/.lock"
flock 9

CROSS=()
if [ "$(uname -m)" != aarch64 ]; then
	CROSS=(CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}")
fi
# Its own make: what the caller's was told is not meant for a kernel.
unset MAKEFLAGS MFLAGS MAKELEVEL
MAKE_ARGS=(make --no-print-directory -C "$LINUX" O="$OUT/obj" ARCH=arm64 "${CROSS[@]}")

wanted=$(sha256sum "$CONFIG" "$LINUX/Makefile" | sed 's/ .*//')
[ "$(cat "$OUT/stamp" 2>/dev/null)" != "$wanted" ] || exit 0

say "building the kernel of protected guests (minutes, once; log in ${OUT#"$TOP/"}/log)"
rm -f "$OUT/stamp"
build()
{
	"${MAKE_ARGS[@]}" -s KCONFIG_ALLCONFIG="$CONFIG" allnoconfig &&
		nice "${MAKE_ARGS[@]}" -s -j"$(nproc)" Image
}
build >"$OUT/log" 2>&1 || { tail -n 20 "$OUT/log" >&2; die "the kernel does not build"; }

# A symbol that another one forbids is dropped without a word.
grep -E '^CONFIG_' "$CONFIG" | while read -r line; do
	grep -qxF "$line" "$OUT/obj/.config" || die "$line: not in the kernel"
done
cp "$OUT/obj/arch/arm64/boot/Image" "$OUT/Image"
cat "$OUT/obj/include/config/kernel.release" >"$OUT/release"
echo "$wanted" >"$OUT/stamp"
