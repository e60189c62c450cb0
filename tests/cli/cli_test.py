#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The commands as a person or a script runs them: exit codes, streams, tables, and what never reaches a terminal."""
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import unicodedata
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from appliance import LINE, PARTY, ROOT, Appliance, envelope, text  # noqa: E402

BIN = os.environ.get("SIGILO_BIN", "build/release/bin")
SIGILO = str(pathlib.Path(BIN).resolve() / "sigilo")
OK, PROBLEM, USAGE, CONFIG, UNREACHABLE, NOT_ALLOWED, NOT_FOUND = range(7)

# Escape sequences of 7 and 8 bits, turned lines, invisible characters, a broken line and a faked column.
NASTY = "hola\x1b[31m\x1b]0;título\x07 \u009b2J \u202eodnoc\u2066 \u200b\u2028\r\n\tfin\x7f 👍🏽 日本 juez coima"


def run(*args, stdin=None, binary=False, **options):
    return subprocess.run([SIGILO, *map(str, args)], capture_output=True, text=not binary, input=stdin, timeout=120,
                          **options)


def acting(output):
    """Characters that a terminal would act upon, or show otherwise than they stand."""
    return [hex(ord(c)) for c in output
            if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")]


def columns(line):
    """Columns that a terminal needs (UAX #11)."""
    width = 0
    for c in line:
        if unicodedata.category(c) in ("Mn", "Me", "Cf"):
            continue
        width += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return width


class CliCase(unittest.TestCase):
    def exits(self, code, done, says=None):
        self.assertEqual(done.returncode, code, f"{done.args}\n{done.stdout}{done.stderr}")
        if says:
            self.assertRegex(done.stderr, says)
        return done


class WithoutAnything(CliCase):
    """No configuration, no vault, no daemon."""

    def test_wrong_usage(self):
        for args in [[], ["frobnicate"], ["messages", "--frob"], ["show"], ["policy"], ["policy", "scan"],
                     ["messages", "--limit"], ["show", "1", "2"], ["alerts", "--open=maybe"], ["line"], ["person"], ["media"],
                     ["line", "request-history"]]:
            with self.subTest(args=args):
                done = self.exits(USAGE, run(*args))
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr)

    def test_a_bad_value_is_usage_too_and_needs_no_daemon(self):
        for args in [["messages", "--limit", "many"], ["messages", "--limit", "0"], ["messages", "--line", ""],
                     ["messages", "--party", ""], ["messages", "--since", "ayer"], ["messages", "--kind", "access"],
                     ["show", "uno"], ["show", "9007199254740992"], ["verify", "--depth", "deep"],
                     ["verify", "--fingerprint", "ab12"], ["alerts", "--limit", "-1"],
                     ["messages", "--line", "+5491150000001", "--line", "+5491150000002"]]:
            with self.subTest(args=args):
                done = self.exits(USAGE, run("--config", "/nonexistent.toml", *args))
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr)

    def test_help_and_version_are_no_failure(self):
        self.assertIn("verify", self.exits(OK, run("--help")).stdout)
        self.assertRegex(self.exits(OK, run("--version")).stdout, r"^\d+\.\d+\.\d+\n$")

    def test_no_configuration(self):
        for command in [["status"], ["messages"], ["verify"], ["init"], ["checkpoint"], ["alerts"], ["show", "1"],
                        ["check-config"], ["policy", "check"]]:
            with self.subTest(command=command):
                self.exits(CONFIG, run("--config", "/nonexistent.toml", *command), "/nonexistent.toml")

    def test_a_file_name_cannot_turn_the_terminal(self):
        done = run("--config", "/no\x1b[31m\u202e.toml", "status")
        self.assertEqual(acting(self.exits(CONFIG, done).stderr), [])


class Policies(CliCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sigilo-cli-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        (self.home / "one.toml").write_text(
            '[policy]\nname = "Una"\nlanguage = ["es"]\n'
            '[[rule]]\nid = "b.second"\ncategory = "bribery"\nseverity = "high"\nany = [\'\\bcoim(a|as)\\b\']\n'
            '[[rule]]\nid = "a.first"\ncategory = "abuse"\nseverity = "low"\nany = [\'\\bcoima\\b\', \'tonto\']\n'
            '[[rule]]\nid = "c.out"\ncategory = "threat"\nseverity = "low"\nany = [\'vas a ver\']\ndirection = "out"\n')

    def policy(self, command, *args, stdin=None, as_json=False, binary=False):
        flags = ["--json"] if as_json else []
        return run("--config", "/nonexistent.toml", *flags, "policy", command, "--policies", self.home, *args,
                   stdin=stdin, binary=binary)

    def scan(self, *rows):
        lines = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
        done = self.policy("scan", "-", stdin=lines)
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def test_check_needs_no_configuration_when_the_directory_is_given(self):
        self.assertEqual(self.exits(OK, self.policy("check")).stdout, "3 rules in 1 files, no problems\n")
        value = json.loads(self.policy("check", as_json=True).stdout)
        self.assertEqual((value["ok"], value["rules"], value["files"], value["problems"]), (True, 3, 1, []))

    def test_check_names_every_mistake_with_file_and_line(self):
        bad = self.home / "two.toml"
        bad.write_text('[policy]\nname = "Dos"\nlanguage = ["es"]\n[[rule]]\nid = "x.y"\ncategory = "abuse"\n'
                       'severity = "huge"\nany = [\'(\']\n')
        done = self.exits(CONFIG, self.policy("check"))
        self.assertEqual(done.stdout, "")
        self.assertIn(f"{bad}:7: ", done.stderr)
        self.assertIn(f"{bad}:8: ", done.stderr)
        value = json.loads(self.policy("check", as_json=True).stdout)
        self.assertFalse(value["ok"])
        self.assertEqual([problem["line"] for problem in value["problems"]], [7, 8])
        self.exits(CONFIG, self.policy("scan", "-", stdin=""))

    def test_check_of_a_directory_that_is_not_there(self):
        self.exits(CONFIG, run("policy", "check", "--policies", self.home / "absent"), "absent")

    def test_scan_answers_in_the_order_of_the_lines(self):
        done, rows = self.scan({"id": "z", "text": "una COIMA"}, {"id": 7, "text": "nada"}, "\n", "  \r\n",
                               {"id": "a", "text": "tonto"}, {"id": "ñ", "text": "las cóimas"})
        self.exits(OK, done)
        self.assertEqual(rows, [
            {"id": "z", "categories": ["abuse", "bribery"], "rules": ["b.second", "a.first"]},
            {"id": 7, "categories": [], "rules": []},
            {"id": "a", "categories": ["abuse"], "rules": ["a.first"]},
            {"id": "ñ", "categories": ["bribery"], "rules": ["b.second"]}])

    def test_scan_tries_both_directions_unless_the_line_says_one(self):
        said = [{"id": n, "text": "ya vas a ver", **d} for n, d in
                enumerate([{}, {"direction": "in"}, {"direction": "out"}])]
        _, rows = self.scan(*said)
        self.assertEqual([row["rules"] for row in rows], [["c.out"], [], ["c.out"]])

    def test_scan_names_the_bad_line_and_keeps_what_came_before(self):
        good = {"id": "1", "text": "coima"}
        for bad in ["{", "[]", '{"id":"2"}', '{"text":"x"}', '{"id":"2","text":5}', '{"id":{},"text":"x"}',
                    '{"id":18446744073709551615,"text":"x"}', '{"id":"2","text":"x","direction":"up"}',
                    '{"id":"2","text":"x","direction":1}', '{"id":"2","text":"x"} more', "\x1b[2J"]:
            with self.subTest(bad=bad):
                done, rows = self.scan(good, "\n", good, bad + "\n", good)
                self.exits(USAGE, done, "line 4: ")
                self.assertEqual(acting(done.stderr), [])
                self.assertEqual(len(rows), 2)

    def test_scan_takes_a_last_line_without_its_end_and_files(self):
        done, rows = self.scan('{"id":"1","text":"coima"}')
        self.assertEqual([row["id"] for row in rows], ["1"])
        file = self.home / "in.jsonl"
        file.write_text('{"id":"1","text":"coima"}\r\n{"id":"2","text":"a\\u0000coima"}\n')
        done = self.policy("scan", file)
        self.assertEqual([json.loads(line)["id"] for line in self.exits(OK, done).stdout.splitlines()], ["1", "2"])

    def test_scan_of_bytes_that_are_not_utf8(self):
        done = self.policy("scan", "-", stdin=b'{"id":"1","text":"\xff"}\n', binary=True)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn(b"line 1: ", done.stderr)

    def test_scan_of_what_cannot_be_read(self):
        self.exits(NOT_FOUND, self.policy("scan", self.home / "absent"), "absent")
        self.exits(PROBLEM, self.policy("scan", self.home), "line 1")

    def test_a_line_without_an_end_does_not_fill_the_memory(self):
        limit = 4 * 1024 * 1024
        row = '{"id":"1","text":"%s"}'
        fits = row % ("x" * (limit - len(row % "")))
        self.assertEqual(len(fits), limit)
        done, rows = self.scan(fits + "\n", {"id": "2", "text": "coima"})
        self.exits(OK, done)
        self.assertEqual([r["id"] for r in rows], ["1", "2"])
        self.exits(USAGE, self.scan({"id": "1", "text": ""}, "x" + fits + "\n")[0], "line 2 is longer")
        self.exits(USAGE, self.policy("scan", "/dev/zero"), "line 1 is longer")

    def test_nothing_of_an_id_or_a_text_comes_out_alive(self):
        done, rows = self.scan({"id": NASTY, "text": NASTY})
        self.assertEqual(acting(self.exits(OK, done).stdout), [])
        self.assertEqual(rows[0]["id"], NASTY)

    def test_an_output_that_cannot_be_written_is_no_success(self):
        rows = '{"id":"1","text":"coima"}\n' * 3
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([SIGILO, "policy", "scan", "--policies", str(self.home), "-"], input=rows, text=True,
                                  stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, PROBLEM)
        self.assertTrue(done.stderr)


class WithAConfiguration(CliCase):
    """A configuration; vault and daemon only where a test makes them."""

    def setUp(self):
        self.firm = Appliance(BIN, mail=False)
        self.addCleanup(self.firm.close)

    def cli(self, *args, **options):
        return self.firm.cli(*args, check=False, **options)

    def test_every_mistake_has_its_file_and_line(self):
        self.firm.config.write_text(self.firm.config.read_text() + '\n[firma]\nx = 1\n\n[watch]\npoll = "soon"\n')
        lines = self.firm.config.read_text().splitlines()
        done = self.exits(CONFIG, self.cli("check-config"))
        self.assertEqual(done.stdout, "")
        for key in ("[firma]", 'poll = "soon"'):
            self.assertIn(f"{self.firm.config}:{lines.index(key) + 1}: ", done.stderr)
        value = json.loads(self.cli("--json", "check-config").stdout)
        self.assertFalse(value["ok"])
        self.assertGreaterEqual(len(value["problems"]), 2)
        for problem in value["problems"]:
            self.assertEqual(set(problem), {"file", "line", "what", "remedy"})
        self.assertEqual(self.exits(CONFIG, self.cli("status")).stdout, "")

    def test_mistakes_in_policies_are_mistakes_of_the_configuration(self):
        policies = self.firm.home / "policies.d"
        policies.mkdir()
        (policies / "bad.toml").write_text("[policy]\nnam = 1\n")
        self.firm.config.write_text(self.firm.config.read_text().replace(f"{ROOT}/etc/policies.d", str(policies)))
        self.exits(CONFIG, self.cli("check-config"), r"bad\.toml:2: ")
        self.exits(CONFIG, self.cli("policy", "check"), r"bad\.toml:2: ")

    def test_a_good_configuration_may_have_warnings(self):
        self.firm.config.write_text(self.firm.config.read_text() + '\n[source.spool]\ndirectory = "/var/spool/sigilo"\n')
        self.firm.init()
        done = self.exits(OK, self.cli("check-config"))
        self.assertEqual(done.stdout, f"{self.firm.config}: no problems\n")
        self.assertIn("warning: ", done.stderr)
        value = json.loads(self.exits(OK, self.cli("--json", "check-config")).stdout)
        self.assertTrue(value["ok"])
        self.assertTrue(value["warnings"])

    def test_a_secret_that_others_may_read_is_a_mistake(self):
        self.firm.init()
        (self.firm.home / "meta-app-secret").chmod(0o644)
        self.exits(CONFIG, self.cli("check-config"), r"sigilo\.toml:\d+: .*meta-app-secret")

    def test_init_prints_fingerprint_and_recovery_key_once(self):
        made = json.loads(self.exits(OK, self.cli("--json", "init")).stdout)
        self.assertEqual(set(made), {"vault", "fingerprint", "recovery_key"})
        for name in ("fingerprint", "recovery_key"):
            self.assertRegex(made[name], r"^[0-9a-f]{64}$")
        self.assertEqual((self.firm.home / "vault-key").stat().st_mode & 0o777, 0o600)
        files = {path: path.read_bytes() for path in self.firm.home.rglob("*") if path.is_file()}
        for path, content in files.items():
            self.assertNotIn(made["recovery_key"].encode(), content, path)
            self.assertNotIn(bytes.fromhex(made["recovery_key"]), content, path)
        again = self.exits(PROBLEM, self.cli("--json", "init"), "already")
        self.assertEqual(again.stdout, "")
        self.assertEqual(files, {path: path.read_bytes() for path in self.firm.home.rglob("*") if path.is_file()})

    def test_init_for_people_groups_what_is_written_down(self):
        out = self.exits(OK, self.cli("init")).stdout
        self.assertEqual(len(re.findall(r"^  (?:[0-9a-f]{4} ){15}[0-9a-f]{4}$", out, re.M)), 2)
        fingerprint = re.search(r"^  ([0-9a-f ]+)$", out, re.M).group(1)
        self.exits(OK, self.cli("verify", "--fingerprint", fingerprint.upper()))
        self.exits(PROBLEM, self.cli("verify", "--fingerprint", "0" * 64))

    def test_init_without_a_place_leaves_no_vault(self):
        self.firm.vault.write_text("a file")
        done = self.cli("init")
        self.assertNotIn(done.returncode, (OK, CONFIG), done.stderr)
        self.assertEqual(self.firm.vault.read_text(), "a file")

    def test_no_daemon(self):
        self.firm.init()
        for command in [["status"], ["messages"], ["show", "1"], ["alerts"], ["alerts", "--open"], ["checkpoint"],
                        ["lines"], ["line", LINE], ["line", "request-history", LINE], ["person", LINE], ["gaps"],
                        ["media", "1", "--output", self.firm.home / "file"]]:
            for flags in ([], ["--json"]):
                with self.subTest(command=command, flags=flags):
                    done = self.exits(UNREACHABLE, self.cli(*flags, *command), "start sigilod")
                    self.assertEqual(done.stdout, "")

    def copy_of_the_vault(self):
        """A configuration beside the first one that differs in the vault's directory only."""
        copy = self.firm.home / "copy"
        shutil.copytree(self.firm.vault, copy)
        config = self.firm.home / "copy.toml"
        config.write_text(self.firm.config.read_text().replace(f'"{self.firm.vault}"', f'"{copy}"'))
        return config

    def test_verify_works_alone_on_the_vault_and_on_a_copy(self):
        self.firm.init()
        self.firm.start()
        self.firm.post(envelope(text("lo dicho", "wamid.1")))
        self.firm.stop()
        self.assertIn("CLEAN", self.exits(OK, self.cli("verify")).stdout)
        copy = self.copy_of_the_vault()
        value = json.loads(self.exits(OK, self.cli("--json", "verify", "--depth", "tree", config=copy)).stdout)
        self.assertEqual((value["ok"], value["depth"], value["problems"]), (True, "tree", []))
        damaged = self.firm.home / "copy" / "vault.db"
        data = bytearray(damaged.read_bytes())
        data[len(data) // 2] ^= 1
        damaged.write_bytes(data)
        self.exits(PROBLEM, self.cli("verify", config=copy))
        self.exits(OK, self.cli("verify"))

    def test_verify_of_a_copy_is_not_answered_by_the_daemon_of_another_vault(self):
        self.firm.init()
        config = self.copy_of_the_vault()
        (self.firm.home / "copy" / "vault.db").write_bytes(b"noise" * 10_000)
        self.firm.start()
        self.assertEqual(self.exits(OK, self.cli("verify")).stderr, "")
        done = self.exits(PROBLEM, self.cli("verify", config=config), "copy")
        self.assertNotIn("CLEAN", done.stdout)

    def test_verify_compares_with_a_checkpoint_that_was_kept(self):
        self.firm.init()
        self.firm.start()
        note = self.firm.home / "note"
        note.write_text(self.exits(OK, self.cli("checkpoint")).stdout)
        self.firm.post(envelope(text("lo dicho", "wamid.1")))
        for _ in range(2):
            value = json.loads(self.exits(OK, self.cli("--json", "verify", "--since", note)).stdout)
            self.assertEqual((value["ok"], value["since"]["relation"]), (True, "consistent"))
            self.assertLess(value["since"]["size"], value["since"]["present"])
            altered = self.firm.home / "altered"
            altered.write_text(note.read_text().replace(f'\n{value["since"]["size"]}\n', "\n1\n"))
            done = self.exits(PROBLEM, self.cli("verify", "--since", altered))
            self.assertIn("bad-signature", done.stdout)
            self.assertNotIn("CLEAN", done.stdout)
            self.firm.stop()  # and once more without a daemon
        for nothing in (b"", b"x" * 70_000):
            altered.write_bytes(nothing)
            self.assertEqual(self.exits(PROBLEM, self.cli("verify", "--since", altered), "checkpoint").stdout, "")
        self.exits(PROBLEM, self.cli("verify", "--since", self.firm.home / "no-such"), "read")

    def test_rekey_works_with_the_daemon_and_alone(self):
        self.firm.init()
        self.firm.start()
        first = json.loads(self.exits(OK, self.cli("--json", "rekey")).stdout)
        self.assertEqual(first["epoch"], 1)
        self.firm.post(envelope(text("lo dicho", "wamid.1")))
        self.firm.stop()
        done = self.exits(OK, self.cli("rekey"), "without")
        self.assertIn("Epoch 2", done.stdout)
        self.assertNotIn(first["public_key"], done.stdout)
        self.assertEqual([path.name for path in (self.firm.vault / "keys").iterdir()], ["epoch-2.key"])
        self.firm.start()
        self.firm.post(envelope(text("lo dicho después", "wamid.2")))
        self.assertTrue(json.loads(self.exits(OK, self.cli("--json", "verify")).stdout)["ok"])

    def test_rekey_alone_leaves_a_vault_to_its_writer(self):
        self.firm.init()
        self.firm.start()
        elsewhere = self.firm.home / "elsewhere.toml"
        elsewhere.write_text(self.firm.config.read_text().replace("api.sock", "other.sock"))
        self.exits(PROBLEM, self.cli("rekey", config=elsewhere), "holds the vault")
        self.assertEqual([path.name for path in (self.firm.vault / "keys").iterdir()], ["epoch-0.key"])

    def test_recover_takes_the_recovery_key_as_it_was_printed(self):
        printed = self.exits(OK, self.cli("init")).stdout
        groups = re.findall(r"^  ((?:[0-9a-f]{4} ?){16})$", printed, re.M)[-1]
        self.exits(PROBLEM, self.cli("recover", stdin=groups), "nothing has to be recovered")
        (self.firm.vault / "keys" / "epoch-0.key").unlink()
        self.exits(USAGE, self.cli("recover", stdin="ab12 cd34\n"), "64 hex digits")
        done = self.exits(PROBLEM, self.cli("recover", stdin="0" * 64), "not the recovery key")
        self.assertNotIn(groups[:9], done.stdout + done.stderr)
        key_file = self.firm.home / "recovery"
        key_file.write_text(groups.upper() + "\n")
        key_file.chmod(0o600)
        value = json.loads(self.exits(OK, self.cli("--json", "recover", "--recovery-key-file", key_file)).stdout)
        self.assertEqual((value["epoch"], value["record"]), (1, 1))
        (self.firm.vault / "keys" / "epoch-1.key").unlink()
        self.assertIn("epoch 2", self.exits(OK, self.cli("recover", stdin=groups + "\n")).stdout)
        self.firm.start()
        self.firm.post(envelope(text("lo dicho", "wamid.1")))
        self.assertIn("REMARK", self.exits(OK, self.cli("status")).stdout)
        checked = self.exits(OK, self.cli("verify")).stdout
        self.assertIn("CLEAN", checked)
        self.assertEqual(checked.count("recovered"), 2)

    @unittest.skipUnless(os.geteuid() == 0, "needs root to give a vault away")
    def test_what_root_rekeys_stays_the_owners(self):
        self.firm.init()
        for path in [self.firm.vault, *self.firm.vault.rglob("*")]:
            os.chown(path, 65534, 65534)
        self.firm.home.chmod(0o755)
        self.exits(OK, self.cli("rekey"))
        self.assertEqual({path.stat().st_uid for path in self.firm.vault.rglob("*")}, {65534})

    def test_an_unreadable_vault_is_never_clean(self):
        self.exits(PROBLEM, self.cli("verify"))
        self.firm.init()
        (self.firm.home / "vault-key").write_text("1" * 64 + "\n")
        done = self.exits(PROBLEM, self.cli("--json", "verify"), "key")
        self.assertEqual(done.stdout, "")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become somebody else")
    def test_a_user_who_may_not_is_told_so(self):
        self.firm.init()
        self.firm.start()
        for path in (self.firm.home, self.firm.config):
            path.chmod(0o755)
        binary = self.firm.home / "sigilo"
        shutil.copy(SIGILO, binary)
        for command in (["status"], ["verify"]):
            done = subprocess.run([binary, "--config", self.firm.config, *command], capture_output=True, text=True,
                                  user=65534, group=65534, extra_groups=[], timeout=60)
            self.assertEqual(self.exits(NOT_ALLOWED, done).stdout, "")


class WithADaemon(CliCase):
    @classmethod
    def setUpClass(cls):
        cls.firm = Appliance(BIN, mail=False)
        cls.addClassCleanup(cls.firm.close)
        cls.firm.init()
        cls.firm.start()
        contact = [{"profile": {"name": "Ana \x1b[1m\u202e 日本 coima"}, "wa_id": PARTY}]
        for body in [envelope(text("Buen día", "wamid.1", when=1_790_000_000), contacts=contact),
                     envelope(text(NASTY, "wamid.2", when=1_790_000_060), contacts=contact),
                     envelope(text("x" * 4096, "wamid.3", when=1_790_000_120)),
                     envelope(text("le damos una coima al juez", "wamid.4", when=1_790_000_180)),
                     {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [
                         {"field": "unknown\u009b", "value": {"x": "\u202e"}}]}]}]:
            assert cls.firm.post(body) == 200
        cls.lists = [["messages"], ["messages", "--kind", "unrecognised"], ["messages", "--kind", "status"], ["alerts"],
                     ["alerts", "--open"], ["gaps"], ["lines"]]
        cls.singles = [["status"], ["line", LINE], ["person", PARTY], ["show", cls.seq("wamid.2")], ["verify"], ["verify", "--depth", "tree"],
                       ["checkpoint"], ["check-config"], ["policy", "check"]]

    @classmethod
    def seq(cls, wamid):
        return next(row["seq"] for row in cls.firm.cli("messages", as_json=True) if row["id"] == wamid)

    def cli(self, *args, **options):
        return self.firm.cli(*args, check=False, **options)

    def test_json_is_one_value_or_one_a_line_and_nothing_else(self):
        for command in self.lists + self.singles:
            for flags in (["--json", *command], [*command, "--json"]):
                with self.subTest(flags=flags):
                    done = self.exits(OK, self.cli(*flags))
                    values = [json.loads(line) for line in done.stdout.splitlines()]
                    self.assertTrue(all(isinstance(value, dict) for value in values))
                    if command in self.singles:
                        self.assertEqual(len(values), 1)
                    self.assertEqual(acting(done.stdout), [])

    def test_nothing_of_a_message_reaches_the_terminal_alive(self):
        for command in self.lists + self.singles:
            with self.subTest(command=command):
                done = self.exits(OK, self.cli(*command))
                self.assertEqual(acting(done.stdout) + acting(done.stderr), [])
        shown = self.cli("show", self.seq("wamid.2")).stdout
        for seen in ("título", "日本"):
            self.assertIn(seen, shown)
        self.assertRegex(shown, r"(?m)^  \| .*fin.*juez coima$", "a new line of a text stays behind its bar")
        value = json.loads(self.cli("--json", "show", self.seq("wamid.2")).stdout)
        self.assertEqual(value["text"], NASTY)

    def test_tables_are_aligned_and_end_without_spaces(self):
        out = self.cli("messages").stdout
        title, *rows = out.splitlines()
        self.assertEqual(len(rows), 4)
        self.assertFalse(any(line != line.rstrip() for line in out.splitlines()))
        for name, cell in (("SENT", "2026-09-21 "), ("LINE", LINE), ("PARTY", "+" + PARTY), ("TYPE", "text")):
            for row in rows:
                self.assertEqual(columns(row[:row.index(cell)]), columns(title[:title.index(name)]), row)
        self.assertTrue(all(columns(row) < 220 for row in rows))
        self.assertIn("…", rows[2])
        alert = self.cli("alerts").stdout.splitlines()
        self.assertEqual(columns(alert[1][:alert[1].index("open")]), alert[0].index("STATE"))

    def test_a_page_fits_on_a_terminal_but_for_what_is_to_be_copied(self):
        for wamid in ("wamid.2", "wamid.3"):
            page = self.cli("show", self.seq(wamid)).stdout.split("\nEVIDENCE")[0]
            self.assertEqual([line for line in page.splitlines() if columns(line) > 100], [])
        self.assertIn("x" * 96, page)

    def test_times_are_the_firms(self):
        self.assertIn("2026-09-21 11:13:20", self.cli("messages", "--limit", "4").stdout)
        self.assertEqual(self.firm.cli("messages", as_json=True)[0]["sent"], "2026-09-21T14:13:20.000000Z")

    def test_a_list_that_was_cut_says_so(self):
        self.assertIn("newest 2", self.cli("messages", "--limit", "2").stdout)
        self.assertNotIn("newest", self.cli("messages").stdout)
        self.assertEqual(len(self.firm.cli("messages", "--limit", "2", as_json=True)), 2)

    def test_filters_reach_the_daemon(self):
        def ids(*args):
            return [row["id"] for row in self.firm.cli("messages", *args, as_json=True)]
        self.assertEqual(len(ids("--line", "54 11 5000 0001")), 4)
        self.assertEqual(ids("--line", "+5491150000009"), [])
        self.assertEqual(len(ids("--party", PARTY)), 4)
        self.assertEqual(ids("--until", "2020-01-01T00:00:00Z"), [])
        self.assertEqual(len(ids("--since", "2020-01-01T00:00:00-03:00")), 4)
        self.assertEqual(self.cli("messages", "--line", "+5491150000009").stdout, "no messages\n")

    def test_a_record_that_is_no_message(self):
        for seq in ("0", "99999"):
            self.assertEqual(self.exits(NOT_FOUND, self.cli("show", seq), "record number").stdout, "")

    def test_what_show_says_can_be_checked_by_hand(self):
        record = json.loads(self.cli("--json", "show", self.seq("wamid.1")).stdout)["record"]
        both = (record["header"] + record["signature"]).encode()
        self.assertEqual(hashlib.sha256(b"\0" + both).hexdigest(), record["leaf"])
        out = self.cli("show", self.seq("wamid.1")).stdout
        self.assertIn(record["header"].rstrip("\n"), out)
        self.assertIn(record["signature"].rstrip("\n"), out)

    def test_fields_that_scripts_rely_on(self):
        message = self.firm.cli("messages", as_json=True)[0]
        self.assertLessEqual({"seq", "time", "sent", "line", "party", "direction", "type", "text", "id", "source", "state",
                              "edited", "revoked"}, set(message))
        alert = self.firm.cli("alerts", as_json=True)[-1]
        self.assertLessEqual({"id", "seq", "time", "category", "severity", "rule", "line", "party", "words", "state",
                              "mail"}, set(alert))
        status = self.firm.cli("status", as_json=True)[0]
        self.assertLessEqual({"records", "lines", "outbox", "backlog", "unrecognised", "not_monitored", "duplicates",
                              "attention"}, set(status))
        self.assertEqual((status["lines"][0]["number"], status["lines"][0]["state"]), (LINE, "ok"))

    def test_a_checkpoint_is_printed_byte_for_byte(self):
        note = self.exits(OK, self.cli("checkpoint")).stdout
        self.assertRegex(note, r"^sigilo/[0-9a-f-]{36}\n\d+\n[A-Za-z0-9+/=]{44}\n\n"
                               r"— sigilo/[0-9a-f-]{36} [A-Za-z0-9+/=]+\n$")
        self.assertRegex(json.loads(self.cli("--json", "checkpoint").stdout)["checkpoint"], "^sigilo/")
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([SIGILO, "--config", str(self.firm.config), "checkpoint"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, PROBLEM)


class AnotherProgramOnTheSocket(CliCase):
    """Whatever listens there is not believed."""

    @classmethod
    def setUpClass(cls):
        cls.firm = Appliance(BIN, mail=False)
        cls.addClassCleanup(cls.firm.close)
        cls.firm.init()

    def answered(self, status, body, *command):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if body:
                    self.wfile.write(body)
            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        socket_path = self.firm.home / "api.sock"
        with socketserver.UnixStreamServer(str(socket_path), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                return self.firm.cli(*command, check=False)
            finally:
                server.shutdown()
                thread.join()
                socket_path.unlink()

    def test_an_answer_of_another_kind_is_no_empty_list(self):
        for body in (b"{}", b"", b"<html>", b'"x"'):
            with self.subTest(body=body):
                self.assertEqual(self.exits(PROBLEM, self.answered(200, body, "messages")).stdout, "")
        self.exits(PROBLEM, self.answered(200, b"[]", "status"))
        self.exits(PROBLEM, self.answered(200, b"{}", "verify"))

    def test_its_words_do_not_act(self):
        body = json.dumps([{"seq": 1, "text": NASTY, "party": NASTY, "type": NASTY}]).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, body, "messages")).stdout), [])
        error = json.dumps({"error": {"what": NASTY, "remedy": NASTY}}).encode()
        self.assertEqual(acting(self.exits(NOT_ALLOWED, self.answered(403, error, "status")).stderr), [])
        report = json.dumps({"ok": False, "vault": NASTY, "problems": [{"problem": NASTY, "found": NASTY}]}).encode()
        self.assertEqual(acting(self.exits(PROBLEM, self.answered(200, report, "verify")).stdout), [])
        shown = json.dumps({"seq": 1, "kind": NASTY, "text": NASTY, "party": NASTY, "life": [
            {"what": "edit", "by": NASTY, "type": NASTY, "text": NASTY, "errors": [{"title": NASTY}]}],
            "media": [{"name": NASTY, "declared": NASTY, "state": NASTY, "reason": NASTY}],
            "mails": [{"recipient": NASTY, "reply": NASTY}], "accesses": [{"user": NASTY, "what": NASTY}]}).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, shown, "show", "1")).stdout), [])
        person = json.dumps({"names": [NASTY], "links": [{"name": NASTY, "other": NASTY, "how": NASTY}],
                             "called": [{"name": NASTY}]}).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, person, "person", LINE)).stdout), [])
        line = json.dumps({"number": NASTY, "never_delivered": [NASTY], "profiles": [{NASTY: NASTY}],
                           "history": {"contacts": {"state": NASTY, "reason": NASTY}, "declined": NASTY}}).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, line, "line", LINE)).stdout), [])
        gaps = json.dumps([{"event": NASTY, "party": NASTY}, {"event": "unseen", "provider_id": NASTY}]).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, gaps, "gaps")).stdout), [])
        status = json.dumps({"version": NASTY, "attention": [NASTY], "lines": [{"number": NASTY}]}).encode()
        self.assertEqual(acting(self.exits(OK, self.answered(200, status, "status")).stdout), [])

    def test_errors_of_the_daemon_have_their_exit_codes(self):
        for status, code in ((400, USAGE), (403, NOT_ALLOWED), (404, NOT_FOUND), (500, PROBLEM), (503, PROBLEM)):
            with self.subTest(status=status):
                self.exits(code, self.answered(status, b"", "status"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
