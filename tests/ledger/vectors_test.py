#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The vectors under tests/vectors/ledger, good and bad, against a reader that shares no code with sigilo (standard
library and `openssl`). tests/ledger/vectors_test.cpp holds sigilo against the same files.

With --write the vectors are made anew; a test says if they differ from what this program makes."""
import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import tlog  # noqa: E402  pylint: disable=wrong-import-position

VECTORS = ROOT / "tests/vectors/ledger"
VAULT = "sigilo/0b0e2c1e-6a1f-4b47-9a63-0f0e2d1c3b4a"
REFUSED = "refused"
SEED, OTHER_SEED, WITNESS_SEED, SECOND_SEED = (bytes([n]) * 32 for n in (1, 2, 7, 8))
WITNESS, SECOND = "witness.example/w1", "second.example"
TIME = 1679315147
# The example that tlog-cosignature prints names its keys nowhere; Go's sumdb/note documents this one.
GO_KEY = tlog.unb64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def leaves(count):
    return [tlog.leaf_hash(f"record {i}".encode()) for i in range(count)]


def checkpoint_vectors():
    public, other = tlog.public_key(SEED), tlog.public_key(OTHER_SEED)
    text = tlog.checkpoint_text(VAULT, 70, tlog.root(leaves(70)))
    note = tlog.sign_note(text, VAULT, SEED, public)
    signed = {"origin": VAULT, "size": 70, "root": tlog.root(leaves(70)).hex()}

    def case(name, text, expected=REFUSED, key=public):
        return {"name": name, "input": {"note": text, "public_key": key.hex()}, "expected": expected}

    def own(text):
        return tlog.sign_note(text, VAULT, SEED, public)
    empty = tlog.checkpoint_text(VAULT, 0, tlog.root([]))
    hash_ = tlog.b64(tlog.root(leaves(70)))
    cosigned = note + tlog.cosign(text, WITNESS, WITNESS_SEED, tlog.public_key(WITNESS_SEED), TIME)
    return [
        case("signed by the vault", note, signed),
        case("of an empty vault", own(empty), {"origin": VAULT, "size": 0, "root": tlog.root([]).hex()}),
        case("with a witness' line after ours", cosigned, signed),
        case("with an unknown key's line of our name before ours",
             text + "\n" + tlog.sign_note(text, VAULT, OTHER_SEED, other)[len(text) + 1:] + note[len(text) + 1:], signed),
        case("with a signed extension line", own(text + "an extension\n"), signed),
        case("checked with another key", note, key=other),
        case("size altered", note.replace("\n70\n", "\n71\n")),
        case("root altered", note.replace(hash_, tlog.b64(tlog.root(leaves(69))))),
        case("origin altered", note.replace("0b0e", "0b0f")),
        case("extension added", note.replace("\n\n", "\nmore\n\n")),
        case("signature line removed", text + "\n"),
        case("signature cut", note[:-6] + "\n"),
        case("last line feed missing", note[:-1]),
        case("carriage returns", note.replace("\n", "\r\n")),
        case("hyphen for the dash", note.replace("\u2014", "-")),
        case("signed, with a leading zero", own(text.replace("\n70\n", "\n070\n"))),
        case("signed, with a negative size", own(text.replace("\n70\n", "\n-70\n"))),
        case("signed, with a size of 2^64", own(text.replace("\n70\n", f"\n{1 << 64}\n"))),
        case("signed, with a root of 31 bytes", own(text.replace(hash_, tlog.b64(bytes(31))))),
        case("signed, without origin", own(text[len(VAULT):])),
        case("signed, with an empty line", own(text + "\nmore\n")),
    ]


def cosignature_vectors():
    public, witness, second = (tlog.public_key(seed) for seed in (SEED, WITNESS_SEED, SECOND_SEED))
    text = tlog.checkpoint_text(VAULT, 70, tlog.root(leaves(70)))
    note = tlog.sign_note(text, VAULT, SEED, public)
    first = tlog.vkey(WITNESS, tlog.COSIGNATURE, witness)
    both = [first, tlog.vkey(SECOND, tlog.COSIGNATURE, second)]
    line = tlog.cosign(text, WITNESS, WITNESS_SEED, witness, TIME)
    later = tlog.cosign(text, WITNESS, WITNESS_SEED, witness, TIME + 60)
    two = tlog.cosign(text, SECOND, SECOND_SEED, second, TIME + 1)
    _, hash_, blob = tlog.parse_lines(line)[0]
    redated = tlog.signature_line(WITNESS, hash_, (TIME + 1).to_bytes(8, "big") + blob[8:])
    plain = tlog.signature_line(WITNESS, hash_, blob[:8] + tlog.sign(WITNESS_SEED, text.encode()))
    other_text = tlog.checkpoint_text(VAULT, 69, tlog.root(leaves(69)))
    of_other = tlog.cosign(other_text, WITNESS, WITNESS_SEED, witness, TIME)
    forged = tlog.signature_line(WITNESS, hash_, tlog.parse_lines(
        tlog.cosign(text, WITNESS, SECOND_SEED, second, TIME))[0][2])
    far = tlog.cosign(text, WITNESS, WITNESS_SEED, witness, 1 << 62)

    def case(name, note, witnesses, expected=REFUSED):
        return {"name": name, "input": {"note": note, "witnesses": witnesses}, "expected": expected}

    def by(*pairs):
        return [{"witness": name, "time": time} for name, time in pairs]
    return [
        case("none", note, both, []),
        case("one", note + line, [first], by((WITNESS, TIME))),
        case("one, its key published as of type 0x01", note + line, [tlog.vkey(WITNESS, tlog.ED25519, witness)],
             by((WITNESS, TIME))),
        case("two", note + line + two, both, by((WITNESS, TIME), (SECOND, TIME + 1))),
        case("before the vault's own", text + "\n" + two + note[len(text) + 1:] + line, both,
             by((SECOND, TIME + 1), (WITNESS, TIME))),
        case("the same witness twice: the first counts", note + line + later, both, by((WITNESS, TIME))),
        case("an unknown witness is passed over", note + two, [first], []),
        case("a known name with an unknown key is passed over",
             note + tlog.cosign(text, WITNESS, SECOND_SEED, second, TIME), [first], []),
        case("of an extended checkpoint",
             tlog.sign_note(text + "more\n", VAULT, SEED, public)
             + tlog.cosign(text + "more\n", WITNESS, WITNESS_SEED, witness, TIME), [first], by((WITNESS, TIME))),
        case("re-dated", note + redated, [first]),
        case("over the text without the date", note + plain, [first]),
        case("of another checkpoint", note + of_other, [first]),
        case("by another key under this key's hash", note + forged, [first]),
        case("without a date", note + tlog.signature_line(WITNESS, hash_, blob[8:]), [first]),
        case("with one byte more", note + tlog.signature_line(WITNESS, hash_, blob + b"\0"), [first]),
        case("dated beyond the year 9999", note + far, [first]),
        case("one holds and the other doesn't", note + two + redated, both),
    ]


def key_vectors():
    witness = tlog.public_key(WITNESS_SEED)
    good = tlog.vkey(WITNESS, tlog.COSIGNATURE, witness)
    digits = tlog.key_hash(WITNESS, tlog.COSIGNATURE, witness).hex()

    def case(name, text, expected=REFUSED):
        return {"name": name, "input": text, "expected": expected}
    return [
        case("of type 0x04", good, {"name": WITNESS, "public_key": witness.hex()}),
        case("of type 0x01", tlog.vkey(WITNESS, tlog.ED25519, witness), {"name": WITNESS, "public_key": witness.hex()}),
        case("that Go's documentation prints", GO_VKEY, {"name": "PeterNeumann", "public_key": GO_KEY.hex()}),
        case("of another type", tlog.vkey(WITNESS, 0x02, witness)),
        case("of another name", good.replace("w1", "w2")),
        case("with another hash", good.replace(digits, "00000000")),
        case("with a hash in capitals", good.replace(digits, digits.upper())),
        case("without a name", good[len(WITNESS):]),
        case("with a space in its name", tlog.vkey("a witness", tlog.COSIGNATURE, witness)),
        case("of 31 bytes", tlog.vkey(WITNESS, tlog.COSIGNATURE, witness[:31])),
        case("not base64", good[:-1] + "!"),
        case("cut off", good[:-4]),
        case("empty", ""),
        case("with a line feed", good + "\n"),
    ]


def proof_vectors():
    cases = []

    def inclusion(name, index, size, proof, hash_, leaf, expected):
        cases.append({"name": name, "kind": "inclusion", "input": {
            "index": index, "size": size, "leaf": leaf.hex(), "root": hash_.hex(), "proof": [p.hex() for p in proof]},
            "expected": expected})

    def consistency(name, old, size, proof, old_root, new_root, expected):
        cases.append({"name": name, "kind": "consistency", "input": {
            "old_size": old, "size": size, "old_root": old_root.hex(), "root": new_root.hex(),
            "proof": [p.hex() for p in proof]}, "expected": expected})
    every = leaves(257)
    for index, size in [(0, 1), (0, 2), (1, 2), (2, 3), (6, 7), (3, 8), (255, 256), (255, 257), (256, 257), (100, 201)]:
        proof, top = tlog.inclusion_proof(index, every[:size]), tlog.root(every[:size])
        label = f"record {index} of {size}"
        inclusion(label, index, size, proof, top, every[index], True)
        inclusion(label + ": another leaf", index, size, proof, top, tlog.leaf_hash(b"forged"), False)
        inclusion(label + ": another root", index, size, proof, tlog.root(leaves(258)), every[index], False)
        inclusion(label + ": a hash too many", index, size, proof + [top], top, every[index], False)
        inclusion(label + ": beyond the end", size, size, proof, top, every[index], False)
        if proof:
            inclusion(label + ": a hash missing", index, size, proof[:-1], top, every[index], False)
            inclusion(label + ": a hash altered", index, size, [bytes(32)] + proof[1:], top, every[index], False)
    for old, size in [(1, 1), (1, 2), (3, 7), (4, 7), (6, 7), (7, 8), (8, 8), (255, 256), (256, 257), (129, 257)]:
        proof = tlog.consistency_proof(old, every[:size])
        roots = tlog.root(every[:old]), tlog.root(every[:size])
        label = f"{old} to {size} records"
        consistency(label, old, size, proof, *roots, True)
        consistency(label + ": another old root", old, size, proof, tlog.root(leaves(3)[:2]), roots[1], False)
        consistency(label + ": another new root", old, size, proof, roots[0], tlog.leaf_hash(b"forged"), False)
        consistency(label + ": a hash too many", old, size, proof + [roots[0]], *roots, False)
        consistency(label + ": backwards", size + 1, size, proof, *roots, False)
        consistency(label + ": from nothing", 0, size, proof, *roots, False)
        if proof:
            consistency(label + ": a hash missing", old, size, proof[1:], *roots, False)
            consistency(label + ": a hash altered", old, size, proof[:-1] + [bytes(32)], *roots, False)
    return cases


FILES = {"checkpoints.json": checkpoint_vectors, "cosignatures.json": cosignature_vectors,
         "witness-keys.json": key_vectors, "proofs.json": proof_vectors}


def as_file(cases):
    return json.dumps(cases, indent=1, ensure_ascii=False) + "\n"


def read(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def answer(function, *arguments):
    try:
        return function(*arguments)
    except tlog.Refused:
        return REFUSED


def read_checkpoint(given):
    origin, size, hash_ = tlog.open_checkpoint(given["note"], bytes.fromhex(given["public_key"]))
    return {"origin": origin, "size": size, "root": hash_.hex()}


def read_cosignatures(given):
    known = [tlog.parse_vkey(text) for text in given["witnesses"]]
    return [{"witness": name, "time": time} for name, time in tlog.cosignatures_on(given["note"], known)]


def read_key(text):
    name, public = tlog.parse_vkey(text)
    return {"name": name, "public_key": public.hex()}


class Vectors(unittest.TestCase):
    def check(self, name, function):
        cases = read(name)
        self.assertGreater(len(cases), 10)
        for case in cases:
            with self.subTest(case["name"]):
                self.assertEqual(answer(function, case["input"]), case["expected"])

    def test_checkpoints(self):
        self.check("checkpoints.json", read_checkpoint)

    def test_cosignatures(self):
        self.check("cosignatures.json", read_cosignatures)

    def test_witness_keys(self):
        self.check("witness-keys.json", read_key)

    def test_proofs(self):
        for case in read("proofs.json"):
            given = {name: bytes.fromhex(value) if name in ("leaf", "root", "old_root") else value
                     for name, value in case["input"].items()}
            proof = [bytes.fromhex(hash_) for hash_ in given["proof"]]
            with self.subTest(case["name"]):
                if case["kind"] == "inclusion":
                    holds = tlog.check_inclusion(given["leaf"], given["index"], given["size"], proof, given["root"])
                else:
                    holds = tlog.check_consistency(given["old_size"], given["old_root"], given["size"], given["root"],
                                                   proof)
                self.assertEqual(holds, case["expected"])

    def test_the_files_are_those_that_this_program_writes(self):
        for name, make in FILES.items():
            self.assertEqual((VECTORS / name).read_text(encoding="utf-8"), as_file(make()), name)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        VECTORS.mkdir(parents=True, exist_ok=True)
        for file_name, maker in FILES.items():
            (VECTORS / file_name).write_text(as_file(maker()), encoding="utf-8")
    else:
        unittest.main(verbosity=2)
