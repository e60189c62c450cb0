# SPDX-License-Identifier: Apache-2.0
"""A whole appliance in a temporary directory, for the demo, the end-to-end tests and the benchmarks.

Everything is real: the daemon, TLS, signatures, the SMTP server (Debian's python3-aiosmtpd). Only loopback is used,
and only processes that were started here are stopped.
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRET = "app-secret-of-the-tests"
VERIFY_TOKEN = "verify-token-of-the-tests"
TOKEN = "access-token-of-the-tests"
ACCOUNT = "102290129340398"
LINE_ID = "106540352242922"
LINE = "+5491150000001"
PARTY = "5491155550101"


def wait_for(what, condition, seconds=30.0):
    """Polls until condition() is truthy and returns it; fails loudly when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s still waiting for {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def envelope(*messages, line_id=LINE_ID, display="5491150000001", kind="messages", contacts=None):
    """A webhook body as the provider sends it."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": line_id},
        kind: list(messages),
    }
    if contacts is not None:
        value["contacts"] = contacts
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}],
    }


def text(body, wamid=None, sender=PARTY, when=None):
    return {
        "from": sender,
        "id": wamid or "wamid." + secrets.token_hex(16),
        "timestamp": str(int(when or time.time())),
        "type": "text",
        "text": {"body": body},
    }


def media(kind, media_id, content, wamid=None, mime_type="image/jpeg", sender=PARTY, when=None, **more):
    """A message with a file, as the provider announces it."""
    return {
        "from": sender,
        "id": wamid or "wamid." + secrets.token_hex(16),
        "timestamp": str(int(when or time.time())),
        "type": kind,
        kind: {"id": media_id, "mime_type": mime_type,
               "sha256": base64.b64encode(hashlib.sha256(content).digest()).decode(), **more},
    }


class Appliance:
    """Directories, keys, configuration and processes of one sigilod."""

    def __init__(self, bin_dir, tls=False, mail=True, lines=None, extra="", directory=None, smtp_args=(), graph=False,
                 media_max=None):
        self.bin = pathlib.Path(bin_dir).resolve()
        self.home = pathlib.Path(directory or tempfile.mkdtemp(prefix="sigilo-"))
        self.home.mkdir(exist_ok=True)
        self.tls, self.mail, self.smtp_args = tls, mail, smtp_args
        self.lines = lines or [(LINE, LINE_ID, "Dra. Ana Ejemplo", "litigios")]
        self.extra = extra
        self.port = free_port()
        self.vault = self.home / "vault"
        self.inbox = self.home / "inbox"
        self.log_path = self.home / "sigilod.log"
        self.config = self.home / "sigilo.toml"
        self.daemon = None
        self.smtp = None
        self.graph = None
        self.graph_port = 0
        self.media_max = media_max
        self.smtp_port = 0
        self._secret("meta-app-secret", SECRET)
        self._secret("meta-verify-token", VERIFY_TOKEN)
        self._secret("mail-password", "mail-password-of-the-tests")
        if tls or mail:
            self._certificate()
        if mail:
            self.start_smtp()
        if graph:
            self._secret("meta-access-token", TOKEN)
            self.start_graph()
        self.write_config()

    # --- files ---

    def _secret(self, name, value):
        path = self.home / name
        path.write_text(value + "\n")
        path.chmod(0o600)

    def _certificate(self):
        key, cert = self.home / "tls-key.pem", self.home / "tls-cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", str(key), "-out", str(cert)],
            check=True, capture_output=True)
        key.chmod(0o600)
        cert.chmod(0o600)

    def write_config(self):
        part = [f"""
[firm]
name = "Estudio Ejemplo"
language = "es"
timezone = "America/Argentina/Buenos_Aires"

[vault]
directory = "{self.vault}"
key = "file:{self.home}/vault-key"

[source.meta]
listen = "127.0.0.1:{self.port}"
path = "/webhook/meta"
app_secret = ["file:{self.home}/meta-app-secret"]
verify_token = "file:{self.home}/meta-verify-token"
"""]
        if self.tls:
            part.append(f'tls_certificate = "file:{self.home}/tls-cert.pem"\n'
                        f'tls_key = "file:{self.home}/tls-key.pem"\n')
        if self.graph:
            part.append(f'access_token = "file:{self.home}/meta-access-token"\n'
                        f'graph_url = "http://127.0.0.1:{self.graph_port}"\naccounts = ["{ACCOUNT}"]\n')
        if self.media_max:
            part.append(f'media_max = "{self.media_max}"\n')
        for number, line_id, lawyer, team in self.lines:
            part.append(f'\n[[line]]\nnumber = "{number}"\nphone_number_id = "{line_id}"\n'
                        f'lawyer = "{lawyer}"\nteam = "{team}"\n')
        part.append('\n[[team]]\nname = "litigios"\nmanagers = ["compliance@estudio.example"]\nlanguage = "es"\n')
        if self.mail:
            part.append(f"""
[mail]
relay = "smtp://localhost:{self.smtp_port}"
tls = "required"
ca_file = "{self.home}/tls-cert.pem"
user = "sigilo"
password = "file:{self.home}/mail-password"
from = "sigilo@estudio.example"
content = "full"
""")
        part.append(f'\n[scan]\npolicies = "{ROOT}/etc/policies.d"\n\n[api]\nsocket = "{self.home}/api.sock"\n')
        self.config.write_text("".join(part) + self.extra)

    # --- processes ---

    def start_smtp(self):
        """A real SMTP server with STARTTLS and AUTH; each message becomes a file in inbox/."""
        self.inbox.mkdir(exist_ok=True)
        port_file = self.inbox / "port"
        port_file.unlink(missing_ok=True)
        command = ["/usr/bin/python3", str(ROOT / "tests/support/smtp_server.py"), "--directory", str(self.inbox),
                   "--port", str(self.smtp_port), "--certificate", str(self.home / "tls-cert.pem"),
                   "--key", str(self.home / "tls-key.pem"), "--tls", "starttls", "--user", "sigilo",
                   "--password", "mail-password-of-the-tests", *self.smtp_args]
        self.smtp = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.smtp_port = int(wait_for("the SMTP server", lambda: port_file.exists() and port_file.read_text().strip()))

    def stop_smtp(self):
        if self.smtp:
            self.smtp.terminate()
            self.smtp.wait(10)
            self.smtp = None

    def start_graph(self):
        """A server that behaves as the provider's Graph API does."""
        self.graph = subprocess.Popen(["/usr/bin/python3", str(ROOT / "tests/support/graph_server.py"),
                                       "--token", TOKEN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.graph_port = int(self.graph.stdout.readline())

    def stop_graph(self):
        if self.graph:
            self.graph.terminate()
            self.graph.wait(10)
            self.graph.stdout.close()
            self.graph = None

    def graph_control(self, path="", method="POST", **order):
        """Asks the Graph API's control: see tests/support/graph_server.py."""
        link = http.client.HTTPConnection("127.0.0.1", self.graph_port, timeout=30)
        try:
            link.request(method, "/_control" + path, body=json.dumps(order) if method == "POST" else None)
            answer = link.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise AssertionError(f"graph control {path}: {answer.status} {body}")
            return json.loads(body) if body.strip() else None
        finally:
            link.close()

    def give_file(self, media_id, content, mime_type="image/jpeg", **more):
        """Puts a file where the Graph API gives it out."""
        return self.graph_control("/media", id=media_id, mime_type=mime_type,
                                  bytes_base64=base64.b64encode(content).decode(), **more)

    def init(self):
        return self.cli("init")

    def start(self, wait=True, expect_exit=None, wrap=()):
        """Starts sigilod and waits for READY on a notification socket, as systemd does."""
        notify_path = self.home / "notify.sock"
        with contextlib.suppress(FileNotFoundError):
            notify_path.unlink()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(notify_path))
            notify.settimeout(0.05)
            log = open(self.log_path, "ab")
            self.daemon = subprocess.Popen([*wrap, str(self.bin / "sigilod"), "--config", str(self.config)],
                                           stdout=log, stderr=log, env={**os.environ, "NOTIFY_SOCKET": str(notify_path)})
            log.close()
            if not wait:
                return self.daemon
            end = time.monotonic() + 30
            while time.monotonic() < end:
                with contextlib.suppress(TimeoutError, socket.timeout):
                    if b"READY=1" in notify.recv(4096):
                        return self.daemon
                if self.daemon.poll() is not None:
                    raise AssertionError(f"sigilod ended with {self.daemon.returncode}:\n{self.log()}")
        raise AssertionError(f"sigilod did not get ready:\n{self.log()}")

    def stop(self, sig=signal.SIGTERM, seconds=60):
        code = None
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(sig)
            code = self.daemon.wait(seconds)
        elif self.daemon:
            code = self.daemon.returncode
        self.daemon = None
        return code

    def close(self):
        self.stop(signal.SIGKILL)
        self.stop_smtp()
        self.stop_graph()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and self.log_path.exists():
            sys.stderr.write(f"--- sigilod's log ---\n{self.log()[-4000:]}\n")
        self.close()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # --- what people and the provider do ---

    def cli(self, *args, check=True, as_json=False, config=None, stdin=None):
        command = [str(self.bin / "sigilo"), "--config", str(config or self.config)]
        if as_json:
            command.append("--json")
        done = subprocess.run([*command, *map(str, args)], capture_output=True, text=True, input=stdin, timeout=300)
        if check and done.returncode != 0:
            raise AssertionError(f"sigilo {' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        if as_json and check:
            values = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
            return values
        return done

    def connection(self):
        if self.tls:
            context = ssl.create_default_context(cafile=str(self.home / "tls-cert.pem"))
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    @staticmethod
    def sign(body, secret=SECRET):
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    def post(self, payload, signature=None, connection=None, headers=None):
        """Posts one delivery, signed as the provider signs; returns the status."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=True).encode()
        link = connection or self.connection()
        try:
            sent = {"Content-Type": "application/json", **(headers or {})}
            if signature is not False:
                sent["X-Hub-Signature-256"] = signature or self.sign(body)
            link.request("POST", "/webhook/meta", body=body, headers=sent)
            answer = link.getresponse()
            answer.read()
            return answer.status
        finally:
            if connection is None:
                link.close()

    def mails(self):
        return sorted(self.inbox.glob("*.eml"))

    def shown(self, seq):
        return self.cli("show", seq, as_json=True)[0]

    def seq_of(self, wamid, kind="message"):
        """Record number of the message with this id; None while it is not there."""
        rows = self.cli("messages", "--kind", kind, as_json=True)
        return next((row["seq"] for row in rows if row["id"] == wamid), None)

    def reload(self):
        """SIGHUP, and waits until it is done."""
        before = self.log().count("reloaded:")
        self.daemon.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: self.log().count("reloaded:") > before)

    def wait_for_mails(self, count, seconds=30):
        wait_for(f"{count} mails", lambda: len(self.mails()) >= count, seconds)
        return self.mails()
