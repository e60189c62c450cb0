// SPDX-License-Identifier: Apache-2.0
#include "evidence/bodies.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "base/time.hpp"
#include "crypto/encoding.hpp"
#include "crypto/timestamp.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "ledger/cosignature.hpp"
#include "vault/media.hpp"

namespace sigilo::evidence {
namespace {

constexpr std::int64_t body_version = 1;

tl::unexpected<Error> not_a_body(std::string why) {
  return fail(ErrorCode::invalid_input, std::move(why));
}

/// A canonical object.
Result<json::Object> open_body(std::string_view body) {
  auto value = json::parse(body);
  if (!value) return not_a_body(fmt::format("no JSON: {}", value.error().what));
  if (json::canonical(*value) != body) return not_a_body("JSON, but not in RFC 8785's form");
  if (!value->is_object()) return not_a_body("JSON, but no object");
  return std::move(value->get_object());
}

Result<> check_version(std::int64_t version) {
  if (version > body_version)
    return fail(ErrorCode::newer_version, fmt::format("\"v\" is {}", version));
  if (version != body_version) return not_a_body(fmt::format("\"v\" is {}", version));
  return {};
}

/// The members named and no others; and the version.
Result<json::Object> open_body(std::string_view body,
                               std::initializer_list<std::string_view> members) {
  SIGILO_TRY(auto object, open_body(body));
  SIGILO_TRY_DO(check_version(json::integer_at(object, "v").value_or(0)));
  for (const auto member : members)
    if (!object.contains(member)) return not_a_body(fmt::format("\"{}\" is missing", member));
  if (object.size() != members.size()) return not_a_body("members that this kind doesn't have");
  return object;
}

Result<std::string> text(const json::Object& object, std::string_view member) {
  const auto found = json::text_at(object, member);
  if (!found) return not_a_body(fmt::format("\"{}\" is no text", member));
  return std::string(*found);
}

Result<std::uint64_t> number(const json::Object& object, std::string_view member) {
  const auto found = json::integer_at(object, member);
  if (!found || *found < 0) return not_a_body(fmt::format("\"{}\" is no number", member));
  return static_cast<std::uint64_t>(*found);
}

Result<const json::Array*> array(const json::Object& object, std::string_view member) {
  const auto* found = json::array_at(object, member);
  if (found == nullptr) return not_a_body(fmt::format("\"{}\" is no list", member));
  return found;
}

Result<std::vector<std::string>> texts(const json::Object& object, std::string_view member) {
  SIGILO_TRY(const auto* found, array(object, member));
  std::vector<std::string> all;
  for (const auto& element : *found) {
    const auto* one = element.if_string();
    if (one == nullptr)
      return not_a_body(fmt::format("\"{}\" holds something else than texts", member));
    all.emplace_back(one->data(), one->size());
  }
  return all;
}

Result<std::vector<std::pair<std::uint64_t, std::uint64_t>>> spans(const json::Object& object) {
  SIGILO_TRY(const auto* found, array(object, "spans"));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const auto& element : *found) {
    const auto* pair = element.if_array();
    const bool numbers = pair != nullptr && pair->size() == 2 && (*pair)[0].is_int64() &&
                         (*pair)[1].is_int64() && (*pair)[0].get_int64() >= 0 &&
                         (*pair)[1].get_int64() >= 0;
    if (!numbers) return not_a_body("\"spans\" holds something else than pairs of numbers");
    all.emplace_back(static_cast<std::uint64_t>((*pair)[0].get_int64()),
                     static_cast<std::uint64_t>((*pair)[1].get_int64()));
  }
  return all;
}

Result<crypto::PublicKey> public_key(const json::Object& object, std::string_view member) {
  SIGILO_TRY(const auto hex, text(object, member));
  const auto bytes = crypto::from_hex(hex);
  if (!bytes || crypto::to_hex(*bytes) != hex)
    return not_a_body(fmt::format("\"{}\" is not lower-case hex", member));
  auto key = crypto::PublicKey::from(*bytes);
  if (!key) return not_a_body(fmt::format("\"{}\" has not 32 bytes", member));
  return key;
}

}  // namespace

Result<GenesisBody> read_genesis(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body, {"created", "firm", "public_key",
                                                 "recovery_public_key", "v", "version"}));
  GenesisBody genesis;
  SIGILO_TRY(genesis.public_key, public_key(object, "public_key"));
  SIGILO_TRY(genesis.recovery_public_key, public_key(object, "recovery_public_key"));
  SIGILO_TRY(genesis.created, text(object, "created"));
  SIGILO_TRY_DO(text(object, "firm"));
  SIGILO_TRY_DO(text(object, "version"));
  return genesis;
}

Result<KeyBody> read_key(std::string_view body) {
  SIGILO_TRY(const auto any, open_body(body));
  const bool says_by = any.contains("by");
  SIGILO_TRY(const auto object, says_by ? open_body(body, {"by", "epoch", "public_key", "v"})
                                        : open_body(body, {"epoch", "public_key", "v"}));
  if (says_by && json::text_at(object, "by") != "recovery")
    return not_a_body("\"by\" is something else than \"recovery\"");
  KeyBody key;
  key.by_recovery = says_by;
  SIGILO_TRY(key.epoch, number(object, "epoch"));
  SIGILO_TRY(key.public_key, public_key(object, "public_key"));
  return key;
}

Result<std::string> read_checkpoint(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body, {"note", "v"}));
  return text(object, "note");
}

Result<AlertBody> read_alert(std::string_view body) {
  SIGILO_TRY(const auto object,
             open_body(body, {"category", "content", "message", "policies", "policy", "recipients",
                              "rule", "rules", "severity", "spans", "team", "v", "words"}));
  AlertBody alert;
  SIGILO_TRY(alert.message, number(object, "message"));
  SIGILO_TRY(alert.content, text(object, "content"));
  SIGILO_TRY(alert.category, text(object, "category"));
  SIGILO_TRY(alert.severity, text(object, "severity"));
  SIGILO_TRY(alert.rule, text(object, "rule"));
  SIGILO_TRY(alert.team, text(object, "team"));
  SIGILO_TRY(alert.spans, spans(object));
  SIGILO_TRY(alert.words, texts(object, "words"));
  for (const auto member : {"policies", "policy"}) SIGILO_TRY_DO(text(object, member));
  for (const auto member : {"recipients", "rules"}) SIGILO_TRY_DO(texts(object, member));
  if (!parse_severity(alert.severity)) return not_a_body("\"severity\" is not one of the three");
  return alert;
}

Result<> check_mail(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body, {"alerts", "attempt", "message", "message_id",
                                                 "outcome", "recipient", "reply", "v"}));
  SIGILO_TRY(const auto* alerts, array(object, "alerts"));
  for (const auto& alert : *alerts)
    if (!alert.is_int64() || alert.get_int64() < 0)
      return not_a_body("\"alerts\" holds something else than numbers");
  for (const auto member : {"attempt", "message"}) SIGILO_TRY_DO(number(object, member));
  for (const auto member : {"message_id", "recipient", "reply"})
    SIGILO_TRY_DO(text(object, member));
  SIGILO_TRY(const auto outcome, text(object, "outcome"));
  if (outcome != "sent" && outcome != "deferred" && outcome != "failed")
    return not_a_body("\"outcome\" is not one of the three");
  return {};
}

Result<> check_clock(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body, {"behind_us", "clock", "event", "v"}));
  SIGILO_TRY_DO(number(object, "behind_us"));
  SIGILO_TRY(const auto clock, text(object, "clock"));
  SIGILO_TRY_DO(parse_rfc3339(clock));
  SIGILO_TRY(const auto event, text(object, "event"));
  if (event != "behind") return not_a_body("\"event\" is not \"behind\"");
  return {};
}

Result<MediaBody> read_media(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body));
  SIGILO_TRY_DO(check_version(json::integer_at(object, "v").value_or(0)));
  MediaBody media;
  SIGILO_TRY(const auto outcome, text(object, "outcome"));
  if (outcome != "stored" && outcome != "lost")
    return not_a_body("\"outcome\" is not one of the two");
  media.stored = outcome == "stored";
  SIGILO_TRY_DO(text(object, "declared"));
  SIGILO_TRY(media.message, number(object, "message"));
  std::size_t members = 4;
  if (!media.stored) {
    SIGILO_TRY(const auto loss, text(object, "loss"));
    if (!vault::parse_media_loss(loss)) return not_a_body("\"loss\" is none of its words");
    ++members;
  }
  if (object.contains("reason")) {
    SIGILO_TRY(const auto reason, text(object, "reason"));
    if (reason.empty()) return not_a_body("\"reason\" is empty");
    ++members;
  }
  if (media.stored) {
    SIGILO_TRY(const auto hex, text(object, "sha256"));
    const auto digest = crypto::Digest::from_hex(hex);
    if (!digest || digest->hex() != hex) return not_a_body("\"sha256\" is not 64 hex digits");
    media.sha256 = *digest;
    SIGILO_TRY(media.size, number(object, "size"));
    SIGILO_TRY_DO(text(object, "sniffed"));
    members += 3;
  }
  if (object.size() != members) return not_a_body("members that this kind doesn't have");
  return media;
}

Result<> check_gap(std::string_view body, std::uint64_t seq) {
  SIGILO_TRY(const auto object, open_body(body));
  const auto event = json::text_at(object, "event").value_or("");
  if (event == "history-chunk-missing") {
    SIGILO_TRY_DO(open_body(body, {"chunk", "event", "line", "phase", "v"}));
    for (const auto member : {"chunk", "phase"}) SIGILO_TRY_DO(number(object, member));
    return text(object, "line").map([](const auto&) {});
  }
  if (event != "unseen") return check_other(body);
  SIGILO_TRY_DO(check_version(json::integer_at(object, "v").value_or(0)));
  std::size_t members = 5;
  for (const auto member : {"line", "party"}) {
    if (!object.contains(member)) continue;
    SIGILO_TRY(const auto value, text(object, member));
    if (value.empty()) return not_a_body(fmt::format("\"{}\" is empty", member));
    ++members;
  }
  for (const auto member : {"how", "provider_id"}) SIGILO_TRY_DO(text(object, member));
  SIGILO_TRY(const auto record, number(object, "record"));
  if (record >= seq) return not_a_body("it names a record that comes after it");
  if (object.size() != members) return not_a_body("members that this kind doesn't have");
  return {};
}

Result<std::vector<std::uint64_t>> read_service(std::string_view body, std::uint64_t seq) {
  SIGILO_TRY(const auto object, open_body(body));
  std::vector<std::uint64_t> read;
  if (json::text_at(object, "event").value_or("") != "reread") {
    SIGILO_TRY_DO(check_other(body));
    return read;
  }
  SIGILO_TRY_DO(open_body(body, {"delivery", "event", "records", "v", "version"}));
  SIGILO_TRY_DO(number(object, "delivery"));
  SIGILO_TRY_DO(text(object, "version"));
  SIGILO_TRY(const auto* records, array(object, "records"));
  for (const auto& one : *records) {
    const bool earlier =
        one.is_int64() && one.get_int64() >= 0 && std::cmp_less(one.get_int64(), seq);
    if (!earlier) return not_a_body("\"records\" holds something else than earlier records");
    read.push_back(static_cast<std::uint64_t>(one.get_int64()));
  }
  if (read.empty()) return not_a_body("\"records\" is empty");
  return read;
}

namespace {

/// The proof stamps or cosigns that very note. Who made it is for whoever trusts that authority.
Result<> check_proof(const AnchorBody& anchor, std::string_view note) {
  if (anchor.kind == "rfc3161") {
    const auto token = crypto::from_base64(anchor.proof);
    if (!token || crypto::to_base64(*token) != anchor.proof)
      return not_a_body("\"proof\" is no base64");
    return crypto::open_timestamp_token(*token, anchor.note_sha256, nullptr)
        .map([](const auto&) {})
        .map_error([](const Error& error) {
          return Error{ErrorCode::invalid_input, "the time stamp: " + error.what, ""};
        });
  }
  if (anchor.kind != "witness")
    return anchor.proof.empty() ? Result<>() : not_a_body("\"proof\" is not empty");
  const auto witness = ledger::parse_witness_key(anchor.where);
  if (!witness) return not_a_body("\"where\" is no verifier key");
  const auto lines = ledger::cosignatures_on(fmt::format("{}{}", note, anchor.proof), {*witness});
  if (!lines || lines->size() != 1) return not_a_body("the cosignature doesn't hold");
  return {};
}

}  // namespace

Result<std::optional<AnchorBody>> read_anchor(std::string_view body, std::uint64_t seq) {
  SIGILO_TRY(const auto object, open_body(body));
  if (json::text_at(object, "event").value_or("") != "anchored") return std::nullopt;
  SIGILO_TRY_DO(
      open_body(body, {"anchor", "checkpoint", "event", "note_sha256", "proof", "v", "where"}));
  AnchorBody anchor;
  SIGILO_TRY(anchor.kind, text(object, "anchor"));
  SIGILO_TRY(anchor.checkpoint, number(object, "checkpoint"));
  SIGILO_TRY(const auto hex, text(object, "note_sha256"));
  SIGILO_TRY(anchor.proof, text(object, "proof"));
  SIGILO_TRY(anchor.where, text(object, "where"));
  const auto digest = crypto::Digest::from_hex(hex);
  if (!digest || digest->hex() != hex) return not_a_body("\"note_sha256\" is not 64 hex digits");
  anchor.note_sha256 = *digest;
  constexpr std::array kinds{"directory", "rfc3161", "witness", "mail"};
  if (std::ranges::find(kinds, anchor.kind) == kinds.end())
    return not_a_body("\"anchor\" is not one of the four");
  if (anchor.checkpoint >= seq) return not_a_body("it names a record that comes after it");
  return anchor;
}

Result<> check_anchor(const AnchorBody& anchor, std::string_view note) {
  if (crypto::sha256(as_bytes(note)) != anchor.note_sha256)
    return not_a_body("\"note_sha256\" is not that of the checkpoint's note");
  return check_proof(anchor, note);
}

Result<> check_other(std::string_view body) {
  SIGILO_TRY(const auto object, open_body(body));
  if (object.contains("v")) return check_version(json::integer_at(object, "v").value_or(0));
  return {};
}

}  // namespace sigilo::evidence
