#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks this bundle of evidence without the program that made it.
Needs Python 3.9 or later (standard library only) and the program openssl 1.1.1 or later, for Ed25519.

    python3 verify.py [BUNDLE.zip | DIRECTORY] [--fingerprint HEX] [--secret FILE] [--language es|pt|en]

Without BUNDLE: the directory of this file. Without the vault's fingerprint (printed when the vault was made) the
bundle proves that it is whole, not whose it is. The secret is the provider's, for its own signatures.
Exit code: 0 everything fits, 1 something does not, 2 it could not be checked.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

TEXTS = {
    "files": {
        "en": "1. Files: each one's SHA-256 is in MANIFEST.sha256, none is missing, none is added.",
        "es": "1. Archivos: el SHA-256 de cada uno figura en MANIFEST.sha256, no falta ni sobra ninguno.",
        "pt": "1. Arquivos: o SHA-256 de cada um consta em MANIFEST.sha256; nenhum falta, nenhum sobra."},
    "records": {
        "en": "2. Records: each has its one canonical form, and its body is the one that its header commits to.",
        "es": "2. Registros: cada uno está en su única forma canónica, y su contenido es el que comprometió.",
        "pt": "2. Registros: cada um está na sua única forma canônica, e o conteúdo é o que comprometeu."},
    "tree": {
        "en": "3. Tree: each record is in the tree whose root the checkpoint names (RFC 9162).",
        "es": "3. Árbol: cada registro está en el árbol cuya raíz nombra el punto de control (RFC 9162).",
        "pt": "3. Árvore: cada registro está na árvore cuja raiz o ponto de controle indica (RFC 9162)."},
    "keys": {
        "en": "4. Keys: from the vault's fingerprint on, each signing key is named by a record signed with the last.",
        "es": "4. Claves: desde la huella de la bóveda, cada clave la nombra un registro firmado con la anterior.",
        "pt": "4. Chaves: desde a impressão do cofre, cada chave é nomeada por registro assinado com a anterior."},
    "signatures": {
        "en": "5. Signatures: each record and the checkpoint carry an Ed25519 signature of their period's key.",
        "es": "5. Firmas: cada registro y el punto de control llevan la firma Ed25519 de la clave de su período.",
        "pt": "5. Assinaturas: cada registro e o ponto de controle têm assinatura Ed25519 da chave do seu período."},
    "media": {
        "en": "6. Media: each file is the one that its signed record describes.",
        "es": "6. Documentos: cada archivo es el que describe su registro firmado.",
        "pt": "6. Mídias: cada arquivo é o que o seu registro assinado descreve."},
    "deliveries": {
        "en": "7. Deliveries: the provider's requests, as received, hold what the records say.",
        "es": "7. Entregas: las solicitudes del proveedor, tal como llegaron, contienen lo que dicen los registros.",
        "pt": "7. Entregas: as requisições do provedor, como chegaram, contêm o que os registros dizem."},
    "description": {
        "en": "8. Description: manifest.json says the same as the records.",
        "es": "8. Descripción: manifest.json dice lo mismo que los registros.",
        "pt": "8. Descrição: manifest.json diz o mesmo que os registros."},
    "ok": {"en": "   fits: {}", "es": "   coincide: {}", "pt": "   confere: {}"},
    "bad": {"en": "   DOES NOT FIT: {}", "es": "   NO COINCIDE: {}", "pt": "   NÃO CONFERE: {}"},
    "clean": {"en": "EVERYTHING FITS.", "es": "TODO COINCIDE.", "pt": "TUDO CONFERE."},
    "problems": {"en": "{} PROBLEM(S) FOUND.", "es": "SE ENCONTRARON {} PROBLEMA(S).",
                 "pt": "{} PROBLEMA(S) ENCONTRADO(S)."},
    "no_fingerprint": {
        "en": "   not compared: give the vault's fingerprint with --fingerprint; the bundle says {}",
        "es": "   sin comparar: indique la huella de la bóveda con --fingerprint; el paquete dice {}",
        "pt": "   não comparada: informe a impressão do cofre com --fingerprint; o pacote diz {}"},
    "no_secret": {
        "en": "   the provider's own signatures were not checked: that needs its app secret (--secret)",
        "es": "   las firmas del proveedor no se comprobaron: hace falta su clave secreta (--secret)",
        "pt": "   as assinaturas do provedor não foram verificadas: é preciso a chave secreta (--secret)"},
    "omitted": {
        "en": "   left out and named in manifest.json: {}",
        "es": "   omitidos y nombrados en manifest.json: {}",
        "pt": "   omitidos e indicados em manifest.json: {}"},
    "manifest": {
        "en": "SHA-256 of MANIFEST.sha256, which the vault's export record repeats: {}",
        "es": "SHA-256 de MANIFEST.sha256, que el registro de exportación de la bóveda repite: {}",
        "pt": "SHA-256 de MANIFEST.sha256, que o registro de exportação do cofre repete: {}"},
}
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key in DER, before its 32 bytes
EVENTS = ("message", "edit", "revoke", "status", "line", "unrecognised")


class Report:
    def __init__(self, language):
        self.language = language
        self.problems = 0

    def say(self, text, *values):
        print(TEXTS[text].get(self.language, TEXTS[text]["en"]).format(*values))

    def bad(self, what):
        self.problems += 1
        self.say("bad", what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def read_all(path):
    """Every file of a directory or a .zip, by name."""
    files = {}
    if os.path.isdir(path):
        for folder, _, names in os.walk(path):
            for name in names:
                full = os.path.join(folder, name)
                if os.path.islink(full):
                    raise ValueError(f"{full} is a link")
                with open(full, "rb") as file:
                    files[os.path.relpath(full, path).replace(os.sep, "/")] = file.read()
        return files
    with zipfile.ZipFile(path) as packed:
        for entry in packed.infolist():
            if entry.filename in files:
                raise ValueError(f"{entry.filename} is there twice")
            if not entry.is_dir():
                files[entry.filename] = packed.read(entry)
    return files


def check_files(files, report):
    """Each line of the manifest is `HASH  NAME`, and there is one for each file but the manifest itself."""
    listed = set()
    for line in files["MANIFEST.sha256"].split(b"\n")[:-1]:
        found = re.fullmatch(rb"([0-9a-f]{64})  ([^\n]+)", line)
        name = found[2].decode("utf-8", "replace") if found else ""
        if not found or name in listed:
            report.bad(f"MANIFEST.sha256: {line[:100]!r}")
        elif name not in files:
            report.bad(f"{name}: missing")
        elif sha256(files[name]).hex().encode() != found[1]:
            report.bad(f"{name}: SHA-256")
        listed.add(name)
    for name in sorted(set(files) - listed - {"MANIFEST.sha256"}):
        report.bad(f"{name}: not in MANIFEST.sha256")
    if not files["MANIFEST.sha256"].endswith(b"\n"):
        report.bad("MANIFEST.sha256: broken off")
    return len(listed)


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_record(name, content):
    """Six lines: header, signature, salt, leaf, proof, body."""
    lines = content.split(b"\n")
    if len(lines) != 7 or lines[6]:
        raise ValueError("not six lines")
    header = json.loads(lines[0])
    if canonical(header) != lines[0] or header["type"] != "sigilo.record.v1":
        raise ValueError("line 1 is not a header in canonical form")
    if set(header) != {"body", "epoch", "kind", "root", "seq", "time", "type", "vault"}:
        raise ValueError("line 1 has other members")
    if name != f"records/{header['seq']:012}.txt":
        raise ValueError("it holds another record")
    signature = base64.b64decode(lines[1], validate=True)
    if len(signature) != 64 or base64.b64encode(signature) != lines[1]:
        raise ValueError("line 2 is no signature")
    leaf = sha256(b"\0", lines[0], b"\n", lines[1], b"\n")
    if leaf.hex().encode() != lines[3]:
        raise ValueError("line 4 is not the hash of lines 1 and 2")
    body = None
    if lines[2] != b"-" or lines[5] != b"-":
        if not re.fullmatch(rb"[0-9a-f]{64}", lines[2]):
            raise ValueError("line 3 is no salt")
        made = hmac.new(bytes.fromhex(lines[2].decode()), lines[5], hashlib.sha256).hexdigest()
        if made != header["body"]:
            raise ValueError("the body is not the one that the header commits to")
        body = json.loads(lines[5])
    if not re.fullmatch(rb"-|[0-9a-f]{64}( [0-9a-f]{64})*", lines[4]):
        raise ValueError("line 5 is no proof")
    proof = [] if lines[4] == b"-" else [bytes.fromhex(word) for word in lines[4].decode().split(" ")]
    return dict(header=header, line=lines[0] + b"\n", signature=signature, leaf=leaf, proof=proof, body=body)


def root_from(leaf, index, size, proof):
    """RFC 9162, section 2.1.3.2; None where the proof has a wrong length."""
    node, last, made = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            made = sha256(b"\1", sibling, made)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            made = sha256(b"\1", made, sibling)
        node, last = node >> 1, last >> 1
    return made if last == 0 else None


def read_checkpoint(content):
    """A signed note: text, an empty line, signature lines."""
    text, signatures = content.split(b"\n\n", 1)
    origin, size, root = (text + b"\n").split(b"\n")[:3]
    if text.count(b"\n") != 2 or not re.fullmatch(rb"0|[1-9][0-9]*", size):
        raise ValueError("not three lines")
    found = re.fullmatch("— (\\S+) (\\S+)\n".encode(), signatures)
    if not found or found[1] != origin:
        raise ValueError("not one signature of the vault")
    signed = base64.b64decode(found[2], validate=True)
    if base64.b64encode(signed) != found[2] or base64.b64encode(base64.b64decode(root, validate=True)) != root:
        raise ValueError("base64")
    return {"origin": origin.decode(), "size": int(size), "root": base64.b64decode(root), "text": text + b"\n",
            "key_hash": signed[:4], "signature": signed[4:]}


def follow_keys(records, report):
    """Public keys by epoch: that of epoch 0 stands in record 0, each later one in a `key` record; -1: for recovery."""
    keys, recovery = {}, None
    for seq, record in sorted(records.items()):
        header, body = record["header"], record["body"]
        if header["kind"] == "genesis" and seq == 0 and header["epoch"] == 0 and body:
            keys[0], recovery = (bytes.fromhex(body[name]) for name in ("public_key", "recovery_public_key"))
        elif header["kind"] == "key" and body and header["epoch"] == len(keys) - 1 == body["epoch"] - 1:
            keys[body["epoch"]] = bytes.fromhex(body["public_key"])
        elif header["kind"] in ("genesis", "key"):
            report.bad(f"record {seq}: it does not continue the succession of keys")
        if header["epoch"] not in keys:
            report.bad(f"record {seq}: its epoch {header['epoch']} has no key")
        elif header["kind"] != "key" and header["epoch"] != len(keys) - 1:
            report.bad(f"record {seq}: epoch {header['epoch']} had ended before it")
    return {**keys, -1: recovery}


def verify_signature(folder, name, key, message, signature):
    """By openssl, which wants files."""
    parts = []
    for part, content in (("key", KEY_PREFIX + key), ("message", message), ("signature", signature)):
        parts.append(os.path.join(folder, f"{name}.{part}"))
        with open(parts[-1], "wb") as file:
            file.write(content)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", parts[0],
                           "-in", parts[1], "-sigfile", parts[2]], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    for path in parts:
        os.unlink(path)
    return done.returncode == 0


def check_signatures(records, checkpoint, keys, report):
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        def check(seq):
            record = records[seq]
            is_recovery = record["header"]["kind"] == "key" and "by" in (record["body"] or {})
            key = keys.get(-1 if is_recovery else record["header"]["epoch"])
            return key and verify_signature(folder, seq, key, record["line"], record["signature"])
        for seq, good in zip(records, pool.map(check, records)):
            if not good:
                report.bad(f"record {seq}: signature")
        for key in (key for epoch, key in keys.items() if epoch >= 0):
            key_hash = sha256(checkpoint["origin"].encode(), b"\n\1", key)[:4]
            if key_hash == checkpoint["key_hash"]:
                if verify_signature(folder, "checkpoint", key, checkpoint["text"], checkpoint["signature"]):
                    return
        report.bad("checkpoint.txt: signature")


def check_media(files, records, description, report):
    signed = {record["body"]["message"]: record["body"] for record in records.values()
              if record["header"]["kind"] == "media" and record["body"] and record["body"]["outcome"] == "stored"}
    named = set()
    for entry in description["files"]:
        body, content = signed.get(entry["record"]), files.get(entry["name"])
        named.add(entry["name"])
        if body is None or content is None or body["sha256"] != sha256(content).hex() or \
                body["size"] != len(content) or entry["record"] not in records:
            report.bad(f"{entry['name']}: not the file of record {entry['record']}")
        if body is not None and any(entry[name] != body[name] for name in ("sha256", "size", "sniffed")):
            report.bad(f"manifest.json: {entry['name']}")
    for name in sorted(set(name for name in files if name.startswith("media/")) - named):
        report.bad(f"{name}: no record names it")
    return len(named)


def check_deliveries(files, records, secret, report):
    raw = {sha256(content).hex(): (name, content) for name, content in files.items()
           if re.fullmatch(r"deliveries/[0-9]{12}\.json", name)}
    used = set()
    for seq, record in records.items():
        if record["header"]["kind"] not in EVENTS or not record["body"]:
            continue
        place = record["body"]["delivery"]
        if place["sha256"] not in raw:
            continue
        name, content = raw[place["sha256"]]
        used.add(name)
        body = record["body"]
        payload = body["payload"].encode() if "payload" in body else base64.b64decode(body["payload_base64"])
        if content[place["offset"]:place["offset"] + place["length"]] != payload:
            report.bad(f"{name}: it does not hold the payload of record {seq}")
    for name in sorted(set(name for name, _ in raw.values()) - used):
        report.bad(f"{name}: no record came from it")
    lines = files.get("deliveries/SIGNATURES.sha256", b"").decode().splitlines()
    if sorted(line[64:] for line in lines) != sorted("  " + name for name, _ in raw.values()):
        report.bad("deliveries/SIGNATURES.sha256: not one line for each delivery")
    if secret:
        for line in lines:
            made = hmac.new(secret, files.get(line[66:], b""), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(made, line[:64]):
                report.bad(f"{line[66:]}: the provider's signature")
    return len(raw)


def check_description(description, records, checkpoint, deliveries, report):
    counts = {}
    for record in records.values():
        counts[record["header"]["kind"]] = counts.get(record["header"]["kind"], 0) + 1
        if record["header"]["vault"] != description["vault"]:
            report.bad(f"record {record['header']['seq']}: of another vault")
    facts = (("records", counts, description["records"]["included"]),
             ("checkpoint", {"root": checkpoint["root"].hex(), "size": checkpoint["size"]}, description["checkpoint"]),
             ("deliveries", deliveries, description["deliveries"]),
             ("origin", checkpoint["origin"], "sigilo/" + description["vault"]),
             ("type", description["type"], "sigilo.bundle.v1"),
             ("chosen", [seq for seq in description["chosen"] if seq not in records], []),
             ("ledger", sum(description["records"]["ledger"].values()), checkpoint["size"]))
    for name, found, said in facts:
        if found != said:
            report.bad(f"manifest.json: {name}: {found} / {said}")


def check(files, options):
    description = json.loads(files["manifest.json"])
    report = Report(options.language or description["language"])
    report.say("files")
    report.say("ok", check_files(files, report))
    report.say("records")
    records = {}
    for name in sorted(name for name in files if name.startswith("records/")):
        try:
            record = read_record(name, files[name])
            records[record["header"]["seq"]] = record
        except (ValueError, KeyError, TypeError) as error:
            report.bad(f"{name}: {error}")
    report.say("ok", len(records))
    report.say("tree")
    checkpoint = read_checkpoint(files["checkpoint.txt"])
    for seq, record in records.items():
        if seq >= checkpoint["size"] or \
                root_from(record["leaf"], seq, checkpoint["size"], record["proof"]) != checkpoint["root"]:
            report.bad(f"record {seq}: its proof does not lead to the checkpoint's root")
    report.say("ok", f"{checkpoint['size']} {checkpoint['root'].hex()}")
    report.say("keys")
    keys = follow_keys(records, report)
    fingerprint = records[0]["leaf"].hex() if 0 in records else ""
    if fingerprint != description["fingerprint"] or fingerprint != (options.fingerprint or fingerprint).lower():
        report.bad(f"fingerprint: {fingerprint}")
    report.say("ok" if options.fingerprint else "no_fingerprint", fingerprint)
    report.say("signatures")
    check_signatures(records, checkpoint, keys, report)
    report.say("ok", len(records) + 1)
    report.say("media")
    report.say("ok", check_media(files, records, description, report))
    report.say("deliveries")
    secret = open(options.secret, "rb").read().strip() if options.secret else None
    deliveries = check_deliveries(files, records, secret, report)
    report.say("ok", deliveries)
    if not secret:
        report.say("no_secret")
    report.say("description")
    check_description(description, records, checkpoint, deliveries, report)
    report.say("omitted", len(description["omissions"]))
    report.say("manifest", sha256(files["MANIFEST.sha256"]).hex())
    if report.problems:
        report.say("problems", report.problems)
        return 1
    report.say("clean")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--fingerprint")
    parser.add_argument("--secret")
    parser.add_argument("--language", choices=("es", "pt", "en"))
    options = parser.parse_args()
    try:
        files = read_all(options.bundle)
    except OSError as error:
        print(f"{options.bundle}: {error}", file=sys.stderr)
        return 2
    except (ValueError, zipfile.BadZipFile) as error:
        print(f"{options.bundle}: {error}", file=sys.stderr)
        return 1
    try:
        return check(files, options)
    except OSError as error:  # no openssl, no secret
        return print(error, file=sys.stderr) or 2
    except Exception as error:  # pylint: disable=broad-except  # whatever a damaged file leads to: it does not fit
        print(f"{options.bundle}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
