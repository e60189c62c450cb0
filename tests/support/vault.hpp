// SPDX-License-Identifier: Apache-2.0
// A vault in a temporary directory, and messages to put into it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <stdlib.h>

#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "message/body.hpp"
#include "support/fakes.hpp"
#include "support/temporary_directory.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"
#include "vault/store.hpp"
#include "vault/transaction.hpp"
#include "vault/vault.hpp"

namespace sigilo::test {

/// The value, or an exception that says what went wrong, so that the test fails with it.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline constexpr std::string_view vault_key_hex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
inline crypto::SecretBytes vault_key() {
  return must(vault::parse_vault_key(as_bytes(vault_key_hex)));
}

/// A fresh vault, opened for writing with its store thread. close() and open() are a restart.
class TestVault {
 public:
  explicit TestVault(vault::StoreThread::Settings chosen = {}) : settings(std::move(chosen)) {
    created = must(vault::create(directory(), key, {"Estudio Ejemplo", "0.1.0"}, clock, random));
    open();
  }
  ~TestVault() { close(); }

  void open() {
    opened = must(vault::Vault::open(directory(), key, clock, random, log));
    store = std::make_unique<vault::StoreThread>(*opened, settings, log);
  }
  void close() {
    store.reset();
    opened.reset();
  }
  [[nodiscard]] std::filesystem::path directory() const { return temporary.path() / "vault"; }
  [[nodiscard]] vault::Reader reader() const { return must(vault::Reader::open(directory(), key)); }
  [[nodiscard]] vault::AuditReader audit() const {
    return must(vault::AuditReader::open(directory(), key));
  }

  /// Stores one delivery and waits until it is durable.
  vault::Ingested ingest(const vault::Ingest& delivery) {
    vault::Ingested result;
    must(store->run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY(result, transaction.ingest(delivery));
      return {};
    }));
    return result;
  }
  Result<> run(vault::Work work) { return store->run(std::move(work)); }

  TemporaryDirectory temporary;
  FakeClock clock;
  FakeRandom random;
  MemorySink sink;
  Logger log{sink, LogLevel::debug};
  crypto::SecretBytes key = vault_key();
  vault::StoreThread::Settings settings;
  vault::Created created;
  std::unique_ptr<vault::Vault> opened;
  std::unique_ptr<vault::StoreThread> store;
};

/// What a test message says; the defaults are an incoming text.
struct TestMessage {
  std::string id = "wamid.1";
  std::string text = "Buen día";
  std::string line = "+5491150000001";
  std::string party = "+5491160000002";
  std::int64_t sent = 1'795'521'000;
  RecordKind kind = RecordKind::message;
  Direction direction = Direction::in;
  std::string type{};      ///< "": "read" of a status, else "text"
  std::string about{};     ///< id of the message that it changes
  std::string reply_to{};  ///< id of the message that it quotes
  std::string user_id{};   ///< of the party, beside or instead of its number
  std::string name{};      ///< of the party
  std::string details = "{}";
  message::Via via = message::Via::api;
};

/// Details of a message with a file.
inline std::string file_details(std::string_view id) {
  return fmt::format(R"({{"media":{{"id":"{}","mime_type":"image/jpeg"}}}})", id);
}

/// Several messages in one delivery, as an interpreter would hand them over.
inline vault::Ingest delivery_of_many(const std::vector<TestMessage>& messages,
                                      std::string_view source = "meta") {
  vault::Ingest delivery;
  delivery.raw = R"({"object":"whatsapp_business_account",)";
  // What comes another way comes in a field of its own: never in the same bytes.
  for (const auto& message : messages)
    if (message.via != message::Via::api)
      delivery.raw += fmt::format(R"("{}":{},)", to_string(message.via), message.sent);
  delivery.raw += R"("messages":[)";
  delivery.signature = "sha256=" + std::string(64, 'a');
  for (const auto& message : messages) {
    if (delivery.raw.back() == '}') delivery.raw += ',';
    const std::string slice = fmt::format(R"({{"id":"{}","text":"{}","timestamp":"{}"}})",
                                          message.id, message.text, message.sent);
    message::Event event;
    event.kind = message.kind;
    event.line = E164(message.line);
    event.direction = message.direction;
    event.party = {.number = message.party, .user_id = message.user_id, .name = message.name};
    event.provider_id = message.id;
    event.sent = Timestamp::from_seconds(message.sent);
    event.type = message.kind == RecordKind::status ? "read" : "text";
    if (!message.type.empty()) event.type = message.type;
    event.about = message.about;
    event.reply_to = message.reply_to;
    event.details = message.details;
    event.via = message.via;
    event.text = message.text;
    event.offset = delivery.raw.size();
    event.length = slice.size();
    // As the interpreters do: equal for the same thing, whichever way and at what time it comes;
    // of a state, another time makes it another.
    const bool timed = message.kind == RecordKind::status || message.kind == RecordKind::line;
    event.content = crypto::sha256(as_bytes(fmt::format(
        "{}{}{}|{}|{}{}{}{}", message.line, to_string(message.kind), message.id, message.text,
        timed ? message.sent : 0, message.type, message.about, message.details)));
    delivery.raw += slice;
    delivery.events.push_back({.event = std::move(event), .body = {}, .alerts = {}, .mails = {}});
  }
  delivery.raw += "]}";
  delivery.provenance.source = source;
  delivery.provenance.delivery = crypto::sha256(as_bytes(delivery.raw));
  delivery.provenance.received = Timestamp::from_seconds(1'795'521'600);
  for (auto& item : delivery.events)
    item.body = message::make_body(item.event, delivery.provenance, delivery.raw);
  return delivery;
}

inline vault::Ingest delivery_of(const TestMessage& message) {
  return delivery_of_many({message});
}

/// An alert as alert/ would make it, about the bytes [begin, end) of the text.
inline vault::NewAlert alert_about(std::uint32_t begin, std::uint32_t end) {
  vault::NewAlert alert;
  alert.category = "bribery";
  alert.severity = Severity::high;
  alert.rule = "bribery.coima";
  alert.rules = {"bribery.coima"};
  alert.policy = "Sobornos y dádivas";
  alert.team = "litigios";
  alert.spans = {{begin, end}};
  return alert;
}

}  // namespace sigilo::test
