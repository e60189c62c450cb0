#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that no compiler checks: who may include whom, and that docs/architecture.md tells the truth."""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHITECTURE = ROOT / "docs/architecture.md"

# Third-party headers that only one room may see, and only in its .cpp and private headers.
WRAPPED = {
    r"(sqlcipher/)?sqlite3\.h": {"vault"},
    r"sodium\.h|sodium/.*": {"crypto"},
    r"openssl/.*": {"crypto", "net"},
    r"curl/.*": {"mail"},
    r"gmime/.*": {"mail"},
    r"re2/.*": {"scan"},
    r"unicode/.*": {"text"},
    r"absl/.*": {"text"},
    r"(pango/|cairo|fribidi|glib|ft2build|qrencode).*": {"paper"},
    r"archive(_entry)?\.h": {"archive"},
    r"boost/(asio|beast)(/.*|\.hpp)": {"net"},
    r"boost/json(/.*|\.hpp)": {"json"},
    r"toml(\+\+|plusplus)?/.*|toml\.hpp": {"config"},
    r"CLI/.*": {"cli", "daemon", "bench"},
    r"systemd/.*": {"daemon"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def own_files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:  # a source archive without git
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if "build" not in path.parts]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def sources(*folders):
    return [path for path in own_files()
            if path.suffix in (".cpp", ".hpp") and path.relative_to(ROOT).parts[0] in folders]


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "lib" else parts[0]


def levels():
    """The drawing in docs/architecture.md: lines such as '| L3 | message ledger scan | ... |'."""
    found = {}
    for level, rooms in re.findall(r"^\|\s*L(\d+)\s*\|([^|]*)\|", ARCHITECTURE.read_text(), re.M):
        for room in re.findall(r"[a-z]+", rooms):
            found[room] = int(level)
    return found


class TheHouse(unittest.TestCase):
    def test_every_room_stands_in_the_drawing(self):
        rooms = {path.name for path in (ROOT / "lib").iterdir() if path.is_dir() and any(path.glob("*.cpp"))}
        self.assertEqual(rooms - set(levels()), set(), "rooms that docs/architecture.md does not draw")

    def test_includes_point_only_to_lower_levels(self):
        level = levels()
        wrong = []
        for path in sources("lib", "daemon", "cli"):
            room = room_of(path)
            for kind, name in INCLUDE.findall(path.read_text()):
                target = name.split("/")[0]
                if kind == '"' and target in level and target != room and level[target] >= level[room]:
                    wrong.append(f"{path.relative_to(ROOT)}: {room} (L{level[room]}) includes {name} (L{level[target]})")
        self.assertEqual(wrong, [])

    def test_link_lists_are_the_drawing(self):
        level = levels()
        listed = (ROOT / "lib/CMakeLists.txt").read_text()
        wrong = []
        for room, rest in re.findall(r"^sigilo_room\((\w+)([^)]*)\)", listed, re.M):
            for lower in re.search(r"ROOMS([^A-Z]*)", rest + " ").group(1).split() if "ROOMS" in rest else []:
                if level[lower] >= level[room]:
                    wrong.append(f"{room} links {lower}")
        self.assertEqual(wrong, [])

    def test_wrapped_libraries_are_seen_in_one_room_only(self):
        wrong = []
        for path in sources("lib", "daemon", "cli"):
            for _, name in INCLUDE.findall(path.read_text()):
                for pattern, rooms in WRAPPED.items():
                    if re.fullmatch(pattern, name) and room_of(path) not in rooms:
                        wrong.append(f"{path.relative_to(ROOT)} includes <{name}>, which belongs to {sorted(rooms)}")
        self.assertEqual(wrong, [])

    def test_only_one_file_asks_the_system_clock(self):
        wrong = [str(path.relative_to(ROOT)) for path in sources("lib", "daemon", "cli")
                 if re.search(r"system_clock::now|steady_clock::now|\btime\(nullptr\)|gettimeofday", path.read_text())
                 and path != ROOT / "lib/base/clock.cpp"]
        self.assertEqual(wrong, [])

    def test_every_source_names_its_licence(self):
        wrong = [str(path.relative_to(ROOT)) for path in own_files()
                 if path.suffix in (".cpp", ".hpp", ".py", ".cmake", ".sh")
                 and "SPDX-License-Identifier: Apache-2.0" not in path.read_text(errors="replace")[:300]]
        self.assertEqual(wrong, [])

    def test_no_file_speaks_of_a_machine(self):
        wrong = [str(path.relative_to(ROOT)) for path in own_files()
                 if path.suffix in (".cpp", ".hpp", ".py", ".md", ".toml", ".txt", ".cmake", ".sh", ".json", ".jsonl")
                 and re.search(r"/work/|/root/|deb\.debian\.org|/tmp/b-", path.read_text(errors="replace"))
                 and path != pathlib.Path(__file__).resolve()]
        self.assertEqual(wrong, [])


class ToChangeXOpenY(unittest.TestCase):
    def test_every_place_named_in_the_documents_exists(self):
        missing = []
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
            for place in re.findall(r"`((?:lib|daemon|cli|tests|etc|docs|fuzz|bench|systemd|cmake)/[\w./-]*)`", page.read_text()):
                if not (ROOT / place).exists():
                    missing.append(f"{page.relative_to(ROOT)}: {place}")
        self.assertEqual(missing, [])

    def test_links_between_pages_lead_somewhere(self):
        missing = []
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
                if not (page.parent / target).exists():
                    missing.append(f"{page.relative_to(ROOT)}: {target}")
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
