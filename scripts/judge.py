#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Say whether the console log of a run is that of a good run.

    judge.py [--guest-cpus N] [--guest-release R] LOG      judge a file
    judge.py --self-test                                   judge the judge

A good run shows each step of the main job, in order, and not one word of
trouble: neither from the host nor from the guest nor from the stub.
"""

import argparse
import re
import sys

# What must not be printed by anyone.  A kernel's own words, as far as
# possible with what stands around them in harmless lines: a command line
# with panic=1 is no panic, an install is no stall.
TROUBLE = [
    ("WARNING:", re.compile(r"WARNING:")),
    ("BUG:", re.compile(r"BUG:")),
    ("UBSAN:", re.compile(r"UBSAN:")),
    ("memory leak", re.compile(r"new suspected memory leaks")),
    ("Oops", re.compile(r"\bOops\b")),
    ("Unable to handle", re.compile(r"Unable to handle")),
    ("panic", re.compile(r"(?<![=\w])panic(?![=\w])", re.I)),
    ("stall", re.compile(r"\bstall(s|ed|ing)?\b", re.I)),
    ("Unexpected interrupt", re.compile(r"Unexpected interrupt", re.I)),
    ("hung task", re.compile(r"hung task|blocked for more than \d+ seconds", re.I)),
    ("stub warning", re.compile(r"hyp-stub: warning:", re.I)),
]

# Lines that contain such a word and mean no harm: a setting that the kernel
# reports at boot.
HARMLESS = [
    re.compile(r"rcu:\s+RCU CPU stall warnings timeout set to \d+"),
]

GUEST = r"guest\| .*"
HOST = r"HOST: "

# After one of these the machine does not go on.
FATAL = re.compile(r"Kernel panic - not syncing|hyp-stub: panic", re.I)


def trouble(lines):
    """All lines with a word of trouble, as (word, line)."""
    found = []
    for line in lines:
        if any(h.search(line) for h in HARMLESS):
            continue
        for word, pattern in TROUBLE:
            if pattern.search(line):
                found.append((word, line.strip()))
                break
    return found


# What scripts/initrd/guest-disk-init writes
DISK_LINES = 8192


def steps_disk():
    """Of a protected guest, between its user space and its end."""
    return [
        ("the guest runs from its disk", GUEST + r"GUEST: root is ext4 on /dev/vda"),
        ("the guest reads from the disk what it wrote",
         GUEST + r"GUEST: disk: %d lines written, read back the same" % DISK_LINES),
    ]


def steps_run(guest_cpus=None, guest_release=None, own_initrd=False, protected=False,
              grown=False):
    """The lines that a good `make run` prints, in order."""
    release = re.escape(guest_release) if guest_release else r"\S+"
    cpus = guest_cpus if guest_cpus else r"\d+"
    if own_initrd:
        userspace = GUEST + r"Run /\S+ as init process"
    else:
        userspace = (GUEST + r"GUEST: userspace reached: Linux \S+ " + release +
                     r" .*aarch64.*, %s CPUs, \d+ kB" % cpus)
    window = [("the guest finds its window",
               GUEST + r"Reserved memory: created restricted DMA pool at")]
    more = [("the guest uses memory that came while it ran",
             GUEST + r"GUEST: \d+ MiB more: written and read back")]
    file = [("the host finds in the file what the guest wrote",
             HOST + r"disk holds %d lines of the guest" % DISK_LINES)]
    return [
        ("the host loads the driver", HOST + r"loading gunyah.ko"),
        ("the VMM starts", HOST + r"starting guest"),
        ("the guest's kernel boots", GUEST + r"Linux version " + release),
        *(window if protected else []),
        ("the guest reaches its userspace", userspace),
        *(more if grown else []),
        *(steps_disk() if protected else []),
        ("the guest powers off by itself", GUEST + r"reboot: Power down"),
        ("gunyah-vmm exits with 0", HOST + r"gunyah-vmm exit status 0\b"),
        *(file if protected else []),
        ("the driver unloads", HOST + r"gunyah unloaded"),
        ("the host is content", HOST + r"result: ok"),
    ]


def steps_stress(guest_cpus, guest_release, huge):
    """The lines of a good memory stress: those of a run, and what happened meanwhile."""
    steps = steps_run(guest_cpus, guest_release)
    at = [name for name, _ in steps].index("the guest powers off by itself")
    counters = ["pswpout", "pswpin", "pgmigrate_success", "compact_success"]
    counters += ["thp_collapse_alloc"] * huge
    return [
        *steps[:at],
        ("no byte of the guest's memory is wrong",
         GUEST + r"GUEST: pattern: \d{3,} MiB, \d+ rounds, 0 wrong bytes"),
        steps[at],
        ("memory was taken back all the time",
         GUEST + r"gunyah-vmm: memory taken back [1-9]\d* times, refused 0 times"),
        *(("%s has moved" % name, GUEST + r"pressure: %s [1-9]\d*" % name)
          for name in counters),
        *steps[at + 1:],
    ]


def steps_program(path):
    """The lines of a run that executes one program on the host."""
    return [
        ("the host loads the driver", HOST + r"loading gunyah.ko"),
        ("%s starts" % path, HOST + r"starting " + re.escape(path)),
        ("%s exits with 0" % path, HOST + re.escape(path) + r" exit status 0\b"),
        ("the driver unloads", HOST + r"gunyah unloaded"),
        ("the host is content", HOST + r"result: ok"),
    ]


def missing_steps(lines, steps):
    """Steps that did not happen after the one before, by name."""
    missing = []
    position = 0
    for name, pattern in steps:
        regex = re.compile(pattern)
        for index in range(position, len(lines)):
            if regex.search(lines[index]):
                position = index + 1
                break
        else:
            missing.append(name)
    return missing


def judge(text, steps, qemu_status=0):
    """Complaints about a log; none if the run was good."""
    lines = text.replace("\r", "").split("\n")
    complaints = ["%s: %s" % found for found in trouble(lines)]
    complaints += ["did not happen: " + name for name in missing_steps(lines, steps)]
    if qemu_status != 0:
        complaints.append("QEMU ended with status %s" % qemu_status)
    return complaints


# ---------------------------------------------------------------- self-test

GOOD = """\
hyp-stub: profile open
[    0.000000] Linux version 6.12.1-cloud-arm64 (debian)
[    0.000000] Kernel command line: console=ttyAMA0 panic=1 oops=panic
[    0.000000] rcu: \tRCU CPU stall warnings timeout set to 60 (rcu_cpu_stall_timeout).
[    3.000000] gunyah: loading out-of-tree module taints kernel.
[    3.000000] HOST: loading gunyah.ko on 6.12.1-cloud-arm64, 2 CPUs
[    3.100000] HOST: starting guest
[    3.500000] guest| [    0.000000] Linux version 6.1.2-cloud-arm64 (debian)
[    3.600000] guest| [    0.100000] installing nothing
[    6.000000] guest| GUEST: userspace reached: Linux (none) 6.1.2-cloud-arm64 #1 SMP aarch64 GNU/Linux, 2 CPUs, 200000 kB
[    6.100000] guest| [    3.000000] reboot: Power down
[    6.200000] HOST: gunyah-vmm exit status 0
[    6.300000] HOST: gunyah unloaded
[    6.400000] HOST: result: ok
[    6.500000] reboot: Power down
"""

# The same with what a protected guest adds.
GOOD_PROTECTED = """\
[    3.600000] guest| Reserved memory: created restricted DMA pool at 0x60000000, size 16 MiB
[    6.000100] guest| GUEST: root is ext4 on /dev/vda
[    6.000200] guest| GUEST: disk: 8192 lines written, read back the same
[    6.200100] HOST: disk holds 8192 lines of the guest
"""


# What a memory stress adds, and a guest that grows.
GOOD_STRESS = """\
[    6.000100] guest| GUEST: pattern: 430 MiB, 2 rounds, 0 wrong bytes
[    6.100100] guest| gunyah-vmm: memory taken back 7 times, refused 0 times
[    6.100200] guest| pressure: pswpout 1
[    6.100300] guest| pressure: pswpin 20
[    6.100400] guest| pressure: pgmigrate_success 3
[    6.100500] guest| pressure: compact_success 4
[    6.100600] guest| pressure: thp_collapse_alloc 5
"""
GOOD_GROWN = """\
[    6.000100] guest| GUEST: 64 MiB more: written and read back
"""


def good_with(more):
    """GOOD with more lines where they belong; sorted by time they are."""
    return "\n".join(sorted(
        (GOOD + more).strip().split("\n"),
        key=lambda line: float(line[1:13]) if line.startswith("[") else 0)) + "\n"


# One line for each word, as its author prints it.
BAD_LINES = [
    "[    1.0] WARNING: CPU: 0 PID: 1 at kernel/workqueue.c:1 foo+0x1/0x2",
    "[    1.0] guest| [    1.0] WARNING: possible circular locking dependency",
    "[    1.0] UBSAN: array-index-out-of-bounds in drivers/virt/gunyah/mem.c:1:2",
    "[    1.0] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
    "[    1.0] BUG: scheduling while atomic: swapper/0/1/0x2",
    "[    1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!",
    "[    1.0] Internal error: Oops: 0000000096000004 [#1] SMP",
    "[    1.0] Unable to handle kernel NULL pointer dereference",
    "[    1.0] Kernel panic - not syncing: Attempted to kill init!",
    "hyp-stub: PANIC: synchronous exception at EL2",
    "[    1.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "[    1.0] rcu: INFO: rcu_preempt self-detected stall on CPU",
    "[    1.0] guest| [    1.0] Unexpected interrupt received!",
    "[    1.0] INFO: task khungtaskd:5 blocked for more than 120 seconds.",
    "[    1.0] hung task: gunyah-vmm",
    "hyp-stub: warning: VM 2 left 3 pages behind",
]


def cases_with(more, steps):
    """A log with more lines is good, without one of them or with zeros it is not."""
    yield "passes: " + more.split("\n")[0], judge(good_with(more), steps) == []
    for line in more.strip().split("\n"):
        yield ("refused without: " + line,
               judge(good_with(more.replace(line + "\n", "")), steps) != [])
        other = re.sub(r"\b0 wrong", "1 wrong", re.sub(r" 8192 ", " 8191 ", re.sub(
            r"(pressure: \w+|taken back) \d+", r"\1 0", line)))
        if other != line:
            yield ("refused with: " + other,
                   judge(good_with(more.replace(line, other)), steps) != [])


def self_test():
    steps = steps_run(2, "6.1.2-cloud-arm64")
    cases = [("a good log passes", judge(GOOD, steps) == [])]
    cases.append(("carriage returns do not matter",
                  judge(GOOD.replace("\n", "\r\n"), steps) == []))
    for bad in BAD_LINES:
        middle = GOOD.replace("[    3.1", bad + "\n[    3.1")
        cases.append(("refused: " + bad, len(judge(middle, steps)) == 1))
    good_lines = GOOD.strip().split("\n")
    for name, pattern in steps:
        rest = [l for l in good_lines if not re.search(pattern, l)]
        cases.append(("refused without: " + name,
                      judge("\n".join(rest), steps) != []))
    release = "6.1.2-cloud-arm64"
    cases += cases_with(GOOD_PROTECTED, steps_run(2, release, protected=True))
    cases += cases_with(GOOD_STRESS, steps_stress(2, release, True))
    cases += cases_with(GOOD_GROWN, steps_run(2, release, grown=True))
    cases.append(("refused: wrong number of CPUs",
                  judge(GOOD, steps_run(4)) != []))
    cases.append(("refused: another kernel",
                  judge(GOOD, steps_run(2, "6.12.1-cloud-arm64")) != []))
    cases.append(("refused: VMM failed", judge(
        GOOD.replace("exit status 0", "exit status 1"), steps) != []))
    cases.append(("refused: power off before userspace", judge(
        GOOD.replace("reboot: Power down\n[    6.2", "\n[    6.2").replace(
            "guest| [    0.100000]", "guest| reboot: Power down"), steps) != []))
    cases.append(("refused: QEMU killed", judge(GOOD, steps, -9) != []))
    cases.append(("refused: empty log", judge("", steps) != []))
    cases.append(("refused: words of the host are not the guest's", judge(
        GOOD.replace("guest| GUEST", "GUEST"), steps) != []))
    print("1..%d" % len(cases))
    for number, (name, passed) in enumerate(cases, 1):
        print("%s %d %s" % ("ok" if passed else "not ok", number,
                            name.replace("#", "")))
    return 0 if all(passed for _, passed in cases) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--guest-cpus", type=int)
    parser.add_argument("--guest-release")
    parser.add_argument("log", nargs="?")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    if not args.log:
        parser.error("which log?")
    with open(args.log, errors="replace") as log:
        complaints = judge(log.read(), steps_run(args.guest_cpus, args.guest_release))
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
