#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Evidence that leaves: made by the command line from a running daemon, checked without both."""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from appliance import PARTY, SECRET, Appliance, envelope, media, text, wait_for  # noqa: E402

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 50


class Bundles(unittest.TestCase):
    def make(self, firm):
        firm.init()
        firm.start()
        firm.give_file("900", JPEG)
        firm.post(envelope(text("Buen día, doctora", "wamid.A")))
        firm.post(envelope(media("image", "900", JPEG, "wamid.I", caption="el contrato")))
        firm.post(envelope(text("de otra persona", "wamid.X", sender="5491155559999")))
        seq = firm.seq_of("wamid.I")
        wait_for("the file", lambda: firm.shown(seq)["media"][0]["state"] == "stored")
        return seq

    def test_a_bundle_is_made_recorded_and_checked_by_both_verifiers(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            seq = self.make(firm)
            zip_path = firm.home / "bundle.zip"
            said = firm.cli("export", "bundle", "--party", "+" + PARTY, "--output", zip_path, as_json=True)[0]
            self.assertEqual(said["omissions"], [])
            self.assertEqual(zip_path.stat().st_mode & 0o777, 0o600)
            with zipfile.ZipFile(zip_path) as packed:
                self.assertEqual(len(packed.namelist()), said["entries"])
                self.assertEqual(packed.read(f"media/{seq:012}.jpg"), JPEG)
                self.assertEqual(hashlib.sha256(packed.read("MANIFEST.sha256")).hexdigest(), said["manifest"])
                everything = b"".join(packed.read(name) for name in packed.namelist())
                packed.extractall(firm.home / "unpacked")
            self.assertNotIn(b"de otra persona", everything)
            checked = subprocess.run(["sha256sum", "-c", "--quiet", "MANIFEST.sha256"], cwd=firm.home / "unpacked",
                                     capture_output=True, check=False)
            self.assertEqual((checked.returncode, checked.stdout), (0, b""))

            secret = firm.home / "secret"
            secret.write_text(SECRET)
            secret.chmod(0o600)
            options = ["--fingerprint", said["fingerprint"], "--secret", str(secret)]
            done = subprocess.run([sys.executable, firm.home / "unpacked" / "verify.py", *options],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("TODO COINCIDE.", done.stdout)
            report = firm.cli("verify", zip_path, *options, as_json=True)[0]
            self.assertEqual((report["ok"], report["depth"], report["files"]), (True, "bundle", 1), report)
            self.assertTrue(report["deliveries_authenticated"])

            self.assertIn("export bundle", [row["what"] for row in firm.shown(seq)["accesses"]])
            again = firm.cli("export", "bundle", "--party", "+" + PARTY, "--output", zip_path, check=False)
            self.assertEqual(again.returncode, 1, "never written over")
            self.assertIn("File exists", again.stderr)
            self.assertTrue(firm.cli("verify", "--depth", "full", as_json=True)[0]["ok"])

            damaged = bytearray(zip_path.read_bytes())
            damaged[len(damaged) // 2] ^= 1
            (firm.home / "damaged.zip").write_bytes(damaged)
            found = firm.cli("verify", firm.home / "damaged.zip", check=False)
            self.assertEqual(found.returncode, 1, found.stdout)
            self.assertIn("PROBLEMS FOUND", found.stdout)

    def test_a_bundle_of_a_vault_that_was_recovered_is_whole_unless_somebody_else_named_the_key(self):
        with Appliance(BIN, mail=False) as firm:
            recovery = re.findall(r"^  ((?:[0-9a-f]{4} ?){16})$", firm.init().stdout, re.M)[-1]
            firm.start()
            firm.post(envelope(text("antes", "wamid.A")))
            firm.stop()
            for key in (firm.vault / "keys").iterdir():
                key.unlink()
            firm.cli("recover", stdin=recovery + "\n")
            firm.start()
            firm.post(envelope(text("después", "wamid.B")))
            zip_path = firm.home / "bundle.zip"
            said = firm.cli("export", "bundle", "--party", "+" + PARTY, "--output", zip_path, as_json=True)[0]
            with zipfile.ZipFile(zip_path) as packed:
                packed.extractall(firm.home / "unpacked")
            script = firm.home / "unpacked" / "verify.py"
            whole = [sys.executable, script, "--fingerprint", said["fingerprint"]]
            done = subprocess.run(whole, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertTrue(firm.cli("verify", zip_path, as_json=True)[0]["ok"])
            # The same record, taken for an ordinary one, is by a key that its epoch doesn't have.
            script.write_text(script.read_text().replace('"by" in (record["body"] or {})', "False"))
            self.assertIn("signature", subprocess.run(whole, capture_output=True, text=True, check=False).stdout)

    def test_what_cannot_be_included_is_named_and_exits_1(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.graph_control(fault={"call": "media", "kind": "500", "times": 1000})
            firm.start()
            firm.post(envelope(media("image", "900", JPEG, "wamid.I")))
            seq = firm.seq_of("wamid.I")
            done = firm.cli("export", "bundle", "--record", seq, "--output", firm.home / "b.zip", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"record {seq}: file waiting", done.stdout)
            with zipfile.ZipFile(firm.home / "b.zip") as packed:
                self.assertEqual(json.loads(packed.read("manifest.json"))["omissions"],
                                 [{"record": int(seq), "what": "file", "why": "waiting"}])
            self.assertEqual(firm.cli("verify", firm.home / "b.zip").returncode, 0)

    def test_what_is_not_there_or_not_chosen_leaves_no_file(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            for code, options in ((6, ["--party", "+5491199999999"]), (6, ["--record", "0"]), (1, []),
                                  (1, ["--alert", "1", "--line", "+5491150000001"])):
                done = firm.cli("export", "bundle", *options, "--output", firm.home / "b.zip", check=False)
                self.assertNotEqual(done.returncode, 0, options)
                self.assertEqual(done.returncode == 6, code == 6, (options, done.stderr))
                self.assertEqual(sorted(path.name for path in firm.home.glob("b.zip*")), [])


if __name__ == "__main__":
    unittest.main()
