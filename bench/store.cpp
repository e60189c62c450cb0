// SPDX-License-Identifier: Apache-2.0
// What the store thread can do: durable, sealed events a second by how many wait together, on an
// empty and on a full vault. Usage: bench_store [DIRECTORY] [RECORDS TO FILL] [SECONDS A ROW]
#include "vault/store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "crypto/random.hpp"
#include "message/body.hpp"

namespace {

using namespace sigilo;
using Time = std::chrono::steady_clock;

constexpr int conversations = 2000;

class StderrLog final : public LogSink {
 public:
  void write(LogLevel, std::string_view line) override { fmt::print(stderr, "{}\n", line); }
};

/// Deliveries of one text message, about as long as the provider's.
class Traffic {
 public:
  vault::Ingest next() {
    const auto party = 60'000'000 + random_() % conversations;
    const auto id = fmt::format("wamid.{:016x}{:016x}", random_(), random_());
    const auto sent = 1'795'000'000 + static_cast<std::int64_t>(made_++ / 50);
    const std::string slice = fmt::format(
        R"({{"from":"54911{}","id":"{}","timestamp":"{}","text":{{"body":"{}"}},"type":"text"}})",
        party, id, sent,
        "Doctor, le escribo por el expediente; me dicen que la audiencia se posterga otra vez.");
    vault::Ingest delivery;
    delivery.raw = fmt::format(
        R"({{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":{{)"
        R"("messaging_product":"whatsapp","metadata":{{"display_phone_number":"5491150000001","phone_number_id":)"
        R"("106540352242922"}},"contacts":[{{"profile":{{"name":"Cliente"}},"wa_id":"54911{}"}}],"messages":[)",
        party);
    message::Event event;
    event.kind = RecordKind::message;
    event.line = E164("+5491150000001");
    event.party.number = fmt::format("+54911{}", party);
    event.party.name = "Cliente";
    event.provider_id = id;
    event.sent = Timestamp::from_seconds(sent);
    event.type = "text";
    event.text =
        "Doctor, le escribo por el expediente; me dicen que la audiencia se posterga otra vez.";
    event.offset = delivery.raw.size();
    event.length = slice.size();
    event.content = crypto::sha256(as_bytes(slice));
    delivery.raw += slice + R"(]},"field":"messages"}]}]})";
    delivery.signature = "sha256=" + std::string(64, 'a');
    delivery.provenance = {"meta", crypto::sha256(as_bytes(delivery.raw)),
                           Timestamp::from_seconds(sent)};
    std::string body = message::make_body(event, delivery.provenance, delivery.raw);
    const auto commitment = ledger::commit_to(body, salts_);
    delivery.events.push_back({.event = std::move(event),
                               .body = std::move(body),
                               .commitment = commitment,
                               .alerts = {},
                               .mails = {}});
    return delivery;
  }

 private:
  std::mt19937_64 random_{7};
  crypto::SystemRandom salts_;
  std::uint64_t made_ = 0;
};

/// Keeps `waiting` deliveries before the store, as so many connections would.
class Load {
 public:
  Load(vault::StoreThread& store, std::vector<vault::Ingest> deliveries, std::size_t waiting)
      : store_(store),
        deliveries_(std::move(deliveries)),
        begun_(deliveries_.size()),
        took_(deliveries_.size()) {
    for (std::size_t i = 0; i < std::min(waiting, deliveries_.size()); ++i) send();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return done_ == deliveries_.size(); });
  }
  [[nodiscard]] double percentile_ms(double part) {
    std::sort(took_.begin(), took_.end());
    return 1e3 * took_[static_cast<std::size_t>(part * static_cast<double>(took_.size() - 1))];
  }

 private:
  void send() {
    const std::size_t i = sent_++;
    begun_[i] = Time::now();
    const bool taken = store_.submit(
        [this, i](vault::WriteTransaction& transaction) -> Result<> {
          SIGILO_TRY_DO(transaction.ingest(deliveries_[i]));
          return {};
        },
        [this, i](Result<> outcome) {
          if (!outcome) std::abort();
          took_[i] = std::chrono::duration<double>(Time::now() - begun_[i]).count();
          const std::lock_guard guard(mutex_);
          ++done_;
          if (sent_ < deliveries_.size())
            send();
          else if (done_ == deliveries_.size())
            ended_.notify_one();
        });
    if (!taken) std::abort();
  }

  vault::StoreThread& store_;
  std::vector<vault::Ingest> deliveries_;
  std::vector<Time::time_point> begun_;
  std::vector<double> took_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t sent_ = 0, done_ = 0;
};

void measure(vault::StoreThread& store, Traffic& traffic, std::size_t waiting, double seconds) {
  double spent = 0;
  std::clock_t processor = 0;
  std::size_t stored = 0;
  std::vector<double> p50, p99;
  while (spent < seconds) {
    std::vector<vault::Ingest> deliveries;
    for (std::size_t i = 0; i < std::max<std::size_t>(waiting * 60, 2000); ++i)
      deliveries.push_back(traffic.next());
    const auto count = deliveries.size();
    const auto begin = Time::now();
    const auto processor_before = std::clock();
    Load load(store, std::move(deliveries), waiting);
    spent += std::chrono::duration<double>(Time::now() - begin).count();
    processor += std::clock() - processor_before;
    stored += count;
    p50.push_back(load.percentile_ms(0.5));
    p99.push_back(load.percentile_ms(0.99));
  }
  const auto events = static_cast<double>(stored);
  fmt::print(
      "  {:5} waiting: {:7.0f} events/s  {:5.1f} us CPU each   p50 {:6.2f} ms   p99 {:6.2f} ms\n",
      waiting, events / spent, 1e6 * static_cast<double>(processor) / CLOCKS_PER_SEC / events,
      p50[p50.size() / 2], *std::max_element(p99.begin(), p99.end()));
  std::fflush(stdout);
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path directory = argc > 1 ? argv[1] : "bench-vault";
  const std::size_t fill = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const double seconds = argc > 3 ? std::strtod(argv[3], nullptr) : 3;
  std::filesystem::remove_all(directory);
  const SystemClock clock;
  crypto::SystemRandom random;
  StderrLog sink;
  const Logger log(sink, LogLevel::warning);
  const auto key = crypto::SecretBytes::random(32, random);
  must(vault::create(directory, key, {"bench", "0"}, clock, random));
  const auto opened = must(vault::Vault::open(directory, key, clock, random, log));
  Traffic traffic;
  {
    vault::StoreThread store(*opened, {}, log);
    fmt::print("empty vault, {} conversations\n", conversations);
    for (const std::size_t waiting : {1, 16, 64, 256}) measure(store, traffic, waiting, seconds);
  }
  if (fill > 0) {
    vault::StoreThread store(*opened, {}, log);
    while (opened->records() < fill) {
      std::vector<vault::Ingest> deliveries;
      for (int i = 0; i < 20'000; ++i) deliveries.push_back(traffic.next());
      Load(store, std::move(deliveries), 1024);
    }
    fmt::print("{} records, {} MiB\n", opened->records(),
               std::filesystem::file_size(directory / "vault.db") >> 20);
    for (const std::size_t waiting : {1, 16, 64, 256}) measure(store, traffic, waiting, seconds);
  }
  std::filesystem::remove_all(directory);
}
