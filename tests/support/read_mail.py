#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads an internet message with Python's own library and prints what it found as JSON: an eye on our
mails that shares no code with what wrote them."""
import email
import email.policy
import html.parser
import json
import sys


class Page(html.parser.HTMLParser):
    """What a mail program would make of the page: its elements, attributes and readable text."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text, self.marked, self.code = [], [], [], [], []
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [[tag, name, value or ""] for name, value in attrs]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.tags.append("!unbalanced")

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "style":
            return
        self.text.append(data)
        if inside == "mark":
            self.marked.append(data)
        if inside == "code":
            self.code.append(data)


raw = sys.stdin.buffer.read()
message = email.message_from_bytes(raw, policy=email.policy.default)
parts = []
for part in message.walk():
    if part.is_multipart():
        continue
    parts.append({"type": part.get_content_type(), "charset": part.get_content_charset(),
                  "encoding": part["Content-Transfer-Encoding"], "text": part.get_content()})
found = {
    "headers": [[name, str(value)] for name, value in message.items()],
    "type": message.get_content_type(),
    "date": message["Date"].datetime.isoformat() if message["Date"] else "",
    "from": [[a.display_name, a.addr_spec] for a in message["From"].addresses],
    "to": [[a.display_name, a.addr_spec] for a in message["To"].addresses],
    "parts": parts,
    "defects": [repr(d) for p in message.walk() for d in p.defects] +
               [repr(d) for v in message.values() for d in getattr(v, "defects", ())],
    "bare_lf": raw.replace(b"\r\n", b"").count(b"\n"),
    "bare_cr": raw.replace(b"\r\n", b"").count(b"\r"),
    "longest_line": max(len(line) for line in raw.split(b"\r\n")),
    "ascii": raw.isascii(),
    "nul": raw.count(b"\0"),
}
for part in parts:
    if part["type"] == "text/html":
        page = Page()
        page.feed(part["text"])
        page.close()
        found["page"] = {"tags": page.tags, "attributes": page.attributes, "text": "".join(page.text),
                         "marked": page.marked, "code": page.code, "unclosed": page.open}
json.dump(found, sys.stdout)
