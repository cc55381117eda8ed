#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
"""Script for tests/test_rm_replay.c, out of what the open RM was recorded to answer.

usage: import_rm.py recorded-directory > tests/data/rm-replay.txt

The recordings show a request, the state of its VM before, and the answer, but not the
messages in between that brought the VM there.  Here each case gets lines that ask the
test to get there.  Run when the tests' data is made, not when they run.

fresh                              a new RM
put TREE PA                        device tree tests/data/dtb/TREE.dtb into memory
vm VMID STATE TREE KIND HANDLE     VM in that state; image parcel with the recorded handle
parcel HANDLE KIND VMID PA SIZE LABEL [open]
raw HEX                            a packet that has not been kept, but is obvious
done HANDLE                        last APPEND of an open parcel
drop HANDLE                        RECLAIM, if it exists
fill N VMID / fill all             N parcels; all VMIDs
halt WHY                           the guest of VM 0x80 halts
case NAME                          what follows until the next line of another kind
> HEX, < HEX                       a packet of the host, of the RM
state VMID STATE                   afterwards
"""
import re
import struct
import sys
from pathlib import Path

IMAGE_PA = 0x44d00000
# What cannot be set up: the request that led there has not been kept
LEFT_OUT = {
    "config/30": "the CONFIG_IMAGE before it has not been kept",
}
OUT = []


def emit(*words):
    OUT.append(" ".join(str(word) for word in words))


def vmid_of(payload):
    return struct.unpack_from("<H", payload)[0] if len(payload) >= 2 else 0


def image_handle(msg, payload):
    return struct.unpack_from("<I", payload, 4)[0] if msg == 0x56000009 and len(payload) >= 8 \
        else None


def tree_of(what):
    """Only the dtb scenario names one; elsewhere the VM that is there will do"""
    match = re.match(r"[A-Z_]+ dtb (\w+)$", what)
    return match.group(1) if match else "-"


def regions_513():
    """len/53: only the first and last packets have been kept, the pattern is obvious"""
    payload = bytes(8) + struct.pack("<HHHBB", 1, 0, 0x80, 7, 0) + struct.pack("<HH", 513, 0)
    for i in range(513):
        payload += struct.pack("<QQ", 0x45000000 + 0x2000 * i, 0x1000)
    payload += bytes(4)
    packets = []
    for i in range(0, len(payload), 232):
        head = struct.pack("<BBHI", 0x21, (0 if i else 1) | 35 << 2, 0x88, 0x51000012)
        packets.append((head + payload[i:i + 232]).hex())
    return packets


class Errors:
    """rm-errors.txt"""

    SPECIAL = {
        # name: lines before the case
        "transport/18": ["raw 2105081024000056" + "00" * 232],
        "transport/23": ["raw 21050b1003000056" + "00" * 232],
        "len/54": ["vm 0080 LOAD base lend -",
                   "parcel 3 lend 0080 45000000 1000 0 open"],
        "mem/83": ["parcel 1000 lend 0080 45400000 1000 0"],
        "mem/87": ["drop 1000", "parcel 1001 share 0080 45400000 1000 0"],
        "mem/90": ["drop 1001"],
        "mem/102": ["parcel 1002 lend 0080 45400000 1000 9"],
        "mem/103": ["drop 1002"],
        "mem/126": ["fill 63 0080"],
        "parcel/1": ["vm 0080 LOAD base lend -"],
        "parcel/4": ["parcel 0 lend 0080 45400000 1000 0"],
        "parcel/11": ["parcel 1 lend 0080 45400000 1000 0"],
        "parcel/13": ["parcel 2 lend 0080 45400000 1000 0 open"],
        "parcel/18": ["done 2"],
        "parcel/20": ["vm 0080 RUNNING base lend 3"],
        "parcel/23": ["parcel 4 lend 0080 45404000 1000 7"],
        "parcel/28": ["vm 0080 none base lend -"],
        "vmid/112": ["fill all"],
        "vmid/113": ["vm 0085 none base lend -", "vm 0083 none base lend -"],
        # "-1" stands for the parcel of the VM before
        "config/2": ["vm 0081 LOAD - lend -", "parcel 0 lend 0080 %x 100000 0" % IMAGE_PA],
        "config/3": ["drop 0", "vm 0082 LOAD - lend -", "vm 0083 LOAD - lend -", "parcel 2 lend 0082 %x 100000 0" % IMAGE_PA],
        "state2/2": ["vm 0080 INIT_FAILED:init zero_filled lend 0"],
        "state2/14": ["vm 0080 READY base lend 1"],
        "state2/17": ["vm 0080 READY no_chosen lend 2"],
        "state2/33": ["vm 0080 none base lend -", "vm 0080 RESET base lend 3"],
        "state2/35": ["put base 45280000"],
        "state2/41": ["vm 0080 none base lend -", "vm 0080 LOAD base lend 5"],
        "xresetload/1": ["vm 0080 LOAD base lend -"],
        "xresetnocfg/1": ["vm 0080 INIT_FAILED:noconfig base lend -"],
        "xresreset/1": ["vm 0080 RESET base lend 0"],
    }
    # Scenarios whose VM is made by the lines above, or that need none
    NO_VM = {"ids", "transport", "xdealloc", "xresetload", "xresetnocfg"}
    TWO_VMS = {"mem"}
    SHARED = {"dtb"}

    def __init__(self, text):
        self.handles = {}
        self.total = 0
        for line in text.split("\n"):
            if line.startswith("## "):
                self.scenario(line[3:].split(":")[0])
            elif line and not line.startswith("#"):
                self.total += 1
                self.case([column.strip() for column in line.split(" | ")])

    def scenario(self, name):
        self.name = name
        self.handles = {}
        emit("fresh")
        if name in self.TWO_VMS:
            emit("vm 0080 LOAD base lend -")
            emit("vm 0081 LOAD base lend -")
        if name == "len":
            emit("vm 0080 LOAD base lend -")

    def want_vm(self, name, msg, what, states, payload):
        """Lines that bring the VM of the request into its recorded state"""
        before = states.split(" -> ")[0]
        vmid = vmid_of(payload)
        if name in self.SPECIAL or self.name in self.NO_VM or before in ("-", "no VM"):
            return
        if msg >> 24 == 0x51 or vmid < 0x80 or vmid > 0xbe:
            vmid = 0x81 if self.name == "dtb" and vmid == 0x81 else 0x80
        handle = image_handle(msg, payload)
        if handle is not None and handle < 0x100:
            self.handles[vmid] = handle
        if self.name in ("state1", "len", "parcel") and vmid not in self.handles:
            self.handles[vmid] = {"state1": 0, "len": 0x100, "parcel": 3}[self.name]
        kind = "share" if self.name in self.SHARED or "SHAREd" in what else "lend"
        shown = self.handles.get(vmid)
        if before == "LOAD" and handle is None and self.name == "len":
            shown = None
        emit("vm %04x" % vmid, before.split(" ")[0], tree_of(what), kind,
             "-" if shown is None else "%x" % shown)

    def case(self, columns):
        name, message, what, states, request, answer, error = (columns + [""] * 7)[:7]
        if name in LEFT_OUT:
            emit("# left out:", name, LEFT_OUT[name])
            return
        packets = regions_513() if name == "len/53" else request.split("+")
        first = bytes.fromhex(packets[0])
        msg = struct.unpack_from("<I", first, 4)[0] if len(first) >= 8 else 0
        payload = first[8:]
        for line in self.SPECIAL.get(name, []):
            emit(line)
        self.want_vm(name, msg, what, states, payload)
        if msg == 0x56000009 and states.startswith("LOAD") and len(payload) == 40:
            offset = struct.unpack_from("<Q", payload, 24)[0]
            if offset < 0x100000 and "parcel of another" not in what:
                emit("put base %x" % (IMAGE_PA + offset))
        emit("case", name, "reset" if msg == 0x56000006 else "", "#", what)
        for packet in packets:
            emit(">", packet)
        for packet in answer.split("+"):
            emit("<", packet if packet != "-" else "KILLED" if "KILLS" in error else "nothing")
        after = states.split(" -> ")[1].split(" ")[0] if " -> " in states else "-"
        if after not in ("-",):
            vmid = vmid_of(payload) if msg >> 24 == 0x56 and len(payload) >= 2 else 0x80
            emit("state %04x" % vmid, "none" if after == "no" else after)
        match = re.match(r"2102....1[23]00005100000000(........)$", answer)
        if match and self.name == "mem" and name not in ("mem/126",):
            handle = struct.unpack("<I", bytes.fromhex(match.group(1)))[0]
            emit("drop %x" % handle)
        if match and name == "len/21":
            emit("drop 0")


HALTS = {
    "guest PSCI SYSTEM_OFF": "off",
    "guest PSCI SYSTEM_RESET": "reset",
    "guest PSCI SYSTEM_RESET2 (SMC64) type 0x80000001 cookie 0x1122334455667788":
        "reset2 1 80000001 1122334455667788",
    "guest PSCI SYSTEM_RESET2 (SMC32) type 0 cookie 0x55667788": "reset2 0 0 55667788",
}
# The stub hears of SYSTEM_OFF inside vcpu_run: the STOP of this one comes too late
BLOCKS_LEFT_OUT = {"SYSTEM_OFF, then STOP force": "the stub notices the halt before the STOP"}


def packets_of(lines):
    for line in lines:
        if line[:2] in ("> ", "< "):
            emit(line[0], line[2:].split(" ")[0])


def status_order(text):
    emit("fresh")
    for block in text.split("# ==== ")[1:]:
        title, *lines = block.split("\n")
        if title in BLOCKS_LEFT_OUT:
            emit("# left out: order/%s: %s" % (title, BLOCKS_LEFT_OUT[title]))
            # Its notifications still count
            emit("skip", sum(line.startswith("< 2103") for line in lines),
                 sum(line.startswith("< 2102") and "MEM_LEND" in line for line in lines))
            continue
        emit("vm 0080 none base lend -")
        emit("put", "zero_filled" if "bad DTB" in title else "base", "%x" % (IMAGE_PA + 0x80000))
        emit("case", "order/" + title.replace(" ", "_"), "exact")
        halted = False
        for line in lines:
            if line.strip() == "# vcpu_run" and title in HALTS and not halted:
                emit("halt", HALTS[title])
                halted = True
            packets_of([line])


def life_cycle(name, text):
    emit("fresh")
    emit("put base %x" % (IMAGE_PA + 0x80000))
    emit("case", "lifecycle/" + name, "exact")
    for line in text.split("\n"):
        if "guest calls PSCI SYSTEM_OFF" in line:
            emit("halt off")
        packets_of([line])


def fragmented(text):
    trees = {"VM with 10 doorbells": "bells8", "VM with message queue": "msgq",
             "VM with message queue pair": "msgq_pair", "VM with two vcpus": "cpus_two"}
    emit("fresh")
    emit("case fragmented/requests exact")
    for line in text.split("\n"):
        title = line[2:].split(":")[0]
        if line.startswith("# exact packet boundary"):
            emit("vm 0080 LOAD - lend -")
            emit("case fragmented/boundary exact")
        if line.startswith("# ") and title in trees:
            emit("vm 0080 none base lend -")
            emit("vm 0080 READY", trees[title], "lend -")
            emit("case", "fragmented/" + trees[title], "exact")
        packets_of([line])


def main():
    recorded = Path(sys.argv[1])
    print("# Made by import_rm.py from what the open RM was recorded to answer")
    Errors((recorded / "rm-errors.txt").read_text())
    life_cycle("lend", (recorded / "rm-lifecycle-lend.txt").read_text())
    life_cycle("share", (recorded / "rm-lifecycle-share.txt").read_text())
    fragmented((recorded / "rm-fragmented.txt").read_text())
    status_order((recorded / "vm-status-order.txt").read_text())
    print("\n".join(OUT))


if __name__ == "__main__":
    main()
