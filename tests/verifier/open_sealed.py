#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens a sealed file of a vault's media/ by docs/media-format.md alone.

Shares no code with sigilo and needs no libsodium: Python's standard library and the `openssl` command (3.0 or later).

    open_sealed.py KEY.hex FILE.sealed > FILE      KEY.hex: 64 hex digits (column `key` of table media_file)
    open_sealed.py --test DIRECTORY                opens the vectors there, and must refuse what is damaged

Prints the SHA-256 of the plain bytes to stderr. Exit status: 0 whole and authentic, 1 damaged, 2 could not check. What
was written before damage was found is authentic, but not all. The keys of single chunks stand in openssl's command line,
where other users of the machine may see them: use it on a machine of your own.
"""
import hashlib
import hmac
import os
import struct
import subprocess
import sys
import tempfile

CHUNK = 65536
HEADER, OVERHEAD = 24, 17
MESSAGE, FINAL = 0, 3


class Damaged(Exception):
    pass


def openssl(*arguments, data):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True)
    if done.returncode != 0:
        raise OSError(done.stderr.decode(errors="replace"))
    return done.stdout


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha, 2.2: the subkey."""
    state = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + struct.unpack("<4I", nonce))

    def quarter(a, b, c, d):
        for x, y, z, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = ((mixed << bits) | (mixed >> (32 - bits))) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(a, b, c, d)
    return struct.pack("<8I", *state[:4], *state[12:])


def poly1305(key, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return bytes.fromhex(
            openssl("mac", "-macopt", f"hexkey:{key.hex()}", "-in", file.name, "POLY1305", data=b"").decode().strip())


def open_chunk(key, counter, inonce, sealed):
    """(tag, plain bytes, MAC) of one chunk."""
    tag, text, mac = sealed[:1], sealed[1:-16], sealed[-16:]
    # Blocks of ChaCha20 (RFC 8439): 0 keys Poly1305, 1 encrypts the tag, 2 and later encrypt the bytes.
    initial = struct.pack("<II", 0, counter) + inonce
    stream = openssl("enc", "-chacha20", "-K", key.hex(), "-iv", initial.hex(),
                     data=bytes(64) + tag + bytes(63) + text)
    authenticated = tag + stream[65:128] + text + bytes(len(text) % 16) + struct.pack("<QQ", 0, 64 + len(text))
    if not hmac.compare_digest(poly1305(stream[:32], authenticated), mac):
        raise Damaged("a chunk is not authentic: altered, cut off, moved, or sealed with another key")
    return stream[64], stream[128:], mac


def plain_of(key, file):
    """The plain chunks, one after another; Damaged where the file is not whole."""
    header = file.read(HEADER)
    if len(header) != HEADER:
        raise Damaged("the header is cut off")
    subkey, inonce, counter = hchacha20(key, header[:16]), header[16:], 1
    while True:
        sealed = file.read(CHUNK + OVERHEAD)
        if len(sealed) < OVERHEAD:
            raise Damaged("the end is missing")
        tag, plain, mac = open_chunk(subkey, counter, inonce, sealed)
        if tag not in (MESSAGE, FINAL) or (tag == MESSAGE and len(plain) != CHUNK):
            raise Damaged("not cut into chunks as the format says")
        if tag == FINAL and not plain and counter != 1:
            raise Damaged("not cut into chunks as the format says")
        yield plain
        if tag == FINAL:
            break
        inonce = bytes(a ^ b for a, b in zip(inonce, mac[:8]))
        counter += 1
    if file.read(1):
        raise Damaged("bytes after the end")


def whole(key, sealed):
    with tempfile.TemporaryFile() as file:
        file.write(sealed)
        file.seek(0)
        return b"".join(plain_of(key, file))


def test(directory):
    def read(name):
        with open(os.path.join(directory, name), "rb") as file:
            return file.read()

    # draft-irtf-cfrg-xchacha, 2.2.1
    assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex() == (
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")
    key, sealed = bytes.fromhex(read("key.hex").decode().strip()), read("file.sealed")
    assert whole(key, sealed) == read("file.plain"), "the vector opens to something else"
    first = HEADER + CHUNK + OVERHEAD
    for what, damaged in {
        "a flipped bit in the header": bytes([sealed[0] ^ 1]) + sealed[1:],
        "a flipped bit in a tag": sealed[:HEADER] + bytes([sealed[HEADER] ^ 1]) + sealed[HEADER + 1:],
        "a flipped bit in the last chunk": sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:],
        "no last chunk": sealed[:first],
        "no first chunk": sealed[:HEADER] + sealed[first:],
        "one byte less": sealed[:-1],
        "one byte more": sealed + b"\0",
        "nothing": b"",
    }.items():
        try:
            whole(key, damaged)
        except Damaged:
            continue
        raise AssertionError(f"opened in spite of: {what}")
    print("the vector opens, and nothing damaged does")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if arguments[0] == "--test":
        test(arguments[1])
        return 0
    with open(arguments[0], encoding="ascii") as file:
        key = bytes.fromhex(file.read().strip())
    digest = hashlib.sha256()
    try:
        with open(arguments[1], "rb") as file:
            for plain in plain_of(key, file):
                digest.update(plain)
                sys.stdout.buffer.write(plain)
    except Damaged as damage:
        print(f"{arguments[1]}: {damage}", file=sys.stderr)
        return 1
    print(digest.hexdigest(), file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as error:
        print(f"could not check: {error}", file=sys.stderr)
        sys.exit(2)
