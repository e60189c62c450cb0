// SPDX-License-Identifier: Apache-2.0
#include "evidence/findings.hpp"

#include <regex>

#include <catch2/catch_test_macros.hpp>

#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::evidence;
using namespace sigilo::test;

namespace {

std::string read_source(const std::string& name) {
  std::ifstream file(std::filesystem::path(SIGILO_SOURCE_DIR) / name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("each finding is explained in the format's page under its stable name") {
  const std::string source = read_source("lib/evidence/findings.cpp");
  const std::string page = read_source("docs/evidence-format.md");
  const std::regex name(R"re(const Cause \w+\{\s*"([a-z-]+)")re");
  int names = 0;
  for (auto found = std::sregex_iterator(source.begin(), source.end(), name);
       found != std::sregex_iterator(); ++found, ++names)
    CHECK(page.find("`" + (*found)[1].str() + "`", page.find("### Findings")) != std::string::npos);
  CHECK(names > 30);
}

TEST_CASE("findings stand in the order of records, and beyond the limit they are counted") {
  Findings findings;
  findings.add(7, cause::body_altered, "a", "b");
  findings.add(std::nullopt, cause::page_damaged, "c", "d");
  findings.add(3, cause::record_altered, "e", "f");
  findings.count_more(5);
  for (std::uint64_t seq = 100; seq < 100 + max_problems; ++seq)
    findings.add(seq, cause::record_altered, "", "");
  CHECK_FALSE(findings.none());
  Report report;
  findings.move_to(report);
  REQUIRE(report.problems.size() == max_problems);
  CHECK_FALSE(report.problems[0].seq);
  CHECK(report.problems[1].seq == 3);
  CHECK(report.problems[2].seq == 7);
  CHECK(report.problems[2].problem == "body-altered");
  CHECK_FALSE(report.problems[2].meaning.empty());
  CHECK(report.more_problems == 5 + 3);
}
