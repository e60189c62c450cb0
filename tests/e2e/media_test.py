#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Files, numbers and history, with a server on loopback that behaves as the provider's Graph API does."""
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from appliance import ACCOUNT, LINE, LINE_ID, PARTY, TOKEN, Appliance, envelope, media, text, wait_for  # noqa: E402

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 50
MIB = 1024 * 1024


def change(field, **members):
    value = {"messaging_product": "whatsapp",
             "metadata": {"display_phone_number": LINE[1:], "phone_number_id": LINE_ID}, **members}
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": [
        {"value": value, "field": field}]}]}


def peak_memory(pid):
    return int(re.search(r"^VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M).group(1))


def status_of(firm):
    return firm.cli("status", as_json=True)[0]


def file_of(firm, seq):
    return firm.shown(seq)["media"][0]


class Files(unittest.TestCase):
    def test_a_file_is_fetched_sealed_listed_and_given_back_byte_for_byte(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.start()
            firm.give_file("900", JPEG)
            self.assertEqual(firm.post(envelope(media("image", "900", JPEG, "wamid.I", caption="el contrato"))), 200)
            seq = firm.seq_of("wamid.I")
            wait_for("the file", lambda: file_of(firm, seq)["state"] == "stored")
            kept = file_of(firm, seq)
            self.assertEqual((kept["sha256"], kept["size"], kept["sniffed"], kept["declared"]),
                             (hashlib.sha256(JPEG).hexdigest(), len(JPEG), "image/jpeg", "image/jpeg"))
            self.assertIn("stored (record", firm.cli("show", seq).stdout)

            place = firm.home / "out"
            place.mkdir()
            firm.cli("media", seq, "--output", place)
            given = place / f"sigilo-{seq}.jpg"
            self.assertEqual(given.read_bytes(), JPEG)
            self.assertEqual(given.stat().st_mode & 0o777, 0o600)
            self.assertEqual(firm.cli("media", seq, "--output", place, check=False).returncode, 1, "never written over")
            self.assertEqual(firm.cli("media", seq, "--output", given, check=False).returncode, 1)
            self.assertEqual([path.name for path in place.iterdir()], [given.name])
            piped = subprocess.run([firm.bin / "sigilo", "--config", firm.config, "media", str(seq)],
                                   capture_output=True, check=True)
            self.assertEqual(piped.stdout, JPEG)
            self.assertIn("media", [row["what"] for row in firm.shown(seq)["accesses"]])

            for path in firm.vault.rglob("*"):
                if path.is_file():
                    self.assertNotIn(JPEG[:64], path.read_bytes(), path)
            self.assertTrue(firm.cli("verify", "--depth", "full", as_json=True)[0]["ok"])
            self.assertEqual((status_of(firm)["media"]["stored"], status_of(firm)["media"]["waiting"]), (1, 0))

    def test_a_record_without_a_file_and_a_file_that_waits_are_refused_with_words(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.graph_control(fault={"call": "media", "kind": "500", "times": 1000})
            firm.start()
            firm.post(envelope(text("hola", "wamid.T"), media("image", "900", JPEG, "wamid.I")))
            done = firm.cli("media", firm.seq_of("wamid.T"), "--output", firm.home / "x", check=False)
            self.assertEqual((done.returncode, done.stdout), (6, ""))
            self.assertIn("names no file", done.stderr)
            seq = firm.seq_of("wamid.I")
            wait_for("an attempt", lambda: file_of(firm, seq)["attempts"] > 0)
            done = firm.cli("media", seq, "--output", firm.home / "x", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("not there yet", done.stderr)
            self.assertFalse((firm.home / "x").exists())

    def test_a_token_that_has_expired_is_told_and_after_its_renewal_the_file_arrives(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.graph_control(token="the-next-token")
            firm.give_file("900", JPEG)
            firm.start()
            firm.post(envelope(media("image", "900", JPEG, "wamid.I")))
            seq = firm.seq_of("wamid.I")
            wait_for("the trouble", lambda: status_of(firm)["media"]["trouble"])
            status = status_of(firm)
            self.assertIn("token", status["media"]["trouble"]["what"] + status["media"]["trouble"]["remedy"])
            self.assertTrue(any("files cannot be fetched" in sentence for sentence in status["attention"]))
            self.assertEqual(file_of(firm, seq)["state"], "waiting")
            self.assertNotIn(TOKEN, firm.log() + json.dumps(status))
            (firm.home / "meta-access-token").write_text("the-next-token\n")
            firm.reload()
            wait_for("the file", lambda: file_of(firm, seq)["state"] == "stored")
            wait_for("the end of the trouble", lambda: status_of(firm)["media"]["trouble"] is None)

    def test_without_a_token_files_wait_and_status_says_so(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            firm.post(envelope(media("image", "900", JPEG, "wamid.I")))
            status = status_of(firm)
            self.assertEqual(status["media"]["waiting"], 1)
            self.assertTrue(any("access_token" in sentence for sentence in status["attention"]))
            self.assertEqual(firm.log().count("access_token"), 1)

    def test_a_first_token_is_used_from_the_reload_on(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            firm.post(envelope(media("image", "900", JPEG, "wamid.I")))
            done = firm.cli("line", "request-history", LINE, check=False)
            self.assertIn("no access token", done.stderr)
            firm.start_graph()
            (firm.home / "meta-access-token").write_text(TOKEN + "\n")
            (firm.home / "meta-access-token").chmod(0o600)
            firm.write_config()
            firm.give_file("900", JPEG)
            firm.reload()
            wait_for("the file", lambda: file_of(firm, firm.seq_of("wamid.I"))["state"] == "stored")
            self.assertFalse(any("access_token" in sentence for sentence in status_of(firm)["attention"]))
            self.assertEqual(firm.cli("line", "request-history", LINE).returncode, 0)

    def test_a_file_of_the_largest_size_leaves_memory_flat(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.start()
            firm.give_file("1", JPEG)
            firm.post(envelope(media("image", "1", JPEG, "wamid.S")))
            wait_for("the small file", lambda: file_of(firm, firm.seq_of("wamid.S"))["state"] == "stored")
            firm.cli("media", firm.seq_of("wamid.S"), "--output", firm.home / "small")
            before = peak_memory(firm.daemon.pid)
            size = 100 * MIB
            firm.graph_control("/media", id="2", mime_type="application/pdf", size=size, seed=7)
            document = {"from": PARTY, "id": "wamid.L", "timestamp": str(int(time.time())), "type": "document",
                        "document": {"id": "2", "mime_type": "application/pdf", "filename": "../../grande.pdf"}}
            firm.post(envelope(document))
            seq = firm.seq_of("wamid.L")
            wait_for("the large file", lambda: status_of(firm)["media"]["stored"] == 2, 240)
            kept = file_of(firm, seq)
            self.assertEqual(kept["size"], size)
            firm.cli("media", seq, "--output", firm.home / "large")
            digest = hashlib.sha256()
            with open(firm.home / "large", "rb") as stream:
                for piece in iter(lambda: stream.read(MIB), b""):
                    digest.update(piece)
            self.assertEqual(digest.hexdigest(), kept["sha256"])
            self.assertLess(peak_memory(firm.daemon.pid) - before, 16 * 1024, "kB more than before")

    def test_a_download_under_way_does_not_hold_up_the_stop(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.give_file("900", JPEG)
            firm.graph_control(fault={"call": "download", "kind": "hang", "times": 1000})
            firm.start()
            firm.post(envelope(media("image", "900", JPEG, "wamid.I")))
            wait_for("the download", lambda: status_of(firm)["media"]["under_way"] == 1)
            before = time.monotonic()
            self.assertEqual(firm.stop(), 0)
            self.assertLess(time.monotonic() - before, 5)
            firm.graph_control("/forget")
            firm.start()
            wait_for("the file", lambda: file_of(firm, firm.seq_of("wamid.I"))["state"] == "stored")


class Lives(unittest.TestCase):
    def test_what_was_edited_and_deleted_stays_on_one_page(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            at = 1_790_000_000
            edit = {"from": PARTY, "id": "wamid.2", "timestamp": str(at + 240), "type": "edit",
                    "edit": {"original_message_id": "wamid.1",
                             "message": {"type": "text", "text": {"body": "te pago mañana"}}}}
            revoke = {"from": PARTY, "id": "wamid.3", "timestamp": str(at + 600), "type": "revoke",
                      "revoke": {"original_message_id": "wamid.1"}}
            for message in (text("te pago hoy en negro", "wamid.1", when=at), edit, revoke):
                self.assertEqual(firm.post(envelope(message)), 200)
            page = firm.cli("show", firm.seq_of("wamid.1")).stdout
            for words in ("te pago hoy en negro", "EDITED by the other side", "te pago mañana", "+4 min 0 s",
                          "REVOKED by the other side", "+10 min 0 s"):
                self.assertIn(words, page)
            self.assertIn("edited, revoked", firm.cli("messages").stdout)


class Lines(unittest.TestCase):
    def numbers(self, firm, **more):
        firm.graph_control("/numbers", account=ACCOUNT, numbers=[
            {"id": LINE_ID, "display_phone_number": "+54 9 11 5000-0001", "verified_name": "Estudio Ejemplo",
             "quality_rating": "GREEN", "platform_type": "CLOUD_API", "is_on_biz_app": True, "status": "CONNECTED",
             **more}])

    def test_a_line_is_known_by_what_the_provider_says_with_dates(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            self.numbers(firm)
            firm.start()
            wait_for("the profile", lambda: firm.cli("lines", as_json=True)[0]["name"])
            line = firm.cli("lines", as_json=True)[0]
            self.assertEqual((line["name"], line["quality"], line["account"], line["platform"]),
                             ("Estudio Ejemplo", "GREEN", ACCOUNT, "coexistence"))
            page = firm.cli("line", LINE).stdout
            self.assertIn("Groups of the phone", page)
            self.assertIn("Groups of the phone", firm.cli("status").stdout)
            firm.stop()
            firm.start()  # asks again: nothing changed, nothing is stored
            wait_for("the second call", lambda: sum(
                call["call"] == "phone_numbers" for call in firm.graph_control("/log", "GET")) >= 2)
            firm.stop()
            self.numbers(firm, quality_rating="RED")
            firm.start()
            wait_for("the change", lambda: firm.cli("lines", as_json=True)[0]["quality"] == "RED")
            profiles = firm.cli("line", LINE, as_json=True)[0]["profiles"]
            self.assertEqual([profile["quality_rating"] for profile in profiles], ["GREEN", "RED"])
            self.assertTrue(firm.cli("verify", as_json=True)[0]["ok"])

    def test_an_account_that_cannot_be_asked_is_told_with_what_to_do(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.graph_control(fault={"call": "phone_numbers", "kind": "403", "times": 1000})
            firm.start()
            sentence = wait_for("the sentence", lambda: next(
                (one for one in status_of(firm)["attention"] if f"account {ACCOUNT}" in one), None))
            self.assertIn("permission", sentence)

    def test_history_is_asked_for_once_and_its_phases_and_files_are_told(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            self.numbers(firm)
            firm.give_file("901", JPEG)
            firm.start()
            self.assertIn("24 hours", firm.cli("line", "request-history", LINE).stdout)
            asked = firm.cli("line", LINE, as_json=True)[0]["history"]
            self.assertEqual((asked["contacts"]["state"], asked["history"]["state"]), ("accepted", "accepted"))
            self.assertEqual(asked["history"]["request_id"], f"request-{LINE_ID}-history")
            again = firm.cli("line", "request-history", LINE, check=False)
            self.assertEqual(again.returncode, 1)
            self.assertIn("asked for already", again.stderr)
            calls = [call["body"] for call in firm.graph_control("/log", "GET") if call["call"] == "sync"]
            self.assertEqual(len(calls), 2)

            old = {"from": PARTY, "id": "wamid.H", "timestamp": "1789000000", "type": "text",
                   "text": {"body": "una coima de hace meses"}, "history_context": {"status": "READ"}}
            chunk = change("history", history=[{"metadata": {"phase": 1, "chunk_order": 1, "progress": 55},
                                                "threads": [{"id": PARTY, "messages": [old]}]}])
            self.assertEqual(firm.post(chunk), 200)
            late = media("image", "901", JPEG, "wamid.HI", when=1_789_000_100)
            self.assertEqual(firm.post(change("history", messages=[late])), 200)
            state = firm.cli("line", LINE, as_json=True)[0]["history"]
            self.assertEqual((state["phase"], state["progress"]), (1, 55))
            self.assertIn("phase 1", firm.cli("line", LINE).stdout)
            self.assertEqual(firm.shown(firm.seq_of("wamid.H"))["via"], "history")
            self.assertEqual(firm.cli("alerts", as_json=True), [], "old words alert nobody")
            wait_for("the file of the history",
                     lambda: file_of(firm, firm.seq_of("wamid.HI"))["state"] == "stored")

    def test_a_refused_request_is_recorded_and_may_be_repeated(self):
        with Appliance(BIN, mail=False, graph=True) as firm:
            firm.init()
            firm.graph_control(fault={"call": "sync", "kind": "403", "times": 1})
            firm.start()
            done = firm.cli("line", "request-history", LINE, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("contacts", done.stderr)
            self.assertEqual(firm.cli("line", LINE, as_json=True)[0]["history"]["contacts"]["state"], "failed")
            firm.cli("line", "request-history", LINE)
            self.assertEqual(firm.cli("line", LINE, as_json=True)[0]["history"]["history"]["state"], "accepted")
            self.assertEqual(firm.cli("line", "request-history", "+5491150000009", check=False).returncode, 6)

    def test_a_number_of_the_firm_that_is_not_monitored_is_seen(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            for number in range(3):
                firm.post(envelope(text(f"ajeno {number}", f"wamid.{number}"), line_id="999", display="5491199999999"))
            status = status_of(firm)
            self.assertEqual([(line["number"], line["phone_number_id"], line["count"])
                              for line in status["seen_not_monitored"]], [("+5491199999999", "999", 3)])
            self.assertTrue(any("+5491199999999" in one and "[[line]]" in one for one in status["attention"]))


class Persons(unittest.TestCase):
    def test_a_changed_number_and_a_user_id_are_one_person_and_why(self):
        with Appliance(BIN, mail=False) as firm:
            firm.init()
            firm.start()
            contacts = [{"profile": {"name": "Carlos"}, "wa_id": PARTY, "user_id": "AR.42"}]
            first = {**text("hola", "wamid.1"), "from_user_id": "AR.42"}
            moved = {"from": PARTY, "id": "wamid.2", "timestamp": str(int(time.time())), "type": "system",
                     "system": {"type": "user_changed_number", "wa_id": "5491155559999", "body": "cambió"}}
            firm.post(envelope(first, contacts=contacts))
            firm.post(envelope(moved))
            person = firm.cli("person", "+54 9 11 5555 9999", as_json=True)[0]
            self.assertEqual(set(person["names"]), {"+5491155559999", "+" + PARTY, "AR.42"})
            self.assertEqual({link["how"] for link in person["links"]}, {"given beside it", "user changed number"})
            self.assertIn("Carlos", [one["name"] for one in person["called"]])
            page = firm.cli("person", "AR.42").stdout
            self.assertRegex(page, r"the number\s+was changed")
            self.assertEqual(firm.cli("person", "AR.nobody", check=False).returncode, 6)
            self.assertEqual(firm.cli("gaps").stdout, "no gaps are known\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
