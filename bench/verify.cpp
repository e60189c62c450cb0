// SPDX-License-Identifier: Apache-2.0
// What verification costs: records a second and CPU time a record, at both depths, alone and on all
// cores. Usage: bench_verify [DIRECTORY] [RECORDS]
#include "evidence/verify.hpp"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "crypto/random.hpp"
#include "message/body.hpp"
#include "vault/store.hpp"
#include "vault/transaction.hpp"
#include "vault/vault.hpp"

namespace {

using namespace sigilo;

class StderrLog final : public LogSink {
 public:
  void write(LogLevel, std::string_view line) override { fmt::print(stderr, "{}\n", line); }
};

template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return std::move(*result);
  }
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

/// One text message in a delivery as long as the provider's.
vault::Ingest message_number(std::size_t number) {
  const auto sent = 1'795'000'000 + static_cast<std::int64_t>(number / 50);
  const auto party = fmt::format("54911{}", 60'000'000 + number % 2000);
  message::Event event;
  event.kind = RecordKind::message;
  event.line = E164("+5491150000001");
  event.party.number = "+" + party;
  event.party.name = "Cliente";
  event.provider_id = fmt::format("wamid.{:032x}", number);
  event.sent = Timestamp::from_seconds(sent);
  event.type = "text";
  event.text =
      "Doctor, le escribo por el expediente; me dicen que la audiencia se posterga otra vez.";
  const std::string slice = fmt::format(
      R"({{"from":"{}","id":"{}","timestamp":"{}","text":{{"body":"{}"}},"type":"text"}})", party,
      event.provider_id, sent, event.text);
  vault::Ingest delivery;
  delivery.raw =
      R"({"object":"whatsapp_business_account","entry":[{"id":"102290129340398","messages":[)";
  event.offset = delivery.raw.size();
  event.length = slice.size();
  event.content = crypto::sha256(as_bytes(slice));
  delivery.raw += slice + "]}]}";
  delivery.signature = "sha256=" + std::string(64, 'a');
  delivery.provenance = {"meta", crypto::sha256(as_bytes(delivery.raw)),
                         Timestamp::from_seconds(sent)};
  auto body = message::make_body(event, delivery.provenance, delivery.raw);
  delivery.events.push_back(
      {.event = std::move(event), .body = std::move(body), .alerts = {}, .mails = {}});
  return delivery;
}

void fill(const std::filesystem::path& directory, const crypto::SecretBytes& key,
          std::size_t records) {
  const SystemClock clock;
  crypto::SystemRandom random;
  StderrLog sink;
  const Logger log(sink, LogLevel::warning);
  must(vault::create(directory, key, {"bench", "0"}, clock, random));
  const auto opened = must(vault::Vault::open(directory, key, clock, random, log));
  vault::StoreThread store(*opened, {}, log);
  for (std::size_t made = 0; made < records;) {
    must(store.run([&](vault::WriteTransaction& transaction) -> Result<> {
      for (int i = 0; i < 1000; ++i) SIGILO_TRY_DO(transaction.ingest(message_number(made++)));
      return {};
    }));
  }
}

/// CPU time of checking one signature over a header line: what depth full can't do without.
double signature_us(crypto::SystemRandom& random) {
  constexpr int times = 5000;
  const auto key = crypto::SigningKey::generate(random);
  const std::string line(330, 'x');
  const auto signature = key.sign(as_bytes(line));
  const auto begin = std::clock();
  for (int i = 0; i < times; ++i)
    if (!key.public_key().verify(as_bytes(line), signature)) std::abort();
  return 1e6 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / times;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path directory = argc > 1 ? argv[1] : "bench-vault";
  const std::size_t records = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  std::filesystem::remove_all(directory);
  crypto::SystemRandom random;
  const auto key = crypto::SecretBytes::random(32, random);
  fill(directory, key, records);
  fmt::print("one signature checked: {:.1f} us CPU\n", signature_us(random));
  for (const auto depth : {evidence::Depth::tree, evidence::Depth::full}) {
    for (const unsigned threads : {1U, 0U}) {
      const auto begin = std::chrono::steady_clock::now();
      const auto processor = std::clock();
      const auto report =
          must(evidence::verify(directory, key, {.depth = depth, .threads = threads}));
      const double cpu = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
      const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
      const auto checked = static_cast<double>(report.records);
      fmt::print(
          "{} {:9} {} records: {:8.0f} a second, {:6.2f} us CPU each ({:8.0f} a second a core), "
          "{}\n",
          depth == evidence::Depth::tree ? "tree" : "full", threads == 1 ? "alone" : "all cores",
          report.records, checked / wall.count(), 1e6 * cpu / checked, checked / cpu,
          report.ok ? "clean" : "PROBLEMS");
    }
  }
  std::filesystem::remove_all(directory);
}
