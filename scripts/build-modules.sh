#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the driver as a module outside of a kernel tree.
#
#   build-modules.sh KDIR OUT [make arguments, such as W=1 C=1]
#
# OUT becomes a farm of symbolic links to drivers/virt/gunyah, and objects go
# there: several kernels can be built for side by side, and the source tree
# stays clean.  The headers are found by KCFLAGS instead of the kernel's own
# include path.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || die "usage: build-modules.sh KDIR OUT [make arguments]"
KDIR=$1
OUT=$2
shift 2
SRC=$TOP/drivers/virt/gunyah

[ -e "$SRC/Makefile" ] || [ -e "$SRC/Kbuild" ] || die "no driver in $SRC yet"
[ -e "$KDIR/Makefile" ] || die "$KDIR is no tree to build modules in"
mkdir -p "$OUT"
KDIR=$(realpath "$KDIR")
OUT=$(realpath "$OUT")

# Two makes must not build in one place at the same time.
exec 9>"$OUT/.lock"
flock 9

# Links to what went away would be built, or rather not, for ever.
find "$OUT" -type l ! -exec test -e {} \; -delete
cp -asf "$SRC/." "$OUT/"

CROSS=()
if [ "$(uname -m)" != aarch64 ]; then
	CROSS=(CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}")
fi

# A tree for UML is not what people mean by KDIR; arm64 is what the driver is
# for.  BTF of modules would need a pahole as new as the kernel's.
exec make --no-print-directory -C "$KDIR" M="$OUT" -j"$(nproc)" ARCH=arm64 \
	"${CROSS[@]}" CONFIG_GUNYAH=m CONFIG_DEBUG_INFO_BTF_MODULES= \
	KCFLAGS="-DCONFIG_GUNYAH_MODULE=1 -I$TOP/include ${KCFLAGS:-}" \
	"$@" modules
