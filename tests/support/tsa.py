#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A time stamp authority (RFC 3161) for tests, made of `openssl ts`; standard library only.

  tsa.py make DIRECTORY             makes the authority's certificates and keys there (once)
  tsa.py reply DIRECTORY [OPTIONS]  standard input: a query in DER; standard output: the answer
  tsa.py serve DIRECTORY [OPTIONS]  the same over HTTP on loopback, until it is ended; the port stands in
                                    DIRECTORY/port once it listens

DIRECTORY/root.pem is to be trusted; DIRECTORY/other.pem is the root of somebody else. OPTIONS:

  --signer NAME   who signs: tsa (default), expired, eku (a certificate that is not for time stamps), mixed (for
                  time stamps and something else), lenient (the usage isn't critical), other (of the other root)
  --policy OID    the only policy that is accepted and given (default 1.2.3.4.1)
  --status N      a status other than granted, with --failure BIT and the text "not today"
  --garbage       bytes that are no answer
  --http N        this HTTP status instead of 200
"""
import argparse
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile

POLICY = "1.2.3.4.1"
USAGES = {
    "tsa": "critical,timeStamping",
    "expired": "critical,timeStamping",
    "other": "critical,timeStamping",
    "lenient": "timeStamping",
    "mixed": "critical,timeStamping,emailProtection",
    "eku": "critical,emailProtection",
}


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"openssl {' '.join(map(str, arguments))}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def make_root(directory, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
            "-subj", f"/O=Tests/CN=Root {name}", "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.pem",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def make_signer(directory, name):
    """A certificate with the dates that `openssl ca` alone can give."""
    root = "other" if name == "other" else "root"
    start, end = ("20200101000000Z", "20200201000000Z") if name == "expired" else ("20200101000000Z", "20991231235959Z")
    request = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-subj", f"/O=Tests/CN=Authority {name}", "-keyout", directory / f"signer-{name}.key")
    (directory / "csr.pem").write_bytes(request)
    (directory / "index.txt").write_text("")
    (directory / "ca.conf").write_text(f"""
[ca]
default_ca = default
[default]
database = {directory}/index.txt
new_certs_dir = {directory}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
organizationName = supplied
commonName = supplied
[extensions]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = {USAGES[name]}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
""")
    openssl("ca", "-batch", "-notext", "-config", directory / "ca.conf", "-cert", directory / f"{root}.pem",
            "-keyfile", directory / f"{root}.key", "-startdate", start, "-enddate", end,
            "-in", directory / "csr.pem", "-out", directory / f"signer-{name}.pem")


def make(directory):
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("root", "other"):
        make_root(directory, name)
    for name in USAGES:
        make_signer(directory, name)


def der(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def stamped(directory, query, signer, policy):
    """The answer of `openssl ts -reply`."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "query.tsq").write_bytes(query)
        (scratch / "serial").write_text("01\n")
        (scratch / "tsa.conf").write_text(f"""
[tsa]
default_tsa = default
[default]
serial = {scratch}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 0
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
""")
        openssl("ts", "-reply", "-config", scratch / "tsa.conf", "-queryfile", scratch / "query.tsq",
                "-signer", directory / f"signer-{signer}.pem", "-inkey", directory / f"signer-{signer}.key",
                "-out", scratch / "answer.tsr")
        return (scratch / "answer.tsr").read_bytes()


def forged(directory, query, signer, policy):
    """An answer by a certificate with which `openssl ts` rightly refuses to sign: its content is made by a proper
    authority and signed anew."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "proper.tsr").write_bytes(stamped(directory, query, "tsa", policy))
        openssl("ts", "-reply", "-in", scratch / "proper.tsr", "-token_out", "-out", scratch / "proper.der")
        content = openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", scratch / "proper.der")
        token = openssl("cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256", "-outform", "DER",
                        "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", directory / f"signer-{signer}.pem",
                        "-inkey", directory / f"signer-{signer}.key", data=content)
        return der(0x30, der(0x30, der(0x02, b"\0")), token)


def refused(status, failure):
    parts = [der(0x02, bytes([status])), der(0x30, der(0x0C, b"not today"))]
    if failure is not None:
        bits = bytearray(failure // 8 + 1)
        bits[failure // 8] = 0x80 >> failure % 8
        parts.append(der(0x03, bytes([7 - failure % 8]), bytes(bits)))
    return der(0x30, der(0x30, *parts))


def reply(options, query):
    if options.garbage:
        return b"<html>this is no authority</html>"
    if options.status:
        return refused(options.status, options.failure)
    make_answer = stamped if options.signer in ("tsa", "expired", "other") else forged
    return make_answer(options.directory, query, options.signer, options.policy)


def serve(options):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            right = self.headers.get("Content-Type") == "application/timestamp-query"
            status = (options.http or 200) if right else 415
            answer = reply(options, query) if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    draft = options.directory / "port.new"
    draft.write_text(str(server.server_port))
    os.replace(draft, options.directory / "port")
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description="a time stamp authority for tests")
    parser.add_argument("what", choices=["make", "reply", "serve"])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--signer", choices=list(USAGES), default="tsa")
    parser.add_argument("--policy", default=POLICY)
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("--failure", type=int)
    parser.add_argument("--garbage", action="store_true")
    parser.add_argument("--http", type=int, default=0)
    options = parser.parse_args()
    if options.what == "make":
        make(options.directory)
    elif options.what == "reply":
        sys.stdout.buffer.write(reply(options, sys.stdin.buffer.read()))
    else:
        serve(options)


if __name__ == "__main__":
    main()
