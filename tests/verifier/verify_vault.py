#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second verifier: checks a vault by docs/evidence-format.md alone.

Shares no code with sigilo. Needs Python's standard library and the `openssl` command.

    verify_vault.py [--fingerprint HEX] [--media DIRECTORY] [--since NOTE] EXPORT.db ...

With --since the vault must be the continuation of the checkpoint in that file ("since": {"relation", "size", "present"}).

With --media each sealed file in that directory is opened too (open_sealed.py beside this program); without it the
files are not looked at. EXPORT.db is a plain SQLite copy of vault.db, made by the stock `sqlcipher` program (docs/evidence-format.md,
"Opening"). Prints one JSON object a line for each: {"ok", "records", "vault", "fingerprint", "root", "problems":
[{"seq", "problem", "found"}], "remarks": [{"seq", "remark"}]}. Exit status: 0 all clean, 1 problems, 2 could not check.
"""
import argparse
import base64
import concurrent.futures
import datetime
import hashlib
import hmac
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

import open_sealed

KINDS = set("genesis key message edit revoke status media unrecognised line consent policy alert mail review access "
            "export hold release erasure config checkpoint gap clock service".split())
EVENT_KINDS = {"message", "edit", "revoke", "status", "line", "unrecognised"}
HEX64 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
EPOCH_START = datetime.datetime(1970, 1, 1)
MIN_TIME, MAX_TIME = -62135596800000000, 253402300799999999
DER_PREFIX = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of Ed25519 (RFC 8410)


class Invalid(Exception):
    """A body that its kind doesn't allow."""


class NewerVersion(Exception):
    """A body of a later version."""


# ---- RFC 8785, for values without fractions ---------------------------------------------------------------------

def canonical(value):
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        if abs(value) >= 2 ** 53:
            raise Invalid("number beyond 2^53")
        return str(value)
    if isinstance(value, str):
        short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
        return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"


def parse_canonical(text):
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise Invalid("a member stands twice")
        return dict(pairs)

    def refuse(what):
        raise Invalid(f"a number that is no integer: {what}")

    try:
        value = json.loads(text, object_pairs_hook=members, parse_float=refuse, parse_constant=refuse)
        if canonical(value).encode() != text.encode():
            raise Invalid("not canonical")
    except (ValueError, RecursionError) as error:
        raise Invalid(f"no JSON text: {error}") from error
    if not isinstance(value, dict):
        raise Invalid("no object")
    return value


# ---- Bodies -----------------------------------------------------------------------------------------------------

def is_text(value):
    return isinstance(value, str)


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_hex(value):
    return is_text(value) and HEX64.fullmatch(value) is not None


def is_time(value):
    return is_text(value) and TIME.fullmatch(value) is not None and micros(value) is not None


def texts(value):
    return isinstance(value, list) and all(map(is_text, value))


def numbers(value):
    return isinstance(value, list) and all(map(is_number, value))


def pairs(value):
    return isinstance(value, list) and all(isinstance(p, list) and len(p) == 2 and numbers(p) for p in value)


def one_of(*words):
    return lambda value: value in words


SCHEMAS = {
    "genesis": {"created": is_time, "firm": is_text, "public_key": is_hex, "recovery_public_key": is_hex,
                "version": is_text},
    "checkpoint": {"note": is_text},
    "alert": {"category": is_text, "content": is_text, "message": is_number, "policies": is_text, "policy": is_text,
              "recipients": texts, "rule": is_text, "rules": texts, "severity": one_of("low", "medium", "high"),
              "spans": pairs, "team": is_text, "words": texts},
    "mail": {"alerts": numbers, "attempt": is_number, "message": is_number, "message_id": is_text,
             "outcome": one_of("sent", "deferred", "failed"), "recipient": is_text, "reply": is_text},
    "clock": {"behind_us": is_number, "clock": is_time, "event": one_of("behind")},
}


def check_members(body, required, optional=frozenset()):
    if not required <= body.keys() or not body.keys() <= required | optional:
        raise Invalid("members")


def check_key_body(body, _):
    check_version(body)
    check_members(body, {"epoch", "public_key", "v"}, {"by"})
    if not is_number(body["epoch"]) or not is_hex(body["public_key"]) or body.get("by", "recovery") != "recovery":
        raise Invalid("a member of another type")


LOSSES = ("gone", "unreachable", "other-bytes", "too-large", "erased")


def check_media_body(body, _):
    check_version(body)
    stored = body.get("outcome") == "stored"
    check_members(body, {"declared", "message", "outcome", "v"} | ({"sha256", "size", "sniffed"} if stored else {"loss"}),
                  {"reason"})
    if body["outcome"] not in ("stored", "lost") or not is_text(body["declared"]) or not is_number(body["message"]) \
            or not is_text(body.get("reason", "x")) or body.get("reason") == "":
        raise Invalid("a member of another type")
    if not stored and body["loss"] not in LOSSES:
        raise Invalid("a member of another type")
    if stored and not (is_hex(body["sha256"]) and is_number(body["size"]) and is_text(body["sniffed"])):
        raise Invalid("a member of another type")


def check_gap_body(body, seq):
    if body.get("event") == "history-chunk-missing":
        check_version(body)
        check_members(body, {"chunk", "event", "line", "phase", "v"})
        good = is_number(body["chunk"]) and is_number(body["phase"]) and is_text(body["line"])
    elif body.get("event") == "unseen":
        check_version(body)
        check_members(body, {"event", "how", "provider_id", "record", "v"}, {"line", "party"})
        good = is_text(body["how"]) and is_text(body["provider_id"]) and is_number(body["record"]) and \
            body["record"] < seq and all(is_text(body.get(m, "x")) and body.get(m) != "" for m in ("line", "party"))
    else:
        return check_other(body)
    if not good:
        raise Invalid("a member of another type")
    return None


def check_service_body(body, seq):
    if body.get("event") == "anchored":
        check_version(body)
        check_members(body, {"anchor", "checkpoint", "event", "note_sha256", "proof", "v", "where"})
        if body["anchor"] not in ("directory", "rfc3161", "witness", "mail") or not is_number(body["checkpoint"]) or \
                not is_hex(body["note_sha256"]) or not is_text(body["proof"]) or not is_text(body["where"]) or \
                body["checkpoint"] >= seq:
            raise Invalid("a member of another type")
        return None
    if body.get("event") != "reread":
        return check_other(body)
    check_version(body)
    check_members(body, {"delivery", "event", "records", "v", "version"})
    if not is_number(body["delivery"]) or not is_text(body["version"]) or not numbers(body["records"]) or \
            not body["records"] or max(body["records"]) >= seq:
        raise Invalid("a member of another type")
    return None


def check_other(body):
    if "v" in body:
        check_version(body)


def check_version(body):
    version = body.get("v", 0)
    if isinstance(version, int) and not isinstance(version, bool) and version > 1:
        raise NewerVersion
    if version != 1 or version is True:
        raise Invalid("version")


def micros(text):
    try:
        moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return None
    return (moment - EPOCH_START) // datetime.timedelta(microseconds=1)


def only_strings(value):
    if isinstance(value, dict):
        return all(map(only_strings, value.values()))
    if isinstance(value, list):
        return all(map(only_strings, value))
    return is_text(value)


def check_event_body(body):
    optional = {"about", "line", "provider_id", "reply_to", "text", "via"}
    required = {"content", "delivery", "direction", "party", "received", "source", "type", "v"}
    others = {"details", "sent", "payload", "payload_base64"}
    if not required <= body.keys() or not body.keys() <= required | optional | others:
        raise Invalid("members")
    if not all(is_text(body[m]) and body[m] for m in optional & body.keys()):
        raise Invalid("an empty member")
    if not (is_hex(body["content"]) and body["direction"] in ("in", "out") and is_time(body["received"])
            and is_text(body["source"]) and is_text(body["type"])):
        raise Invalid("a member of another type")
    if body.get("via", "app") not in ("app", "history"):
        raise Invalid("via")
    if "sent" in body and (not is_time(body["sent"]) or micros(body["sent"]) == 0):
        raise Invalid("sent")
    if "details" in body and (not isinstance(body["details"], dict) or not body["details"]):
        raise Invalid("details")
    party = body["party"]
    if not isinstance(party, dict) or not party.keys() <= {"name", "number", "user_id"} or not only_strings(party) \
            or not all(party.values()):
        raise Invalid("party")
    delivery = body["delivery"]
    if not isinstance(delivery, dict) or delivery.keys() != {"length", "offset", "sha256"} \
            or not is_number(delivery["length"]) or not is_number(delivery["offset"]) or not is_hex(delivery["sha256"]):
        raise Invalid("delivery")
    if len(payload_of(body)) != delivery["length"]:
        raise Invalid("payload of another length")


def payload_of(body):
    if ("payload" in body) == ("payload_base64" in body):
        raise Invalid("one payload")
    if "payload" in body:
        if not is_text(body["payload"]):
            raise Invalid("payload")
        return body["payload"].encode()
    try:
        data = base64.b64decode(body["payload_base64"], validate=True)
        if base64.b64encode(data).decode() != body["payload_base64"]:
            raise ValueError("not the canonical base64")
    except (ValueError, TypeError) as error:
        raise Invalid("payload_base64") from error
    try:
        data.decode()
    except UnicodeDecodeError:
        return data
    raise Invalid("payload_base64 of text")


def read_body(kind, text, seq=0):
    body = parse_canonical(text)
    if kind in EVENT_KINDS:
        if isinstance(body.get("v"), int) and body["v"] > 1:
            raise NewerVersion
        check_version(body)
        check_event_body(body)
    elif kind in SCHEMAS:
        check_version(body)
        schema = SCHEMAS[kind]
        if body.keys() != schema.keys() | {"v"}:
            raise Invalid("members")
        for member, accepts in schema.items():
            if not accepts(body[member]):
                raise Invalid(member)
    else:
        {"key": check_key_body, "media": check_media_body, "gap": check_gap_body, "service": check_service_body}.get(
            kind, lambda other, _: check_other(other))(body, seq)
    return body


# ---- What follows from an event ---------------------------------------------------------------------------------

def id_key(provider_id):
    """First 8 bytes of the SHA-256, a signed number; 0 for none."""
    if not provider_id:
        return 0
    return int.from_bytes(hashlib.sha256(provider_id.encode()).digest()[:8], "big", signed=True)


def normal_number(text):
    """E.164 with +, or "" ("Persons")."""
    match = re.fullmatch(r"(?:whatsapp:)? *\+?([0-9 .()-]*)", text)
    digits = re.sub("[^0-9]", "", match[1]) if match else ""
    if not 7 <= len(digits) <= 15 or digits[0] == "0":
        return ""
    if len(digits) == 12 and digits.startswith("55") and digits[4] >= "6":
        digits = digits[:4] + "9" + digits[4:]
    elif len(digits) == 12 and digits.startswith("54") and digits[2] != "9":
        digits = "549" + digits[2:]
    elif len(digits) == 13 and digits.startswith("521"):
        digits = "52" + digits[3:]
    return "+" + digits


def identities_of(kind, body):
    party, details = body["party"], body.get("details", {})
    number, user = party.get("number", ""), party.get("user_id", "")
    found = [(number, user)]
    if kind == "message" and body["type"] == "system":
        inner, before, after = details.get("system"), "previous_user_id", "user_id"
    elif kind == "line" and body["type"].startswith("user_id_update"):
        inner, before, after = details.get("user_id"), "previous", "current"
    else:
        inner = None
    if isinstance(inner, dict):
        def text(member):
            return inner[member] if is_text(inner.get(member)) else ""
        if kind == "message":
            found += [(number, normal_number(text("wa_id"))), (number, normal_number(text("new_wa_id")))]
        found.append((text(before) or user, text(after)))
    return [pair for pair in found if pair[0] and pair[1] and pair[0] != pair[1]]


def names_a_file(kind, body):
    media = body.get("details", {}).get("media") if kind in ("message", "edit") else None
    return isinstance(media, dict) and is_text(media.get("id")) and media["id"] != ""


# ---- Checkpoints (C2SP signed-note and tlog-checkpoint) -----------------------------------------------------------

def parse_checkpoint(note):
    """(signed text, (origin, size, root), [(name, key id and signature)]). Raises Invalid."""
    try:
        text = note.decode()
    except UnicodeDecodeError as error:
        raise Invalid("not UTF-8") from error
    body, blank, lines = text.rpartition("\n\n")
    if len(note) > 65536 or re.search(r"[\x00-\x09\x0b-\x1f]", text) or not blank or not lines.endswith("\n"):
        raise Invalid("no signed note")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = re.fullmatch("\u2014 ([^ ]+) ([A-Za-z0-9+/]+=*)", line)
        try:
            blob = base64.b64decode(parts[2], validate=True) if parts else b""
        except ValueError:
            blob = b""
        if len(blob) < 5:
            raise Invalid("no signature line")
        signatures.append((parts[1], blob))
    says = body.split("\n")
    if len(signatures) > 64 or len(says) < 3 or "" in says or not re.fullmatch("0|[1-9][0-9]{0,19}", says[1]) or \
            not re.fullmatch("[A-Za-z0-9+/]{43}=", says[2]):
        raise Invalid("no checkpoint")
    if int(says[1]) >= 2 ** 64:
        raise Invalid("no checkpoint")
    return body + "\n", (says[0], int(says[1]), base64.b64decode(says[2])), signatures


# ---- Signatures -------------------------------------------------------------------------------------------------

class Signatures:
    """Ed25519 by `openssl pkeyutl`, several at once, each only once."""

    def __init__(self, directory):
        self.directory = directory
        self.known = {}

    def file(self, content):
        path = os.path.join(self.directory, hashlib.sha256(content).hexdigest())
        if not os.path.exists(path):
            temporary = f"{path}.{os.urandom(6).hex()}"
            with open(temporary, "wb") as out:
                out.write(content)
            os.rename(temporary, path)
        return path

    def holds(self, key, message, signature):
        what = (key, message, signature)
        if what not in self.known:
            if not message or len(signature) != 64:
                self.known[what] = False
            else:
                self.known[what] = subprocess.run(
                    ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                     self.file(DER_PREFIX + key), "-in", self.file(message), "-sigfile", self.file(signature)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        return self.known[what]

    def learn(self, questions):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            list(pool.map(lambda question: self.holds(*question), questions))


# ---- The tree ---------------------------------------------------------------------------------------------------

def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_hash(hashes):
    """RFC 6962, 2.1, over 2^n hashes."""
    while len(hashes) > 1:
        hashes = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class Edge:
    """Complete subtrees of a growing tree, largest first."""

    def __init__(self):
        self.trees = []  # (number of leaves, hash)
        self.lost = False

    def size(self):
        return sum(leaves for leaves, _ in self.trees)

    def append(self, leaf):
        self.trees.append((1, leaf))
        while len(self.trees) > 1 and self.trees[-1][0] == self.trees[-2][0]:
            (count, right), (_, left) = self.trees.pop(), self.trees.pop()
            self.trees.append((2 * count, node(left, right)))

    def root(self):
        if not self.trees:
            return hashlib.sha256(b"").digest()
        result = self.trees[-1][1]
        for _, left in reversed(self.trees[:-1]):
            result = node(left, result)
        return result


class Tiles:
    def __init__(self, rows):
        self.rows = {}
        for key, hashes in rows:
            whole = len(hashes) // 32 * 32
            self.rows[(key >> 48, key & (1 << 48) - 1)] = [hashes[i:i + 32] for i in range(0, whole, 32)][:256]

    def leaf(self, seq):
        tile = self.rows.get((0, seq // 256), [])
        return tile[seq % 256] if seq % 256 < len(tile) else None

    def edge(self, size):
        """The complete subtrees of the first `size` leaves as the tiles keep them; None where they don't."""
        edge, before = Edge(), 0
        for bit in range(size.bit_length() - 1, -1, -1):
            if size >> bit & 1:
                level, count = bit // 8, 1 << bit % 8
                first = before >> 8 * level
                part = self.rows.get((level, first // 256), [])[first % 256:first % 256 + count]
                if len(part) < count:
                    return None
                edge.trees.append((1 << bit, tree_hash(part)))
                before += 1 << bit
        return edge


# ---- The vault --------------------------------------------------------------------------------------------------

class Vault:
    def __init__(self, path, signatures, media, note=None):
        self.signatures = signatures
        self.media = media
        self.note = note
        self.walked = []  # the leaves that the tree went on with
        self.problems, self.remarks = [], []
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        # Text that is no UTF-8 must not end the check: it reads as something that nothing equals.
        self.database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")

    def rows(self, sql):
        return self.database.execute(sql).fetchall()

    def problem(self, seq, name, found=""):
        self.problems.append({"seq": seq, "problem": name, "found": str(found)})

    def verify(self, fingerprint):
        vault_rows = self.rows("SELECT uuid, created, fingerprint FROM vault")
        self.uuid = vault_rows[0][0] if len(vault_rows) == 1 else ""
        self.records = {}
        for row in self.rows("SELECT seq, time, kind, epoch, root, commitment, signature, salt, body FROM record"):
            if row[0] < 0:
                self.problem(None, "record-surplus", row[0])
            else:
                self.records[row[0]] = row[1:]
        self.count = len(self.records)
        self.end = max(self.records, default=-1) + 1
        self.tiles = Tiles(self.rows("SELECT id, hashes FROM tile"))
        self.tile_count = self.rows("SELECT count(*) FROM tile")[0][0]
        self.edge = Edge()
        self.fingerprint = self.leaf(0).hex() if 0 in self.records and self.leaf(0) else ""
        if not self.count and not self.problems:
            self.problem(None, "empty-vault")
        elif self.is_another():
            self.problem(None, "vault-altered")
        else:
            self.learn_signatures()
            self.walk()
            self.check_vault_row(vault_rows)
            self.check_tiles()
            self.check_listed()
            self.check_epochs()
            self.check_deliveries()
            self.check_event_tables()
            self.check_identities()
            self.check_reread()
            self.check_media()
            if fingerprint and fingerprint != self.fingerprint:
                self.problem(0, "fingerprint-mismatch", self.fingerprint)
        since = None if self.note is None else self.compare_checkpoint()
        self.problems.sort(key=lambda p: (-1 if p["seq"] is None else p["seq"]))
        report = {"ok": not self.problems, "records": self.count, "vault": self.uuid, "fingerprint": self.fingerprint,
                  "root": "" if self.edge.lost else self.edge.root().hex(), "problems": self.problems,
                  "remarks": self.remarks}
        if since:
            report["ok"] = report["ok"] and since["relation"] == "consistent"
            report["since"] = since
        return report

    # -- a checkpoint that somebody kept

    def compare_checkpoint(self):
        said = {"relation": "no-checkpoint", "size": None, "present": self.end}
        try:
            text, (origin, size, root), signatures = parse_checkpoint(self.note)
        except Invalid:
            return said
        said["size"] = size
        if origin != f"sigilo/{self.uuid}":
            return said | {"relation": "another-vault"}
        signer, holds = self.signer_of(origin, text, signatures)
        if signer is None:
            relation = "unknown-key"
        elif not holds:
            relation = "bad-signature"
        elif signer and size <= self.named[signer][1] or \
                any(epoch > signer and size > first for epoch, (_, first) in self.named.items()):
            relation = "wrong-epoch"
        elif size > self.end:
            relation = "rolled-back" if self.end_is_whole() else "truncated"
        else:
            relation = "consistent" if self.root_over(size) == root else "fork"
        return said | {"relation": relation}

    def signer_of(self, origin, text, signatures):
        """The epoch whose key stands on a line, and whether its signature holds: a line that holds counts more."""
        found = None
        for name, blob in signatures:
            for epoch, (key, _) in sorted(getattr(self, "named", {}).items()):
                if name == origin and blob[:4] == hashlib.sha256(f"{origin}\n".encode() + b"\1" + key).digest()[:4]:
                    if self.signatures.holds(key, text.encode(), blob[4:]):
                        return epoch, True
                    found = epoch
        return found, False

    def root_over(self, size):
        if size > len(self.walked):
            edge = self.tiles.edge(size)
            return edge and edge.root()
        edge = Edge()
        for leaf in self.walked[:size]:
            edge.append(leaf)
        return edge.root()

    def end_is_whole(self):
        last_delivery = max(self.runs, default=self.end)
        return not any(
            p["problem"] in ("empty-vault", "tile-surplus", "epoch-surplus", "file-surplus", "index-altered",
                             "index-surplus")
            if p["seq"] is None else
            p["seq"] + 1 >= self.end or p["problem"] == "delivery-altered" and p["seq"] >= last_delivery
            for p in self.problems)

    # -- one record

    def is_shaped(self, seq):
        time, _, epoch, root, commitment, signature = self.records[seq][:6]
        return (seq < 2 ** 53 and isinstance(time, int) and MIN_TIME <= time <= MAX_TIME
                and isinstance(epoch, int) and 0 <= epoch < 2 ** 53
                and all(isinstance(b, bytes) and len(b) == size
                        for b, size in ((root, 32), (commitment, 32), (signature, 64))))

    def header(self, seq):
        time, kind, epoch, root, commitment = self.records[seq][:5]
        moment = EPOCH_START + datetime.timedelta(microseconds=time)
        return (canonical({
            "body": commitment.hex(), "epoch": epoch, "kind": kind, "root": root.hex(), "seq": seq,
            "time": f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}.{moment.microsecond:06}Z", "type": "sigilo.record.v1",
            "vault": self.uuid}) + "\n").encode("utf-8", "surrogateescape")

    def leaf(self, seq):
        if self.records[seq][1] not in KINDS or not self.is_shaped(seq):
            return None
        return hashlib.sha256(b"\0" + self.header(seq) + base64.b64encode(self.records[seq][5]) + b"\n").digest()

    def body_agrees(self, seq):
        commitment, salt, body = self.records[seq][4], *self.records[seq][6:8]
        return (isinstance(salt, bytes) and len(salt) == 32 and isinstance(body, str) and
                hmac.digest(salt, body.encode("utf-8", "surrogateescape"), "sha256") == commitment)

    def signed(self, seq, key):
        return self.signatures.holds(key, self.header(seq), self.records[seq][5])

    def recovered(self, seq):
        """A key record by the recovery key."""
        key = self.first_key("recovery_public_key")
        return key is not None and self.records[seq][1] == "key" and self.signed(seq, key)

    def first_key(self, member="public_key"):
        if 0 not in self.records or not self.leaf(0) or self.records[0][1] != "genesis" or not self.body_agrees(0):
            return None
        try:
            return bytes.fromhex(read_body("genesis", self.records[0][7])[member])
        except (Invalid, NewerVersion):
            return None

    def is_another(self):
        if not {0, 1} <= self.records.keys() or not self.leaf(0) or not self.leaf(1):
            return False
        key = self.first_key()
        return key is not None and not self.signed(0, key) and not self.signed(1, key) and not self.recovered(1)

    def learn_signatures(self):
        """Asks all questions that are likely to come up at once. What the guess misses is asked later."""
        key, questions = self.first_key(), []
        for seq in sorted(self.records):
            if key and self.leaf(seq):
                questions.append((key, self.header(seq), self.records[seq][5]))
            if self.records[seq][1] == "key":
                try:
                    key = bytes.fromhex(read_body("key", self.records[seq][7])["public_key"])
                except (Invalid, NewerVersion, TypeError, AttributeError):
                    pass
        self.signatures.learn(questions)

    # -- all records

    def walk(self):
        self.epoch, self.key, self.key_reported = 0, self.first_key(), False
        self.after_doubt = self.explained = False
        self.last_time = None
        self.pending = None
        self.altered_tiles, self.bare_tiles = None, None
        self.sound = {}     # seq -> body, of records whose body is what was sealed and readable
        self.excused = set()
        self.named = {}     # epoch -> (key, number of the record that names it)
        self.events = {row[0]: row[1:] for row in self.rows(
            "SELECT e.seq, e.sent, e.content, c.line, c.party, e.delivery, e.id, e.about, c.first"
            " FROM event e LEFT JOIN conversation c ON c.id = e.conversation")}
        self.run = None         # the delivery that records come from at the moment: (what they say of it, its number)
        self.runs = {}          # number -> what sound records say
        self.named_files = set()
        self.outcomes = {}      # message -> (number of its media record, what that says)
        self.last_event = -1    # the last record that said where it came from
        self.event_doubts = set()
        expected = 0
        for seq in sorted(self.records):
            if seq > expected:
                self.gap(expected, seq)
            expected = seq + 1
            self.step(seq)
        self.settle(True)
        end = self.end
        while self.tiles.leaf(end):
            end += 1
        self.tail_missing = end > self.end
        if self.tail_missing:
            self.problem(self.end, "record-missing", f"to {end - 1}")
        self.known_end = end

    def append(self, seq, leaf):
        if len(self.walked) == seq:
            self.walked.append(leaf)
        if self.edge.size() == seq:
            self.edge.append(leaf)
        else:
            self.edge.lost = True

    def gap(self, first, end):
        self.problem(first, "record-missing", f"to {end - 1}")
        self.after_doubt = self.explained = True
        for seq in range(first, end):
            leaf = self.tiles.leaf(seq)
            if leaf is None:
                break
            self.append(seq, leaf)

    def doubt(self, seq):
        self.after_doubt = self.explained = True
        self.excused.add(seq)

    def step(self, seq):
        kind = self.records[seq][1]
        leaf, stored = self.leaf(seq), self.tiles.leaf(seq)
        if leaf is None:
            self.problem(seq, "unknown-kind" if kind not in KINDS else "record-altered", kind)
            self.doubt(seq)
            if stored:
                self.append(seq, stored)
            return
        if not self.judge(seq, leaf, stored):
            return self.doubt(seq)
        time, _, epoch = self.records[seq][:3]
        if epoch != self.epoch:
            self.problem(seq, "epoch-mismatch", epoch)
        if self.last_time is not None and time < self.last_time:
            self.problem(seq, "time-backwards", time)
        self.last_time = time if self.last_time is None else max(time, self.last_time)
        self.check_body(seq)
        self.after_doubt = False

    def judge(self, seq, leaf, stored):
        differs = stored is not None and stored != leaf
        if self.after_doubt and stored == leaf and self.records[seq][2] == self.epoch + 1:
            self.succeed(None)
        if self.key is None and not self.key_reported:
            self.key_reported = True
            self.problem(seq, "key-unknown", self.epoch)
        sound = not differs if self.key is None else self.signed(seq, self.key)
        sound = sound or self.recovered(seq)
        if sound:
            self.check_root(seq)
        if self.key is not None and not sound and not differs:
            self.problem(seq, "signature-invalid")
        elif differs and not sound:
            self.problem(seq, "record-altered", leaf.hex())
        elif differs:
            self.pending = seq
        elif stored is None and self.bare_tiles != seq // 256:
            self.bare_tiles = seq // 256
            self.problem(seq, "tile-missing", seq // 256)
        self.append(seq, stored if differs and not sound else leaf)
        return sound

    def check_root(self, seq):
        root = self.records[seq][3]
        if not self.edge.lost and self.edge.size() == seq and self.edge.root() == root:
            self.settle(True)
            self.explained = False
            return
        if not self.edge.lost or seq % 256 == 0:
            self.edge.lost = True
            stored = self.tiles.edge(seq)
            if stored and stored.root() == root:
                self.edge = stored
                self.settle(False)
                self.explained = False
                return
        self.settle(True)
        if not self.explained:
            self.problem(seq, "root-mismatch")
        self.explained = True

    def settle(self, tile_is_wrong):
        seq, self.pending = self.pending, None
        if seq is None:
            return
        if not tile_is_wrong:
            self.problem(seq, "record-altered", "validly signed")
        elif self.altered_tiles != seq // 256:
            self.altered_tiles = seq // 256
            self.problem(seq, "tile-altered", self.tiles.leaf(seq).hex())

    def succeed(self, key):
        self.epoch += 1
        self.key, self.key_reported = key, False

    # -- what sound records say

    def check_body(self, seq):
        kind, salt, text = self.records[seq][1], *self.records[seq][6:8]
        if not isinstance(salt, bytes) or not isinstance(text, str):
            return self.unreadable(seq, "body-missing")
        if not self.body_agrees(seq):
            return self.unreadable(seq, "body-altered")
        try:
            if (seq == 0) != (kind == "genesis"):
                raise Invalid("record 0, and it alone, is the genesis record")
            body = read_body(kind, text, seq)
        except NewerVersion:
            return self.unreadable(seq, "unknown-version")
        except Invalid as why:
            return self.unreadable(seq, "body-invalid", why)
        self.sound[seq] = body
        if kind == "genesis":
            self.named[0] = (bytes.fromhex(body["public_key"]), seq)
        elif kind == "key":
            if body["epoch"] != self.epoch + 1:
                self.problem(seq, "body-invalid", "epoch")
                self.excused.add(seq)
            elif ("by" in body) != self.recovered(seq):
                self.problem(seq, "body-invalid", "by")
                self.excused.add(seq)
            else:
                if "by" in body:
                    self.remarks.append({"seq": seq, "remark": "recovered"})
                self.named[body["epoch"]] = (bytes.fromhex(body["public_key"]), seq)
            self.succeed(bytes.fromhex(body["public_key"]))
        elif kind == "checkpoint":
            self.check_checkpoint(seq, body["note"])
        elif kind == "alert":
            self.check_alert(seq, body)
        elif kind == "media":
            self.check_media_record(seq, body)
        elif kind == "service" and body.get("event") == "reread":
            self.run = None
        elif kind == "service" and body.get("event") == "anchored":
            self.check_anchor(seq, body)
        elif kind in EVENT_KINDS:
            self.check_event(seq, body)

    def unreadable(self, seq, name, why=""):
        self.problem(seq, name, why)
        self.excused.add(seq)
        if self.records[seq][1] == "key":
            self.succeed(None)

    def check_checkpoint(self, seq, note):
        root = self.records[seq][3]
        origin = f"sigilo/{self.uuid}"
        text, blank, signatures = note.rpartition("\n\n")
        lines = text.split("\n")
        good = (blank and lines[:3] == [origin, str(seq), base64.b64encode(root).decode()] and
                signatures.endswith("\n"))
        if good and self.key is not None:
            key_id = hashlib.sha256(f"{origin}\n".encode() + b"\1" + self.key).digest()[:4]
            good = False
            for line in signatures.splitlines():
                try:
                    dash, name, blob = line.split(" ")
                    blob = base64.b64decode(blob, validate=True)
                except ValueError:
                    break
                if dash == "\u2014" and name == origin and blob[:4] == key_id:
                    good = self.signatures.holds(self.key, (text + "\n").encode(), blob[4:])
                    break
        if not good:
            self.problem(seq, "checkpoint-mismatch", note)

    def check_anchor(self, seq, anchor):
        about = anchor["checkpoint"]
        if self.is_doubtful(about):
            return
        note = self.sound[about]["note"] if self.records[about][1] == "checkpoint" else None
        good = note is not None and hashlib.sha256(note.encode()).hexdigest() == anchor["note_sha256"]
        proves = {"rfc3161": self.stamps, "witness": self.cosigns}.get(anchor["anchor"], lambda a, _: a["proof"] == "")
        if not good or not proves(anchor, note):
            self.problem(seq, "body-invalid", "anchor")
            self.excused.add(seq)

    def stamps(self, anchor, _):
        """A signed token whose imprint is the note's SHA-256 (RFC 3161, section 2.4.2)."""
        try:
            token = base64.b64decode(anchor["proof"], validate=True)
        except ValueError:
            return False
        content = subprocess.run(["openssl", "cms", "-verify", "-noverify", "-inform", "DER"], input=token,
                                 capture_output=True, check=False)
        # MessageImprint: SEQUENCE of AlgorithmIdentifier SHA-256 (with or without NULL) and OCTET STRING.
        imprint = b"\x30[\x2f\x31]\x30[\x0b\x0d]\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01(?:\x05\x00)?\x04\x20(.{32})"
        found = re.search(imprint, content.stdout, re.S)
        return content.returncode == 0 and found is not None and found[1].hex() == anchor["note_sha256"] and \
            base64.b64encode(token).decode() == anchor["proof"]

    def cosigns(self, anchor, note):
        """A cosignature/v1 under the verifier key that the record names (C2SP tlog-cosignature)."""
        try:
            name, _, key = anchor["where"].split("+", 2)
            dash, signer, blob = anchor["proof"].removesuffix("\n").split(" ")
            public, blob = base64.b64decode(key, validate=True)[1:], base64.b64decode(blob, validate=True)
        except ValueError:
            return False
        key_id = hashlib.sha256(f"{name}\n".encode() + b"\4" + public).digest()[:4]
        if (dash, signer, blob[:4], len(blob)) != ("\u2014", name, key_id, 76):
            return False
        text = note.rpartition("\n\n")[0] + "\n"
        message = f"cosignature/v1\ntime {int.from_bytes(blob[4:12], 'big')}\n{text}".encode()
        return self.signatures.holds(public, message, blob[12:])

    def check_alert(self, seq, alert):
        about = alert["message"]
        if about >= seq:
            return self.problem(seq, "alert-mismatch", about)
        if self.is_doubtful(about):
            return None
        if self.records[about][1] not in EVENT_KINDS:
            return self.problem(seq, "alert-mismatch", self.records[about][1])
        try:
            message = read_body(self.records[about][1], self.records[about][7])
        except (Invalid, NewerVersion):
            return None
        text = message.get("text", "").encode()
        words = [word.encode() for word in alert["words"]]
        if message["content"] != alert["content"] or len(words) != len(alert["spans"]) or \
                any(begin > end or end > len(text) or text[begin:end] != word
                    for (begin, end), word in zip(alert["spans"], words)):
            self.problem(seq, "alert-mismatch")
        return None

    def check_event(self, seq, body):
        if names_a_file(self.records[seq][1], body):
            self.named_files.add(seq)
        delivery = self.delivery_of(seq, body)
        if seq not in self.events:
            self.event_doubts.add(seq)
            return self.problem(seq, "event-missing")
        party = body["party"]
        says = (micros(body["sent"]) // 1000000 if "sent" in body else 0, bytes.fromhex(body["content"])[:16],
                body.get("line", ""), party.get("number") or party.get("user_id") or "")
        *stands, first = self.events[seq]
        if tuple(stands) != says + (delivery, id_key(body.get("provider_id")), id_key(body.get("about"))) or \
                not isinstance(first, int) or first > seq:
            self.event_doubts.add(seq)
            self.problem(seq, "event-altered", self.events[seq])
        return None

    def delivery_of(self, seq, body):
        """The number of a delivery is that of the first record that came from it."""
        came = (body["delivery"]["sha256"], micros(body["received"]), body["source"])
        before, self.last_event = self.last_event, seq
        named = self.events.get(seq, (None,) * 5)[4]
        # A record that ends a run may be one that can't be relied on: then only the index row says so.
        torn = isinstance(named, int) and before < named <= seq and \
            any(map(self.is_doubtful, range(before + 1, seq)))
        if not self.run or self.run[0] != came or torn:
            doubtful = isinstance(named, int) and before < named < seq and \
                (named not in self.records or named in self.excused)
            self.run = (came, named if doubtful else seq)
            if not doubtful:
                self.runs[seq] = came
        return self.run[1]

    # -- other tables

    def check_vault_row(self, rows):
        genesis = self.sound.get(0)
        if genesis and [tuple(row[1:]) for row in rows] != [(self.records[0][0], bytes.fromhex(self.fingerprint))]:
            self.problem(None, "vault-altered", rows)

    def check_tiles(self):
        if self.tail_missing:
            return
        hashes, level, expected = self.end, 0, 0
        while hashes:
            expected += -(-hashes // 256)
            last = self.tiles.rows.get((level, (hashes - 1) // 256), [])
            if level and len(last) > hashes - (hashes - 1) // 256 * 256:
                self.problem((hashes - 1) << 8 * level, "tile-altered", "too long")
            hashes, level = hashes // 256, level + 1
        self.check_upper_tiles()
        if self.tile_count > expected:
            self.problem(None, "tile-surplus", self.tile_count)

    def check_upper_tiles(self):
        """Level by level: each complete tile gives one hash above. Doubtful ones below are no reason to doubt those."""
        believed, sure = [], []
        for seq in range(self.end):
            if seq not in self.records and not self.tiles.leaf(seq):
                break
            leaf = self.leaf(seq) if seq in self.records and seq not in self.excused else None
            sure.append(leaf is not None)
            believed.append(leaf or self.tiles.leaf(seq) or b"\0" * 32)
        level = 0
        while len(believed) >= 256:
            level += 1
            above, above_sure = [], []
            for first in range(0, len(believed) - 255, 256):
                position = first // 256
                mine, is_sure = tree_hash(believed[first:first + 256]), all(sure[first:first + 256])
                tile = self.tiles.rows.get((level, position // 256))
                stored = tile[position % 256] if tile and position % 256 < len(tile) else None
                if is_sure and stored != mine:
                    self.problem(position << 8 * level, "tile-missing" if tile is None else "tile-altered")
                above.append(mine if is_sure or stored is None else stored)
                above_sure.append(is_sure)
            believed, sure = above, above_sure

    def surplus(self, name, keys):
        beyond = False
        for key in sorted(keys):
            if key >= self.end and beyond:
                continue
            beyond = beyond or key >= self.end
            self.problem(key if key >= 0 else None, name)

    def is_excused(self, key):
        return 0 <= key < self.known_end and key not in self.records or key in self.excused

    def check_listed(self):
        kinds = {seq: row[1] for seq, row in self.records.items()}
        self.surplus("event-surplus", [s for s in self.events
                                       if kinds.get(s) not in EVENT_KINDS and not self.is_excused(s)])
        alerts = {row[0]: row[1:] for row in self.rows(
            "SELECT id, message, category, severity, rule, team, state FROM alert")}
        self.compare("alert", alerts, lambda b, _: (b["message"], b["category"], b["severity"], b["rule"],
                                                    b["team"], "open"))
        checkpoints = {row[0]: row[1:] for row in self.rows("SELECT seq, size, note FROM checkpoint")}
        self.compare("checkpoint", checkpoints, lambda b, seq: (seq, b["note"]))

    def check_event_tables(self):
        """The tables by which events are found repeat the rows of event before `upto`, and nothing else."""
        rows = self.rows("SELECT upto FROM event_indexed")
        upto = rows[0][0] if len(rows) == 1 else -1
        if not 0 <= upto <= self.known_end:
            self.problem(None, "index-altered", upto)
        ids = {row[0]: row[1:] for row in self.rows("SELECT seq, conversation, id, about FROM event")}
        kinds = {seq: row[1] for seq, row in self.records.items()}
        before = {seq: row for seq, row in self.events.items() if seq < upto}
        for table, says in (
                ("event_content", {(row[0], row[1], seq) for seq, row in before.items()}),
                ("event_conversation", {(seq >> 13, ids[seq][0], seq) for seq in before}),
                ("event_id", {(seq >> 16, key, seq) for seq in before for key in ids[seq][1:] if key})):
            stands = set(self.rows(f"SELECT * FROM {table}"))
            for name, wrong in (("index-surplus", stands - says),
                                ("index-missing", {row for row in says - stands if kinds.get(row[2]) in EVENT_KINDS})):
                seqs = sorted(row[2] for row in wrong if not self.is_tainted(row[2]))
                if seqs:
                    self.problem(seqs[0] if seqs[0] >= 0 else None, name, table)

    def first(self, name, seqs, found=""):
        if seqs:
            self.problem(min(seqs) if min(seqs) >= 0 else None, name, found)

    def check_identities(self):
        says = {}
        for seq, body in sorted(self.sound.items()):
            if self.records[seq][1] in EVENT_KINDS:
                for one, two in identities_of(self.records[seq][1], body):
                    says.setdefault((one, two), seq)
                    says.setdefault((two, one), seq)
        altered, surplus = [], []
        for name, other, seq in self.rows("SELECT name, other, seq FROM identity"):
            said = says.pop((name, other), None)
            if said is None and not self.is_marked(seq):
                surplus.append(seq)
            elif said is not None and said != seq and not self.is_marked(seq):
                altered.append(said)
        for name, seqs in (("missing", list(says.values())), ("altered", altered), ("surplus", surplus)):
            self.first(f"identity-{name}", seqs)

    def check_reread(self):
        says, altered, surplus = {}, [], []
        for seq, body in sorted(self.sound.items()):
            if self.records[seq][1] == "service" and body.get("event") == "reread":
                for read in body["records"]:
                    says.setdefault(read, seq)
        for seq, record in self.rows("SELECT seq, record FROM reread"):
            said = says.pop(seq, None)
            if said is None and not self.is_marked(record):
                surplus.append(seq)
            elif said is not None and said != record and not self.is_marked(record):
                altered.append(seq)
        for name, seqs in (("missing", list(says)), ("altered", altered), ("surplus", surplus)):
            self.first(f"reread-{name}", seqs)

    def check_media_record(self, seq, body):
        message = body["message"]
        fits = message in self.named_files and message not in self.outcomes
        if message >= seq or not fits and not self.is_doubtful(message):
            self.problem(seq, "media-mismatch", message)
        self.outcomes.setdefault(message, (seq, body))

    def check_media(self):
        rows = {row[0]: row[1:] for row in self.rows(
            "SELECT m.message, m.state, m.record, m.file, f.sha256, f.size"
            " FROM media m LEFT JOIN media_file f ON f.id = m.file")}
        self.first("media-missing", self.named_files - rows.keys())
        self.first("media-surplus", [m for m in rows.keys() - self.named_files if not self.is_marked(m)])
        self.first("media-altered", [m for m in rows.keys() & self.named_files if not self.media_fits(m, rows[m])])
        stored = {}
        for seq, body in sorted(self.sound.items()):
            if self.records[seq][1] == "media" and body["outcome"] == "stored":
                stored.setdefault(bytes.fromhex(body["sha256"]), (seq, body["size"]))
        whole = not self.excused and not self.event_doubts and len(self.records) == self.known_end
        for digest, path, key in self.rows("SELECT sha256, path, key FROM media_file"):
            if digest not in stored:
                if whole:
                    self.problem(None, "file-surplus")
            elif self.media:
                self.check_file(digest, path, key, *stored[digest])

    def media_fits(self, message, row):
        state, record, file, digest, size = row
        if message not in self.outcomes:
            return isinstance(record, int) and self.is_marked(record) or (state, record, file) == ("waiting", None, None)
        seq, body = self.outcomes[message]
        if (state, record) != (body["outcome"], seq):
            return False
        return file is None if state == "lost" else (digest, size) == (bytes.fromhex(body["sha256"]), body["size"])

    def check_file(self, digest, path, key, seq, size):
        full = os.path.join(self.media, path) if isinstance(path, str) else ""
        if not path or os.path.isabs(path) or ".." in path.split("/"):
            return self.problem(seq, "file-altered", "path")
        if not os.path.lexists(full):
            return self.problem(seq, "file-missing", path)
        if os.path.islink(full) or not os.path.isfile(full) or not isinstance(key, bytes) or len(key) != 32:
            return self.problem(seq, "file-altered", path)
        length, plain = 0, hashlib.sha256()
        try:
            with open(full, "rb") as sealed:
                for chunk in open_sealed.plain_of(key, sealed):
                    plain.update(chunk)
                    length += len(chunk)
        except open_sealed.Damaged as damage:
            return self.problem(seq, "file-altered", damage)
        if plain.digest() != digest or length != size:
            return self.problem(seq, "file-altered", path)
        return None

    def is_marked(self, seq):
        """Its record is missing or unsound, or its index row doubtful: nothing is held against rows about it."""
        return isinstance(seq, int) and self.is_tainted(seq)

    def is_tainted(self, seq):
        return self.is_excused(seq) or seq in self.event_doubts

    def compare(self, kind, rows, says):
        for seq, body in self.sound.items():
            if self.records[seq][1] == kind:
                if seq not in rows:
                    self.problem(seq, f"{kind}-missing")
                elif rows[seq] != says(body, seq):
                    self.problem(seq, f"{kind}-altered", rows[seq])
        self.surplus(f"{kind}-surplus", [key for key in rows if not self.is_excused(key) and
                                         (key not in self.records or self.records[key][1] != kind)])

    def check_epochs(self):
        rows = {row[0]: row[1:] for row in self.rows("SELECT number, public_key, first FROM epoch ORDER BY number")}
        for number, says in self.named.items():
            if number not in rows:
                self.problem(says[1], "epoch-missing", number)
            elif rows[number] != says:
                self.problem(says[1], "epoch-altered", rows[number])
        surplus = [number for number, (_, first) in rows.items()
                   if number not in self.named and not (isinstance(first, int) and self.is_excused(first))
                   and first not in self.event_doubts]
        if surplus:
            self.problem(None, "epoch-surplus", surplus[0])

    def check_deliveries(self):
        rows = {row[0]: row[1:] for row in self.rows(
            "SELECT id, digest, received, source, signature, rest, partial FROM delivery")}
        inside = sorted(key for key in rows if 0 <= key < self.end)
        self.surplus("delivery-surplus", [key for key in rows if not 0 <= key < self.known_end])
        for number, end in zip(inside, inside[1:] + [self.known_end]):
            self.check_delivery(number, end, rows[number])
        for number in self.runs.keys() - rows.keys():
            self.problem(number, "delivery-missing")

    def is_doubtful(self, seq):
        return seq not in self.records or seq in self.excused or seq in self.event_doubts

    def check_delivery(self, number, end, row):
        digest, received, source, signature, rest, partial = row
        if number not in self.runs:
            if not self.is_doubtful(number):
                self.problem(number, "delivery-surplus")
            return
        altered = (digest.hex(), received, source) != self.runs[number] or \
            not re.fullmatch("(sha256=[0-9a-fA-F]{64})?", signature)
        if not altered and not any(self.is_doubtful(seq) for seq in range(number, end)):
            raw = self.put_together(number, end, rest)
            altered = (hashlib.sha256(raw).digest() == digest) == bool(partial)
        if altered:
            self.problem(number, "delivery-altered")

    def put_together(self, number, end, rest):
        bodies = [self.sound[s] for s in range(number, end)
                  if self.records[s][1] in EVENT_KINDS and self.events[s][4] == number]
        pieces = sorted(((b["delivery"]["offset"], payload_of(b)) for b in bodies), key=lambda p: (p[0], -len(p[1])))
        raw = b""
        for offset, piece in pieces:
            between = offset - len(raw)
            if 0 <= between <= len(rest):
                raw += rest[:between] + piece
                rest = rest[between:]
        return raw + rest


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--fingerprint")
    arguments.add_argument("--media")
    arguments.add_argument("--since")
    arguments.add_argument("exports", nargs="+")
    options = arguments.parse_args()
    note = None
    if options.since:
        with open(options.since, "rb") as file:
            note = file.read()
    worst = 0
    with tempfile.TemporaryDirectory() as directory:
        signatures = Signatures(directory)
        for export in options.exports:
            try:
                report = Vault(export, signatures, options.media, note).verify(options.fingerprint)
            except sqlite3.Error as error:
                report = {"ok": False, "error": str(error), "problems": []}
            worst = max(worst, 0 if report["ok"] else 2 if "error" in report else 1)
            print(json.dumps(report))
    sys.exit(worst)


if __name__ == "__main__":
    main()
