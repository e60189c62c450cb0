// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

using namespace sigilo;

namespace {

constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z

std::int64_t micros_of(std::string_view text) {
  const auto time = parse_rfc3339(text);
  REQUIRE(time);
  return time->micros();
}

/// Lines that python3 prints for a program.
std::vector<std::string> python(const std::string& program) {
  const std::string command = fmt::format("python3 -c '{}'", program);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  REQUIRE(pipe != nullptr);
  std::string all;
  std::array<char, 4096> part{};
  while (const std::size_t count = std::fread(part.data(), 1, part.size(), pipe.get()))
    all.append(part.data(), count);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = all.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    lines.push_back(all.substr(begin, end - begin));
  }
  return lines;
}

}  // namespace

TEST_CASE("a time is written with six digits of fraction and Z") {
  CHECK(format_rfc3339(Timestamp()) == "1970-01-01T00:00:00.000000Z");
  CHECK(format_rfc3339(Timestamp::from_micros(1'795'442'651'123'456)) ==
        "2026-11-23T14:04:11.123456Z");
  CHECK(format_rfc3339(Timestamp::from_micros(-1)) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_rfc3339(Timestamp::from_seconds(first_second)) == "0001-01-01T00:00:00.000000Z");
  CHECK(format_rfc3339(Timestamp::from_seconds(last_second)) == "9999-12-31T23:59:59.000000Z");
  CHECK(format_rfc3339(Timestamp::from_seconds(951'782'400)) == "2000-02-29T00:00:00.000000Z");
}

TEST_CASE("whole seconds are rounded down") {
  CHECK(Timestamp::from_micros(1'999'999).seconds() == 1);
  CHECK(Timestamp::from_micros(-1).seconds() == -1);
  CHECK(Timestamp::from_micros(-1'000'000).seconds() == -1);
  CHECK(Timestamp::from_micros(-1'000'001).seconds() == -2);
}

TEST_CASE("what is written reads back, at both ends and in between") {
  std::mt19937_64 random(3339);  // NOLINT: the same times in each run
  std::uniform_int_distribution<std::int64_t> any(first_second * 1'000'000,
                                                  last_second * 1'000'000 + 999'999);
  std::string before;
  Timestamp before_time;
  for (int round = 0; round < 20'000; ++round) {
    const auto time = Timestamp::from_micros(any(random));
    const std::string text = format_rfc3339(time);
    REQUIRE(text.size() == 27);
    REQUIRE(micros_of(text) == time.micros());
    if (round > 0) REQUIRE((text < before) == (time < before_time));  // text order is time order
    before = text;
    before_time = time;
  }
  CHECK(micros_of("0001-01-01T00:00:00.000000Z") == first_second * 1'000'000);
  CHECK(micros_of("9999-12-31T23:59:59.999999Z") == last_second * 1'000'000 + 999'999);
}

TEST_CASE("offsets, fractions and lower case are read as RFC 3339 allows") {
  const std::int64_t noon = micros_of("2026-11-23T12:00:00Z");
  CHECK(micros_of("2026-11-23t12:00:00z") == noon);
  CHECK(micros_of("2026-11-23 12:00:00Z") == noon);
  CHECK(micros_of("2026-11-23T09:00:00-03:00") == noon);
  CHECK(micros_of("2026-11-24T01:45:00+13:45") == noon);
  CHECK(micros_of("2026-11-23T12:00:00-00:00") == noon);
  CHECK(micros_of("2026-11-23T12:00:00.1Z") == noon + 100'000);
  CHECK(micros_of("2026-11-23T12:00:00.000001Z") == noon + 1);
  CHECK(micros_of("2026-11-23T12:00:00.123456999Z") == noon + 123'456);
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-11-23",
                           "2026-11-23T12:00:00",
                           "2026-11-23T12:00Z",
                           "2026-11-23T12:00:00.Z",
                           "2026-11-23T12:00:00.1234567890Z",
                           "2026-11-23T12:00:00Z ",
                           " 2026-11-23T12:00:00Z",
                           "2026-11-23T12:00:00ZZ",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2026-11-00T00:00:00Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T12:60:00Z",
                           "2026-11-23T12:00:60Z",
                           "2026-11-23T12:00:00+24:00",
                           "2026-11-23T12:00:00+03:60",
                           "2026-11-23T12:00:00+0300",
                           "2026-11-23T12:00:00+3",
                           "2026-11-23T12:00:00",
                           "0000-01-01T00:00:00Z",
                           "-001-01-01T00:00:00Z",
                           "+2026-11-23T12:00:00Z",
                           "2026-1-23T12:00:00Z",
                           "2026-11-23T12:00:00,5Z",
                           "12026-11-23T12:00:00Z"}) {
    INFO(text);
    const auto time = parse_rfc3339(text);
    REQUIRE_FALSE(time);
    CHECK(time.error().code == ErrorCode::invalid_input);
  }
  CHECK_FALSE(parse_rfc3339(std::string_view("2026-11-23T12:00:00Z\0", 21)));
}

TEST_CASE("times are written and read as Python's datetime does") {
  if (!std::filesystem::exists("/usr/bin/python3")) SKIP("no python3");
  const auto lines = python(
      "import datetime as d, random as r\n"
      "r.seed(1)\n"
      "e = d.datetime(1970, 1, 1, tzinfo=d.timezone.utc)\n"
      "for i in range(2000):\n"
      "    t = e + d.timedelta(microseconds=r.randrange(-62135510400000000, 253402214400000000))\n"
      "    z = d.timezone(d.timedelta(minutes=r.randrange(-1439, 1440)))\n"
      "    print((t - e) // d.timedelta(microseconds=1))\n"
      "    print(t.strftime(\"%Y\").zfill(4) + t.strftime(\"-%m-%dT%H:%M:%S.%fZ\"))\n"
      "    print(t.astimezone(z).isoformat(timespec=\"microseconds\"))\n");
  REQUIRE(lines.size() == 6000);
  for (std::size_t i = 0; i < lines.size(); i += 3) {
    const std::int64_t micros = std::stoll(lines[i]);
    REQUIRE(format_rfc3339(Timestamp::from_micros(micros)) == lines[i + 1]);
    REQUIRE(micros_of(lines[i + 1]) == micros);
    REQUIRE(micros_of(lines[i + 2]) == micros);
  }
}

TEST_CASE("a time that its offset moves out of the years 0001 to 9999 is refused") {
  CHECK_FALSE(parse_rfc3339("0001-01-01T00:00:00+00:01"));
  CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
  CHECK(micros_of("0001-01-01T00:01:00+00:01") == first_second * 1'000'000);
}

TEST_CASE("times and durations add and subtract") {
  const auto time = Timestamp::from_seconds(10);
  CHECK(time + Duration(1) == Timestamp::from_micros(10'000'001));
  CHECK(time - std::chrono::seconds(11) == Timestamp::from_micros(-1'000'000));
  CHECK(time - Timestamp::from_seconds(4) == std::chrono::seconds(6));
  CHECK(Timestamp() < time);
}
