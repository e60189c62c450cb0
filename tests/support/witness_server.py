#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small witness (C2SP tlog-witness) for tests: it remembers the last checkpoint of each log and cosigns what follows
from it. Python's standard library and `openssl`; shares no code with sigilo.

  witness_server.py --directory D --log ORIGIN=PUBLIC_KEY_HEX [--log …] [FAULTS]

listens on loopback until it is ended; D/port holds the port once it listens, D/vkey the witness' verifier key,
D/state.json what it remembers (it may be put there before). With --once it reads one request's body from standard
input and prints "STATUS CONTENT-TYPE", a line feed and the answer's body instead.

FAULTS: --fault wrong-key (cosigns with another key), wrong-time (dates a year ahead), other-checkpoint (cosigns another
size), forget (always remembers nothing), stubborn (answers 409 with the size it was asked from), no-type (409 without
its content type), garbage (200 with a page), busy (503), long (200 with 64 KiB), extra (lines of strangers around its own)
"""
import argparse
import http.server
import json
import os
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tlog  # noqa: E402  pylint: disable=wrong-import-position

SIZE_TYPE = "text/x.tlog.size"
MAX_PROOF = 63


class Witness:
    def __init__(self, directory, name, logs, fault, clock):
        self.directory, self.name, self.logs, self.fault, self.clock = directory, name, logs, fault, clock
        self.seed = bytes([7]) * 32
        self.public = tlog.public_key(self.seed)
        self.lock = threading.Lock()
        self.state = directory / "state.json"
        (directory / "vkey").write_text(tlog.vkey(name, tlog.COSIGNATURE, self.public))

    def remembered(self, origin):
        if self.fault == "forget" or not self.state.exists():
            return 0, None
        size, root = json.loads(self.state.read_text()).get(origin, [0, None])
        return size, root and bytes.fromhex(root)

    def remember(self, origin, size, root):
        state = json.loads(self.state.read_text()) if self.state.exists() else {}
        state[origin] = [size, root.hex()]
        draft = self.directory / "state.new"
        draft.write_text(json.dumps(state))
        os.replace(draft, self.state)

    def conflict(self, size):
        return 409, "text/plain" if self.fault == "no-type" else SIZE_TYPE, f"{size}\n"

    def add_checkpoint(self, body):
        """Status, content type and body of the answer."""
        if self.fault == "busy":
            return 503, "text/plain", "later\n"
        if self.fault == "garbage":
            return 200, "text/html", "<html>welcome</html>\n"
        if self.fault == "long":
            return 200, "text/plain", "x" * 65536
        try:
            return self.judge(body.decode())
        except (tlog.Refused, UnicodeDecodeError) as refused:
            return 400, "text/plain", f"{refused}\n"

    def judge(self, body):
        head, blank, note = body.partition("\n\n")
        lines = head.split("\n")
        old = re.fullmatch("old (0|[1-9][0-9]*)", lines[0])
        if not blank or not old or len(lines) - 1 > MAX_PROOF:
            raise tlog.Refused("not an old size, a proof and a note")
        old_size = int(old[1])
        proof = [tlog.unb64(line) for line in lines[1:]]
        text, signatures = tlog.parse_note(note)
        origin, size, root = tlog.parse_checkpoint(text)
        if origin not in self.logs:
            return 404, "text/plain", "no such log\n"
        public = self.logs[origin]
        if not any(name == origin and hash_ == tlog.key_hash(origin, tlog.ED25519, public)
                   and tlog.verify(public, text.encode(), signature) for name, hash_, signature in signatures):
            return 403, "text/plain", "no signature by a trusted key\n"
        if old_size > size:
            raise tlog.Refused("the old size is the larger one")
        with self.lock:
            last, last_root = self.remembered(origin)
            if self.fault == "stubborn":
                return self.conflict(old_size)
            if old_size != last:
                return self.conflict(last)
            if last == size and last_root not in (None, root):
                return 409, "text/plain", "another root\n"
            if (old_size == 0 and proof) or (old_size > 0 and not tlog.check_consistency(
                    old_size, last_root, size, root, proof)):
                return 422, "text/plain", "the proof does not hold\n"
            self.remember(origin, size, root)
        return 200, "text/plain; charset=utf-8", self.cosigned(text, size)

    def cosigned(self, text, size):
        seconds = self.clock() + (366 * 86400 if self.fault == "wrong-time" else 0)
        if self.fault == "other-checkpoint":
            text = text.replace(f"\n{size}\n", f"\n{size + 1}\n", 1)
        seed = bytes([9]) * 32 if self.fault == "wrong-key" else self.seed
        public = tlog.public_key(seed)
        line = tlog.cosign(text, self.name, seed, public, seconds)
        if self.fault != "extra":
            return line
        stranger = bytes([10]) * 32
        strange = tlog.public_key(stranger)
        return (tlog.cosign(text, "stranger.example", stranger, strange, seconds) + line
                + tlog.cosign(text, self.name, stranger, strange, seconds))


def serve(witness):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, answer = (404, "text/plain", "no such page\n")
            if self.path.endswith("/add-checkpoint"):
                status, kind, answer = witness.add_checkpoint(body)
            content = answer.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    draft = witness.directory / "port.new"
    draft.write_text(str(server.server_port))
    os.replace(draft, witness.directory / "port")
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="a witness for tests")
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--name", default="witness.example/w1")
    parser.add_argument("--log", action="append", default=[], metavar="ORIGIN=KEY")
    parser.add_argument("--fault", choices=["wrong-key", "wrong-time", "other-checkpoint", "forget", "stubborn", "no-type",
                                            "garbage", "busy", "long", "extra"])
    parser.add_argument("--time", type=int, help="seconds since 1970 instead of the system's clock")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    logs = {}
    for log in options.log:
        origin, _, key = log.rpartition("=")
        logs[origin] = bytes.fromhex(key)
    clock = (lambda: options.time) if options.time is not None else (lambda: int(time.time()))
    witness = Witness(options.directory, options.name, logs, options.fault, clock)
    if options.once:
        status, kind, answer = witness.add_checkpoint(sys.stdin.buffer.read())
        sys.stdout.write(f"{status} {kind}\n{answer}")
    else:
        serve(witness)


if __name__ == "__main__":
    main()
