#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What strangers and broken senders do at the front door of a real daemon. Each test names its bad input."""
import email
import email.policy
import http.client
import json
import os
import unittest

from appliance import LINE, Appliance, envelope, text

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.firm = Appliance(BIN)
        cls.firm.init()
        cls.firm.start()

    @classmethod
    def tearDownClass(cls):
        report = cls.firm.cli("verify", "--depth", "full", as_json=True)[0]
        cls.firm.close()
        assert report["ok"], report

    def rows(self, *args):
        return self.firm.cli("messages", "--limit", "1000", *args, as_json=True)

    def status(self, key):
        return self.firm.cli("status", as_json=True)[0][key]

    def request(self, method, path, body=None, headers=None):
        link = http.client.HTTPConnection("127.0.0.1", self.firm.port, timeout=20)
        try:
            link.request(method, path, body=body, headers=headers or {})
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def kept_once(self, wamid):
        found = [row for row in self.rows() if row["id"] == wamid]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_a_missing_signature(self):
        self.assertEqual(self.firm.post(envelope(text("sin firma", "wamid.nosig")), signature=False), 401)
        self.assertNotIn("wamid.nosig", [row["id"] for row in self.rows()])

    def test_a_wrong_signature(self):
        self.assertEqual(self.firm.post(envelope(text("x", "wamid.wrong")), signature="sha256=" + "0" * 64), 401)
        self.assertEqual(self.firm.post(envelope(text("x", "wamid.wrong")), signature="sha256=zz"), 401)
        self.assertEqual(self.firm.post(envelope(text("x", "wamid.wrong")), signature="sha1=" + "0" * 40), 401)

    def test_a_signature_over_other_bytes(self):
        body = json.dumps(envelope(text("firma de otro cuerpo", "wamid.other"))).encode()
        self.assertEqual(self.firm.post(body + b" ", signature=self.firm.sign(body)), 401)

    def test_a_signature_with_another_secret(self):
        body = json.dumps(envelope(text("x", "wamid.secret"))).encode()
        self.assertEqual(self.firm.post(body, signature=self.firm.sign(body, "other")), 401)

    def test_the_handshake_and_its_wrong_token(self):
        good = "/webhook/meta?hub.mode=subscribe&hub.verify_token=verify-token-of-the-tests&hub.challenge=1158201444"
        self.assertEqual(self.request("GET", good), (200, b"1158201444"))
        self.assertEqual(self.request("GET", good.replace("of-the-tests", "wrong"))[0], 403)

    def test_other_paths_and_methods(self):
        self.assertEqual(self.request("GET", "/")[0], 404)
        self.assertEqual(self.request("GET", "/metrics")[0], 404)
        self.assertEqual(self.request("GET", "/v1/messages")[0], 404)
        self.assertEqual(self.request("PUT", "/webhook/meta", b"{}")[0], 405)
        self.assertEqual(self.request("DELETE", "/webhook/meta")[0], 405)

    def test_a_body_of_3_MiB_and_one_byte(self):
        body = b" " * (3 * 1024 * 1024 + 1)
        try:
            self.assertEqual(self.firm.post(body), 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the refusal came before the whole body was sent

    def test_a_body_of_exactly_3_MiB_is_taken(self):
        payload = json.dumps(envelope(text("grande", "wamid.big"))).encode()
        body = payload + b" " * (3 * 1024 * 1024 - len(payload))
        self.assertEqual(self.firm.post(body), 200)
        self.kept_once("wamid.big")

    def test_a_truncated_body(self):
        before = self.status("unrecognised")
        body = json.dumps(envelope(text("cortado", "wamid.cut"))).encode()[:-20]
        self.assertEqual(self.firm.post(body), 200, "the provider said it: refusing would lose it")
        self.assertEqual(self.status("unrecognised"), before + 1)

    def test_a_deeply_nested_body(self):
        before = self.status("unrecognised")
        self.assertEqual(self.firm.post(b"[" * 100_000 + b"]" * 100_000), 200)
        self.assertEqual(self.status("unrecognised"), before + 1)

    def test_a_body_that_is_not_utf8(self):
        before = self.status("unrecognised")
        self.assertEqual(self.firm.post(b'{"object":"whatsapp_business_account","x":"\xff\xfe"}'), 200)
        self.assertEqual(self.status("unrecognised"), before + 1)

    def test_a_correctly_signed_body_of_an_unknown_shape(self):
        before = self.status("unrecognised")
        for body in (b"{}", b"[]", b"null", b'"text"', b'{"object":"page","entry":[]}', b"not json at all"):
            self.assertEqual(self.firm.post(body), 200)
        self.assertEqual(self.status("unrecognised"), before + 6)
        self.assertEqual(len(self.rows("--kind", "unrecognised")), self.status("unrecognised"))

    def test_numbers_with_and_without_plus_are_one_party(self):
        self.firm.post(envelope(text("con", "wamid.plus1", sender="+5491155550777")))
        self.firm.post(envelope(text("sin", "wamid.plus2", sender="5491155550777")))
        self.assertEqual({row["party"] for row in self.rows("--party", "5491155550777")}, {"+5491155550777"})
        self.assertEqual(len(self.rows("--party", "+54 9 11 5555-0777")), 2)

    def test_the_mobile_digits_of_brazil_argentina_and_mexico_are_one_party(self):
        for first, second in (("551187654321", "5511987654321"), ("541155550888", "5491155550888"),
                              ("5215512345678", "525512345678")):
            self.firm.post(envelope(text("uno", "wamid.v" + first, sender=first)))
            self.firm.post(envelope(text("dos", "wamid.v" + second, sender=second)))
            parties = {row["party"] for row in self.rows() if row["id"] in ("wamid.v" + first, "wamid.v" + second)}
            self.assertEqual(len(parties), 1, parties)

    def test_a_line_is_known_by_any_spelling_of_its_number(self):
        body = envelope(text("por número", "wamid.line"), line_id="", display="+54 9 11 5000-0001")
        del body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"]
        self.firm.post(body)
        self.assertEqual(self.kept_once("wamid.line")["line"], LINE)

    def test_a_text_with_nul_is_kept_and_scanned(self):
        self.firm.post(envelope(text("antes\u0000después", "wamid.nul")))
        self.assertEqual(self.kept_once("wamid.nul")["text"], "antes\u0000después")

    def test_a_text_with_a_lone_surrogate_cannot_hide(self):
        body = json.dumps(envelope(text("@@", "wamid.lone"))).encode()
        body = body.replace(b"@@", b"\\ud800 le damos una coima al juez \\udc00\\ud83d")
        self.assertEqual(self.firm.post(body), 200)
        row = self.kept_once("wamid.lone")
        self.assertIn("\ufffd", row["text"])
        self.assertIn(row["seq"], [alert["seq"] for alert in self.firm.cli("alerts", as_json=True)])

    def test_a_text_of_65536_characters(self):
        self.assertEqual(self.firm.post(envelope(text("ñ" * 65_536, "wamid.long"))), 200)
        self.assertEqual(len(self.kept_once("wamid.long")["text"]), 65_536)

    def test_right_to_left_marks_do_not_hide_words_or_turn_a_terminal(self):
        self.firm.post(envelope(text("una co\u200bi\u202ema al juez", "wamid.rtl")))
        row = self.kept_once("wamid.rtl")
        self.assertIn(row["seq"], [alert["seq"] for alert in self.firm.cli("alerts", as_json=True)])
        self.assertNotIn("\u202e", self.firm.cli("messages", "--limit", "1000").stdout)

    def test_line_breaks_and_script_in_a_contacts_name_die_on_the_way(self):
        name = "Eva\r\nBcc: victim@example.org\r\n<script>alert(1)</script>"
        contacts = [{"profile": {"name": name}, "wa_id": "5491155550999"}]
        before = len(self.firm.mails())
        self.firm.post(envelope(text("le pagué una coima al juez", "wamid.name", sender="5491155550999"),
                                contacts=contacts))
        raw = self.firm.wait_for_mails(before + 1)[-1].read_bytes()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertIsNone(mail["Bcc"])
        self.assertNotIn(b"\nBcc:", raw)
        page = mail.get_body(("html",)).get_content()
        self.assertNotIn("<script", page.lower())
        self.assertIn("&lt;script", page.lower())

    def test_no_identifier_of_the_sender_but_a_user_id(self):
        message = text("soy un usuario sin número", "wamid.user")
        del message["from"]
        message["from_user_id"] = "AR.13491208655302741918"
        self.assertEqual(self.firm.post(envelope(message, contacts=[
            {"profile": {"name": "Usuario"}, "user_id": "AR.13491208655302741918"}])), 200)
        self.assertEqual(self.kept_once("wamid.user")["party"], "AR.13491208655302741918")

    def test_headers_of_proxies_are_not_believed(self):
        self.assertEqual(self.firm.post(envelope(text("x", "wamid.proxy")), signature=False,
                                        headers={"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
                                                 "Forwarded": "for=127.0.0.1"}), 401)

    def test_a_thousand_changes_in_one_body(self):
        messages = [text(f"tanda {n}", f"wamid.batch{n:04d}") for n in range(1000)]
        self.assertEqual(self.firm.post(envelope(*messages)), 200)
        stored = [row["id"] for row in self.firm.cli("messages", "--limit", "5000", as_json=True)]
        self.assertEqual(sum(wamid.startswith("wamid.batch") for wamid in stored), 1000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
