# SPDX-License-Identifier: GPL-2.0-only
#
# What the project's shell scripts share: where things are, how they speak,
# how they become root.  Sourced, never run.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$TOP/build}
export TOP BUILD
export LC_ALL=C

# A line per step, so that a person who waits knows what for.
say()
{
	printf '==> %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# Only the installation of packages needs this.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root or sudo for: $*"
	fi
}
