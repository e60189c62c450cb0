#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that fills: 503, a notice to the managers, nothing half-written, and on by itself when there is room.

The disk is a small tmpfs in a mount namespace that this test makes for itself.
"""
import os
import subprocess
import sys
import tempfile
import unittest

from appliance import Appliance, envelope, text, wait_for

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
MARK = "SIGILO_TEST_NAMESPACE"


class AFullDisk(unittest.TestCase):
    def test_is_answered_with_503_told_and_survived(self):
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", place], check=True)
            try:
                self.fill_and_free(place)
            finally:
                subprocess.run(["umount", "--lazy", place], check=False)

    def fill_and_free(self, place):
        with Appliance(BIN) as firm:
            firm.vault = type(firm.vault)(place) / "vault"
            firm.write_config()
            firm.init()
            firm.start()
            acknowledged = []
            for number in range(5):
                self.assertEqual(firm.post(envelope(text(f"antes {number}", f"wamid.a{number}"))), 200)
                acknowledged.append(f"wamid.a{number}")
            ballast = os.path.join(place, "ballast")
            with open(ballast, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 65536)
                except OSError:
                    pass
            statuses = []
            for number in range(400):
                wamid = f"wamid.f{number}"
                statuses.append(firm.post(envelope(text("x" * 3000, wamid))))
                if statuses[-1] == 200:
                    acknowledged.append(wamid)
                if statuses.count(503) >= 3:
                    break
            self.assertIn(503, statuses, "a full disk is never answered with 200")
            self.assertLessEqual(set(statuses), {200, 503})
            firm.wait_for_mails(1)
            attention = " ".join(firm.cli("status", as_json=True)[0]["attention"])
            self.assertIn("disk", attention.lower())
            os.unlink(ballast)
            wait_for("room", lambda: firm.post(envelope(text("después", "wamid.after"))) == 200)
            acknowledged.append("wamid.after")
            firm.wait_for_mails(2, 120)  # it failed, and it works again; told at most once a minute
            wait_for("no more attention", lambda: "disk" not in " ".join(
                firm.cli("status", as_json=True)[0]["attention"]).lower())
            stored = [row["id"] for row in firm.cli("messages", "--limit", "1000", as_json=True)]
            self.assertEqual(sorted(stored), sorted(acknowledged))
            self.assertTrue(firm.cli("verify", "--depth", "full", as_json=True)[0]["ok"])
            self.assertEqual(firm.stop(), 0)
            self.assertEqual(firm.cli("verify", "--depth", "full").returncode, 0, "also without the daemon")


if __name__ == "__main__":
    if MARK not in os.environ:
        os.environ[MARK] = "1"
        flags = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
        if subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False).returncode != 0:
            print("this system allows no mount namespace; skipped")
            sys.exit(77)
        os.execvp("unshare", ["unshare", *flags, "--propagation", "private", sys.executable, *sys.argv])
    unittest.main(verbosity=2)
