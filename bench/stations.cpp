// SPDX-License-Identifier: Apache-2.0
// CPU time a message of the stations before the store, one after the other on one thread, beside
// that of one Ed25519 signature: a shared machine may be twice as slow in the next minute, but the
// ratio stays. Usage: bench_stations POLICIES [MESSAGES A ROUND] [ROUNDS]
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "crypto/random.hpp"
#include "crypto/sign.hpp"
#include "payloads.hpp"
#include "understand.hpp"

namespace {

using namespace sigilo;

double thread_micros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// A header line has some 380 bytes.
constexpr std::size_t signed_bytes = 380;

std::shared_ptr<const Rules> rules_with(const std::string& policies) {
  config::Config config;
  config.policies = policies;
  config.lines.push_back(
      {E164("+5491150000001"), PhoneNumberId("106540352242922"), "lawyer", "team"});
  config.teams.push_back({.name = "team", .managers = {}});
  std::vector<config::Problem> problems;
  auto rules = Rules::make(std::move(config), problems);
  for (const auto& problem : problems)
    fmt::print(stderr, "{}:{}: {}\n", problem.file, problem.line, problem.what);
  if (!rules) std::exit(1);
  return rules;
}

struct Station {
  std::string name;
  std::vector<double> micros;
  std::vector<double> signatures;

  void print() {
    const auto median = [](std::vector<double>& values) {
      std::sort(values.begin(), values.end());
      return values[values.size() / 2];
    };
    fmt::print("{:24} {:6.2f} µs, {:5.2f} signatures\n", name, median(micros), median(signatures));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return EXIT_FAILURE;
  const std::size_t messages = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000;
  const std::size_t rounds = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 41;
  const auto rules = rules_with(argv[1]);
  crypto::SystemRandom random;
  const auto key = crypto::SigningKey::generate(random);
  const bench::PayloadOptions options{.secret = "secret"};
  bench::Payloads payloads(options);
  const crypto::HmacSha256 provider(as_bytes(options.secret));
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < messages; ++i) bodies.push_back(payloads.body(i));

  Station sign{"sign", {}, {}};
  Station check{"check the HMAC", {}, {}};
  Station read{"understand", {}, {}};
  for (std::size_t round = 0; round < rounds; ++round) {
    double floor = 0;
    const auto measure = [&](Station& station, auto&& work) {
      const double begin = thread_micros();
      for (auto& body : bodies) work(body);
      station.micros.push_back((thread_micros() - begin) / static_cast<double>(messages));
      if (floor == 0) floor = station.micros.back();
      station.signatures.push_back(station.micros.back() / floor);
    };
    measure(sign, [&](const std::string& body) {
      (void)key.sign(as_bytes(body).first(std::min(body.size(), signed_bytes)));
    });
    measure(check, [&](const std::string& body) { (void)provider.of(as_bytes(body)); });
    measure(read, [&](const std::string& body) {
      source::Delivery delivery;
      delivery.body = body;
      (void)understand(std::move(delivery), *rules, random);
    });
  }
  for (auto* station : {&sign, &check, &read}) station->print();
}
