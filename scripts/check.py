#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Static checks of the whole project, as TAP.

    check.py [NAME...]              all checks, or the named ones
    check.py --list
    check.py --self-test [NAME...]  plant a fault for each check, in a copy
                                    of the project, and see the check fail

A check is a function that returns its complaints; a check whose subject does
not exist raises Skip.
"""

import concurrent.futures
import difflib
import glob
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
LINUX = os.path.join(BUILD, "src", "linux-6.12")
CROSS = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-")
CROSS32 = os.environ.get("CROSS_COMPILE_COMPAT", "arm-linux-gnueabihf-")

DRIVER = "drivers/virt/gunyah"
# Directories with our own C
CODE = ["drivers", "include", "hyp-stub", "samples", "tools"]


class Skip(Exception):
    """The subject of a check is not there."""


def files(*suffixes, under=("",)):
    """Files of the project: what git knows and what it would add."""
    out = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    names = sorted(set(out.split("\0")) - {""})
    # The self-test asks about the file that it has just spoiled.
    only = os.environ.get("CHECK_FILE")
    if only:
        names = [only]
    return [name for name in names
            if (not suffixes or name.endswith(suffixes)) and
            name.startswith(tuple(under)) and
            os.path.isfile(os.path.join(ROOT, name))]


def need(*paths):
    for path in paths:
        if not os.path.exists(os.path.join(ROOT, path)):
            raise Skip("no " + path)


def some(names, what):
    if not names:
        raise Skip("no " + what)
    return names


def run(command, **more):
    """Exit status and output of a command in the project's directory."""
    result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace", check=False, **more)
    return result.returncode, result.stdout


def complaints(command, keep=None, **more):
    """The output if the command fails, at most what matters of it."""
    status, out = run(command, **more)
    if status == 0:
        return []
    lines = [line for line in out.splitlines() if line.strip()]
    if keep:
        lines = [line for line in lines if re.search(keep, line)] or lines
    return lines[-40:] or ["%s: exit status %d" % (command[0], status)]


# ---------------------------------------------------------------- compilers

DIAGNOSTIC = r"error|warning|\.[chS]:\d+|Error"


def driver_build(kernel, out, *more, kcflags=""):
    need(DRIVER + "/Makefile")
    env = dict(os.environ, KCFLAGS=kcflags)
    return complaints(
        ["scripts/build-modules.sh", os.path.join(BUILD, "kernel", kernel, "kdir"),
         os.path.join(BUILD, "check", out)] + list(more), DIAGNOSTIC, env=env)


def check_w1():
    """driver builds with W=1 for 6.12"""
    return driver_build("6.12", "w1-6.12", "W=1", kcflags="-Werror")


def check_w1_61():
    """driver builds with W=1 for 6.1"""
    return driver_build("6.1", "w1-6.1", "W=1", kcflags="-Werror")


def check_sparse():
    """sparse finds nothing in the driver"""
    return driver_build("6.12", "sparse", "C=1",
                        "CF=-Wsparse-error -Wno-unknown-attribute")


def stub_build(out, *more):
    need("hyp-stub/Makefile")
    return complaints(
        ["make", "--no-print-directory", "-j2", "-C", "hyp-stub",
         "O=" + os.path.join(BUILD, "check", out), "CROSS_COMPILE=" + CROSS,
         "LIBFDT=" + os.path.join(BUILD, "libfdt-src")] + list(more), DIAGNOSTIC)


def check_stub_gcc():
    """stub builds with gcc and -Werror"""
    return stub_build("stub-gcc")


def check_stub_clang():
    """stub builds with clang and -Werror"""
    return stub_build("stub-clang", "LLVM=1")


# The header alone, for each ABI and language.  No C99: a structure of the ABI has an
# unnamed union.
UAPI_COMPILERS = [
    ["gcc", "-x", "c", "-std=gnu11"],
    ["gcc", "-x", "c", "-std=c11", "-pedantic"],
    ["gcc", "-x", "c", "-std=gnu99"],
    ["g++", "-x", "c++", "-std=c++11"],
    ["g++", "-x", "c++", "-std=c++20"],
    [CROSS + "gcc", "-x", "c", "-std=c11", "-pedantic"],
    [CROSS32 + "gcc", "-x", "c", "-std=c11", "-pedantic"],
    [CROSS32 + "gcc", "-x", "c", "-std=gnu11"],
    ["g++", "-m32", "-idirafter", "/usr/include/x86_64-linux-gnu", "-x", "c++",
     "-std=c++11"],
]


def check_uapi():
    """UAPI header stands alone in C and C++, 64 and 32 bit"""
    need("include/uapi/linux/gunyah.h")
    found = []
    for command in UAPI_COMPILERS:
        if not shutil.which(command[0]) or ("-m32" in command and
                                            platform.machine() != "x86_64"):
            print("# not with " + " ".join(command))
            continue
        found += complaints(
            command + ["-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                       "-I", "include/uapi", "include/uapi/linux/gunyah.h"])
    return found


def check_uapi_names():
    """UAPI header: all documented, families of names agree"""
    need("include/uapi/linux/gunyah.h")
    return complaints(["scripts/check-uapi"])


def check_abi():
    """numbers and layouts of the UAPI, 64 and 32 bit"""
    pins = "tools/testing/selftests/gunyah/abi_pins.h"
    need(pins)
    found = []
    for prefix in (CROSS, CROSS32):
        if not shutil.which(prefix + "gcc"):
            print("# no %sgcc" % prefix)
            continue
        found += complaints([prefix + "gcc", "-x", "c", "-std=gnu11", "-fsyntax-only", "-Wall",
                             "-Wextra", "-Werror", "-isystem", "include/uapi", pins])
    return found


def check_wire():
    """wire headers stand alone on this machine"""
    headers = some(files(".h", under=["include/linux/gunyah/abi/"]), "wire headers")
    found = []
    for header in headers:
        found += complaints(["gcc", "-std=c11", "-x", "c", "-fsyntax-only", "-Wall",
                             "-Wextra", "-Werror", "-I", "include", header])
    return found


# ---------------------------------------------------------------- style

# Lists of system registers or tests, from which a macro makes one case or one
# line each, are not expressions and get no parentheses; functions in assembly
# are declared where they are called.
CODE_MACROS = ("AVOID_EXTERNS,COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE,"
               "TRAILING_SEMICOLON,MACRO_WITH_FLOW_CONTROL")

# What checkpatch wants of kernel code and what has no business in programs
# for user space or in a freestanding hypervisor: the kernel's own types and
# macros, its printk, and accessors in place of volatile.
CHECKPATCH_IGNORE = {
    # The binding is in our own Documentation/, where checkpatch does not look
    "drivers": "UNDOCUMENTED_DT_STRING",
    # Headers that programs for user space include as well
    "include": "PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO",
    "hyp-stub": "PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES,"
                "PRINTK_WITHOUT_KERN_LEVEL,AVOID_BUG,VOLATILE,MINMAX,"
                "EMBEDDED_FUNCTION_NAME," + CODE_MACROS,
    "samples": "PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES,VOLATILE,"
               "ARRAY_SIZE",
    "tools": "PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES,VOLATILE,"
             "EMBEDDED_FUNCTION_NAME,STATIC_CONST_CHAR_ARRAY,ARRAY_SIZE," +
             CODE_MACROS,
}

# What one file is there for, in checkpatch's words.
CHECKPATCH_ALLOWED = [
    # Recorded packets, as hexadecimal strings of many lines
    r"^[^:]*/tests/[^:]*:.*:(SPLIT_STRING|MISSING_SPACE):",
    # compat.h chooses by the kernel's version
    r"^drivers/virt/gunyah/compat\.h:.*:SUSPECT_CODE_INDENT:",
    # A function that takes a function; a label made by a macro
    r"^hyp-stub/obj/vcpu\.c:.*:OPEN_BRACE:",
    r"^tools/testing/selftests/gunyah/guests/runtime\.c:.*:SPACING:",
    # TRACE_EVENT() is written like this all over the kernel
    r"^drivers/virt/gunyah/(\w+_)?trace\.h:.*:(PARENTHESIS_ALIGNMENT|OPEN_ENDED_LINE):",
    r"^drivers/virt/gunyah/compat\.h:.*:(LINUX_VERSION_CODE|CONSTANT_COMPARISON):",
    # Each reader of the table looks at some of its columns
    r"^tools/testing/selftests/gunyah/ioctl_matrix_table\.c:.*:MACRO_ARG_UNUSED:",
]


def check_checkpatch():
    """checkpatch --strict: no error, no warning"""
    need(os.path.join(LINUX, "scripts/checkpatch.pl"))
    jobs = []
    for top in CODE:
        names = files(".c", ".h", ".S", under=[top + "/"])
        ignore = "FILE_PATH_CHANGES," + CHECKPATCH_IGNORE[top]
        jobs += [(names[i:i + 20], ignore) for i in range(0, len(names), 20)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        lines = sum(pool.map(lambda job: checkpatch(*job), jobs), [])
    for cache in glob.glob(os.path.join(ROOT, ".checkpatch-camelcase.*")):
        os.remove(cache)
    strict = [line for line in lines if re.search(r": CHECK:", line)]
    for line in strict if os.environ.get("V") else []:
        print("# not counted: " + line)
    if strict:
        print("# %d lines of CHECK not counted (V=1 shows them)" % len(strict))
    return [line for line in lines if line not in strict]


def checkpatch(names, ignore):
    """What checkpatch says about files, less what is allowed."""
    # Its stderr is about tools that it would like to have.
    result = subprocess.run(
        [os.path.join(LINUX, "scripts/checkpatch.pl"), "--root=" + LINUX,
         "--strict", "--terse", "--no-summary", "--show-types",
         "--max-line-length=100", "--ignore", ignore.rstrip(","), "-f"] + names,
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        errors="replace", check=False)
    return [line for line in result.stdout.splitlines() if line.strip() and
            not any(re.search(allowed, line) for allowed in CHECKPATCH_ALLOWED)]


def check_kernel_doc():
    """kernel-doc of all headers is complete"""
    script = os.path.join(LINUX, "scripts/kernel-doc")
    need(script)
    names = some(files(".h", under=["include/", DRIVER + "/", "hyp-stub/"]), "headers")
    return complaints([script, "-none", "-Wall", "-Werror"] + names, r"warning|error")


def check_kernel_doc_driver():
    """kernel-doc in the driver's C files is well formed"""
    script = os.path.join(LINUX, "scripts/kernel-doc")
    need(script)
    names = some(files(".c", under=[DRIVER + "/"]), "driver")
    return complaints([script, "-none", "-Wall", "-Werror"] + names, r"warning|error")


def check_layers():
    """includes go down the layers only"""
    status, out = run(["scripts/check-layers", "."])
    return out.splitlines() or ([] if status == 0 else ["check-layers failed"])


def check_functions():
    """functions up to 80 lines, files up to 700"""
    names = some(files(".c", ".h", under=[top + "/" for top in CODE]), "C files")
    if not any(name.endswith(".c") for name in names):
        raise Skip("no C files")
    status, out = run(["scripts/check-functions", "--stat"] + names)
    if status == 0:
        print("# " + out.strip().splitlines()[-1])
        return []
    return out.splitlines()


# Put together so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def check_unfinished():
    """no word of unfinished work"""
    found = []
    for name in files():
        with open(os.path.join(ROOT, name), errors="replace") as source:
            for number, line in enumerate(source, 1):
                if UNFINISHED.search(line) and not name.startswith("LICENSES/"):
                    found.append("%s:%d: %s" % (name, number, line.strip()))
    return found


LICENSE_DUAL = "(GPL-2.0-only OR BSD-2-Clause)"
LICENSES = [
    ("include/uapi/", ["GPL-2.0-only WITH Linux-syscall-note"]),
    ("include/linux/gunyah/abi/", [LICENSE_DUAL]),
    ("hyp-stub/", [LICENSE_DUAL]),
    ("Documentation/", ["GPL-2.0", "GPL-2.0-only", LICENSE_DUAL]),
    ("", ["GPL-2.0-only"]),
]
SPDX = re.compile(r"SPDX-License-Identifier:\s*(.*?)\s*(\*/|-->)?\s*$")


def check_spdx():
    """each source file names its licence, the right one"""
    found = []
    suffixes = (".c", ".h", ".S", ".py", ".sh", ".rst", ".yaml", ".lds", ".ld",
                "Makefile", "Kconfig", "Kbuild", "init", "check-layers",
                "check-functions", "check-uapi", ".ci/run")
    for name in files(*suffixes):
        with open(os.path.join(ROOT, name), errors="replace") as source:
            head = [next(source, "") for _ in range(3)]
        licence = next((m.group(1) for m in map(SPDX.search, head) if m), None)
        wanted = next(w for prefix, w in LICENSES if name.startswith(prefix))
        if licence not in wanted:
            found.append("%s: %s instead of %s" % (name, licence, wanted[0]))
    return found


def check_spelling():
    """codespell finds nothing"""
    if not shutil.which("codespell"):
        raise Skip("no codespell")
    names = [name for name in files() if not name.startswith("LICENSES/")]
    return complaints(["codespell", "--ignore-words-list", "inout,mis,ot,te,ans,iput"] + names)


def check_cppcheck():
    """cppcheck finds nothing in the stub"""
    if not shutil.which("cppcheck"):
        raise Skip("no cppcheck")
    names = some(files(".c", under=["hyp-stub/"]), "stub")
    names = [name for name in names if "/tests/" not in name]
    return complaints(
        ["cppcheck", "--quiet", "-j%d" % os.cpu_count(), "--enable=warning,portability", "--error-exitcode=1",
         "--inline-suppr", "--std=c11", "-I", "hyp-stub", "-I", "include",
         "--suppress=missingIncludeSystem", "-D__aarch64__"] + names)


def check_scripts():
    """scripts are well formed"""
    found = []
    for name in files(under=["scripts/", ".ci/"]):
        with open(os.path.join(ROOT, name), errors="replace") as source:
            first = source.readline()
        if "python" in first or name.endswith(".py"):
            found += complaints([sys.executable, "-c",
                                 "import ast,sys; ast.parse(open(sys.argv[1]).read())",
                                 name])
        elif re.match(r"#!.*\b(bash|sh)\b", first) or name.endswith(".sh"):
            found += complaints(["bash", "-n", name])
    return found


def check_ioctl_matrix():
    """the table of ioctls in the documentation is up to date"""
    need("scripts/ioctl-matrix.py")
    status, out = run(["scripts/ioctl-matrix.py"])
    if status != 0:
        return out.splitlines()[-5:]
    name = "Documentation/virt/gunyah/ioctl-matrix.rst"
    with open(os.path.join(ROOT, name)) as found:
        lines = difflib.unified_diff(found.read().splitlines(), out.splitlines(),
                                     name, "scripts/ioctl-matrix.py", lineterm="")
    return list(lines)[:40]


def check_rst():
    """documents are well formed"""
    if not shutil.which("rst2html"):
        raise Skip("no rst2html")
    found = []
    for name in some(files(".rst", under=["Documentation/"]), "documents"):
        found += complaints(["rst2html", "--halt=2", name, os.devnull], r"\.rst:\d+:")
    return found


CHECKS = {
    "w1": check_w1,
    "w1-6.1": check_w1_61,
    "sparse": check_sparse,
    "stub-gcc": check_stub_gcc,
    "stub-clang": check_stub_clang,
    "uapi": check_uapi,
    "uapi-names": check_uapi_names,
    "abi": check_abi,
    "wire": check_wire,
    "checkpatch": check_checkpatch,
    "kernel-doc": check_kernel_doc,
    "kernel-doc-c": check_kernel_doc_driver,
    "layers": check_layers,
    "functions": check_functions,
    "unfinished": check_unfinished,
    "spdx": check_spdx,
    "spelling": check_spelling,
    "cppcheck": check_cppcheck,
    "scripts": check_scripts,
    "ioctl-matrix": check_ioctl_matrix,
    "rst": check_rst,
}


def perform(name):
    """(status, complaints): True good, False bad, None skipped."""
    try:
        found = CHECKS[name]()
    except Skip as reason:
        return None, [str(reason)]
    return not found, found


def run_checks(names):
    print("1..%d" % len(names), flush=True)
    failed = 0
    for number, name in enumerate(names, 1):
        good, found = perform(name)
        title = "%s: %s" % (name, CHECKS[name].__doc__)
        if good is None:
            print("ok %d %s # SKIP %s" % (number, title, found[0]), flush=True)
            continue
        for line in found:
            print("# " + line)
        print("%s %d %s" % ("ok" if good else "not ok", number, title), flush=True)
        failed += not good
    return 1 if failed else 0


# ---------------------------------------------------------------- self-test

STUB_C = "/* SPDX-License-Identifier: " + LICENSE_DUAL + " */\n"

# Check: (file, text), appended to the file; "*.c" is the first such file
# that is built.
FAULTS = {
    "w1": (DRIVER + "/*.c", "int planted(void) { return 0; }\n"),
    "w1-6.1": (DRIVER + "/*.c", "int planted(void) { return 0; }\n"),
    "sparse": (DRIVER + "/*.c", "int planted(int __user *p);\n"
               "int planted(int __user *p) { return *p; }\n"),
    "stub-gcc": ("hyp-stub/core/*.c", "static int planted(void) { return 0; }\n"),
    "stub-clang": ("hyp-stub/core/*.c", "static int planted(void) { return 0; }\n"),
    "uapi": ("include/uapi/linux/gunyah.h", "struct planted { size_t nowhere; };\n"),
    "uapi-names": ("include/uapi/linux/gunyah.h",
                   "#define GUNYAH_PLANTED _IO(GUNYAH_IOCTL_TYPE, 0x3f)\n"),
    "abi": ("tools/testing/selftests/gunyah/abi_pins.h",
            "IS(sizeof(struct gunyah_vcpu_run), 41);\n"),
    "wire": ("include/linux/gunyah/abi/rm.h", "struct planted { u32 kernel_type; };\n"),
    "checkpatch": ("include/linux/gunyah/abi/rm.h", "int planted( int a );\n"),
    "kernel-doc": ("include/linux/gunyah/abi/rm.h",
                   "/**\n * struct planted - x\n */\nstruct planted { int a; };\n"),
    "kernel-doc-c": (DRIVER + "/*.c",
                     "/**\n * planted() - x\n */\nvoid planted(int a) { }\n"),
    "layers": ("hyp-stub/lib/planted.h",
               STUB_C + '#include "obj/vm.h"\n'),
    "functions": ("samples/planted.c",
                  "int planted(void)\n{\n" + "\treturn 0;\n" * 79 + "}\n"),
    "unfinished": ("scripts/lib.sh", "# TO" "DO: everything\n"),
    "spdx": ("hyp-stub/lib/planted.h", "/* SPDX-License-Identifier: GPL-2.0-only */\n"),
    "spelling": ("scripts/lib.sh", "# to rec" "ieve\n"),
    "cppcheck": ("hyp-stub/lib/planted.c",
                 STUB_C + "int planted(void);\nint planted(void)\n"
                 "{ int a[2]; a[0] = 1; return a[0] / 0; }\n"),
    "scripts": ("scripts/lib.sh", "if then\n"),
    "ioctl-matrix": ("tools/testing/selftests/gunyah/ioctl_matrix.def",
                     'CELLS(VM, VM_START, "planted", AS_IS, OK)\n'),
    "rst": ("Documentation/virt/gunyah/*.rst", "\nplanted\n--\n\n`nowhere\n"),
}


def copy_project(to):
    """A copy in git, with the downloads but without what was built."""
    for name in files():
        os.makedirs(os.path.dirname(os.path.join(to, name)), exist_ok=True)
        shutil.copy2(os.path.join(ROOT, name), os.path.join(to, name))
    subprocess.run(["git", "init", "-q", to], check=True)
    os.makedirs(os.path.join(to, "build"))
    for name in ("kernel", "src", "libfdt-src", "sysroot-arm64", "busybox"):
        os.symlink(os.path.join(BUILD, name), os.path.join(to, "build", name))


def target(copy, pattern):
    """The file to plant in; the first that matches, for a pattern."""
    if "*" not in pattern:
        return os.path.join(copy, pattern)
    directory, leaf = os.path.split(pattern)
    directory = os.path.join(copy, directory)
    suffix = leaf.lstrip("*")
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        if name.endswith(suffix):
            return os.path.join(directory, name)
    return None


def plant_and_check(copy, name):
    """True if the check found the planted fault; None if it has no subject."""
    pattern, text = FAULTS[name]
    path = target(copy, pattern)
    if not path:
        return None, "no " + pattern
    before = None
    if os.path.exists(path):
        with open(path) as source:
            before = source.read()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a") as out:
        out.write(text)
    env = dict(os.environ, BUILD=os.path.join(copy, "build"),
               CHECK_FILE=os.path.relpath(path, copy))
    try:
        status, out = run([os.path.join(copy, "scripts/check.py"), name], env=env)
    finally:
        if before is None:
            os.remove(path)
        else:
            with open(path, "w") as source:
                source.write(before)
    if "# SKIP" in out:
        return None, "nothing to check"
    # The complaint has to be about what was planted, not about anything else.
    leaf = os.path.basename(path)
    return status != 0 and ("planted" in out or leaf in out), out


def self_test(names):
    print("1..%d" % len(names), flush=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="gunyah-check.") as copy:
        copy_project(copy)
        for number, name in enumerate(names, 1):
            found, detail = plant_and_check(copy, name)
            title = "%s finds a planted fault" % name
            if found is None:
                print("ok %d %s # SKIP %s" % (number, title, detail), flush=True)
                continue
            if not found:
                print("\n".join("# " + line for line in detail.splitlines()[-20:]))
                failed += 1
            print("%s %d %s" % ("ok" if found else "not ok", number, title), flush=True)
    return 1 if failed else 0


def main():
    args = sys.argv[1:]
    if args == ["--list"]:
        for name, check in CHECKS.items():
            print("%-14s %s" % (name, check.__doc__))
        return 0
    plant = "--self-test" in args
    names = [arg for arg in args if not arg.startswith("-")] or list(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        sys.exit("no such check: " + ", ".join(unknown))
    return self_test(names) if plant else run_checks(names)


if __name__ == "__main__":
    sys.exit(main())
