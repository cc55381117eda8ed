#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Set up a Debian 12 machine: install packages, fetch Debian's arm64 kernels.
#
#   setup.sh run     what `make run`, `make bench` and `make shell` need
#   setup.sh guest   the above, and what building a guest's kernel and disk needs
#   setup.sh test    the above, and what `make check` and `make test` need
#
# Whatever is there already is left alone: a second run takes no time and no
# network.  Kernels and arm64 libraries are unpacked below build/, never
# installed.  No version is pinned, because Debian's mirrors drop old ones;
# build/kernel/*/release and build/versions say what was taken.
#
# Layout below build/, which the rest of the project relies on:
#   kernel/<6.12|6.1>/Image     kernel image     .../release  its version
#   kernel/<6.12|6.1>/kdir      tree for external modules (cross build)
#   kernel/<6.12|6.1>/modules   its lib/modules
#   busybox                     static, arm64
#   sysroot-arm64/              usr/include/libfdt.h, usr/lib/.../libfdt.a
#   libfdt-src/                 libfdt as source, for the stub
#   src/linux-6.12/             full kernel source (not with `run`)

set -euo pipefail
. "$(dirname "$0")/lib.sh"

DL=$BUILD/download
HOST_ARCH=$(dpkg --print-architecture)

# Packages by the command that needs them.
PACKAGES_RUN="
	make gcc libc6-dev python3 xz-utils util-linux
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	qemu-system-arm libelf1"
PACKAGES_GUEST="
	flex bison bc e2fsprogs"
PACKAGES_TEST="
	sparse perl codespell cppcheck universal-ctags
	clang lld llvm
	libelf-dev libssl-dev
	g++ gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
	device-tree-compiler libfdt-dev
	python3-docutils"

# ---------------------------------------------------------------- apt

# Prints those of the named packages that are not installed.
missing_packages()
{
	local p installed

	installed=$(dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null |
		sed -n 's/ install ok installed$//p')
	for p in "$@"; do
		grep -qx "$p" <<<"$installed" || printf '%s ' "$p"
	done
}

# Refresh the package lists, at most once per run.
apt_update_once()
{
	[ -z "${APT_UPDATED:-}" ] || return 0
	APT_UPDATED=1
	say "apt-get update"
	as_root apt-get -qq -o DPkg::Lock::Timeout=300 update ||
		say "apt-get update failed; going on with the lists at hand"
}

install_packages()
{
	local missing

	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	apt_update_once
	say "installing: $missing"
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		install --no-install-recommends $missing >"$BUILD/apt.log" 2>&1 ||
		{ tail -n 20 "$BUILD/apt.log" >&2; die "installing packages failed"; }
}

# apt has to know arm64 packages, nothing of which gets installed.
need_arm64()
{
	[ "$HOST_ARCH" != arm64 ] || return 0
	if ! dpkg --print-foreign-architectures | grep -qx arm64; then
		say "adding arm64 to the architectures apt knows"
		as_root dpkg --add-architecture arm64
		APT_UPDATED=
		apt_update_once
	fi
}

has_candidate()
{
	local policy

	policy=$(apt-cache policy "$1" 2>/dev/null)
	[[ $policy == *"Candidate: "[!\(]* ]]
}

# Download packages (name or name:arch) into $DL/<label>, which is only
# there once it is complete.
download()
{
	local label=$1
	shift

	[ ! -d "$DL/$label" ] || return 0
	rm -rf "$DL/$label.tmp"
	mkdir -p "$DL/$label.tmp"
	say "downloading: $*"
	if ! (cd "$DL/$label.tmp" && apt-get -qq -o APT::Sandbox::User=root \
			download "$@"); then
		return 1
	fi
	mv "$DL/$label.tmp" "$DL/$label"
}

# ---------------------------------------------------------------- kernels

# Versions of a series that have a cloud image for arm64, newest first.
kernel_releases()
{
	local series=$1

	apt-cache pkgnames "linux-image-$series" |
		sed -nE "s/^linux-image-(${series//./\\.}[.+][^:]*)-cloud-arm64$/\\1/p" |
		sort -rV
}

# The kbuild package of 6.1 carries the series in its name, that of 6.12 the
# full version.
kbuild_package()
{
	local rel=$1 series=$2

	if has_candidate "linux-kbuild-$rel"; then
		echo "linux-kbuild-$rel"
	else
		echo "linux-kbuild-$series"
	fi
}

# Fetch one release in full; false if a part is not to be had.
download_kernel()
{
	local series=$1 rel=$2 kbuild

	has_candidate "linux-headers-$rel-cloud-arm64:arm64" || return 1
	has_candidate "linux-headers-$rel-common" || return 1
	kbuild=$(kbuild_package "$rel" "$series")
	has_candidate "$kbuild" || return 1
	download "linux-$series" "linux-image-$rel-cloud-arm64:arm64" \
		"linux-headers-$rel-cloud-arm64:arm64" \
		"linux-headers-$rel-common" "$kbuild"
}

fetch_kernel()
{
	local series=$1 rel

	[ ! -d "$DL/linux-$series" ] || return 0
	[ -n "$(kernel_releases "$series")" ] || apt_update_once
	for rel in $(kernel_releases "$series"); do
		! download_kernel "$series" "$rel" || return 0
	done
	apt_update_once
	for rel in $(kernel_releases "$series"); do
		! download_kernel "$series" "$rel" || return 0
	done
	die "apt has no linux-image-$series*-cloud-arm64 with headers: are" \
	    "bookworm, bookworm-updates and bookworm-security (or" \
	    "bookworm-backports) among its sources?"
}

# The headers' Makefile names the common tree by its place in /usr/src; here
# it is a neighbour.
relocate_headers()
{
	local hdr=$1

	sed -i 's,^include /usr/src/,include $(dir $(abspath $(lastword $(MAKEFILE_LIST))))../,' \
		"$hdr/Makefile"
}

# An arm64 Image has "ARM\x64" at offset 56; newer packages may compress it.
install_image()
{
	local vmlinuz=$1 out=$2

	if [ "$(head -c 2 "$vmlinuz" | od -An -tx1)" = " 1f 8b" ]; then
		gzip -dc "$vmlinuz" >"$out"
	else
		cp "$vmlinuz" "$out"
	fi
	[ "$(tail -c +57 "$out" | head -c 4)" = "ARMd" ] ||
		die "$vmlinuz is no arm64 Image"
}

setup_kernel()
{
	local series=$1 dir=$BUILD/kernel/$1 deb hdr rel

	[ ! -e "$dir/release" ] || return 0
	fetch_kernel "$series"
	say "unpacking Debian's $series kernel and headers for arm64"
	rm -rf "$dir"
	mkdir -p "$dir/root"
	for deb in "$DL/linux-$series"/*.deb; do
		dpkg -x "$deb" "$dir/root"
	done
	hdr=$(echo "$dir"/root/usr/src/linux-headers-*-cloud-arm64)
	rel=${hdr##*/linux-headers-}
	relocate_headers "$hdr"
	ln -s "root/usr/src/${hdr##*/}" "$dir/kdir"
	if [ -d "$dir/root/lib/modules" ]; then
		ln -s root/lib/modules "$dir/modules"
	else
		ln -s root/usr/lib/modules "$dir/modules"
	fi
	install_image "$dir/root/boot/vmlinuz-$rel" "$dir/Image"
	echo "$rel" >"$dir/release"
	echo "kernel $rel" >>"$BUILD/versions"
}

# ---------------------------------------------------------------- the rest

setup_userland()
{
	if [ ! -e "$BUILD/busybox" ]; then
		download busybox busybox-static:arm64 ||
			{ apt_update_once; download busybox busybox-static:arm64; }
		rm -rf "$BUILD/tmp.busybox"
		dpkg -x "$DL"/busybox/*.deb "$BUILD/tmp.busybox"
		mv "$(find "$BUILD/tmp.busybox" -name busybox -type f -path '*bin/*')" \
			"$BUILD/busybox"
		rm -rf "$BUILD/tmp.busybox"
		echo "busybox $(basename "$DL"/busybox/*.deb)" >>"$BUILD/versions"
	fi
	if [ ! -e "$BUILD/sysroot-arm64" ]; then
		download libfdt libfdt-dev:arm64 ||
			{ apt_update_once; download libfdt libfdt-dev:arm64; }
		rm -rf "$BUILD/sysroot-arm64.tmp"
		dpkg -x "$DL"/libfdt/*.deb "$BUILD/sysroot-arm64.tmp"
		mv "$BUILD/sysroot-arm64.tmp" "$BUILD/sysroot-arm64"
		echo "libfdt $(basename "$DL"/libfdt/*.deb)" >>"$BUILD/versions"
	fi
}

# The tar file inside the linux-source package, uncompressed, on stdout.
kernel_source_tar()
{
	download linux-source linux-source-6.12 ||
		{ apt_update_once; download linux-source linux-source-6.12; }
	dpkg-deb --fsys-tarfile "$DL"/linux-source/*.deb |
		tar -xO --wildcards './usr/src/linux-source-6.12.tar.*' | xz -dc -T0
}

# The stub needs libfdt as source.  The libfdt.a of libfdt-dev:arm64 is no
# use at EL2: built for user space, its functions use the stack protector
# (__stack_chk_guard, __stack_chk_fail) and may use SIMD registers, which
# belong to whoever was running when the stub was entered.  The host tests
# also want libfdt under ASan.  The kernel's source package carries it, and
# `make test` needs that package anyway; of the 1.5 GB only these few files
# are unpacked here.
setup_libfdt_source()
{
	local dir=$BUILD/libfdt-src

	[ ! -e "$dir" ] || return 0
	rm -rf "$dir.tmp"
	mkdir -p "$dir.tmp"
	download linux-source linux-source-6.12 ||
		{ apt_update_once; download linux-source linux-source-6.12; }
	say "unpacking libfdt out of Debian's kernel source"
	kernel_source_tar | tar -x -C "$dir.tmp" --strip-components=4 \
		--wildcards '*/scripts/dtc/libfdt/*.[ch]'
	mv "$dir.tmp" "$dir"
	echo "linux-source $(basename "$DL"/linux-source/*.deb)" \
		>>"$BUILD/versions"
}

setup_kernel_source()
{
	local dir=$BUILD/src/linux-6.12

	[ ! -e "$dir" ] || return 0
	rm -rf "$dir.tmp"
	mkdir -p "$dir.tmp"
	say "unpacking Debian's kernel source (about half a minute)"
	kernel_source_tar | tar -x -C "$dir.tmp" --strip-components=1
	mv "$dir.tmp" "$dir"
}

setup_run()
{
	# shellcheck disable=SC2086
	install_packages $PACKAGES_RUN
	if [ ! -e "$BUILD/kernel/6.12/release" ] ||
	   [ ! -e "$BUILD/kernel/6.1/release" ] ||
	   [ ! -e "$BUILD/busybox" ] || [ ! -e "$BUILD/sysroot-arm64" ]; then
		need_arm64
	fi
	setup_kernel 6.12
	setup_kernel 6.1
	setup_userland
	setup_libfdt_source
}

main()
{
	local what=${1:-run}

	mkdir -p "$BUILD" "$DL"
	# Two makes at once must not unpack into each other.
	exec 9>"$BUILD/.setup.lock"
	flock 9
	case $what in
	run)
		setup_run
		;;
	guest)
		# shellcheck disable=SC2086
		install_packages $PACKAGES_RUN $PACKAGES_GUEST
		setup_run
		setup_kernel_source
		;;
	test)
		# shellcheck disable=SC2086
		install_packages $PACKAGES_RUN $PACKAGES_GUEST $PACKAGES_TEST
		setup_run
		setup_kernel_source
		;;
	*)
		die "usage: setup.sh [run|guest|test]"
		;;
	esac
}

main "$@"
