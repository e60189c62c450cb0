#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev demo`: the whole way in under a minute, with real programs, on loopback, leaving nothing behind."""
import argparse
import email
import email.policy
import json
import os
import pathlib
import shutil
import sys
import textwrap
import time

from appliance import ACCOUNT, LINE_ID, Appliance, envelope, media, text, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures/meta"
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def step(sentence):
    print(f"\n{BOLD}== {sentence}{PLAIN}", flush=True)


def show(output):
    print(textwrap.indent(output.rstrip("\n"), "   "), flush=True)


def post_fixtures(firm):
    """Every payload of tests/fixtures/meta, signed as the provider signs, and one conversation that breaks a rule."""
    counts = {}
    link = firm.connection()
    for path in sorted(FIXTURES.glob("*.json")):
        status = firm.post(path.read_bytes(), connection=link)
        counts[status] = counts.get(status, 0) + 1
    contacts = [{"profile": {"name": "Carlos Cliente"}, "wa_id": "5491155550142"}]
    for number, words in enumerate(("Doctora, mañana es la audiencia, ¿no?",
                                    "El de la otra vez me pidió plata de nuevo",
                                    "Si le damos una coima al juez, ¿sale el fallo esta semana?")):
        status = firm.post(envelope(text(words, f"wamid.demo{number}", sender="5491155550142"), contacts=contacts),
                           connection=link)
        counts[status] = counts.get(status, 0) + 1
    link.close()
    return counts


# A small picture: the smallest JPEG head that programs know, and some bytes.
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 20


def post_life(firm):
    """An image, and a message that is edited and then deleted by its sender; their record numbers."""
    when = int(time.time()) - 900
    contacts = [{"profile": {"name": "Carlos Cliente"}, "wa_id": "5491155550142"}]
    sender = {"sender": "5491155550142"}
    firm.give_file("demo-image", PICTURE)
    image = media("image", "demo-image", PICTURE, "wamid.demo-image", caption="el recibo firmado", **sender)
    first = text("Le dejo el sobre con la plata hoy", "wamid.demo-life", when=when, **sender)
    edit = {"from": "5491155550142", "id": "wamid.demo-edit", "timestamp": str(when + 180), "type": "edit",
            "edit": {"original_message_id": "wamid.demo-life",
                     "message": {"type": "text", "text": {"body": "Le dejo los papeles hoy"}}}}
    revoke = {"from": "5491155550142", "id": "wamid.demo-revoke", "timestamp": str(when + 400), "type": "revoke",
              "revoke": {"original_message_id": "wamid.demo-life"}}
    for message in (image, first, edit, revoke):
        if firm.post(envelope(message, contacts=contacts)) != 200:
            raise AssertionError("a payload was refused")
    seq = firm.seq_of("wamid.demo-image")
    wait_for("the image", lambda: firm.shown(seq)["media"][0]["state"] == "stored")
    return seq, firm.seq_of("wamid.demo-life")


def without_evidence(page):
    return page.split("\nEVIDENCE")[0] + "\nEVIDENCE …"


def the_alert(firm):
    def about_the_bribe():
        for path in firm.mails():
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if "Carlos Cliente" in mail.get_body(("plain",)).get_content():
                return mail
        return None
    return wait_for("the alert mail", about_the_bribe)


def flip_one_byte(firm):
    copy = firm.home / "copy"
    shutil.copytree(firm.vault, copy)
    database = copy / "vault.db"
    data = bytearray(database.read_bytes())
    data[len(data) // 2] ^= 0x01
    database.write_bytes(data)
    config = firm.home / "copy.toml"
    config.write_text(firm.config.read_text().replace(f'directory = "{firm.vault}"', f'directory = "{copy}"')
                      .replace("api.sock", "no-daemon.sock"))
    return firm.cli("verify", "--depth", "full", config=config, check=False), len(data) // 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--keep", metavar="DIR", help="copy the mails to DIR, to look at them")
    options = parser.parse_args()
    with Appliance(options.bin, tls=True, graph=True) as firm:
        step("sigilo init: vault, keys, genesis record")
        show(firm.init().stdout.replace(str(firm.home), "…"))

        step("sigilod starts: HTTPS on loopback; beside it a real SMTP server and a model of the Graph API")
        firm.graph_control("/numbers", account=ACCOUNT, numbers=[
            {"id": LINE_ID, "display_phone_number": "+54 9 11 5000-0001", "verified_name": "Estudio Ejemplo",
             "quality_rating": "GREEN", "platform_type": "CLOUD_API", "is_on_biz_app": True, "status": "CONNECTED"}])
        firm.start()
        counts = post_fixtures(firm)
        show(f"{sum(counts.values())} signed payloads posted; answers: " +
             ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())))
        refused = firm.post(envelope(text("un mensaje sin firma del proveedor")), signature="sha256=" + "0" * 64)
        show(f"one with a wrong signature; answer: {refused}")

        step("the alert, as it arrived in the manager's mailbox")
        mail = the_alert(firm)
        show("\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "Date")))
        show("\n" + mail.get_body(("plain",)).get_content())
        if options.keep:
            shutil.copytree(firm.inbox, options.keep, dirs_exist_ok=True)

        image, life = post_life(firm)
        step(f"an image was fetched from the Graph API, sealed, and comes back as it was: sigilo media {image}")
        given = firm.home / "given"
        show(firm.cli("media", image, "--output", given).stdout.replace(str(firm.home), "…"))
        same = given.read_bytes() == PICTURE
        show("byte for byte the same" if same else "OTHER BYTES")

        step(f"its sender edited and deleted a message; both stay: sigilo show {life}")
        page = firm.cli("show", life).stdout
        show(without_evidence(page))
        stays = all(words in page for words in ("el sobre con la plata", "los papeles", "EDITED", "REVOKED"))

        step("sigilo messages --limit 12")
        show(firm.cli("messages", "--limit", "12").stdout)

        step("sigilo alerts")
        show(firm.cli("alerts").stdout)

        step("sigilo verify --depth full")
        good = firm.cli("verify", "--depth", "full", check=False)
        show(good.stdout + good.stderr)

        step("sigilo status")
        show(firm.cli("status").stdout)
        firm.stop()

        bad, place = flip_one_byte(firm)
        step(f"one bit changed in a copy of the vault (byte {place:,}); sigilo verify on the copy")
        show((bad.stdout + bad.stderr).replace(str(firm.home), "…"))
        home = firm.home
        if not same or not stays or good.returncode != 0 or bad.returncode != 1 or refused != 401 or set(counts) != {200}:
            print("demo: something is not as it should be, see above", file=sys.stderr)
            return 1
    step("done" if not home.exists() else f"left behind: {home}")
    return 0 if not home.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
