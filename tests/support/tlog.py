# SPDX-License-Identifier: Apache-2.0
"""Transparency logs in Python, standard library and `openssl` only; shares no code with sigilo. Written from RFC 9162
and from C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-witness."""
import base64
import binascii
import hashlib
import re
import subprocess
import tempfile

DASH = "\u2014 "
ED25519 = 0x01
COSIGNATURE = 0x04


class Refused(Exception):
    """The input breaks a rule; the text says which."""


# --- Ed25519 by the openssl program ------------------------------------------------------------------------------

PUBLIC_PREFIX = bytes.fromhex("302a300506032b6570032100")
SECRET_PREFIX = bytes.fromhex("302e020100300506032b657004220420")


def _file(content):
    handle = tempfile.NamedTemporaryFile()  # pylint: disable=consider-using-with
    handle.write(content)
    handle.flush()
    return handle


def public_key(seed):
    done = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], check=True,
                          input=SECRET_PREFIX + seed, capture_output=True)
    return done.stdout[len(PUBLIC_PREFIX):]


def sign(seed, message):
    with _file(SECRET_PREFIX + seed) as key, _file(message) as text:
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name,
                               "-in", text.name], check=True, capture_output=True).stdout


def verify(public, message, signature):
    with _file(PUBLIC_PREFIX + public) as key, _file(message) as text, _file(signature) as blob:
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", key.name,
                               "-in", text.name, "-sigfile", blob.name], capture_output=True,
                              check=False).returncode == 0


# --- the tree ----------------------------------------------------------------------------------------------------

def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count):
    """The largest power of two that is less than count."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def inclusion_proof(index, leaves):
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion_proof(index, leaves[:k]) + [root(leaves[k:])]
    return inclusion_proof(index - k, leaves[k:]) + [root(leaves[:k])]


def consistency_proof(old, leaves, whole=True):
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return consistency_proof(old, leaves[:k], whole) + [root(leaves[k:])]
    return consistency_proof(old - k, leaves[k:], False) + [root(leaves[:k])]


def check_inclusion(leaf, index, size, proof, expected):
    """Rebuilds the root from the definition, from above: which half is the leaf in?"""
    def climb(i, n, rest):
        if n == 1:
            return leaf if not rest else None
        if not rest:
            return None
        k = split(n)
        below = climb(i, k, rest[:-1]) if i < k else climb(i - k, n - k, rest[:-1])
        if below is None:
            return None
        return node_hash(below, rest[-1]) if i < k else node_hash(rest[-1], below)
    return index < size and climb(index, size, proof) == expected


def check_consistency(old, old_root, size, new_root, proof):
    """Rebuilds both roots from the definition, from above."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == new_root

    def climb(m, n, rest, whole):
        if m == n:
            if whole:
                return (old_root, old_root) if not rest else None
            return (rest[0], rest[0]) if len(rest) == 1 else None
        if not rest:
            return None
        k = split(n)
        if m <= k:
            both = climb(m, k, rest[:-1], whole)
            return both and (both[0], node_hash(both[1], rest[-1]))
        both = climb(m - k, n - k, rest[:-1], False)
        return both and (node_hash(rest[-1], both[0]), node_hash(rest[-1], both[1]))
    return climb(old, size, proof, True) == (old_root, new_root)


# --- notes -------------------------------------------------------------------------------------------------------

def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64") from error
    if b64(data) != text:
        raise Refused("not canonical base64")
    return data


def key_hash(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name, kind, public):
    return f"{name}+{key_hash(name, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def parse_vkey(text):
    """Name and public key of a witness."""
    name, plus, rest = text.partition("+")
    digits, plus2, material = rest.partition("+")
    if not (name and plus and plus2) or re.search(r"\s", name) or not re.fullmatch("[0-9a-f]{8}", digits):
        raise Refused("not name+hash+key")
    data = unb64(material)
    if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
        raise Refused("not an Ed25519 key")
    if key_hash(name, data[0], data[1:]).hex() != digits:
        raise Refused("the hash is another key's")
    return name, data[1:]


def signature_line(name, hash_, signature):
    return f"{DASH}{name} {b64(hash_ + signature)}\n"


def parse_lines(text):
    lines = []
    if not text.endswith("\n"):
        raise Refused("cut off, or no signature")
    for line in text[:-1].split("\n"):
        name, space, blob = line[len(DASH):].partition(" ")
        if not line.startswith(DASH) or not name or not space:
            raise Refused("not a signature line")
        data = unb64(blob)
        if len(data) < 5:
            raise Refused("a signature is too short")
        lines.append((name, data[:4], data[4:]))
    return lines


def parse_note(note):
    """Text and signature lines."""
    if re.search("[\0-\x09\x0b-\x1f]", note):
        raise Refused("control characters")
    text, blank, lines = note.rpartition("\n\n")
    if not blank:
        raise Refused("no blank line")
    return text + "\n", parse_lines(lines)


def parse_checkpoint(text):
    """Origin, size and root of a note's text."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise Refused("not three lines")
    origin, size, hash_ = lines[:3]
    if not re.fullmatch("0|[1-9][0-9]*", size) or int(size) >= 1 << 64:
        raise Refused("the size is no number")
    if len(unb64(hash_)) != 32:
        raise Refused("the root is no hash")
    return origin, int(size), unb64(hash_)


def checkpoint_text(origin, size, root_):
    return f"{origin}\n{size}\n{b64(root_)}\n"


def sign_note(text, name, seed, public):
    return text + "\n" + signature_line(name, key_hash(name, ED25519, public), sign(seed, text.encode()))


def open_checkpoint(note, public):
    """The checkpoint, if the key signed it under its origin."""
    text, lines = parse_note(note)
    checkpoint = parse_checkpoint(text)
    for name, hash_, signature in lines:
        if name == checkpoint[0] and hash_ == key_hash(name, ED25519, public):
            if len(signature) == 64 and verify(public, text.encode(), signature):
                return checkpoint
            raise Refused("the signature does not hold")
    raise Refused("no signature by this key")


def cosigned_message(text, seconds):
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(text, name, seed, public, seconds):
    return signature_line(name, key_hash(name, COSIGNATURE, public),
                          seconds.to_bytes(8, "big") + sign(seed, cosigned_message(text, seconds)))


def cosignatures_on(note, known):
    """[(name, seconds)] of the witnesses in `known`, each once."""
    text, lines = parse_note(note)
    found = {}
    for name, hash_, blob in lines:
        for witness, public in known:
            if name != witness or hash_ != key_hash(name, COSIGNATURE, public):
                continue
            seconds = int.from_bytes(blob[:8], "big")
            if len(blob) != 72 or seconds > 253402300799 or not verify(public, cosigned_message(text, seconds), blob[8:]):
                raise Refused("a known witness' cosignature does not hold")
            found.setdefault((witness, public), (witness, seconds))
    return list(found.values())
