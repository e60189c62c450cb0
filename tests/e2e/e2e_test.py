#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The whole way of the data, with real programs: provider, daemon, vault, mail server, command line."""
import email
import email.policy
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from appliance import LINE, PARTY, Appliance, envelope, text, wait_for

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"


def parsed(path):
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


class TheWholeWay(unittest.TestCase):
    def test_a_signed_webhook_becomes_a_sealed_record_and_an_alert_mail(self):
        with Appliance(BIN, tls=True) as firm:
            firm.init()
            firm.start()
            self.assertEqual(firm.post(envelope(text("Buen día, ¿cómo va el expediente?", "wamid.A"))), 200)
            self.assertEqual(firm.post(envelope(text("Le pagamos una coima al juez y sale rápido", "wamid.B"))), 200)
            mail = parsed(firm.wait_for_mails(1)[0])
            self.assertEqual(mail["To"], "compliance@estudio.example")
            plain = mail.get_body(("plain",)).get_content()
            self.assertIn("coima", plain)
            self.assertIn("expediente", plain, "the message before it gives the context")
            self.assertNotIn("coima", str(mail["Subject"]))
            rows = firm.cli("messages", as_json=True)
            self.assertEqual([row["text"] for row in rows][-1], "Le pagamos una coima al juez y sale rápido")
            self.assertEqual(rows[-1]["line"], LINE)
            self.assertEqual(rows[-1]["party"], "+" + PARTY)
            self.assertEqual(rows[-1]["direction"], "in")
            alert = firm.cli("alerts", as_json=True)[-1]
            self.assertEqual(alert["seq"], rows[-1]["seq"])
            wait_for("the mail's state", lambda: firm.cli("alerts", as_json=True)[-1]["mail"] == "sent")
            report = firm.cli("verify", "--depth", "full", as_json=True)[0]
            self.assertTrue(report["ok"], report)
            self.assertEqual(firm.stop(), 0)

    def test_repeats_become_one_record_also_in_another_batch_and_after_a_restart(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            one, two, three = (text(f"mensaje {n}", f"wamid.{n}", when=1_790_000_000 + n) for n in range(3))
            self.assertEqual(firm.post(envelope(one)), 200)
            self.assertEqual(firm.post(envelope(one)), 200)
            self.assertEqual(firm.post(envelope(two, one, two)), 200)
            firm.stop()
            firm.start()
            self.assertEqual(firm.post(envelope(three, two)), 200)
            self.assertEqual([row["id"] for row in firm.cli("messages", as_json=True)], ["wamid.0", "wamid.1", "wamid.2"])
            self.assertEqual(firm.cli("status", as_json=True)[0]["duplicates"], 4)

    def test_the_same_id_with_other_content_is_kept_beside_it(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            unavailable = {"from": PARTY, "id": "wamid.X", "timestamp": "1790000000", "type": "unsupported",
                           "errors": [{"code": 131060, "title": "This message is currently unavailable."}]}
            self.assertEqual(firm.post(envelope(unavailable)), 200)
            self.assertEqual(firm.post(envelope(text("ya llegó", "wamid.X", when=1_790_000_000))), 200)
            rows = firm.cli("messages", as_json=True)
            self.assertEqual([(row["id"], row["type"]) for row in rows], [("wamid.X", "unsupported"), ("wamid.X", "text")])

    def test_a_line_that_is_not_configured_is_counted_and_leaves_no_content(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            foreign = envelope(text("palabra-ajena-secreta", "wamid.F"), line_id="999", display="5491199999999")
            mixed = envelope(text("mensaje propio", "wamid.M"))
            mixed["entry"].append(foreign["entry"][0])
            self.assertEqual(firm.post(foreign), 200)
            self.assertEqual(firm.post(mixed), 200)
            status = firm.cli("status", as_json=True)[0]
            self.assertEqual(status["not_monitored"], 2)
            self.assertEqual([row["id"] for row in firm.cli("messages", as_json=True)], ["wamid.M"])
            self.assertTrue(firm.cli("verify", as_json=True)[0]["ok"])
            firm.stop()
            plain = firm.home / "plain.db"
            export(firm, plain)
            self.assertNotIn(b"palabra-ajena-secreta", plain.read_bytes())
            self.assertIn(b"mensaje propio", plain.read_bytes())

    def test_nothing_readable_lies_on_the_disk_or_in_the_log(self):
        with Appliance(BIN) as firm:
            firm.init()
            firm.start()
            firm.post(envelope(text("palabraclarisima con una coima para el juez", "wamid.S")))
            firm.wait_for_mails(1)
            firm.stop(signal.SIGKILL)
            for path in firm.vault.rglob("*"):
                if path.is_file():
                    self.assertNotIn(b"palabraclarisima", path.read_bytes(), path)
            self.assertNotIn("palabraclarisima", firm.log())
            self.assertNotIn(PARTY, firm.log())

    def test_every_reading_of_content_is_recorded(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            firm.post(envelope(text("leído por alguien", "wamid.R")))
            before = firm.cli("status", as_json=True)[0]["records"]
            seq = firm.cli("messages", as_json=True)[0]["seq"]
            firm.cli("show", seq, as_json=True)
            firm.cli("alerts", as_json=True)
            self.assertGreaterEqual(firm.cli("status", as_json=True)[0]["records"], before + 2)

    def test_the_local_api_answers_curl(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            answer = subprocess.run(["curl", "-sS", "--unix-socket", str(firm.home / "api.sock"), "http://localhost/v1/status"],
                                    capture_output=True, text=True, check=True)
            self.assertIn("records", json.loads(answer.stdout))
            mode = (firm.home / "api.sock").stat().st_mode & 0o777
            self.assertEqual(mode & 0o007, 0, "the socket is not for everybody")


class WhenMailFails(unittest.TestCase):
    def test_a_relay_that_is_down_delays_and_loses_nothing(self):
        with Appliance(BIN) as firm:
            firm.init()
            firm.start()
            firm.stop_smtp()
            self.assertEqual(firm.post(envelope(text("hay que pagarle una coima al juez", "wamid.D"))), 200)
            wait_for("the deferral in status",
                     lambda: firm.cli("alerts", as_json=True)[-1]["mail"] == "deferred")
            attention = " ".join(firm.cli("status", as_json=True)[0]["attention"])
            self.assertIn("mail", attention.lower())
            firm.start_smtp()
            firm.wait_for_mails(1, 60)
            wait_for("sent", lambda: firm.cli("alerts", as_json=True)[-1]["mail"] == "sent")
            time.sleep(1)
            self.assertEqual(len(firm.mails()), 1, "never doubled")

    def test_a_mail_that_waits_outlives_a_kill(self):
        with Appliance(BIN) as firm:
            firm.init()
            firm.start()
            firm.stop_smtp()
            firm.post(envelope(text("hay que pagarle una coima al juez", "wamid.K")))
            firm.stop(signal.SIGKILL)
            firm.start_smtp()
            firm.start()
            self.assertEqual(len(firm.wait_for_mails(1, 60)), 1)


class TheVault(unittest.TestCase):
    def test_init_twice_refuses_and_harms_nothing(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            before = {path: path.read_bytes() for path in firm.vault.rglob("*") if path.is_file()}
            again = firm.cli("init", check=False)
            self.assertNotEqual(again.returncode, 0)
            self.assertEqual(before, {path: path.read_bytes() for path in firm.vault.rglob("*") if path.is_file()})

    def test_a_second_daemon_on_the_same_vault_is_refused(self):
        with Appliance(BIN, mail=False) as firm, Appliance(BIN, mail=False) as other:
            firm.init()
            firm.start()
            other.config.write_text(other.config.read_text().replace(str(other.vault), str(firm.vault))
                                    .replace(f"{other.home}/vault-key", f"{firm.home}/vault-key"))
            other.start(wait=False)
            self.assertNotEqual(other.daemon.wait(20), 0)
            self.assertIn("holds the vault", other.log())
            self.assertEqual(firm.post(envelope(text("sigue", "wamid.1"))), 200)

    def start_fails(self, firm, *words):
        firm.start(wait=False)
        code = firm.daemon.wait(20)
        self.assertNotEqual(code, 0)
        for word in words:
            self.assertIn(word, firm.log())

    def test_each_way_that_a_vault_cannot_be_opened_has_its_own_words(self):
        with Appliance(BIN, mail=False) as firm:
            self.start_fails(firm, "sigilo init")
            firm.init()
            key = firm.home / "vault-key"
            good = key.read_text()
            key.write_text("0" * 64 + "\n")
            self.start_fails(firm, "key")
            key.unlink()
            self.start_fails(firm, str(key))
            key.write_text(good)
            key.chmod(0o644)
            self.start_fails(firm, "chmod")
            key.chmod(0o600)
            database = firm.vault / "vault.db"
            kept = database.read_bytes()
            database.unlink()
            subprocess.run(["/usr/bin/python3", "-c",
                            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(x)'); c.commit()",
                            str(database)], check=True)
            database.chmod(0o600)
            self.start_fails(firm, "plain SQLite")
            database.write_bytes(kept)
            firm.start()

    def test_a_vault_of_a_later_version_is_refused(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            sqlcipher(firm, "PRAGMA user_version=99;")
            self.start_fails(firm, "later")

    def test_a_changed_byte_in_a_copy_is_found(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            for number in range(50):
                firm.post(envelope(text(f"mensaje {number}", f"wamid.{number}")))
            firm.stop()
            copy = firm.home / "copy"
            shutil.copytree(firm.vault, copy)
            data = bytearray((copy / "vault.db").read_bytes())
            data[len(data) // 2] ^= 1
            (copy / "vault.db").write_bytes(data)
            config = firm.home / "copy.toml"
            config.write_text(firm.config.read_text().replace(str(firm.vault), str(copy))
                              .replace("api.sock", "no.sock"))
            done = firm.cli("verify", "--depth", "full", config=config, check=False)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            good = firm.cli("verify", "--depth", "full", check=False)
            self.assertEqual(good.returncode, 0, good.stdout + good.stderr)

    def test_a_changed_row_in_a_copy_is_found_and_named(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            firm.post(envelope(text("lo que de verdad se dijo", "wamid.1")))
            seq = firm.cli("messages", as_json=True)[0]["seq"]
            firm.stop()
            sqlcipher(firm, "UPDATE record SET body = replace(CAST(body AS TEXT), 'de verdad', 'en broma')"
                            f" WHERE seq = {seq};")
            done = firm.cli("verify", "--depth", "full", as_json=True, check=False)
            report = json.loads(done.stdout.splitlines()[-1])
            self.assertEqual(done.returncode, 1)
            self.assertIn(seq, [problem["seq"] for problem in report["problems"]])


class StopAndReload(unittest.TestCase):
    def test_sigterm_keeps_what_was_acknowledged_and_ends_with_a_checkpoint(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            for number in range(20):
                self.assertEqual(firm.post(envelope(text(f"m {number}", f"wamid.{number}"))), 200)
            self.assertEqual(firm.stop(signal.SIGTERM), 0)
            firm.start()
            self.assertEqual(len(firm.cli("messages", as_json=True)), 20)
            self.assertIsNotNone(firm.cli("status", as_json=True)[0]["last_checkpoint"])

    def test_sighup_takes_new_lines_and_policies_or_keeps_all_of_the_old(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            old = firm.config.read_text()
            firm.config.write_text(old.replace('[[team]]', '[[line]]\nnumber = "+5491150000002"\n'
                                               'phone_number_id = "106540352242923"\nlawyer = "Dr. Dos"\n'
                                               'team = "litigios"\n\n[[team]]', 1))
            firm.daemon.send_signal(signal.SIGHUP)
            wait_for("the new line", lambda: len(firm.cli("status", as_json=True)[0]["lines"]) == 2)
            self.assertEqual(firm.post(envelope(text("por la otra", "wamid.2"), line_id="106540352242923",
                                                display="5491150000002")), 200)
            self.assertEqual(firm.cli("messages", as_json=True)[-1]["line"], "+5491150000002")
            firm.config.write_text(old.replace('language = "es"', 'language = "xx"', 1))
            firm.daemon.send_signal(signal.SIGHUP)
            wait_for("the refusal in the log", lambda: "language" in firm.log())
            firm.config.write_text(old)
            self.assertEqual(firm.post(envelope(text("sigue igual", "wamid.3"))), 200)


def sqlcipher(firm, statements):
    """Runs SQL in the stock program, by the lines of HOW-TO-OPEN.txt."""
    how = [line for line in (firm.vault / "HOW-TO-OPEN.txt").read_text().splitlines() if line.startswith("PRAGMA ")]
    key = (firm.home / "vault-key").read_text().strip()
    script = f"PRAGMA key = \"x'{key}'\";\n" + "\n".join(how) + "\n" + statements + "\n"
    return subprocess.run(["sqlcipher", "-batch", "-bail", str(firm.vault / "vault.db")], input=script, text=True,
                          capture_output=True, check=True).stdout


def export(firm, plain):
    sqlcipher(firm, f"ATTACH DATABASE '{plain}' AS plain KEY ''; SELECT sqlcipher_export('plain'); DETACH DATABASE plain;")


if __name__ == "__main__":
    unittest.main(verbosity=2)
