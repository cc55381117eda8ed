#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Start QEMU with the stub and a Debian host, watch it, judge it.

Builds the two initial RAM disks, starts QEMU, copies the console to the
terminal and to a log as it comes, and ends with 0 only if the run was good
(scripts/judge.py says what that is).  Time limits are guards against a hung
machine, nothing else is decided by time.
"""

import argparse
import lzma
import os
import select
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import judge
from cpio import Cpio

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))

# QEMU virt: RAM starts at 1 GiB, QEMU puts the stub 2 MiB and the initrd
# 128 MiB above; the host's Image, 34 MiB with its bss, fits in between.
HOST_IMAGE_ADDR = 0x42000000

HOST_CMDLINE = "console=ttyAMA0 earlycon=pl011,0x9000000 printk.devkmsg=on loglevel=7"


# Of a memory stress: how often all of the guest's memory is written and read at least, and
# what the host has beside it, in MiB: less than it wants
STRESS_ROUNDS = 1
STRESS_HOST_MEM = 320

# Where mke2fs is, also for those who are not root
SBIN_PATH = os.environ.get("PATH", os.defpath) + ":/sbin:/usr/sbin"


def built(*parts):
    return os.path.join(BUILD, *parts)


def mib(text):
    """A size in MiB: 512, 512M, 4G"""
    unit = {"M": 1, "G": 1024}.get(text[-1:])
    return int(text[:-1]) * unit if unit else int(text)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--action", default="run",
        choices=["run", "test", "bench", "memstress", "shell", "none"])
    add("--cpus", type=int, default=2, help="CPUs of the host")
    add("--cpu", default="max,pauth-impdef=on", help="QEMU's -cpu")
    add("--host-mem", type=int, default=0, help="MiB; 0: enough for the guest")
    add("--host-kernel", default="6.12")
    add("--host-cmdline", default="", help="more words for the host's kernel")
    add("--profile", default="production", choices=["open", "production"])
    add("--rm-debug", action="store_true", help="the open RM as a debug build")
    add("--stub-options", default="", help="more words for the stub")
    add("--guest-cpus", type=int, default=2)
    add("--guest-mem", type=mib, default=256, help="MiB, or with M or G behind it")
    add("--guest-kernel", default="6.12", help="6.12, 6.1 or an Image")
    add("--protected", action="store_true",
        help="a guest whose memory is its own, and which runs from a disk")
    add("--vmm-options", default="", help="more words for gunyah-vmm")
    add("--grow", type=mib, default=0,
        help="memory that the guest gets and uses while it runs")
    add("--huge", action="store_true", help="memstress: with huge pages")
    add("--guest-initrd", default="", help="instead of the one that says hello")
    add("--guest-cmdline", default="", help="more words for the guest's kernel")
    add("--icount", action="store_true",
        help="time by instructions: independent of the load, nothing in parallel")
    add("--qemu-args", default="", help="more words for QEMU")
    add("--test-args", default="", help="for /selftests/run or /bench/run")
    add("--timeout", type=int, default=600, help="seconds until it counts as hung")
    add("--log", default="", help="default: build/logs/...")
    add("--quiet", action="store_true", help="log only")
    add("--tap", action="store_true", help="log, and of the console only TAP")
    add("--no-stub", action="store_true", help="host at EL2, no hypervisor")
    args = parser.parse_args()
    # Another one in each run: what is found was written in this one.
    args.secret = secrets.token_hex(8)
    return args


# ---------------------------------------------------------------- payload

def guest_initrd(args, path):
    archive = Cpio()
    if args.action == "memstress":
        archive.file("/bin/pattern", built("stress", "pattern"), 0o755)
    archive.file("/init", os.path.join(TOP, "scripts/initrd/guest-init"), 0o755)
    archive.file("/bin/busybox", built("busybox"), 0o755)
    for directory in ("/proc", "/sys", "/dev"):
        archive.directory(directory)
    archive.write(path)


def guest_disk(path):
    """A file system for a protected guest to run from and to write to."""
    with tempfile.TemporaryDirectory(prefix="run.", dir=BUILD) as root:
        for directory in ("bin", "proc", "sys", "dev"):
            os.mkdir(os.path.join(root, directory))
        shutil.copy(built("busybox"), os.path.join(root, "bin/busybox"))
        shutil.copy(os.path.join(TOP, "scripts/initrd/guest-disk-init"),
                    os.path.join(root, "init"))
        with open(path, "wb") as disk:
            disk.truncate(16 << 20)
        subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-d", root,
                        "-E", "root_owner=0:0,lazy_itable_init=0", path],
                       check=True, env=dict(os.environ, PATH=SBIN_PATH))


def guest_image(args):
    # The small one also for a memory stress: it leaves most of the memory to the test
    if args.protected or args.action == "memstress":
        return built("guest-kernel", "Image")
    if os.path.sep in args.guest_kernel:
        return args.guest_kernel
    return built("kernel", args.guest_kernel, "Image")


def vmm_options(args):
    options = args.vmm_options
    if args.grow:
        options += " --grow %d" % args.grow
    if args.action == "memstress":
        options += " --reclaim 200" + ("" if args.huge else " --small")
    if args.protected:
        options += " --protected --disk /guest/disk"
    elif args.profile == "open" and not args.rm_debug:
        options += " --lend"
    return options.strip()


def grown_at(args):
    """Where gunyah-vmm puts it: behind the RAM, at the next 128 MiB (layout.h)."""
    return 0x80000000 + (args.guest_mem + 127) // 128 * (128 << 20)


def guest_cmdline(args):
    # earlycon: lines come as they are printed; without it all of them wait for
    # the console, which then prints them in one go with preemption off
    words = "console=ttyS0 earlycon"
    if args.grow:
        words += " grown=%#x,%d" % (grown_at(args), args.grow)
    if args.action == "memstress":
        words += " pattern-rounds=%d" % STRESS_ROUNDS
    if args.protected:
        words += " root=/dev/vda rw init=/init secret=" + args.secret
    return (words + " " + args.guest_cmdline).strip()


def run_conf(args):
    """Shell variables for the host's init."""
    variables = {
        "ACTION": args.action,
        "LOAD_DRIVER": "" if args.action == "none" else "1",
        "PROFILE": args.profile,
        "RM_DEBUG": "1" if args.rm_debug else "",
        "GUEST_MEM": str(args.guest_mem),
        "GUEST_CPUS": str(args.guest_cpus),
        "GUEST_CMDLINE": guest_cmdline(args),
        "VMM_OPTIONS": vmm_options(args),
        "SECRET": args.secret,
        "PRESSURE_OPTIONS": "--huge" if args.huge else "",
        "TEST_ARGS": args.test_args,
    }
    return "".join("%s=%s\n" % (name, shlex.quote(value))
                   for name, value in variables.items()).encode()


# In the order in which they have to be loaded.  The one of crypto is what zram takes by
# default where it does not bring its own (6.1); a kernel need not have all of them.
ZRAM_MODULES = ["mm/zsmalloc", "crypto/lzo-rle", "lib/lz4/lz4_compress",
                "lib/lz4/lz4hc_compress", "drivers/block/zram/zram"]


def add_zram(args, archive):
    """Debian's modules for swap in memory; compressed, which insmod does not know."""
    root = built("kernel", args.host_kernel, "modules")
    release = host_release(args)
    for number, name in enumerate(ZRAM_MODULES):
        path = os.path.join(root, release, "kernel", name + ".ko")
        if os.path.exists(path):
            with open(path, "rb") as module:
                data = module.read()
        elif os.path.exists(path + ".xz"):
            with lzma.open(path + ".xz") as module:
                data = module.read()
        else:
            continue
        archive.data("/lib/zram/%d-%s.ko" % (number, os.path.basename(name)), data)


def host_initrd(args, path, guest_path):
    archive = Cpio()
    archive.file("/init", os.path.join(TOP, "scripts/initrd/host-init"), 0o755)
    archive.file("/bin/busybox", built("busybox"), 0o755)
    archive.data("/etc/run.conf", run_conf(args))
    for directory in ("/proc", "/sys", "/dev", "/tmp", "/root", "/sbin"):
        archive.directory(directory)
    modules = built("modules", args.host_kernel)
    if os.path.isdir(modules):
        for leaf in sorted(os.listdir(modules)):
            if leaf.endswith(".ko"):
                archive.file("/lib/gunyah/" + leaf, os.path.join(modules, leaf))
    vmm = built("samples", "gunyah-vmm")
    if os.path.exists(vmm):
        archive.file("/bin/gunyah-vmm", vmm, 0o755)
    archive.file("/guest/Image", guest_image(args))
    archive.file("/guest/disk" if args.protected else "/guest/initrd", guest_path)
    if args.action == "memstress":
        archive.file("/bin/pressure", built("stress", "pressure"), 0o755)
    if args.action in ("memstress", "test"):
        add_zram(args, archive)
    for action, name in (("test", "selftests"), ("bench", "bench")):
        if args.action in (action, "shell") and os.path.isdir(built(name)):
            archive.tree("/" + name, built(name), skip=("obj", "bench"))
    archive.write(path)


# ---------------------------------------------------------------- QEMU

def host_mem(args):
    if args.action == "memstress":
        return args.host_mem or STRESS_HOST_MEM + args.guest_mem
    return args.host_mem or max(1024, 768 + args.guest_mem)


def numa_nodes(args, mem):
    """Two nodes, each with half of the memory and, if there are two, a CPU."""
    words = []
    for node in (0, 1):
        words += ["-object", "memory-backend-ram,id=node%d,size=%dM" % (node, mem // 2),
                  "-numa", "node,memdev=node%d%s" % (
                      node, ",cpus=%d-%d" % ((0, args.cpus // 2 - 1) if node == 0 else
                                             (args.cpus // 2, args.cpus - 1)))]
    return words


def qemu_command(args, initrd):
    mem = host_mem(args)
    host_image = built("kernel", args.host_kernel, "Image")
    host_cmdline = (HOST_CMDLINE + " " + args.host_cmdline).strip()
    if args.action == "bench":
        # Tests that the kernel runs in the background of its first seconds
        host_cmdline += " cryptomgr.notests"
    command = [
        os.environ.get("QEMU", "qemu-system-aarch64"), "-M", "virt,virtualization=on,gic-version=3",
        "-cpu", args.cpu, "-smp", str(args.cpus), "-m", str(mem),
        "-display", "none", "-nic", "none", "-initrd", initrd,
    ]
    if args.no_stub:
        command += ["-kernel", host_image, "-append", host_cmdline]
    else:
        options = ["host-image=%#x" % HOST_IMAGE_ADDR, "profile=" + args.profile]
        options += ["rm-debug"] * args.rm_debug
        if args.action == "test":
            options += ["test", "cma=16"]
        options += args.stub_options.split()
        command += [
            "-kernel", built("hyp-stub", "hyp-stub.bin"),
            "-device", "loader,file=%s,addr=%#x,force-raw=on" %
            (host_image, HOST_IMAGE_ADDR),
            "-append", " ".join(options) + " -- " + host_cmdline,
        ]
    if args.action == "memstress":
        command += numa_nodes(args, mem)
    if args.icount or args.action == "bench":
        # One instruction is one nanosecond: counts, independent of load.
        command += ["-icount", "shift=0,sleep=off"]
    if args.action == "shell":
        command += ["-serial", "mon:stdio"]
    else:
        command += ["-serial", "stdio", "-monitor", "none", "-no-reboot"]
    return command + shlex.split(args.qemu_args)


def show_all(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def show_nothing(_):
    pass


class ShowTap:
    """Of the console only what /selftests/run said, as it said it."""

    def __init__(self):
        self.rest = b""

    def __call__(self, data):
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            mark = line.find(b"tap| ")
            if mark >= 0:
                show_all(line[mark + 5:].rstrip(b"\r") + b"\n")


class Watch:
    """Copies QEMU's console to terminal and log until QEMU ends."""

    def __init__(self, log, terminal, timeout):
        self.log = log
        self.terminal = terminal
        self.deadline = time.monotonic() + timeout
        self.text = bytearray()
        self.note = None

    def _take(self, data):
        self.text += data
        self.log.write(data)
        self.log.flush()
        self.terminal(data)
        # A machine that panicked will not end by itself.
        tail = bytes(self.text[-len(data) - 200:]).decode(errors="replace")
        if not self.note and judge.FATAL.search(tail):
            self.note = "ended after a panic"
            self.deadline = min(self.deadline, time.monotonic() + 5)

    def run(self, command):
        """QEMU's exit status."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        try:
            self._pump(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        return process.returncode

    def _pump(self, process):
        fd = process.stdout.fileno()
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                self.note = self.note or "hung: no end within the time limit"
                return
            if not select.select([fd], [], [], left)[0]:
                continue
            data = os.read(fd, 65536)
            if not data:
                process.wait(timeout=30)
                return
            self._take(data)


# ---------------------------------------------------------------- judging

def host_release(args):
    with open(built("kernel", args.host_kernel, "release")) as source:
        return source.read().strip()


def guest_release(args):
    path = os.path.join(os.path.dirname(guest_image(args)), "release")
    if not os.path.exists(path):
        return None
    with open(path) as source:
        return source.read().strip()


def steps(args):
    if args.action == "run":
        return judge.steps_run(args.guest_cpus, guest_release(args),
                               bool(args.guest_initrd), args.protected, bool(args.grow))
    if args.action == "test":
        return judge.steps_program("/selftests/run")
    if args.action == "bench":
        return judge.steps_program("/bench/run")
    if args.action == "memstress":
        return judge.steps_stress(args.guest_cpus, guest_release(args), args.huge)
    return [("the host is content", judge.HOST + "result: ok")]


def log_path(args):
    if args.log:
        return args.log
    os.makedirs(built("logs"), exist_ok=True)
    return built("logs", "%s-%s%s%s-c%d-g%d.log" % (
        args.action, args.profile, "-debug" if args.rm_debug else "",
        "-protected" if args.protected else "-huge" if args.huge else "", args.cpus, args.guest_cpus))


def describe(args):
    print("==> %s: profile %s%s, host %s with %d CPUs, %sguest %s with %d CPUs "
          "and %d MiB" % (args.action, args.profile,
                          " (rm-debug)" if args.rm_debug else "",
                          args.host_kernel, args.cpus,
                          "protected " if args.protected else "",
                          guest_release(args), args.guest_cpus, args.guest_mem),
          flush=True)


def watched(args, command):
    path = log_path(args)
    start = time.monotonic()
    with open(path, "wb") as log:
        terminal = show_nothing if args.quiet else ShowTap() if args.tap else show_all
        watch = Watch(log, terminal, args.timeout)
        status = watch.run(command)
    seconds = time.monotonic() - start
    complaints = judge.judge(watch.text.decode(errors="replace"), steps(args), status)
    if watch.note:
        complaints.append(watch.note)
    for complaint in complaints:
        print("==> not good: " + complaint)
    print("==> %s after %.0f s, log in %s" % (
        "failed" if complaints else "passed", seconds, os.path.relpath(path)))
    return 1 if complaints else 0


def main():
    args = parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not args.quiet and not args.tap:
        describe(args)
    with tempfile.TemporaryDirectory(prefix="run.", dir=BUILD) as work:
        guest = args.guest_initrd or os.path.join(work, "guest")
        if args.protected:
            guest_disk(guest)
        elif not args.guest_initrd:
            guest_initrd(args, guest)
        initrd = os.path.join(work, "host.cpio")
        host_initrd(args, initrd, guest)
        command = qemu_command(args, initrd)
        if args.action == "shell":
            return subprocess.call(command)
        if not args.quiet and not args.tap:
            print("==> " + " ".join(shlex.quote(word) for word in command), flush=True)
        return watched(args, command)


if __name__ == "__main__":
    sys.exit(main())
