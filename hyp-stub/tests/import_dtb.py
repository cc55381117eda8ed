#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
"""Device trees for the RM's tests, out of the recorded list of variants.

usage: import_dtb.py recorded-directory output-directory

dtb-variants.txt has a base tree, then each variant as removed and added lines, or as
changed header words.  guest-*.dts are trees before and after VM_START.  Needs dtc.  Run when the tests' data is made, not when they run.
"""
import re
import subprocess
import sys
from pathlib import Path


def compile_dts(text, symbols=True):
    command = ["dtc", "-q", "-I", "dts", "-O", "dtb"] + (["-@"] if symbols else [])
    return subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE,
                          check=True).stdout


def apply_diff(base, removed, added):
    """Each removed line is replaced by the added lines that follow it"""
    lines = list(base)
    for old, new in zip(removed, added):
        # An empty replacement may stand for a line with other indentation
        index = next(i for i, line in enumerate(lines) if line.strip() == old.strip())
        lines[index:index + 1] = new
    return lines


def parse_variant(body):
    removed, added = [], []
    for line in body:
        if line.startswith("-"):
            removed.append(line[1:])
            added.append([])
        elif line.startswith("+"):
            added[-1].append(line[1:])
    return removed, added


def main():
    recorded = Path(sys.argv[1])
    text = (recorded / "dtb-variants.txt").read_text().split("\n== ")
    out = Path(sys.argv[2])
    for name in recorded.glob("guest-*.dts"):
        dtb = compile_dts(name.read_text(), symbols="before" in name.name)
        (out / (name.stem + ".dtb")).write_bytes(dtb)
    base = text[0].split("\n")[1:]
    base_dtb = compile_dts("\n".join(base))
    (out / "base.dtb").write_bytes(base_dtb)
    for variant in text[1:]:
        head, *body = variant.split("\n")
        binary = re.match(r"(\w+): binary change of base, header words \(hex\) (.*)", head)
        if binary:
            words = bytes.fromhex(binary.group(2).replace(" ", ""))
            dtb = words + base_dtb[len(words):]
            if not any(words):
                dtb = bytes(len(base_dtb))
            (out / (binary.group(1) + ".dtb")).write_bytes(dtb)
            continue
        name, size = re.match(r"(\w+) \((\d+) bytes compiled\)", head).groups()
        dtb = compile_dts("\n".join(apply_diff(base, *parse_variant(body))))
        if len(dtb) != int(size):
            print(f"{name}: {len(dtb)} bytes, recorded {size}")
        (out / (name + ".dtb")).write_bytes(dtb)


if __name__ == "__main__":
    main()
