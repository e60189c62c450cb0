// SPDX-License-Identifier: Apache-2.0
// The policy files that are delivered, on sentences of chats: what each rule must catch and must
// leave alone.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scan/policies.hpp"

using namespace sigilo;
using namespace sigilo::scan;

namespace {

constexpr auto corpus = SIGILO_SOURCE_DIR "/tests/scan/corpus/";

struct Sentence {
  std::string where;  ///< FILE:LINE
  std::string id;     ///< "bribery.es.slang/hit-1"
  std::string text;
  std::set<std::string> categories;
  [[nodiscard]] std::string rule() const { return id.substr(0, id.find('/')); }
  [[nodiscard]] bool is_hit() const { return id.find("/hit-") != std::string::npos; }
};

/// The strings of one field, in the one form that these files are written in.
std::vector<std::string> strings_of(const std::string& line, const std::string& field, char end) {
  std::vector<std::string> out;
  std::size_t at = line.find("\"" + field + "\": ");
  if (at == std::string::npos) return out;
  at += field.size() + 4;
  for (bool inside = false; at < line.size(); ++at) {
    if (!inside && (line[at] == end || line[at] == ']')) break;
    if (line[at] == '"') {
      inside = !inside;
      if (inside) out.emplace_back();
    } else if (inside) {
      if (line[at] == '\\') ++at;
      out.back() += line[at];
    }
  }
  return out;
}

std::vector<Sentence> read(const std::string& name) {
  std::ifstream file(corpus + name);
  REQUIRE(file.is_open());
  std::vector<Sentence> out;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    Sentence sentence;
    sentence.where = fmt::format("tests/scan/corpus/{}:{}", name, number);
    const auto id = strings_of(line, "id", ',');
    const auto text = strings_of(line, "text", ',');
    if (id.size() != 1 || text.size() != 1)
      FAIL(sentence.where << ": not in the form of this corpus");
    sentence.id = id.front();
    sentence.text = text.front();
    const auto categories = strings_of(line, "categories", ']');
    sentence.categories = {categories.begin(), categories.end()};
    out.push_back(std::move(sentence));
  }
  return out;
}

const Policies& packs() {
  static const Policies policies = [] {
    auto loaded = Policies::load(SIGILO_SOURCE_DIR "/etc/policies.d");
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.message());
    REQUIRE(loaded.policies.has_value());
    return std::move(*loaded.policies);
  }();
  return policies;
}

std::set<std::string> categories_in(const std::vector<Match>& matches) {
  std::set<std::string> out;
  for (const Match& match : matches) out.insert(match.category);
  return out;
}

std::set<std::string> rules_in(const std::vector<Match>& matches) {
  std::set<std::string> out;
  for (const Match& match : matches) out.insert(match.rule);
  return out;
}

void check(const Sentence& sentence) {
  const auto matches = packs().scan(sentence.text, Direction::in);
  const auto found = categories_in(matches);
  UNSCOPED_INFO(fmt::format("{}: {}\n  expected {}, found {} by {}", sentence.where, sentence.text,
                            sentence.categories, found, rules_in(matches)));
  CHECK(found == sentence.categories);
  if (sentence.is_hit()) CHECK(rules_in(matches).contains(sentence.rule()));
}

}  // namespace

TEST_CASE("each rule that is delivered catches its examples and leaves its near misses alone") {
  std::map<std::string, int> hits;
  std::map<std::string, int> misses;
  for (const char* file : {"es.jsonl", "pt.jsonl", "en.jsonl"}) {
    for (const Sentence& sentence : read(file)) {
      check(sentence);
      ++(sentence.is_hit() ? hits : misses)[sentence.rule()];
    }
  }
  for (const auto& [rule, count] : hits) {
    CAPTURE(rule);
    CHECK(count >= 3);
    CHECK(misses[rule] >= 2);
  }
  CHECK(hits.size() == packs().rules());
}

TEST_CASE("lawyers' ordinary sentences give no match") {
  const auto sentences = read("ordinary.jsonl");
  CHECK(sentences.size() >= 60);
  for (const Sentence& sentence : sentences) check(sentence);
}

TEST_CASE(
    "the examples are found in capitals, without accents, full-width and with hidden characters") {
  const auto matches = [](std::string_view text) {
    return rules_in(packs().scan(text, Direction::out)).contains("bribery.es.slang");
  };
  CHECK(matches("SIN COIMA NO MUEVE EL EXPEDIENTE"));
  CHECK(matches("sin cóima no mueve el expediente"));
  CHECK(matches("sin c\u200Bo\u200Bi\u200Bm\u200Ba no mueve"));
  CHECK(matches("sin ｃｏｉｍａ no mueve"));
  CHECK(matches("\u202Esin co\u200Fima no mueve\u202C"));
  CHECK(matches("sin 𝐜𝐨𝐢𝐦𝐚 no mueve"));
  CHECK(matches("por debajo\nde  la mesa") ==
        false);  // two spaces are not one: patterns say what they allow
  CHECK(matches("por debajo\nde\tla\u00A0mesa"));
}

TEST_CASE("the six categories are covered in three languages") {
  std::map<std::string, std::set<std::string>> languages;
  for (const std::string language : {"es", "pt", "en"})
    for (const Sentence& sentence : read(language + ".jsonl"))
      for (const auto& category : sentence.categories) languages[category].insert(language);
  for (const char* category : {"harassment", "threat", "bribery", "ruling-purchase",
                               "policy-breach", "legal-irregularity"}) {
    CAPTURE(category);
    CHECK(languages[category].size() == 3);
  }
}
