# SPDX-License-Identifier: GPL-2.0-only
"""Write newc cpio archives, the format of an initramfs.

Uncompressed, because the machine that unpacks it is emulated.  Written here
instead of by cpio(1) so that owners, modes and times do not depend on who
builds, and nothing has to be staged in a directory first.
"""

import os
import stat


class Cpio:
    """Collects entries, writes them with write()."""

    def __init__(self):
        self.entries = []
        self.dirs = set()

    def _parents(self, name):
        parent = os.path.dirname(name)
        if parent and parent not in self.dirs:
            self._parents(parent)
            self.dirs.add(parent)
            self.entries.append((parent, stat.S_IFDIR | 0o755, b""))

    def directory(self, name):
        self._parents(os.path.join(name.lstrip("/"), "x"))

    def data(self, name, data, mode=0o644):
        name = name.lstrip("/")
        self._parents(name)
        self.entries.append((name, stat.S_IFREG | mode, data))

    def file(self, name, path, mode=None):
        """Add a file of the host, executable if it is so there."""
        if mode is None:
            mode = 0o755 if os.access(path, os.X_OK) else 0o644
        with open(path, "rb") as source:
            self.data(name, source.read(), mode)

    def symlink(self, name, target):
        name = name.lstrip("/")
        self._parents(name)
        self.entries.append((name, stat.S_IFLNK | 0o777, target.encode()))

    def tree(self, name, path, skip=()):
        """Add a directory with all its files, but none of the names in skip."""
        for root, dirs, files in os.walk(path):
            dirs[:] = sorted(set(dirs) - set(skip))
            for leaf in sorted(set(files) - set(skip)):
                full = os.path.join(root, leaf)
                self.file(os.path.join(name, os.path.relpath(full, path)), full)

    def write(self, path):
        with open(path, "wb") as out:
            entries = self.entries + [("TRAILER!!!", 0, b"")]
            for ino, (name, mode, data) in enumerate(entries, 1):
                out.write(_header(ino, mode, len(data), len(name) + 1))
                _padded(out, name.encode() + b"\0", 110)
                _padded(out, data, 0)


def _header(ino, mode, size, namesize):
    fields = (ino, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, namesize, 0)
    return b"070701" + b"".join(b"%08X" % field for field in fields)


def _padded(out, data, before):
    out.write(data)
    out.write(b"\0" * (-(before + len(data)) % 4))
