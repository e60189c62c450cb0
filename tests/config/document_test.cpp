// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <unistd.h>

namespace sigilo::config {
namespace {

std::vector<std::string> messages(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.message());
  return texts;
}

/// A document that is sound TOML, and the list its tables complain to.
struct Opened {
  explicit Opened(std::string_view text) : document(Document::parse(text, "f.toml", problems)) {
    REQUIRE(document);
  }
  Table root() { return document->root(problems); }
  std::vector<Problem> problems;
  std::optional<Document> document;
};

std::string syntax_problem(std::string_view text) {
  std::vector<Problem> problems;
  CHECK_FALSE(Document::parse(text, "f.toml", problems));
  REQUIRE(problems.size() == 1);
  return problems[0].message();
}

}  // namespace

TEST_CASE("a file answers what is asked for, with the line of each key") {
  Opened file(
      "name = 'Ana'\n"
      "count = 7\n"
      "[on]\n"
      "really = true\n"
      "words = [\n  'a',\n  'b',\n]\n"
      "lists = [['x', 'y'], []]\n");
  auto root = file.root();
  CHECK(root.text("name") == "Ana");
  CHECK(root.integer("count") == 7);
  CHECK(root.line() == 1);
  CHECK(root.line("count") == 2);
  auto on = root.table("on");
  REQUIRE(on);
  CHECK(on->line() == 3);
  CHECK(on->boolean("really") == true);
  CHECK(on->texts("words") == std::vector<std::string>{"a", "b"});
  CHECK(on->lines_of("words") == std::vector<int>{6, 7});
  CHECK(on->text_lists("lists") == std::vector<std::vector<std::string>>{{"x", "y"}, {}});
  CHECK(on->line("absent") == 3);
  CHECK(on->has("words"));
  CHECK_FALSE(on->has("absent"));
  root.finish();
  CHECK(messages(file.problems).empty());
}

TEST_CASE("an absent key is no mistake") {
  Opened file("");
  auto root = file.root();
  CHECK_FALSE(root.text("a"));
  CHECK_FALSE(root.integer("b"));
  CHECK_FALSE(root.boolean("c"));
  CHECK_FALSE(root.texts("d"));
  CHECK_FALSE(root.text_lists("e"));
  CHECK_FALSE(root.table("f"));
  CHECK(root.tables("g").empty());
  CHECK(root.lines_of("d").empty());
  root.finish();
  CHECK(file.problems.empty());
}

TEST_CASE("every wrong type is reported at its line, with what to write") {
  Opened file(
      "text = 1\n"
      "integer = '1'\n"
      "boolean = 'yes'\n"
      "texts = 'one'\n"
      "mixed = ['a',\n 2,\n 3.5]\n"
      "lists = ['a', [1979-05-27]]\n"
      "tables = [1]\n"
      "table = []\n"
      "[single]\n");
  auto root = file.root();
  CHECK_FALSE(root.text("text"));
  CHECK_FALSE(root.integer("integer"));
  CHECK_FALSE(root.boolean("boolean"));
  CHECK_FALSE(root.texts("texts"));
  CHECK_FALSE(root.texts("mixed", true));
  CHECK_FALSE(root.text_lists("lists"));
  CHECK(root.tables("tables").empty());
  CHECK_FALSE(root.table("table"));
  CHECK(root.tables("single").empty());
  root.finish();
  CHECK(messages(file.problems) ==
        std::vector<std::string>{
            "f.toml:1: text is a whole number where a text is expected; write text = \"...\"",
            "f.toml:2: integer is a text where a whole number is expected; write integer = 1, "
            "without quotation marks",
            "f.toml:3: boolean is a text where true or false is expected; write boolean = true or "
            "boolean = false, "
            "without quotation marks",
            "f.toml:4: texts is a text where an array of texts is expected; write texts = "
            "[\"...\", \"...\"]",
            "f.toml:6: mixed: an element is a whole number where a text is expected; write mixed = "
            "[\"...\", \"...\"]",
            "f.toml:7: mixed: an element is a decimal number where a text is expected; write mixed "
            "= [\"...\", \"...\"]",
            "f.toml:8: lists: an element is a text where an array of texts is expected; write "
            "lists = [[\"...\", "
            "\"...\"], [\"...\"]]",
            "f.toml:8: lists: an element is a date where a text is expected; write lists = "
            "[[\"...\", \"...\"], "
            "[\"...\"]]",
            "f.toml:9: tables: an element is a whole number where a table is expected; write "
            "[[tables]] with two "
            "brackets, once for each",
            "f.toml:10: table is an array where a table is expected; write [table]",
            "f.toml:11: single is a table where a list of tables is expected; write [[single]] "
            "with two brackets, "
            "once for each",
        });
}

TEST_CASE("a plain text stands for an array of one only where that is allowed") {
  Opened file("one = 'a'\n");
  auto root = file.root();
  CHECK(root.texts("one", true) == std::vector<std::string>{"a"});
  CHECK(root.lines_of("one") == std::vector<int>{1});
  CHECK(file.problems.empty());
}

TEST_CASE("what nobody asked for is a mistake, with the nearest known key as the remedy") {
  Opened file(
      "titel = 1\n"
      "[mail]\n"
      "relais = ''\n"
      "zzz = ''\n"
      "[[line]]\n"
      "numbre = ''\n"
      "[nothing.like.it]\n");
  auto root = file.root();
  (void)root.text("title");
  auto mail = root.table("mail");
  REQUIRE(mail);
  (void)mail->text("relay");
  auto lines = root.tables("line");
  REQUIRE(lines.size() == 1);
  (void)lines[0].text("number");
  root.finish();
  root.finish();  // says nothing twice
  CHECK(messages(file.problems) ==
        std::vector<std::string>{
            "f.toml:7: unknown table \"nothing\"; remove it; known here: line, mail, title",
            "f.toml:1: unknown key \"titel\"; did you mean \"title\"?",
            "f.toml:3: unknown key \"relais\" in [mail]; did you mean \"relay\"?",
            "f.toml:4: unknown key \"zzz\" in [mail]; remove it; known here: relay",
            "f.toml:6: unknown key \"numbre\" in [line]; did you mean \"number\"?",
        });
}

TEST_CASE("a table asked for twice is the same table") {
  Opened file("[mail]\na = 1\nb = 2\n");
  auto root = file.root();
  (void)root.table("mail")->integer("a");
  (void)root.table("mail")->integer("b");
  root.finish();
  CHECK(file.problems.empty());
}

TEST_CASE("a document may be moved while its tables are in use") {
  Opened file("a = 1\n");
  auto root = file.root();
  const Document moved = std::move(*file.document);
  CHECK(root.integer("a") == 1);
}

TEST_CASE("a syntax error names its line") {
  CHECK(syntax_problem("a = 1\nb = \n").starts_with("f.toml:2: not TOML: "));
  CHECK(syntax_problem("a = 1\na = 2\n").starts_with("f.toml:2: not TOML: "));
  for (const auto* header : {"[=]", "[\x01]", "[[#]]", "[a.]", "[\n]", "[", "a", "a.", "a.=1"}) {
    CHECK(syntax_problem(header).starts_with("f.toml:1: not TOML: "));
  }
  for (const auto* letters : {"a = é", "é = 1", "a = 1 é", "[a] é", "[ñ]", "a = [é]",
                              "a = { é = 1 }", "a = Estudio Ñandú", "a = [1{\"é", "a = \"\"\"\\é",
                              "a = \xE2\x80\x80 1", "a = 1 \xC2\xA0"}) {
    CAPTURE(letters);
    CHECK(syntax_problem(letters).starts_with("f.toml:1: not TOML: "));
  }
  CHECK(syntax_problem("a = '\xff'\n").starts_with("f.toml:1: not TOML: "));
  CHECK(syntax_problem(std::string_view("a = '\0'\n", 8)).starts_with("f.toml:1: not TOML: "));
}

TEST_CASE("letters of every language stand in texts and comments") {
  Opened file(
      "a = 'é' # é\n"
      "b = \"\"\"\\\n  §é\"\"\" # ñ\n"
      "\"ñ\" = '''ñ'''\n");
  auto root = file.root();
  CHECK(root.text("a") == "é");
  CHECK(root.text("b") == "§é");
  CHECK(root.text("ñ") == "ñ");
}

TEST_CASE("a syntax error does not repeat a value, which may be a secret without quotation marks") {
  const auto* const line =
      GENERATE("k = s3cretvalue", "k = 0x5ecretvalue", "k = 123456789012345678901234567890",
               "k = 1979-05-27s3cret", "k = 's3cret", "k = 1.s3cretvalue", "k = trues3cret",
               "k = \"\\s3cret\"", "s3cret", "k = infs3cret", "k = [s3cret]", "k = 12_s3cret");
  const auto message = syntax_problem(line);
  INFO(message);
  CHECK(message.find("cret") == std::string::npos);
  CHECK(message.find("4567890") == std::string::npos);
}

TEST_CASE("control characters of the file do not reach the terminal") {
  Opened file("\"a\\u001b[31m\\nb\\u009bc\" = 1\n");
  file.root().finish();
  CHECK(messages(file.problems) ==
        std::vector<std::string>{"f.toml:1: unknown key \"a?[31m?b?c\"; remove it"});
  CHECK(shown(std::string(59, 'x') + "ñandú") == std::string(59, 'x') + "ñ...");
  CHECK(shown(std::string(60, 'x')) == std::string(60, 'x'));
  CHECK(shown("Dádivas\x7f") == "Dádivas?");
}

TEST_CASE("a file that would exhaust the parser is refused") {
  std::string dots = "a";
  for (int i = 0; i < 200'000; ++i) dots += ".a";
  CHECK(syntax_problem("x = 1\n" + dots + " = 1\n") ==
        "f.toml:2: more than 500 dots in one line; break the line");
  CHECK(syntax_problem("a = " + std::string(500, '[') + std::string(500, ']'))
            .starts_with("f.toml:1: not TOML: "));
  CHECK(syntax_problem(std::string(max_file_size + 1, '\n')).find("larger than 1048576 bytes") !=
        std::string::npos);
}

TEST_CASE("a file that is missing or a directory is a problem of the whole file") {
  std::vector<Problem> problems;
  CHECK_FALSE(Document::load("/nonexistent/sigilo.toml", problems));
  CHECK_FALSE(Document::load("/", problems));
  CHECK(messages(problems) ==
        std::vector<std::string>{
            "/nonexistent/sigilo.toml:0: cannot be read: No such file or directory; check the name "
            "and who may read it",
            "/:0: cannot be read: Is a directory; check the name and who may read it",
        });
}

TEST_CASE("an empty file is an empty table") {
  std::vector<Problem> problems;
  CHECK(Document::load("/dev/null", problems));
  CHECK(problems.empty());
}

TEST_CASE("durations are a whole number and one unit") {
  CHECK(parse_duration_seconds("15s") == 15);
  CHECK(parse_duration_seconds("10m") == 600);
  CHECK(parse_duration_seconds("2h") == 7200);
  CHECK(parse_duration_seconds("7d") == 604800);
  CHECK(parse_duration_seconds("106751991167300d") == 9223372036854720000);
  for (const auto* bad :
       {"", "s", "15", "0s", "-1s", "+1s", "1.5s", "15 s", " 15s", "15S", "1w", "1h30m", "0x1s",
        "106751991167301d", "9223372036854775808s", "99999999999999999999d"}) {
    CAPTURE(bad);
    const auto result = parse_duration_seconds(bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::invalid_input);
  }
}

}  // namespace sigilo::config
