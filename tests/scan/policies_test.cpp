// SPDX-License-Identifier: Apache-2.0
#include "scan/policies.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <stdlib.h>

using namespace sigilo;
using namespace sigilo::scan;
using namespace std::string_literals;

namespace {

const std::string head = "[policy]\nname = 'P'\n"s;

/// A file with one rule whose other keys are `keys`; they begin in line 7.
std::string one_rule(const std::string& keys) {
  return "[policy]\nname = 'P'\n[[rule]]\nid = 'r'\ncategory = 'bribery'\nseverity = 'high'\n" +
         keys + "\n";
}

Policies policies(const std::vector<std::string>& contents) {
  std::vector<PolicySource> sources;
  for (std::size_t i = 0; i < contents.size(); ++i)
    sources.push_back({fmt::format("{}.toml", i), contents[i]});
  auto loaded = Policies::compile(std::move(sources));
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.message());
  REQUIRE(loaded.policies.has_value());
  return std::move(*loaded.policies);
}

std::vector<std::string> problems(const std::string& content) {
  std::vector<std::string> out;
  const auto loaded = Policies::compile({{"p.toml", content}});
  CHECK(loaded.policies.has_value() == loaded.problems.empty());
  for (const auto& problem : loaded.problems) out.push_back(problem.message());
  return out;
}
using Lines = std::vector<std::string>;

/// The words that matched, in the original's own letters.
std::vector<std::string> words(const Policies& rules, std::string_view text,
                               Direction direction = Direction::in) {
  std::vector<std::string> out;
  for (const Match& match : rules.scan(text, direction))
    for (const Span& span : match.spans)
      out.emplace_back(text.substr(span.begin, span.end - span.begin));
  return out;
}

struct Directory {
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "sigilo-scan-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(std::filesystem::path(path) / name, std::ios::binary) << content;
  }
  std::string path;
};

}  // namespace

TEST_CASE("a match names rule, category, severity, policy and the words") {
  const Policies rules = policies({one_rule(R"(any = ['\bcoim(a|ear)\b'])")});
  const auto matches = rules.scan("Sin COIMA no hay fallo", Direction::in);
  REQUIRE(matches.size() == 1);
  CHECK(matches[0] == Match{"r", "bribery", Severity::high, "P", {{4, 9}}});
  CHECK(rules.scan("coimas", Direction::in).empty());
  CHECK(rules.scan("", Direction::in).empty());
}

TEST_CASE("spans are the original's whole characters, whatever hid the word") {
  const Policies rules = policies({one_rule("any = ['coima', 'strass', 'e', '\\.\\.']")});
  CHECK(words(rules, "x ｃｏｉｍａ.") == Lines{"ｃｏｉｍａ"});
  CHECK(words(rules, "co\u200Bi\u202Ema\u0301\u0301!") == Lines{"co\u200Bi\u202Ema\u0301\u0301"});
  CHECK(words(rules, "\u200Bcoima") == Lines{"coima"});
  CHECK(words(rules, "Straß x") == Lines{"Straß"});  // the pattern ends with what ß becomes
  CHECK(words(rules, "a…b") == Lines{"…"});          // two of the three dots that … becomes
  CHECK(words(rules, "E\u0301") == Lines{"E\u0301"});
  CHECK(words(rules, "co\0ima"s) == Lines{"co\0ima"s});
}

TEST_CASE("spans are in order, joined where they overlap, and limited") {
  const Policies rules = policies({one_rule("any = ['bc', 'ab', 'd']")});
  CHECK(words(rules, "d abc") == Lines{"d", "abc"});
  std::string many;
  for (int i = 0; i < 100; ++i) many += "d ";
  CHECK(words(rules, many).size() == max_spans);
}

TEST_CASE("near is another way to break a rule") {
  const Policies rules = policies({one_rule(R"(any = ['coima']
near = { words = [['paga\w*', 'dinero'], ['juez', 'fiscal']], within = 3 })")});
  CHECK(words(rules, "coima") == Lines{"coima"});
  CHECK(words(rules, "le PAGAMOS ya al Juez") == Lines{"PAGAMOS", "Juez"});
  CHECK(words(rules, "al fiscal: dinero") == Lines{"fiscal", "dinero"});
  CHECK(words(rules, "pagamos ya mismo todo al juez").empty());
  CHECK(words(rules, "el juez").empty());
  const Policies ordered =
      policies({one_rule("near = { words = [['paga'], ['juez']], within = 3, ordered = true }")});
  CHECK(words(ordered, "paga al juez").size() == 2);
  CHECK(words(ordered, "juez paga").empty());
}

TEST_CASE("unless takes back what it covers or stands near, and nothing else") {
  const Policies rules =
      policies({one_rule("any = ['cohecho', 'coima']\nunless = ['delito de cohecho']")});
  CHECK(words(rules, "el delito de cohecho").empty());
  CHECK(words(rules, "delito de cohecho a b c d e coima").empty());              // six words away
  CHECK(words(rules, "delito de cohecho a b c d e f coima") == Lines{"coima"});  // seven
  CHECK(words(rules, "coima a b c d e f g delito de cohecho") == Lines{"coima"});
  CHECK(words(rules, "cohecho") == Lines{"cohecho"});
}

TEST_CASE("a rule can look at one direction only") {
  const Policies rules = policies({one_rule("any = ['x']\ndirection = 'out'")});
  CHECK(words(rules, "x", Direction::in).empty());
  CHECK(words(rules, "x", Direction::out).size() == 1);
  CHECK(words(policies({one_rule("any = ['x']\ndirection = 'any'")}), "x").size() == 1);
}

TEST_CASE("matches come in the order of files and rules") {
  const auto rule = [](const char* id) {
    return fmt::format("[[rule]]\nid = '{}'\ncategory = 'c'\nseverity = 'low'\nany = ['x']\n", id);
  };
  const Policies rules = policies({head + rule("b") + rule("a"), head + rule("0")});
  CHECK(rules.rules() == 3);
  CHECK(rules.files() == 2);
  Lines ids;
  for (const Match& match : rules.scan("x", Direction::in)) ids.push_back(match.rule);
  CHECK(ids == Lines{"b", "a", "0"});
}

TEST_CASE("a long text is scanned to its limit, cut between characters") {
  const Policies rules = policies({one_rule("any = ['coima', 'fin']")});
  std::string text(65536 - 5, 'a');
  text += "coima";
  CHECK(words(rules, text) == Lines{"coima"});
  text.assign(max_text - 3, 'a');
  CHECK(words(rules, text + "fin").size() == 1);
  CHECK(words(rules, "a" + text + "fin").empty());
  // A character of three bytes stands across the limit.
  CHECK(words(rules, "fin" + std::string(max_text - 4, 'a') + "€€€").size() == 1);
  std::string worst;
  for (std::size_t i = 0; i < max_text / 3; ++i) worst += "\uFDFA";
  CHECK(rules.scan(worst, Direction::in).empty());
}

TEST_CASE("malformed UTF-8 hides nothing and harms nothing") {
  const Policies rules = policies({one_rule("any = ['coima']")});
  CHECK(words(rules, "\xFF\xC3 coima \xE2\x82") == Lines{"coima"});
  std::mt19937 random(5);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 80, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 256);
    const std::string text = bytes + " coima " + bytes;
    for (const Match& match : rules.scan(text, Direction::in))
      for (const Span& span : match.spans)
        REQUIRE((span.begin < span.end && span.end <= text.size()));
    REQUIRE(!words(rules, text).empty());
  }
}

TEST_CASE("several threads scan with one set of rules") {
  const Policies rules = policies({one_rule("any = ['coima']")});
  std::vector<std::thread> threads;
  std::vector<int> found(4, 0);
  for (std::size_t t = 0; t < found.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        found[t] += static_cast<int>(
            rules.scan(i % 2 == 0 ? "sin Cóima no" : "nada", Direction::in).size());
    });
  for (auto& thread : threads) thread.join();
  CHECK(found == std::vector<int>{100, 100, 100, 100});
}

TEST_CASE("each mistake in a file is told with its line") {
  CHECK(problems(one_rule("any = ['a',\n 'b',\n '(c']")) ==
        Lines{"p.toml:9: pattern '(c' of rule r: missing ): (c; see the syntax of RE2"});
  CHECK(problems(one_rule("any = ['(?!x)y']")) ==
        Lines{"p.toml:7: pattern '(?!x)y' of rule r: invalid perl operator: (?!; RE2 has no "
              "look-around; use unless"});
  CHECK(problems(one_rule("any = ['a']\nunless = [ 'b*' ]")) ==
        Lines{"p.toml:8: pattern 'b*' of rule r: it matches where there is nothing; use + instead "
              "of *, or add a word"});
  CHECK(problems(one_rule("near = { words = [['a'], ['[à-ü]']], within = 2 }")) ==
        Lines{"p.toml:7: pattern '[à-ü]' of rule r: the range à-ü is not a range after folding; "
              "leave it out: case and "
              "accents are folded away, so that [a-z] is enough"});
  CHECK(problems(one_rule("")) ==
        Lines{"p.toml:3: a rule that looks for nothing; add any = ['...'] or near = {...}"});
  CHECK(problems(one_rule("any = []")) ==
        Lines{"p.toml:7: 'any' is empty; write a pattern or remove the key"});
  CHECK(problems(one_rule("any = ['']")).front() ==
        "p.toml:7: an empty pattern matches everything; write a pattern or remove it");
  CHECK(problems(one_rule("any = ['" + std::string(1001, 'a') + "']")) ==
        Lines{"p.toml:7: a pattern has 1001 bytes; at most 1000; make several of it"});
  CHECK(problems(one_rule("any = ['a']\ndirection = 'up'")) ==
        Lines{"p.toml:8: direction = \"up\" is unknown; write in, out or any"});
  CHECK(problems(one_rule("near = { words = [['a']], within = 2 }")) ==
        Lines{"p.toml:7: near needs two lists or more, each with a word; write words = "
              "[['paga\\w*'], ['juez', "
              "'fiscal']]"});
  CHECK(problems(one_rule("near = { words = [['a'], ['b']], within = 0 }")) ==
        Lines{"p.toml:7: within = 0 is not a number of words; write 1 to 50"});
  CHECK(problems(one_rule("near = { words = [['a'], ['b']] }")) ==
        Lines{"p.toml:7: near without 'within'; add within"});
}

TEST_CASE("a rule's head is checked") {
  const auto rule = [](const std::string& keys) {
    return problems(head + "[[rule]]\n" + keys + "\nany = ['a']\n");
  };
  CHECK(rule("category = 'c'\nseverity = 'low'") ==
        Lines{"p.toml:3: 'id' is missing; add id = \"bribery.coima\""});
  CHECK(rule("id = 'r'\nseverity = 'low'") ==
        Lines{"p.toml:3: 'category' is missing; add category = \"bribery\""});
  CHECK(rule("id = 'r'\ncategory = 'c'") ==
        Lines{"p.toml:3: 'severity' is missing; add severity = \"high\""});
  CHECK(rule("id = 'r'\ncategory = 'c'\nseverity = 'urgent'") ==
        Lines{"p.toml:6: severity = \"urgent\" is unknown; write low, medium or high"});
  CHECK(rule("id = \"r\\r\\nBcc: x\"\ncategory = 'c'\nseverity = 'low'").size() == 1);
  CHECK(rule("id = 'Coima Ñ'\ncategory = 'c'\nseverity = 'low'") ==
        Lines{"p.toml:4: id = \"Coima Ñ\" is not a plain name; write a-z, 0-9 and . _ - inside, at "
              "most 80 of them, "
              "like \"bribery.coima\""});
}

TEST_CASE("a file without policy, rules or sense is refused") {
  CHECK(problems("") == Lines{"p.toml:1: no [policy] table; begin with [policy] and name = \"...\"",
                              "p.toml:0: no [[rule]] in it; add one, or remove the file"});
  CHECK(problems(head) == Lines{"p.toml:0: no [[rule]] in it; add one, or remove the file"});
  CHECK(problems("[policy]\nname = ''\nlanguage = ['fr']\n" +
                 one_rule("any = ['a']").substr(head.size())) ==
        Lines{"p.toml:2: the name is empty or too long; write 1 to 80 bytes",
              "p.toml:3: language \"fr\" is unknown; write es, pt or en"});
  CHECK(problems("[policy\n").size() == 1);
  CHECK(problems(one_rule("any = ['a']\nanny = ['b']")).front().starts_with("p.toml:8: "));
  CHECK(problems(one_rule("any = 7")).front().starts_with("p.toml:7: "));
}

TEST_CASE("the same id in two files is refused with both places") {
  const auto loaded = Policies::compile(
      {{"a.toml", one_rule("any = ['a']")}, {"b.toml", "\n" + one_rule("any = ['b']")}});
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].message() ==
        "b.toml:4: rule r stands already in a.toml:3; give it another id");
}

TEST_CASE("the number of rules and patterns has limits") {
  std::string rules = head;
  for (int i = 0; i < 501; ++i)
    rules += fmt::format(
        "[[rule]]\nid = 'r{}'\ncategory = 'c'\nseverity = 'low'\nany = ['a', 'b', 'c', 'd']\n", i);
  CHECK(problems(rules) ==
        Lines{"p.toml:2503: 501 rules in one file; at most 500; make two files of it",
              "p.toml:0: 2004 patterns in one file; at most 2000; make two files of it"});
}

TEST_CASE("patterns that are too large together are told once") {
  std::string patterns;
  for (int i = 0; i < 100; ++i) patterns += fmt::format(R"('w{}\pL\pL\pL\pL\pL\pL\pL\pL',)", i);
  const Lines found = problems(one_rule("any = [" + patterns + "]"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends_with("all patterns together are too large; repeat less, or write fewer"));
}

TEST_CASE("the digest names the contents and the names of the files, not where they lie") {
  const auto digest = [](const std::string& name, const std::string& content) {
    return Policies::compile({{name, content}}).policies->digest();
  };
  const std::string rule = one_rule("any = ['a']");
  CHECK(digest("/etc/x/a.toml", rule) == digest("a.toml", rule));
  CHECK(digest("a.toml", rule) != digest("b.toml", rule));
  CHECK(digest("a.toml", rule) != digest("a.toml", rule + "#"));
}

TEST_CASE("a directory is loaded in name order, other files left alone") {
  const Directory directory;
  directory.put("20-b.toml", one_rule("any = ['x']"));
  std::string first = one_rule("any = ['x']");
  first.replace(first.find("'r'"), 3, "'a'");
  directory.put("10-a.toml", first);
  directory.put("notes.txt", "not a policy");
  directory.put("30.toml.dpkg-old", "nor this");
  const auto loaded = Policies::load(directory.path);
  REQUIRE(loaded.policies.has_value());
  CHECK(loaded.policies->files() == 2);
  const auto matches = loaded.policies->scan("x", Direction::in);
  REQUIRE(matches.size() == 2);
  CHECK(matches[0].rule == "a");
}

TEST_CASE("a directory without policies, or none at all, is a problem") {
  const Directory directory;
  auto loaded = Policies::load(directory.path);
  CHECK_FALSE(loaded.policies.has_value());
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].message() ==
        directory.path + ":0: no policy: no file ends in .toml; put one there");
  loaded = Policies::load(directory.path + "/missing");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].what == "cannot be read: No such file or directory");
}

TEST_CASE("one bad file keeps all from being used, and all are told") {
  const Directory directory;
  directory.put("1.toml", one_rule("any = ['x']"));
  directory.put("2.toml", one_rule("any = ['(']"));
  directory.put("3.toml", std::string(2 * 1024 * 1024, '#'));
  std::filesystem::create_directory(directory.path + "/4.toml");
  const auto loaded = Policies::load(directory.path);
  CHECK_FALSE(loaded.policies.has_value());
  Lines files;
  for (const auto& problem : loaded.problems)
    files.push_back(problem.file.substr(directory.path.size() + 1));
  CHECK(std::find(files.begin(), files.end(), "2.toml") != files.end());
  CHECK(std::find(files.begin(), files.end(), "3.toml") != files.end());
  CHECK(std::find(files.begin(), files.end(), "4.toml") != files.end());
}
