#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print Documentation/virt/gunyah/ioctl-matrix.rst.

    ioctl-matrix.py             print it
    ioctl-matrix.py --write     write it to its place

It is made from the table that the selftest ioctl_matrix is made from, too:
tools/testing/selftests/gunyah/ioctl_matrix.def, which describes its own format.
`make check` compares.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = "tools/testing/selftests/gunyah/ioctl_matrix.def"
OUTPUT = "Documentation/virt/gunyah/ioctl-matrix.rst"

KINDS = {"DEV": "/dev/gunyah", "VM": "VM", "VCPU": "vCPU", "MEM_FILE": "memory file",
         "CMA_DEV": "CMA device", "CMA_FD": "CMA memory", "EVENTFD": "eventfd"}
STATES = ["new", "configured", "started", "exited", "failed", "closed", "removed"]
NR_STATES = {"VM_CELLS": 6, "VCPU_CELLS": 7}

INTRODUCTION = """\
.. SPDX-License-Identifier: GPL-2.0

===============
Table of ioctls
===============

What every ioctl returns, on every kind of descriptor, in every state of the VM.  The
selftest ``ioctl_matrix`` makes each of these calls.  What the ioctls do, and what the
errors mean, is in api.rst.

.. Made by scripts/ioctl-matrix.py from
   tools/testing/selftests/gunyah/ioctl_matrix.def: change that, then run
   scripts/ioctl-matrix.py --write

States
======

==========  ==========================================================================
new         created, nothing else (vCPU: and has this vCPU)
configured  has memory of the caller and of a file, a vCPU and a device tree
started     GUNYAH_VM_START has succeeded; the vCPU was run
exited      the guest has switched itself off
failed      GUNYAH_VM_START has failed at the Resource Manager
closed      started; of a VM: another descriptor of it is closed, and those of its vCPUs;
            of a vCPU: the VM's descriptor is closed
removed     of a vCPU: started, then removed by GUNYAH_VM_REMOVE_FUNCTION
==========  ==========================================================================

Each call differs from a valid one in what is named, and in nothing else.  "0" and
"number" are the return value; "descriptor" is a new one.  A call that fails changes
nothing.  Where it matters how the hypervisor takes memory there are two results: on
demand / in parcels (GUNYAH_CAP_MEMORY_MODELS).  A hyphen: there is no such case, or
two things are wrong, of which either may be reported.
"""


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def split(text):
    """Arguments between the outermost parentheses, at commas on that level."""
    found, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == "," and not depth:
            found.append(text[start:i].strip())
            start = i + 1
    return found + [text[start:].strip()]


def entries(text):
    """(macro, arguments) of all entries of the table, in its order."""
    at = 0
    while True:
        match = re.compile(r"\s*(\w+)\(").match(text, at)
        if not match:
            if text[at:].strip():
                sys.exit("%s: cannot read: %s" % (TABLE, text[at:at + 60].strip()))
            return
        depth, end, quoted = 1, match.end(), False
        while depth:
            c = text[end]
            if c == '"':
                quoted = not quoted
            elif not quoted:
                depth += (c == "(") - (c == ")")
            end += 1
        yield match.group(1), split(text[match.end():end - 1])
        at = end


def string(text):
    return text.strip('"')


def result(text):
    """A cell as the reader sees it."""
    match = re.match(r"(\w+)\((.*)\)$", text)
    if match and match.group(1) == "BY_MODEL":
        return " / ".join(result(part) for part in split(match.group(2)))
    if match and match.group(1) == "VALUE":
        return match.group(2)
    return {"OK": "0", "FD": "descriptor", "NUMBER": "number", "PAGE": "page size",
            "NONE": "\\-"}.get(text, text)


def cell_values(kind, args):
    """(text, results): one result if it is the same in all states."""
    if kind == "CELLS":
        return string(args[2]), [result(args[4])]
    if len(args) != 3 + NR_STATES[kind]:
        sys.exit("%s: %s results: %s" % (TABLE, len(args) - 3, args[:2]))
    values = [result(arg) for arg in args[3:]]
    return string(args[1]), values


def table(header, rows):
    """A simple table; the first column must not be empty."""
    lines = [header] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    rule = "  ".join("=" * width for width in widths)

    def show(line):
        return "  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
    return "\n".join([rule, show(header), rule] + [show(row) for row in rows] + [rule, ""])


def heading(text, underline):
    return "%s\n%s\n" % (text, underline * len(text))


class Matrix:
    def __init__(self, text):
        self.ioctls, self.unknown, self.cells = [], [], {}
        for macro, args in entries(strip_comments(text)):
            if macro == "IOCTL":
                self.ioctls.append((args[0], args[1], re.split(r"\s*\|\s*", args[2])))
            elif macro == "UNKNOWN":
                self.unknown.append((args[0], string(args[1])))
            else:
                self.add_cells(macro, args)

    def add_cells(self, macro, args):
        if macro == "CELLS":
            key = (args[1], args[0])
        elif macro in NR_STATES:
            key = (args[0], macro.split("_")[0])
        else:
            sys.exit("%s: unknown entry %s" % (TABLE, macro))
        self.cells.setdefault(key, []).append(cell_values(macro, args))

    def descriptors(self):
        """Who knows which ioctl."""
        rows = [["GUNYAH_" + name, word] +
                ["yes" if kind in kinds else "ENOTTY" for kind in KINDS]
                for name, word, kinds in self.ioctls]
        return (heading("Descriptors", "=") + "\n" +
                table(["ioctl", "number"] + list(KINDS.values()), rows) + "\n"
                "The same on every descriptor: ENOTTY for each of these numbers with "
                "another size or\nanother direction, and for all others.  "
                "The test tries:\n\n" +
                table(["number", "what it is"], [list(line) for line in self.unknown]))

    def section(self, name, kind):
        cells = self.cells.get((name, kind))
        if not cells:
            sys.exit("%s: nothing about %s on %s" % (TABLE, name, kind))
        constant = [[text, values[0]] for text, values in cells if len(set(values)) == 1]
        varied = [[text] + values for text, values in cells if len(set(values)) > 1]
        out = heading("GUNYAH_%s: %s" % (name, KINDS[kind]), "-") + "\n"
        if varied:
            states = STATES[:NR_STATES[kind + "_CELLS"]]
            out += table(["call"] + states, varied) + "\n"
        if constant:
            out += table(["call", "in every state"], constant) + "\n"
        return out

    def text(self):
        parts = [INTRODUCTION, self.descriptors(), heading("Results", "=")]
        for name, _, kinds in self.ioctls:
            parts += [self.section(name, kind) for kind in kinds]
        return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def main():
    with open(os.path.join(ROOT, TABLE)) as source:
        text = Matrix(source.read()).text()
    if sys.argv[1:] == ["--write"]:
        with open(os.path.join(ROOT, OUTPUT), "w") as out:
            out.write(text)
    elif sys.argv[1:]:
        sys.exit(__doc__.strip())
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
