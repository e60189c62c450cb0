#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sigilo's checkpoints, cosignatures and proofs, checked by Go's own packages for transparency logs (Debian packages
golang-go and golang-golang-x-mod-dev; no network)."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ.get("SIGILO_BIN", HERE.parents[2] / "build/release/bin"))


class Interoperability(unittest.TestCase):
    def test_go_accepts_what_is_right_and_refuses_what_was_altered(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch) / "vectors.json"
            subprocess.run([BIN / "test_ledger", "[.interop]"], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "SIGILO_INTEROP": str(file)})
            environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOPROXY": "off",
                           "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOCACHE": str(BIN.parent / "go-cache")}
            done = subprocess.run(["go", "run", HERE / "check.go", file], capture_output=True, text=True, check=False,
                                  env=environment)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            print(done.stdout, end="")
            counts = re.fullmatch(r"(\d+) hold, (\d+) altered ones fail\n", done.stdout)
            self.assertGreater(int(counts[1]), 5000)
            self.assertGreater(int(counts[2]), 20000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
