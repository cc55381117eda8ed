#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run the test suites and count.

    test.py [SUITE...]     all suites but those of the debug kernel, or the named ones
    test.py --list
    test.py --self-test    the reader of TAP, with good and bad output

Counts come from what the suites print, test by test; a suite that does not
print as many results as it planned, that ends with an error, or that prints
nothing, has failed.  The last line is "N passed, N failed, N skipped".
"""

import os
import re
import subprocess
import sys
import time

import judge

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))

RESULT = re.compile(r"^(\s*)(ok|not ok)\b\s*(\d*)\s*(.*)$")
PLAN = re.compile(r"^(\s*)1\.\.(\d+)\b(.*)$")
# KUnit gives the cases of a parameterised test no plan, but a total behind them.
TOTAL = re.compile(r"^(\s*)# \S+: pass:\d+ fail:\d+ skip:\d+ total:(\d+)$")
SKIPPED = re.compile(r"#\s*skip", re.I)
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Level:
    """Results of one depth of nesting, from plan to last result."""

    def __init__(self):
        self.planned = None
        self.seen = 0
        self.failed = 0

    def problem(self):
        if self.planned is None:
            return "%d results without a plan" % self.seen
        if self.planned != self.seen:
            return "%d results of %d planned" % (self.seen, self.planned)
        return None


class Tap:
    """Reads TAP and KTAP, flat or nested, one document or several."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.problems = []
        self.levels = {}
        self.any_plan = False

    def line(self, text):
        plan, result, total = PLAN.match(text), RESULT.match(text), TOTAL.match(text)
        if total:
            self._total(len(total.group(1)), int(total.group(2)))
        elif plan:
            self._plan(len(plan.group(1)), int(plan.group(2)))
        elif result:
            self._result(len(result.group(1)), result.group(2) == "ok",
                         bool(SKIPPED.search(result.group(4))))
        elif text.strip().startswith("Bail out!"):
            self.problems.append(text.strip())

    def end(self):
        self._close(0)
        if not self.any_plan:
            self.problems.append("no plan")
        elif self.passed + self.failed + self.skipped == 0:
            self.problems.append("no test ran")

    def _plan(self, depth, planned):
        self._close(depth + 1)
        level = self.levels.get(depth)
        if level and level.planned is None:
            pass                # a plan at the end is as good
        else:
            self._close(depth)
            level = self.levels[depth] = Level()
        level.planned = planned
        self.any_plan = True

    def _total(self, depth, count):
        for deep, level in self.levels.items():
            if deep > depth and level.planned is None:
                level.planned = count

    def _result(self, depth, good, skipped):
        children = [self.levels[d] for d in self.levels if d > depth]
        parent = any(level.seen or level.planned for level in children)
        bad_child = any(level.failed for level in children)
        self._close(depth + 1)
        level = self.levels.setdefault(depth, Level())
        level.seen += 1
        if not good:
            level.failed += 1
        if not parent:
            self._count(good, skipped)
        elif not good and not bad_child:
            self.failed += 1    # the suite itself, e.g. its clean-up

    def _count(self, good, skipped):
        if not good:
            self.failed += 1
        elif skipped:
            self.skipped += 1
        else:
            self.passed += 1

    def _close(self, depth):
        """Ends all levels from depth on."""
        for deep in sorted(d for d in self.levels if d >= depth):
            problem = self.levels.pop(deep).problem()
            if problem:
                self.problems.append(problem)


class KernelTap(Tap):
    """TAP in a kernel's log: what the kernel complains of is a failure, too."""

    def line(self, text):
        super().line(text)
        self.problems += [line for _, line in judge.trouble([text])]


class Summary:
    """Reads the counts of a suite that sums up itself, in its last line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.problems = []
        self.last = ""

    def line(self, text):
        if text.strip() and not text.startswith("make"):
            self.last = text.strip()

    def end(self):
        match = SUMMARY.match(self.last)
        if not match:
            self.problems.append("no summary in the last line")
            return
        self.passed, self.failed, self.skipped = (
            int(count or 0) for count in match.groups())
        if self.passed + self.failed == 0:
            self.problems.append("no test ran")


class Programs:
    """Reads "name: N passed, N failed", one line for each program.

    A program is one test: what it counts are single comparisons.
    """

    LINE = re.compile(r"^\w+: (\d+) passed, (\d+) failed$")

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.problems = []

    def line(self, text):
        match = self.LINE.match(text.strip())
        if match and int(match.group(1)) and not int(match.group(2)):
            self.passed += 1
        elif match:
            self.failed += 1

    def end(self):
        if self.passed + self.failed == 0:
            self.problems.append("no program ran")


def make(*words):
    return ["make", "--no-print-directory"] + list(words)


# Name: (reader, command, guard in seconds)
SUITES = {
    "judge": (Tap, ["scripts/judge.py", "--self-test"], 60),
    "tap": (Tap, ["scripts/test.py", "--self-test"], 60),
    "check": (Tap, ["scripts/check.py"], 1200),
    "planted": (Tap, ["scripts/check.py", "--self-test"], 1200),
    "stub": (Summary, make("-C", "hyp-stub", "test",
                           "O=" + os.path.join(BUILD, "hyp-stub-test"),
                           "LIBFDT=" + os.path.join(BUILD, "libfdt-src")), 1200),
    "vmm": (Programs, make("-C", "samples/gunyah", "test",
                           "O=" + os.path.join(BUILD, "samples-test")), 600),
    "kunit": (KernelTap, ["scripts/kunit.sh"], 2400),
    "corners": (Tap, make("run-corners"), 2400),
    "protected": (Tap, make("run-protected"), 1800),
    "memstress": (Tap, make("memstress"), 1900),
    "selftest-production": (Tap, make("selftest-tap", "PROFILE=production"), 2500),
    "selftest-open": (Tap, make("selftest-tap", "PROFILE=open"), 2500),
    "selftest-heap": (Tap, make("selftest-tap", "PROFILE=production", "HOST_MEM=4096",
                                "STUB_OPTIONS=guest-tables=128", "TEST_ARGS=table_heap"),
                      900),
}

# Not part of all: on the host kernel that finds bugs by itself, which is slow.
DEBUG_SUITES = {
    "debug-" + profile: (Tap, make("selftest-tap", "PROFILE=" + profile, "HOST_KERNEL=debug",
                                   "HOST_MEM=3072"), 5000)
    for profile in ("production", "open")
}


def show(text):
    """Only what a reader of results wants: not a thousand lines of a build."""
    return not re.match(r"\s+(CC|LD|AR|AS|GEN|HOSTCC|HOSTLD|OBJCOPY|MODPOST|"
                        r"SYNC|UPD|WRAP|CHK|CALL|DESCEND|VDSO|CP|LEX|YACC)\b", text)


def run_suite(name):
    """The reader with the counts of one suite."""
    reader_class, command, guard = (SUITES | DEBUG_SUITES)[name]
    reader = reader_class()
    command = ["timeout", "--kill-after=30", str(guard)] + command
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace")
    for line in process.stdout:
        line = line.rstrip()
        reader.line(line)
        if show(line):
            print(line, flush=True)
    status = process.wait()
    reader.end()
    if status == 124:
        reader.problems.append("hung: no end within %d s" % guard)
    elif status != 0 and not reader.failed:
        reader.problems.append("exit status %d" % status)
    reader.failed += len(reader.problems)
    return reader


def run_suites(names):
    total = [0, 0, 0]
    report = []
    for name in names:
        print("==> suite %s" % name, flush=True)
        start = time.monotonic()
        reader = run_suite(name)
        for problem in reader.problems:
            print("not ok suite %s: %s" % (name, problem))
        counts = (reader.passed, reader.failed, reader.skipped)
        total = [a + b for a, b in zip(total, counts)]
        report.append("%-20s %4d passed, %d failed, %d skipped  (%d s)" % (
            (name,) + counts + (time.monotonic() - start,)))
        print("==> " + report[-1], flush=True)
    print("\n" + "\n".join(report))
    print("%d passed, %d failed, %d skipped" % tuple(total), flush=True)
    return 1 if total[1] else 0


# ---------------------------------------------------------------- self-test

def read(reader, text):
    for line in text.split("\n"):
        reader.line(line)
    reader.end()
    return reader.passed, reader.failed, reader.skipped, len(reader.problems)


NESTED = """KTAP version 1
1..2
    KTAP version 1
    # Subtest: one
    1..2
    ok 1 a
    %s 2 b
%s 1 one
    1..1
    ok 1 c # SKIP no reason
ok 2 two
"""

PARAMETERS = """1..1
    KTAP version 1
    # Subtest: cases
    ok 1 a
    ok 2 b
# cases: pass:2 fail:0 skip:0 total:%d
ok 1 cases
"""

# (name, reader, output, (passed, failed, skipped, problems))
CASES = [
    ("flat", Tap, "1..2\nok 1 a\nnot ok 2 b", (1, 1, 0, 0)),
    ("plan at the end", Tap, "ok 1 a\nok 2 b\n1..2", (2, 0, 0, 0)),
    ("skipped", Tap, "1..2\nok 1 a # SKIP\nok 2 b", (1, 0, 1, 0)),
    ("nested, parents are not counted", Tap, NESTED % ("ok", "ok"), (2, 0, 1, 0)),
    ("nested, a failure counts once", Tap, NESTED % ("not ok", "not ok"), (1, 1, 1, 0)),
    ("nested, the parent alone failed", Tap, NESTED % ("ok", "not ok"), (2, 1, 1, 0)),
    ("a result is missing", Tap, "1..3\nok 1 a\nok 2 b", (2, 0, 0, 1)),
    ("one too many", Tap, "1..1\nok 1 a\nok 2 b", (2, 0, 0, 1)),
    ("nested, a result is missing", Tap, "1..1\n    1..2\n    ok 1 a\nok 1 x", (1, 0, 0, 1)),
    ("nested, the parent is missing", Tap, "1..1\n    1..1\n    ok 1 a", (1, 0, 0, 1)),
    ("several documents", Tap, "1..1\nok 1 a\n1..2\nok 1 b\nok 2 c", (3, 0, 0, 0)),
    ("of several the first is cut", Tap, "1..2\nok 1 a\n1..1\nok 1 b", (2, 0, 0, 1)),
    ("no plan", Tap, "ok 1 a", (1, 0, 0, 2)),
    ("empty", Tap, "", (0, 0, 0, 1)),
    ("nothing planned, nothing done", Tap, "KTAP version 1\n1..0", (0, 0, 0, 1)),
    ("cases with a total", Tap, PARAMETERS % 2, (2, 0, 0, 0)),
    ("cases with another total", Tap, PARAMETERS % 3, (2, 0, 0, 1)),
    ("cases without a total", Tap, PARAMETERS.replace("total", "") % 2, (2, 0, 0, 1)),
    ("bail out", Tap, "1..1\nok 1 a\nBail out! no", (1, 0, 0, 1)),
    ("kernel log", KernelTap, "1..1\nok 1 a\nWARNING: suspicious RCU usage\n", (1, 0, 0, 1)),
    ("kernel log without complaint", KernelTap, "1..1\n    # a: fine\nok 1 a", (1, 0, 0, 0)),
    ("summary", Summary, "x\n3 passed, 1 failed, 2 skipped\n", (3, 1, 2, 0)),
    ("summary without a test", Summary, "0 passed, 0 failed, 0 skipped", (0, 0, 0, 1)),
    ("programs", Programs, "a: 12 passed, 0 failed\nb: 3 passed, 1 failed", (1, 1, 0, 0)),
    ("a program without a check", Programs, "a: 0 passed, 0 failed", (0, 1, 0, 0)),
    ("no program", Programs, "Segfault", (0, 0, 0, 1)),
    ("summary is missing", Summary, "3 passed, 1 failed, 2 skipped\nSegfault", (0, 0, 0, 1)),
]


def self_test():
    print("1..%d" % len(CASES))
    failed = 0
    for number, (name, reader, text, wanted) in enumerate(CASES, 1):
        got = read(reader(), text)
        if got != wanted:
            failed += 1
            print("# got %s, wanted %s" % (got, wanted))
        print("%s %d %s" % ("ok" if got == wanted else "not ok", number, name))
    return 1 if failed else 0


def main():
    args = sys.argv[1:]
    if args == ["--self-test"]:
        return self_test()
    if args == ["--list"]:
        print("\n".join(SUITES | DEBUG_SUITES))
        return 0
    unknown = [name for name in args if name not in SUITES | DEBUG_SUITES]
    if unknown:
        sys.exit("no such suite: " + ", ".join(unknown))
    return run_suites(args or list(SUITES))


if __name__ == "__main__":
    sys.exit(main())
