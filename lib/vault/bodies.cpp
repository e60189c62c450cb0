// SPDX-License-Identifier: Apache-2.0
#include "vault/bodies.hpp"

#include <algorithm>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "json/value.hpp"
#include "vault/rows.hpp"

namespace sigilo::vault {
namespace {

constexpr std::int64_t body_version = 1;

std::string hex_of(const crypto::PublicKey& key) {
  return crypto::to_hex(key.view());
}

// The text of a span, even where a scanner's range would not fit the text.
std::string_view words_of(std::string_view text, std::pair<std::uint32_t, std::uint32_t> span) {
  const std::size_t end = std::min<std::size_t>(span.second, text.size());
  const std::size_t begin = std::min<std::size_t>(span.first, end);
  return text.substr(begin, end - begin);
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::corrupt, "the body of an alert is damaged: " + std::string(what),
              "run sigilo verify --depth full");
}

Result<std::vector<std::string>> texts_at(const json::Object& object, std::string_view key) {
  const auto* array = json::array_at(object, key);
  if (array == nullptr) return damaged(key);
  std::vector<std::string> texts;
  for (const auto& value : *array) {
    if (!value.is_string()) return damaged(key);
    texts.emplace_back(value.get_string().data(), value.get_string().size());
  }
  return texts;
}

Result<std::vector<std::pair<std::uint32_t, std::uint32_t>>> spans_at(const json::Object& object) {
  const auto* array = json::array_at(object, "spans");
  if (array == nullptr) return damaged("spans");
  std::vector<std::pair<std::uint32_t, std::uint32_t>> spans;
  for (const auto& value : *array) {
    const auto* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_int64())
      return damaged("spans");
    spans.emplace_back(static_cast<std::uint32_t>((*pair)[0].get_int64()),
                       static_cast<std::uint32_t>((*pair)[1].get_int64()));
  }
  return spans;
}

}  // namespace

std::string genesis_body(const NewVault& what, Timestamp created, const crypto::PublicKey& key,
                         const crypto::PublicKey& recovery) {
  return json::canonical(json::Object{{"created", format_rfc3339(created)},
                                      {"firm", what.firm},
                                      {"public_key", hex_of(key)},
                                      {"recovery_public_key", hex_of(recovery)},
                                      {"v", body_version},
                                      {"version", what.version}});
}

std::string key_body(Epoch epoch, const crypto::PublicKey& key, NamedBy by) {
  json::Object body{{"epoch", static_cast<std::int64_t>(epoch.value())},
                    {"public_key", hex_of(key)},
                    {"v", body_version}};
  if (by == NamedBy::recovery) body["by"] = "recovery";
  return json::canonical(std::move(body));
}

std::string checkpoint_body(std::string_view note) {
  return json::canonical(json::Object{{"note", note}, {"v", body_version}});
}

std::string clock_body(Timestamp now, Duration behind) {
  return json::canonical(json::Object{{"behind_us", std::int64_t{behind.count()}},
                                      {"clock", format_rfc3339(now)},
                                      {"event", "behind"},
                                      {"v", body_version}});
}

std::string alert_body(const NewAlert& alert, const message::Event& event, Seq message,
                       const std::vector<NewMail>& mails) {
  json::Array rules;
  for (const auto& rule : alert.rules) rules.emplace_back(rule);
  json::Array recipients;
  for (const auto& mail : mails) recipients.emplace_back(mail.recipient);
  json::Array spans;
  json::Array words;
  for (const auto& span : alert.spans) {
    spans.emplace_back(json::Array{std::int64_t{span.first}, std::int64_t{span.second}});
    words.emplace_back(words_of(event.text, span));
  }
  return json::canonical(json::Object{{"category", alert.category},
                                      {"content", event.content.hex()},
                                      {"message", number(message)},
                                      {"policies", alert.policies.hex()},
                                      {"policy", alert.policy},
                                      {"recipients", std::move(recipients)},
                                      {"rule", alert.rule},
                                      {"rules", std::move(rules)},
                                      {"severity", to_string(alert.severity)},
                                      {"spans", std::move(spans)},
                                      {"team", alert.team},
                                      {"v", body_version},
                                      {"words", std::move(words)}});
}

std::string reread_body(const std::vector<Seq>& records, std::int64_t delivery,
                        std::string_view version) {
  json::Array seqs;
  for (const Seq seq : records) seqs.emplace_back(number(seq));
  return json::canonical(json::Object{{"delivery", delivery},
                                      {"event", "reread"},
                                      {"records", std::move(seqs)},
                                      {"v", body_version},
                                      {"version", version}});
}

std::string unseen_body(const Unseen& unseen) {
  json::Object body{{"event", "unseen"},
                    {"how", unseen.how},
                    {"provider_id", unseen.provider_id},
                    {"record", number(unseen.record)},
                    {"v", body_version}};
  if (!unseen.line.empty()) body["line"] = unseen.line;
  if (!unseen.party.empty()) body["party"] = unseen.party;
  return json::canonical(body);
}

std::string missing_chunk_body(const MissingChunk& chunk) {
  return json::canonical(json::Object{{"chunk", chunk.chunk},
                                      {"event", "history-chunk-missing"},
                                      {"line", chunk.line},
                                      {"phase", chunk.phase},
                                      {"v", body_version}});
}

Result<AlertDetails> read_alert_body(std::string_view body) {
  const auto value = json::parse(body);
  const auto* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return damaged("it is no JSON object");
  AlertDetails details;
  SIGILO_TRY(details.rules, texts_at(*object, "rules"));
  SIGILO_TRY(details.words, texts_at(*object, "words"));
  SIGILO_TRY(details.spans, spans_at(*object));
  const auto policy = json::text_at(*object, "policy");
  if (!policy) return damaged("policy");
  details.policy = *policy;
  return details;
}

std::string media_body(const MediaOutcome& outcome) {
  json::Object body{{"declared", outcome.declared},
                    {"message", number(outcome.message)},
                    {"outcome", to_string(outcome.state)},
                    {"v", body_version}};
  if (!outcome.reason.empty()) body["reason"] = outcome.reason;
  if (outcome.state == MediaState::lost) body["loss"] = to_string(outcome.loss);
  if (outcome.file) {
    body["sha256"] = outcome.file->sha256.hex();
    body["size"] = static_cast<std::int64_t>(outcome.file->size);
    body["sniffed"] = outcome.sniffed;
  }
  return json::canonical(body);
}

std::string mail_body(const MailAttempt& attempt, const MailOutcome& outcome) {
  json::Array alerts;
  for (const auto id : attempt.alerts) alerts.emplace_back(id);
  return json::canonical(json::Object{{"alerts", std::move(alerts)},
                                      {"attempt", std::int64_t{attempt.attempt}},
                                      {"message", number(attempt.message)},
                                      {"message_id", attempt.message_id},
                                      {"outcome", to_string(outcome.state)},
                                      {"recipient", attempt.recipient},
                                      {"reply", outcome.reply},
                                      {"v", body_version}});
}

}  // namespace sigilo::vault
