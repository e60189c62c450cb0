#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real mail relay on loopback for tests and the demo (Debian package python3-aiosmtpd).

Each accepted message becomes DIRECTORY/0001.eml with its envelope in DIRECTORY/0001.json; both appear
complete or not at all. DIRECTORY/commands.log has one line for each command (AUTH without its secret).
The port stands in DIRECTORY/port once the relay listens. It can be told to behave badly:

  --greylist N           the first N attempts at RCPT get 451
  --refuse ADDRESS       RCPT for ADDRESS gets 550 (may be given several times)
  --reply VERB CODE TEXT every VERB (MAIL, RCPT, DATA, CONTENT for the end of data) gets this reply
  --hang VERB            VERB (also EHLO) is never answered
  --drop-in-data         the connection breaks in the middle of the message
  --drop-after-data      the message is kept, but the connection breaks before the reply says so
  --auth-fails           every AUTH gets 535
"""
import argparse
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

HOST = "127.0.0.1"


def arguments():
    parser = argparse.ArgumentParser(description="a mail relay for tests")
    parser.add_argument("--directory", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--greylist", type=int, default=0)
    parser.add_argument("--refuse", action="append", default=[])
    parser.add_argument("--reply", nargs=3, action="append", default=[], metavar=("VERB", "CODE", "TEXT"))
    parser.add_argument("--hang", default="")
    parser.add_argument("--drop-in-data", action="store_true")
    parser.add_argument("--drop-after-data", action="store_true")
    parser.add_argument("--auth-fails", action="store_true")
    return parser.parse_args()


def write_whole(path, data):
    temporary = path + ".new"
    with open(temporary, "wb") as file:
        file.write(data)
    os.rename(temporary, path)


class Relay:
    """What all connections share: the script, the mailbox and the log."""

    def __init__(self, options):
        self.options = options
        self.replies = {verb: f"{code} {text}" for verb, code, text in options.reply}
        self.greylisted = 0
        self.kept = 0
        self.log = open(os.path.join(options.directory, "commands.log"), "a", encoding="utf-8")

    def note(self, line):
        print(line, file=self.log, flush=True)

    async def scripted(self, verb):
        self.note(verb)
        if self.options.hang == verb:
            await asyncio.Event().wait()
        return self.replies.get(verb)

    def keep(self, session, envelope):
        self.kept += 1
        base = os.path.join(self.options.directory, f"{self.kept:04d}")
        write_whole(base + ".json", json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or self.options.tls == "implicit",
            "user": str(session.auth_data or ""),
        }).encode())
        write_whole(base + ".eml", envelope.original_content)

    # aiosmtpd's hooks

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.scripted("EHLO")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = await self.scripted("MAIL")
        if reply is None:
            envelope.mail_from = address
        return reply or "250 2.1.0 sender ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = await self.scripted("RCPT")
        if reply is not None:
            return reply
        if address in self.options.refuse:
            return "550 5.1.1 no such user here"
        if self.greylisted < self.options.greylist:
            self.greylisted += 1
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        reply = await self.scripted("CONTENT")
        if reply is not None:
            return reply
        self.keep(session, envelope)
        if self.options.drop_after_data:
            server.transport.abort()
            await asyncio.Event().wait()
        return f"250 2.0.0 kept as {self.kept:04d}"

    def login(self, server, session, envelope, mechanism, data):
        self.note("AUTH " + mechanism)
        good = (not self.options.auth_fails and data.login.decode() == self.options.user
                and data.password.decode() == self.options.password)
        if good:
            session.auth_data = self.options.user
        return AuthResult(success=good, handled=False, auth_data=self.options.user if good else None)


class Dialogue(SMTP):
    """aiosmtpd's server, with the two things that its hooks cannot do."""

    async def smtp_DATA(self, argument):
        relay = self.event_handler
        reply = await relay.scripted("DATA")
        if reply is not None:
            await self.push(reply)
        elif relay.options.drop_in_data:
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()
        else:
            await super().smtp_DATA(argument)

    async def smtp_STARTTLS(self, argument):
        self.event_handler.note("STARTTLS")
        await super().smtp_STARTTLS(argument)

    async def smtp_QUIT(self, argument):
        self.event_handler.note("QUIT")
        await super().smtp_QUIT(argument)


async def serve(options):
    relay = Relay(options)
    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(options.certificate, options.key)

    def dialogue():
        relay.note("CONNECT")
        return Dialogue(relay, hostname="relay.test", loop=asyncio.get_running_loop(),
                        tls_context=context if options.tls == "starttls" else None,
                        require_starttls=False,
                        authenticator=relay.login if options.user else None,
                        auth_required=bool(options.user), auth_require_tls=options.tls == "starttls",
                        enable_SMTPUTF8=False)

    server = await asyncio.get_running_loop().create_server(
        dialogue, HOST, options.port, ssl=context if options.tls == "implicit" else None)
    port = server.sockets[0].getsockname()[1]
    write_whole(os.path.join(options.directory, "port"), str(port).encode())
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(arguments()))
    except KeyboardInterrupt:
        sys.exit(0)
