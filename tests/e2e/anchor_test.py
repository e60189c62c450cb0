#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints that are remembered outside: a directory, an authority by `openssl ts`, a witness that checks for itself,
all on loopback."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from appliance import ROOT, Appliance, envelope, text, wait_for  # noqa: E402

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
PYTHON = "/usr/bin/python3"
SUPPORT = ROOT / "tests/support"


@contextlib.contextmanager
def serving(script, directory, *arguments):
    """A server of tests/support until the end of the block; its port."""
    process = subprocess.Popen([PYTHON, str(SUPPORT / script), *map(str, arguments)])
    try:
        port = directory / "port"
        yield int(wait_for(script, lambda: port.exists() and port.read_text().strip()))
    finally:
        process.terminate()
        process.wait(10)


def places(firm):
    return {place["kind"]: place for place in firm.cli("anchors", as_json=True)}


def remembered(firm):
    return all(place["last"] for place in places(firm).values())


class Anchors(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="sigilo-anchor-")
        self.addCleanup(scratch.cleanup)
        self.home = pathlib.Path(scratch.name)
        self.share = self.home / "share"
        self.share.mkdir()

    def test_a_checkpoint_is_written_stamped_and_cosigned_and_openssl_accepts_the_export(self):
        tsa, witness = self.home / "tsa", self.home / "witness"
        witness.mkdir()
        subprocess.run([PYTHON, SUPPORT / "tsa.py", "make", tsa], check=True, capture_output=True)
        with Appliance(BIN, mail=False) as firm, contextlib.ExitStack() as servers:
            firm.init()
            firm.start()
            origin = firm.cli("checkpoint").stdout.split("\n")[0]
            firm.stop()
            key = self.first_key(firm)
            tsa_port = servers.enter_context(serving("tsa.py", tsa, "serve", tsa))
            witness_port = servers.enter_context(serving("witness_server.py", witness, "--directory", witness,
                                                         "--log", f"{origin}={key}"))
            firm.extra = f"""
[anchor]
directory = "{self.share}"
timestamp = ["http://127.0.0.1:{tsa_port}/tsr"]
timestamp_roots = "{tsa}/root.pem"
[[anchor.witness]]
url = "http://127.0.0.1:{witness_port}"
key = "{(witness / "vkey").read_text()}"
"""
            firm.write_config()
            firm.start()
            self.assertEqual(firm.post(envelope(text("buen día"))), 200)
            note = firm.cli("checkpoint").stdout
            wait_for("the anchors", lambda: remembered(firm))
            size = note.split("\n")[1]
            uuid = origin.split("/")[1]
            wait_for("the file", lambda: (self.share / f"{uuid}-{size}.txt").exists())
            self.assertEqual((self.share / f"{uuid}-{size}.txt").read_text(), note)
            self.assertIn("remembers", firm.cli("anchors").stdout)
            out = self.home / "export"
            out.mkdir()
            firm.cli("anchors", "--export", out)
            tokens = list(out.glob("*.token"))
            self.assertEqual(len(tokens), 1)
            stamped = out / (tokens[0].name.rsplit("-", 1)[0] + ".txt")
            done = subprocess.run(["openssl", "ts", "-verify", "-data", stamped, "-token_in", "-in", tokens[0],
                                   "-CAfile", tsa / "root.pem"], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(any("witness.example/w1" in path.read_text() for path in out.glob("*.txt")))
            self.assertEqual(firm.cli("verify").returncode, 0)
            before = len(list(self.share.iterdir()))
            firm.stop()
            self.assertEqual(len(list(self.share.iterdir())), before + 1, "the stop's checkpoint")

    @staticmethod
    def first_key(firm):
        """The public key of epoch 0, as a witness' operator gets it from the genesis record."""
        key = (firm.home / "vault-key").read_text().strip()
        how = [line for line in (firm.vault / "HOW-TO-OPEN.txt").read_text().splitlines() if line.startswith("PRAGMA ")]
        script = "\n".join([f"PRAGMA key = \"x'{key}'\";", *how, "SELECT body FROM record WHERE seq = 0;"])
        done = subprocess.run(["sqlcipher", "-batch", "-bail", firm.vault / "vault.db"], text=True, capture_output=True,
                              check=True, input=script)
        return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))["public_key"]

    def test_a_directory_that_is_not_there_is_told_and_served_when_it_comes(self):
        missing = self.share / "sigilo"
        with Appliance(BIN, mail=False, extra=f'\n[anchor]\ndirectory = "{missing}"\n') as firm:
            firm.init()
            firm.start()
            firm.cli("checkpoint")
            wait_for("the failure", lambda: places(firm)["directory"]["failure"])
            attention = firm.cli("status", as_json=True)[0]["attention"]
            self.assertTrue(any(str(missing) in sentence and "mount" in sentence for sentence in attention), attention)
            firm.stop()
            missing.mkdir()
            firm.start()
            wait_for("the file", lambda: list(missing.glob("*.txt")))
            wait_for("its record", lambda: remembered(firm))
            self.assertEqual(firm.cli("verify").returncode, 0)

    def test_an_authority_that_hangs_holds_up_neither_messages_nor_the_stop(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            port = deaf.getsockname()[1]
            with Appliance(BIN, mail=False, extra=f'\n[anchor]\ntimestamp = ["http://127.0.0.1:{port}/"]\n') as firm:
                firm.init()
                firm.start()
                asking, _ = deaf.accept()
                with asking:
                    self.assertEqual(firm.post(envelope(text("sigue"))), 200)
                    firm.stop(seconds=15)


if __name__ == "__main__":
    unittest.main(verbosity=2)
