#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes archives that a verifier must refuse, and good ones by other programs, into a directory."""
import io
import pathlib
import stat
import struct
import sys
import warnings
import zipfile

warnings.simplefilter("ignore")  # duplicate names are the point
OUT = pathlib.Path(sys.argv[1])


def archive(*entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in entries:
            z.writestr(name, content)
    return out.getvalue()


def link():
    info = zipfile.ZipInfo("a")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return archive((info, "/etc/passwd"))


def streamed():
    class Pipe(io.RawIOBase):  # cannot seek, so sizes come after the data
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, part):
            self.data += bytes(part)
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.txt", b"x" * 1000)
        z.writestr("b.txt", b"y" * 1000)
    return pipe.data


def changed(data, at, part):
    return data[:at] + part + data[at + len(part):]


two = archive(("a.txt", b"x" * 5000), ("b.txt", b"y" * 5000))
one = archive(("a.txt", b"hello"), method=zipfile.ZIP_STORED)
central = one.index(b"PK\x01\x02")
second = two.index(b"PK\x03\x04", 4)

last = two.rindex(b"PK\x01\x02")
hidden = changed(two, last + 42, struct.pack("<I", second + 9))  # nine bytes before the second entry
hidden = changed(hidden, len(two) - 6, struct.pack("<I", two.index(b"PK\x01\x02") + 9))
hidden = hidden[:second] + b"invisible" + hidden[second:]

good = {
    "python": two,
    "empty": archive(),
    "streamed": streamed(),
    "directory": archive(("d/", b""), ("d/a", b"1")),
    "accented": archive(("año.txt", b"1")),
}
bad = {
    "bomb": archive(("a", b"\0" * 50_000_000)),
    "duplicate": archive(("a", b"1"), ("a", b"2")),
    "duplicate-case": archive(("a", b"1"), ("A", b"2")),
    "file-and-directory": archive(("a", b"1"), ("a/b", b"2")),
    "absolute": archive(("/etc/passwd", b"1")),
    "traversal": archive(("a/../../b", b"1")),
    "backslash": archive(("a", b"1")).replace(b"a", b"\\"),
    "link": link(),
    "truncated": two[:-30],
    "truncated-data": two[:60],
    "appended": two + b"x",
    "prepended": b"x" + two,
    "commented": two[:-2] + b"\x01\0x",
    "local-name": changed(one, 30, b"b.txt"),
    "central-name": changed(one, central + 46, b"b.txt"),
    "central-size": changed(one, central + 20, struct.pack("<II", 4, 4)),
    "central-offset": changed(two, two.index(b"PK\x01\x02", two.index(b"PK\x01\x02") + 4) + 42, b"\0\0\0\0"),
    "count": changed(one, len(one) - 14, b"\x02\0\x02\0"),
    "encrypted": changed(changed(one, 6, b"\x01"), central + 8, b"\x01"),
    "method": changed(changed(one, 8, b"\x0c"), central + 10, b"\x0c"),
    "content": changed(one, 35, b"H"),
    "hidden": hidden,
    "no-alphabet": archive(("é.txt", b"1")).replace(b"\x00\x08", b"\x00\x00", 1),
    "nothing": b"",
    "text": b"this is no archive at all, though it is long enough to be one",
}
for kind, archives in (("good", good), ("bad", bad)):
    for name, data in archives.items():
        (OUT / f"{kind}-{name}.zip").write_bytes(data)
