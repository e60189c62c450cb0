#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server on loopback that behaves as the provider's Graph API does, for tests.

Prints its port as its first line and serves until it is killed. Its clock stands still but for /_control/advance.

  --token TOKEN      the access token that is right
  --version vNN.N    the version that is known; any other gets the envelope of an unknown path
  --certificate, --key   PEM files: TLS

The API (all with "Authorization: Bearer TOKEN", else the envelope of code 190):
  GET  /vNN.N/{media-id}[?phone_number_id=N]   address, type, hash and size; the address lives 5 minutes
  GET  /_media/{key}                           the bytes; 404 when the address is over
  GET  /vNN.N/{account}/phone_numbers[?limit=N&after=CURSOR]
  GET, POST /vNN.N/{account}/subscribed_apps
  POST /vNN.N/{number-id}/smb_app_data         each sync_type once for a number; then an envelope
  GET  /vNN.N/debug_token?input_token=T
Control (no token):
  POST /_control        {"fault": {"call": C, "kind": K, "times": N}}; C and K as in CALLS and FAULTS
                        {"token": T}: from now on this one is right
  POST /_control/media  {"id", "mime_type", "bytes_base64" or "size" and "seed",
                         "hash": "hex" (default) or "base64", "size_as": "number" (default) or "string",
                         "phone_number_id": optional}
  POST /_control/numbers  {"account": A, "numbers": [{...}]}
  POST /_control/advance  {"seconds": N}
  GET  /_control/log    [{"call", "method", "path", "token": "right"|"wrong"|"none", "host", "body"}], in order
  POST /_control/forget {}: log, faults and what was asked for once
"""
import argparse
import base64
import hashlib
import http.server
import json
import ssl
import sys
import threading
import urllib.parse

CALLS = ("media", "download", "phone_numbers", "sync", "subscribed_apps", "debug_token")
FAULTS = ("404", "401", "403", "429", "500", "hang", "close", "truncate", "longer", "other_bytes", "wrong_hash",
          "bad_json", "redirect_foreign", "redirect_ok", "slow")
URL_LIFE = 300  # seconds
PIECE = 64 * 1024
TRACE = "AbCdEfGhIjKlMnOpQrSt123"
HANG = 3600  # seconds, or until the client leaves

ENVELOPES = {
    "404": (400, {"message": "Unsupported get request. Object with ID does not exist", "type": "GraphMethodException",
                  "code": 100, "error_subcode": 33}),
    "401": (401, {"message": "Error validating access token: Session has expired", "type": "OAuthException",
                  "code": 190, "error_subcode": 463}),
    "403": (403, {"message": "(#200) You do not have the necessary permissions", "type": "OAuthException",
                  "code": 200}),
    "429": (400, {"message": "(#80007) There have been too many calls to this account", "type": "OAuthException",
                  "code": 80007}),
    "500": (500, {"message": "An unknown error has occurred.", "type": "OAuthException", "code": 1}),
}


def envelope(error):
    return {"error": {**error, "fbtrace_id": TRACE}}


class Media:
    """A file; of a large one the bytes are made as they go out."""

    def __init__(self, order):
        self.mime_type = order.get("mime_type", "application/octet-stream")
        self.phone_number_id = order.get("phone_number_id")
        if "bytes_base64" in order:
            self.bytes, self.seed = base64.b64decode(order["bytes_base64"]), None
            self.size = len(self.bytes)
        else:
            self.bytes, self.seed, self.size = None, str(order.get("seed", 0)), int(order["size"])
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        self.sha256 = (digest.hexdigest() if order.get("hash", "hex") == "hex"
                       else base64.b64encode(digest.digest()).decode())
        self.told_size = str(self.size) if order.get("size_as") == "string" else self.size

    def pieces(self):
        if self.bytes is not None:
            for at in range(0, self.size, PIECE):
                yield self.bytes[at:at + PIECE]
            return
        block = hashlib.shake_256(self.seed.encode()).digest(PIECE)
        for number in range(0, (self.size + PIECE - 1) // PIECE):
            piece = number.to_bytes(8, "big") + block[8:]
            yield piece[:min(PIECE, self.size - number * PIECE)]


class World:
    """What all connections share; one lock for all."""

    def __init__(self, options):
        self.lock = threading.Lock()
        self.token = options.token
        self.version = options.version
        self.media = {}
        self.numbers = {}
        self.addresses = {}
        self.now = 0
        self.made = 0
        self.subscribed = {}
        self.forget()

    def forget(self):
        self.log, self.faults, self.synced = [], {}, set()

    def fault(self, call):
        with self.lock:
            waiting = self.faults.get(call, [])
            if not waiting:
                return None
            waiting[0]["times"] -= 1
            kind = waiting[0]["kind"]
            if waiting[0]["times"] <= 0:
                waiting.pop(0)
            return kind

    def control(self, path, order):
        with self.lock:
            if path == "/_control":
                if "fault" in order:
                    fault = order["fault"]
                    if fault["call"] not in CALLS or fault["kind"] not in FAULTS:
                        raise ValueError("no such call or kind")
                    self.faults.setdefault(fault["call"], []).append(
                        {"kind": fault["kind"], "times": int(fault.get("times", 1))})
                if "token" in order:
                    self.token = order["token"]
            elif path == "/_control/numbers":
                self.numbers[order["account"]] = order["numbers"]
            elif path == "/_control/advance":
                self.now += order["seconds"]
            elif path == "/_control/forget":
                self.forget()
            else:
                raise ValueError("no such control")

    def address_of(self, media_id):
        with self.lock:
            self.made += 1
            key = f"{self.made:08d}"
            self.addresses[key] = (media_id, self.now + URL_LIFE)
            return key

    def media_at(self, key):
        with self.lock:
            media_id, end = self.addresses.get(key, (None, -1))
            return self.media.get(media_id) if self.now < end else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "graph"
    disable_nagle_algorithm = True
    world = None
    scheme = "http"

    def log_message(self, *_):
        pass

    # --- answers

    def answer(self, status, value, headers=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, kind):
        status, error = ENVELOPES[kind]
        headers = []
        if kind == "429":
            usage = {"102290129340398": [{"type": "whatsapp", "call_count": 100, "total_cputime": 25,
                                          "total_time": 25, "estimated_time_to_regain_access": 19}]}
            headers.append(("X-Business-Use-Case-Usage", json.dumps(usage)))
        self.answer(status, envelope(error), headers)

    def hang(self):
        self.connection.settimeout(HANG)
        try:
            self.connection.recv(1)
        except OSError:
            pass
        self.close_connection = True

    def play(self, kind):
        """True when the fault was the whole answer."""
        if kind in ENVELOPES:
            self.refuse(kind)
        elif kind == "hang":
            self.hang()
        elif kind == "close":
            self.close_connection = True
        elif kind == "bad_json":
            self.answer(200, b'{"id": "1", "url": ')
        elif kind == "redirect_foreign":
            port = self.server.server_address[1]
            self.redirect(f"{self.scheme}://localhost:{port}/_foreign")
        elif kind == "redirect_ok" and "moved=1" not in self.path:
            self.redirect(self.path + ("&" if "?" in self.path else "?") + "moved=1")
        else:
            return False
        return True

    def redirect(self, where):
        self.answer(302, {}, [("Location", where)])

    # --- calls

    def token_state(self):
        said = self.headers.get("Authorization")
        if said is None:
            return "none"
        return "right" if said == "Bearer " + self.world.token else "wrong"

    def call_of(self, path):
        if path.startswith("/_media/"):
            return "download"
        last = path.rstrip("/").split("/")[-1]
        named = {"phone_numbers": "phone_numbers", "smb_app_data": "sync", "subscribed_apps": "subscribed_apps",
                 "debug_token": "debug_token"}
        if last in named:
            return named[last]
        return "media" if path.startswith("/" + self.world.version + "/") else "unknown"

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        parts = urllib.parse.urlsplit(self.path)
        if parts.path.startswith("/_control"):
            self.handle_control(parts.path, body)
            return
        call = self.call_of(parts.path)
        with self.world.lock:
            self.world.log.append({"call": call, "method": self.command, "path": self.path,
                                   "token": self.token_state(), "host": self.headers.get("Host", ""),
                                   "body": body.decode(errors="replace")})
        kind = self.world.fault(call)
        if kind is not None and self.play(kind):
            return
        if self.token_state() != "right":
            self.refuse("401")
            return
        query = dict(urllib.parse.parse_qsl(parts.query))
        names = parts.path.strip("/").split("/")
        if call == "download":
            self.download(names[-1], kind)
        elif names[0] != self.world.version or call == "unknown":
            self.answer(400, envelope({"message": "Unknown path components", "type": "OAuthException", "code": 2500}))
        elif call == "media":
            self.media(names[-1], query, kind)
        elif call == "phone_numbers":
            self.phone_numbers(names[1], query)
        elif call == "sync":
            self.sync(names[1], body)
        elif call == "subscribed_apps":
            self.subscribed_apps(names[1], query)
        else:
            valid = query.get("input_token") == self.world.token
            self.answer(200, {"data": {"app_id": "1", "type": "SYSTEM_USER", "is_valid": valid, "expires_at": 0,
                                       "scopes": ["whatsapp_business_messaging", "whatsapp_business_management"]}})

    def media(self, media_id, query, kind):
        media = self.world.media.get(media_id)
        wanted = query.get("phone_number_id")
        foreign = media and wanted and media.phone_number_id and media.phone_number_id != wanted
        if media is None or foreign:
            self.refuse("404")
            return
        key = self.world.address_of(media_id)
        sha256 = media.sha256 if kind != "wrong_hash" else hashlib.sha256(b"another file").hexdigest()
        self.answer(200, {"url": f"{self.scheme}://{self.headers['Host']}/_media/{key}", "mime_type": media.mime_type,
                          "sha256": sha256, "file_size": media.told_size, "id": media_id,
                          "messaging_product": "whatsapp"})

    def download(self, key, kind):
        media = self.world.media_at(key)
        if media is None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = media.size + (1 if kind == "longer" else 0)
        self.send_response(200)
        self.send_header("Content-Type", media.mime_type)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        left = size // 2 if kind == "truncate" else size
        for piece in media.pieces():
            if kind == "other_bytes":
                piece = bytes(255 - byte for byte in piece[:1]) + piece[1:]
            if kind == "slow":  # a first part, then nothing
                self.wfile.write(piece[:len(piece) // 2])
                self.hang()
                return
            piece = piece[:left]
            left -= len(piece)
            self.wfile.write(piece)
        if kind == "longer":
            self.wfile.write(b"x")
        if kind == "truncate":
            self.close_connection = True

    def phone_numbers(self, account, query):
        numbers = self.world.numbers.get(account)
        if numbers is None:
            self.refuse("404")
            return
        limit = int(query.get("limit", 25))
        begin = int(base64.b64decode(query["after"])) if "after" in query else 0
        fields = query.get("fields")
        page = numbers[begin:begin + limit]
        if fields:
            page = [{key: number[key] for key in fields.split(",") if key in number} for number in page]
        after = base64.b64encode(str(begin + limit).encode()).decode()
        paging = {"cursors": {"before": base64.b64encode(str(begin).encode()).decode(), "after": after}}
        if begin + limit < len(numbers):  # as the provider does, with the caller's token in it
            again = {**query, "after": after, "access_token": self.world.token}
            path = urllib.parse.urlsplit(self.path).path
            paging["next"] = (f"{self.scheme}://{self.headers['Host']}{path}?" + urllib.parse.urlencode(again))
        self.answer(200, {"data": page, "paging": paging})

    def sync(self, number, body):
        try:
            order = json.loads(body)
        except ValueError:
            order = {}
        kind = order.get("sync_type")
        if kind not in ("smb_app_state_sync", "history") or order.get("messaging_product") != "whatsapp":
            self.answer(400, envelope({"message": "(#100) Invalid parameter", "type": "OAuthException", "code": 100}))
            return
        with self.world.lock:
            again = (number, kind) in self.world.synced
            self.world.synced.add((number, kind))
        if again:
            self.answer(400, envelope({"message": "(#131009) Parameter value is not valid", "type": "OAuthException",
                                       "code": 131009, "error_subcode": 2593107,
                                       "error_data": {"messaging_product": "whatsapp",
                                                      "details": "The synchronization was already requested"}}))
            return
        self.answer(200, {"messaging_product": "whatsapp", "request_id": f"request-{number}-{kind}"})

    def subscribed_apps(self, account, query):
        if self.command == "POST":
            self.world.subscribed[account] = query.get("override_callback_uri", "")
            self.answer(200, {"success": True})
            return
        apps = []
        if account in self.world.subscribed:
            entry = {"whatsapp_business_api_data": {"id": "1", "name": "app", "link": "https://example.com/"}}
            if self.world.subscribed[account]:
                entry["override_callback_uri"] = self.world.subscribed[account]
            apps.append(entry)
        self.answer(200, {"data": apps})

    # --- control

    def handle_control(self, path, body):
        if path == "/_control/log":
            with self.world.lock:
                log = list(self.world.log)
            self.answer(200, log)
            return
        try:
            order = json.loads(body or b"{}")
            if path == "/_control/media":
                media = Media(order)  # hashing takes its time: outside of the lock
                with self.world.lock:
                    self.world.media[order["id"]] = media
                self.answer(200, {"sha256": media.sha256, "size": media.size})
                return
            self.world.control(path, order)
        except (KeyError, ValueError, TypeError) as wrong:
            self.answer(400, {"wrong": str(wrong)})
            return
        self.answer(200, {})

    def do_GET(self):
        try:
            self.handle_any()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    do_POST = do_GET


def main():
    parser = argparse.ArgumentParser(description="the provider's Graph API, for tests")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="test-token")
    parser.add_argument("--version", default="v23.0")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()
    Handler.world = World(options)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Handler.scheme = "https"
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
