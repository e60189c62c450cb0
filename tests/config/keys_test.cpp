// SPDX-License-Identifier: Apache-2.0
#include "config/keys.hpp"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "config/config.hpp"

namespace sigilo::config {
namespace {

std::string sample() {
  std::ifstream in(SIGILO_SOURCE_DIR "/etc/sigilo.toml");
  REQUIRE(in);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

/// "#key = value" and "#[table]" without their mark.
std::string uncommented(const std::string& text) {
  return std::regex_replace(text, std::regex("^#(?=[a-z\\[])", std::regex::multiline), "");
}

std::vector<std::string> messages(const Loaded& loaded) {
  std::vector<std::string> texts;
  for (const auto& problem : loaded.problems) texts.push_back(problem.message());
  return texts;
}

std::string header_of(std::string_view section) {
  return is_repeated(section) ? fmt::format("[[{}]]", section) : fmt::format("[{}]", section);
}

/// A section with its required keys, and `extra` if it is not one of them.
std::string section_text(std::string_view section, std::string_view extra, std::string_view value) {
  std::string text = header_of(section) + "\n";
  for (const auto& key : keys()) {
    if (key.section != section) continue;
    if (key.name == extra) {
      text += fmt::format("{} = {}\n", key.name, value);
    } else if (key.required) {
      text += fmt::format("{} = {}\n", key.name, key.example);
    }
  }
  return text;
}

/// A sound file in which `key` has `value` ("" leaves it out).
std::string file_with(const Key& key, std::string_view value) {
  std::string text;
  for (const auto* section : {"firm", "source.spool", "source.meta", "source.twilio", "team",
                              "line", "mail", "vault", "scan", "anchor", "anchor.witness", "watch", "retention", "api"}) {
    const bool own = key.section == section && !value.empty();
    text += section_text(section, own ? key.name : "", value);
    // What the examples need beside them.
    if (key.section == section && key.name == "tls_key") text += "tls_certificate = \"file:/c\"\n";
    if (section == std::string_view("source.meta") && key.name != "tls_key") {
      text += "tls_key = \"file:/k\"\n";
      if (key.name != "tls_certificate") text += "tls_certificate = \"file:/c\"\n";
    }
    if (key.section == section && key.name == "user") text += "password = \"file:/p\"\n";
    if (key.section == section && key.name == "password") text += "user = \"u\"\n";
  }
  return text;
}

}  // namespace

TEST_CASE("the sample file names every key under its section, and no other") {
  std::set<std::string> expected;
  for (const auto& key : keys())
    expected.insert(fmt::format("{} {}", header_of(key.section), key.name));

  std::set<std::string> found;
  std::string section;
  std::istringstream lines(uncommented(sample()));
  const std::regex assignment("^([a-z_]+) = .*");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with('[')) section = line;
    if (std::regex_match(line, match, assignment)) found.insert(section + " " + match[1].str());
  }
  CHECK(found == expected);
}

TEST_CASE("the sample file is sound and warns of nothing") {
  const auto loaded = parse(sample(), "sigilo.toml");
  CHECK(messages(loaded).empty());
  CHECK(loaded.config);
  CHECK(loaded.warnings.empty());
}

TEST_CASE("the sample file is sound with every optional key in use") {
  const auto loaded = parse(uncommented(sample()), "sigilo.toml");
  CHECK(messages(loaded).empty());
  CHECK(loaded.warnings ==
        std::vector<std::string>{"sigilo.toml:0: [source.twilio], [source.spool], [watch], "
                                 "[retention]: checked, but not used by this version"});
}

TEST_CASE(
    "every key of the table is read, its example is sound, and its default is what an absent key "
    "means") {
  for (const auto& key : keys()) {
    CAPTURE(key.section, key.name);
    CHECK_FALSE(key.help.empty());
    CHECK_FALSE(key.help.ends_with('.'));
    CHECK((!key.required || key.fallback.empty()));
    const auto example = parse(file_with(key, key.example), "f");
    CHECK(messages(example).empty());

    if (key.fallback.empty()) continue;
    const auto absent = parse(file_with(key, ""), "f").config;
    const auto written = parse(file_with(key, key.fallback), "f").config;
    REQUIRE(absent);
    REQUIRE(written);
    CHECK(absent->firm == written->firm);
    CHECK(absent->vault == written->vault);
    CHECK(absent->meta == written->meta);
    CHECK(absent->twilio == written->twilio);
    CHECK(absent->spool == written->spool);
    CHECK(absent->lines == written->lines);
    CHECK(absent->teams == written->teams);
    CHECK(absent->mail == written->mail);
    CHECK(absent->policies == written->policies);
    CHECK(absent->scan_history == written->scan_history);
    CHECK(absent->watch_poll == written->watch_poll);
    CHECK(absent->retention_default == written->retention_default);
    CHECK(absent->anchor == written->anchor);
    CHECK(absent->api == written->api);
  }
}

TEST_CASE("every required key is missed") {
  for (const auto& key : keys()) {
    if (!key.required) continue;
    CAPTURE(key.section, key.name);
    auto text = file_with(key, "");
    const auto assignment = fmt::format("{}\n", header_of(key.section));
    const auto at = text.find(assignment);
    REQUIRE(at != std::string::npos);
    const auto begin = text.find(fmt::format("\n{} = ", key.name), at) + 1;
    text.erase(begin, text.find('\n', begin) - begin);
    const auto loaded = parse(text, "f");
    CHECK_FALSE(loaded.config);
    REQUIRE_FALSE(loaded.problems.empty());
    const auto expected = fmt::format("{}.{}: missing ({}); write {} = {}", key.section, key.name,
                                      key.help, key.name, key.example);
    bool said = false;
    for (const auto& problem : loaded.problems)
      said = said || problem.message().ends_with(expected);
    CHECK(said);
  }
}

}  // namespace sigilo::config
