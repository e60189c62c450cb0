// SPDX-License-Identifier: Apache-2.0
// Vaults to verify: a sample with every kind of record of this version, damage done with the stock
// `sqlcipher`, and the second verifier.
#pragma once

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "evidence/verify.hpp"
#include "json/parse.hpp"
#include "support/sqlcipher.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

/// Record (-1: none) and name of each problem: what both verifiers must agree on.
using Problems = std::set<std::pair<std::int64_t, std::string>>;

inline std::string shown(const Problems& problems) {
  std::string text;
  for (const auto& [seq, name] : problems) text += fmt::format("{} {}; ", seq, name);
  return text;
}

inline Problems problems_of(const evidence::Report& report) {
  Problems problems;
  for (const auto& problem : report.problems)
    problems.emplace(problem.seq ? static_cast<std::int64_t>(*problem.seq) : -1, problem.problem);
  return problems;
}

inline evidence::Report verify(const std::filesystem::path& directory,
                               evidence::VerifyOptions options = {}) {
  return must(evidence::verify(directory, vault_key(), options));
}

/// A closed vault's directory, for the attacker: vault.db alone is what is recorded.
inline std::filesystem::path copy_of(const std::filesystem::path& vault,
                                     const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(vault, to, std::filesystem::copy_options::recursive);
  return to;
}

/// Changes a vault as somebody with its key and the stock program would.
inline void damage(const std::filesystem::path& vault, const std::string& sql) {
  const auto done = sqlcipher(vault / "vault.db", key_lines() + sql);
  if (done.code != 0) throw std::runtime_error("the damage failed: " + done.output);
}

/// The plain SQLite copy that an expert makes.
inline std::filesystem::path export_plain(const std::filesystem::path& vault,
                                          const std::filesystem::path& to) {
  std::filesystem::remove(to);
  damage(vault,
         fmt::format("ATTACH DATABASE '{}' AS plain KEY '';\nSELECT sqlcipher_export('plain');\n"
                     "DETACH DATABASE plain;\n",
                     to.string()));
  return to;
}

/// What the second verifier says of several exports, in one run.
inline std::vector<json::Object> second_opinion(const std::vector<std::filesystem::path>& exports,
                                                const std::string& options = "") {
  std::string command = fmt::format("/usr/bin/python3 '{}/tests/verifier/verify_vault.py' {}",
                                    SIGILO_SOURCE_DIR, options);
  for (const auto& path : exports) command += fmt::format(" '{}'", path.string());
  const auto ran = run_shell(command);
  std::vector<json::Object> reports;
  for (std::size_t begin = 0; begin < ran.output.size();) {
    const auto end = std::min(ran.output.find('\n', begin), ran.output.size());
    auto line = json::parse(std::string_view(ran.output).substr(begin, end - begin));
    if (!line || !line->is_object()) throw std::runtime_error("the second verifier: " + ran.output);
    reports.push_back(std::move(line->get_object()));
    begin = end + 1;
  }
  if (reports.size() != exports.size())
    throw std::runtime_error("the second verifier: " + ran.output);
  return reports;
}

inline Problems problems_of(const json::Object& report) {
  Problems problems;
  if (json::text_at(report, "error"))
    problems.emplace(-1, std::string(*json::text_at(report, "error")));
  for (const auto& problem : *json::array_at(report, "problems")) {
    const auto& object = problem.get_object();
    problems.emplace(json::integer_at(object, "seq").value_or(-1),
                     std::string(*json::text_at(object, "problem")));
  }
  return problems;
}

/// A vault with every kind of record that this version makes, over three epochs. Closed.
class SampleVault {
 public:
  // Numbers of some of its records.
  static constexpr int first_message = 2, batch = 3, with_alert = 6, alert = 7, mail = 8,
                       first_checkpoint = 9;
  static constexpr int key_record = 11, last_checkpoint = 20, records = 21;

  SampleVault() {
    must(vault_.run(append(RecordKind::service, R"({"event":"start","v":1})")));  // 1
    pass();
    vault_.ingest(delivery_of(TestMessage{}));  // 2
    pass();
    vault_.ingest(
        delivery_of_many({message("w2", "uno"), message("w3", "dos"), status("w1")}));  // 3, 4, 5
    pass();
    vault_.ingest(with_an_alert());                             // 6, 7
    must(vault_.run([](vault::WriteTransaction& transaction) {  // 8
      return transaction.mail_outcome(
          {.outbox_id = 1, .state = vault::MailState::sent, .next = {}, .reply = "250 ok"});
    }));
    checkpoint();  // 9
    pass();
    vault_.ingest(not_understood());  // 10
    roll();                           // 11
    pass();
    vault_.ingest(delivery_of(message("w5", "después")));                           // 12
    must(vault_.run(append(RecordKind::access, R"({"event":"messages","v":1})")));  // 13
    vault_.ingest(partly_foreign());                                                // 14
    vault_.ingest(delivery_of_many(
        {message("w7", "a"), message("w5", "después"), message("w8", "b")}));  // 15, 16
    roll();                                                                    // 17
    vault_.clock.set(vault_.clock.now() - std::chrono::hours(1));
    vault_.ingest(delivery_of(message("w9", "el reloj volvió")));  // 18 clock, 19
    checkpoint();                                                  // 20
    vault_.close();
  }

  [[nodiscard]] std::filesystem::path directory() const { return vault_.directory(); }
  [[nodiscard]] const std::string& fingerprint() const { return vault_.created.fingerprint; }
  [[nodiscard]] std::filesystem::path scratch(std::string_view name) const {
    return vault_.temporary.path() / name;
  }

 private:
  static TestMessage message(std::string id, std::string text) {
    TestMessage message;
    message.id = std::move(id);
    message.text = std::move(text);
    return message;
  }
  static TestMessage status(std::string id) {
    TestMessage message;
    message.id = std::move(id);
    message.kind = RecordKind::status;
    return message;
  }
  static vault::Work append(RecordKind kind, std::string body) {
    return [kind, body](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.append(kind, body));
      return {};
    };
  }
  static vault::Ingest with_an_alert() {
    auto delivery = delivery_of(message("w4", "pidió una coima de ñandú"));
    delivery.events[0].alerts = {alert_about(11, 16)};
    delivery.events[0].mails = {{"compliance@estudio.example", Language::es, "litigios"}};
    return delivery;
  }
  /// A line that isn't known, bytes that are no text, no signature by the provider.
  static vault::Ingest not_understood() {
    auto delivery = delivery_of(message("w", "x"));
    auto& event = delivery.events[0].event;
    event.kind = RecordKind::unrecognised;
    event.line = E164("");
    event.party = {};
    event.provider_id.clear();
    event.text.clear();
    event.type = "not-json";
    event.sent = Timestamp();
    delivery.raw = "\xff\xfe{";
    delivery.signature.clear();
    delivery.provenance.source = "spool";
    delivery.provenance.delivery = crypto::sha256(as_bytes(delivery.raw));
    event.offset = 0;
    event.length = delivery.raw.size();
    delivery.events[0].body = message::make_body(event, delivery.provenance, delivery.raw);
    return delivery;
  }
  /// The rest of the delivery concerns another number.
  static vault::Ingest partly_foreign() {
    auto delivery = delivery_of_many({message("w6", "nuestro"), message("f", "ajeno")});
    const auto& foreign = delivery.events[1].event;
    delivery.foreign = {{foreign.offset, foreign.length}};
    delivery.not_monitored = 1;
    delivery.events.pop_back();
    return delivery;
  }
  void pass() { vault_.clock.advance(std::chrono::seconds(5)); }
  void checkpoint() {
    must(vault_.run([](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.checkpoint());
      return {};
    }));
  }
  void roll() {
    vault_.close();
    vault_.opened = must(vault::Vault::open(vault_.directory(), vault_.key, vault_.clock,
                                            vault_.random, vault_.log));
    must(vault_.opened->roll_epoch());
    vault_.opened.reset();
    vault_.open();
  }

  TestVault vault_;
};

}  // namespace sigilo::test
