#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Do the main job in many shapes, one line each.

    matrix.py all       both profiles, CPUS and GUEST_CPUS of 1, 2 and 4
    matrix.py corners   of these the smallest and the largest
    matrix.py again     the default ten times
    matrix.py protected a protected guest, in both profiles; memory files, more memory
    matrix.py memstress guest memory under pressure, with small and with huge pages

More arguments are handed to run-vm.py.  Prints TAP; logs are in build/logs.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILES = ("production", "open")
SIZES = (1, 2, 4)


def shapes(which):
    """(profile, CPUs of the host, CPUs of the guest, name suffix, more arguments)"""
    if which == "all":
        return [(p, c, g, "", []) for p in PROFILES for c in SIZES for g in SIZES]
    if which == "corners":
        return [(p, c, c, "", []) for p in PROFILES for c in (SIZES[0], SIZES[-1])]
    if which == "again":
        return [("production", 2, 2, " time %d" % n, []) for n in range(1, 11)]
    if which == "protected":
        return [(p, 2, 2, " PROTECTED=1", ["--protected"]) for p in PROFILES] + [
            ("production", 2, 2, " memory file", ["--protected", "--vmm-options=--memory-file"]),
            ("production", 2, 2, " more memory", ["--grow", "64"])]
    if which == "memstress":
        stress = ["--action", "memstress", "--timeout", "900"]
        return [("production", 2, 2, " memory stress, pages of 4 KiB", stress),
                ("production", 2, 2, " memory stress, huge pages", stress + ["--huge"])]
    sys.exit(__doc__)


def run(shape, number, more):
    profile, cpus, guest_cpus, suffix, arguments = shape
    name = "run %s CPUS=%d GUEST_CPUS=%d%s" % (profile, cpus, guest_cpus, suffix)
    result = subprocess.run(
        [os.path.join(HERE, "run-vm.py"), "--quiet", "--profile", profile,
         "--cpus", str(cpus), "--guest-cpus", str(guest_cpus)] + arguments + more,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    passed = result.returncode == 0
    for line in result.stdout.splitlines():
        print("# " + line)
    print("%s %d %s" % ("ok" if passed else "not ok", number, name), flush=True)
    return passed


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    todo = shapes(sys.argv[1])
    print("1..%d" % len(todo), flush=True)
    results = [run(shape, number, sys.argv[2:])
               for number, shape in enumerate(todo, 1)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
