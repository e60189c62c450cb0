#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A stream of signed payloads while the daemon is killed again and again.

The sender behaves as the provider does: whatever was not answered with 200 is sent again, also after a restart. At the
end every acknowledged message is there exactly once, nothing is there that was not sent, and verification is clean.
Some messages name a file, which is fetched all the while: at the end each file is kept once, whole, and nothing else
lies in media/.
"""
import argparse
import collections
import hashlib
import http.client
import json
import queue
import random
import signal
import sys
import threading
import time

from appliance import Appliance, envelope, media, text, wait_for

IMAGE_EVERY = 20


class Stream:
    def __init__(self, appliance, messages, seed):
        self.appliance = appliance
        self.random = random.Random(seed)
        self.todo = queue.Queue()
        self.sent = {}
        self.images = {}
        for number in range(messages):
            wamid = f"wamid.stream{number:08d}"
            words = "le damos una coima al juez" if number % 400 == 399 else f"mensaje {number} del flujo"
            sender = f"54911555{number % 50:05d}"
            if number % IMAGE_EVERY == IMAGE_EVERY - 1:
                # Every third image has the bytes of another: those are kept once.
                content = b"\xff\xd8\xff\xe0" + self.random.randbytes(200_000)
                if self.images and number % 3 == 0:
                    content = next(iter(self.images.values()))
                self.images[wamid] = content
                appliance.give_file(str(number), content)
                message = media("image", str(number), content, wamid, sender=sender, caption=words)
            else:
                message = text(words, wamid, sender)
            self.sent[wamid] = words
            self.todo.put((wamid, json.dumps(envelope(message)).encode()))
        self.acknowledged = collections.Counter()
        self.refused = collections.Counter()
        self.lock = threading.Lock()
        self.over = threading.Event()

    def sender(self):
        link = None
        while not self.over.is_set():
            try:
                wamid, body = self.todo.get(timeout=0.1)
            except queue.Empty:
                continue
            try:
                link = link or self.appliance.connection()
                status = self.appliance.post(body, connection=link)
            except (OSError, http.client.HTTPException):
                status, link = None, None
                time.sleep(0.01)
            with self.lock:
                if status == 200:
                    self.acknowledged[wamid] += 1
                else:
                    self.refused[status] += 1
            if status != 200:
                self.todo.put((wamid, body))
            elif self.random.random() < 0.05:
                self.todo.put((wamid, body))  # the provider repeats what was already acknowledged, too

    def done(self):
        with self.lock:
            return len(self.acknowledged) == len(self.sent)


def run(appliance, messages, kills, seed):
    stream = Stream(appliance, messages, seed)
    chance = random.Random(seed + 1)
    appliance.init()
    appliance.start()
    threads = [threading.Thread(target=stream.sender) for _ in range(16)]
    for thread in threads:
        thread.start()
    killed = 0
    marks = sorted(chance.randrange(1, messages) for _ in range(kills))
    try:
        while not stream.done():
            if killed < len(marks) and len(stream.acknowledged) >= marks[killed]:
                time.sleep(chance.random() * 0.02)
                appliance.stop(signal.SIGKILL)
                killed += 1
                appliance.start()
            time.sleep(0.002)
    finally:
        stream.over.set()
        for thread in threads:
            thread.join()
    return stream, killed


def check(appliance, stream):
    """What is wrong, in sentences; empty when all is well."""
    wrong = []
    stored = collections.Counter()
    seqs = {}
    for row in appliance.cli("messages", "--limit", "100000", as_json=True):
        stored[row["id"]] += 1
        seqs[row["id"]] = row["seq"]
        if stream.sent.get(row["id"]) != row["text"]:
            wrong.append(f"record {row['seq']} says what nobody sent")
    lost = [wamid for wamid in stream.acknowledged if stored[wamid] == 0]
    doubled = [wamid for wamid, count in stored.items() if count > 1]
    if lost:
        wrong.append(f"{len(lost)} acknowledged messages are missing, the first {lost[0]}")
    if doubled:
        wrong.append(f"{len(doubled)} messages are stored more than once, the first {doubled[0]}")
    wait_for("the files", lambda: appliance.cli("status", as_json=True)[0]["media"]["waiting"] == 0, 120)
    kept = [path for path in (appliance.vault / "media").rglob("*") if path.is_file()]
    contents = set(stream.images.values())
    if len(kept) != len(contents):
        wrong.append(f"{len(kept)} files lie in media/ for {len(contents)} contents")
    for wamid, content in stream.images.items():
        if wamid not in seqs:
            continue  # told above
        file = appliance.shown(seqs[wamid])["media"][0]
        if (file["state"], file.get("sha256")) != ("stored", hashlib.sha256(content).hexdigest()):
            wrong.append(f"the file of {wamid}: {file}")
    verified = appliance.cli("verify", "--depth", "full", as_json=True, check=False)
    report = json.loads(verified.stdout.splitlines()[-1])
    if verified.returncode != 0 or not report["ok"]:
        wrong.append(f"verification: {report['problems'][:3]}")
    return wrong, len(stored), report["records"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=0, help="default: one for each 500 messages")
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    kills = options.kills or max(3, options.messages // 500)
    with Appliance(options.bin, mail=False, graph=True) as appliance:
        begin = time.monotonic()
        stream, killed = run(appliance, options.messages, kills, options.seed)
        wrong, stored, records = check(appliance, stream)
        print(f"{len(stream.acknowledged)} messages acknowledged, {stored} stored, {len(stream.images)} files, {records} records "
              f"verified, {killed} SIGKILLs, {sum(stream.refused.values())} sendings repeated, "
              f"{time.monotonic() - begin:.1f} s")
        for sentence in wrong:
            print("WRONG:", sentence)
        print("1 passed, 0 failed" if not wrong else "0 passed, 1 failed")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
