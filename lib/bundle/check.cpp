// SPDX-License-Identifier: Apache-2.0
#include "bundle/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "archive/zip_reader.hpp"
#include "bundle/compose.hpp"
#include "bundle/record_file.hpp"
#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/tree.hpp"
#include "message/body.hpp"

namespace sigilo::bundle {
namespace {

/// MANIFEST.sha256 and manifest.json of max_entries files; one of any other text.
constexpr std::size_t max_text = std::size_t{64} << 20;

constexpr std::string_view altered = "a file was changed after the bundle was made";
constexpr std::string_view forged =
    "the record is not the one that was sealed in the vault, or was moved to another place";

class Checker {
 public:
  Checker(const archive::ZipReader& zip, const CheckOptions& options)
      : zip_(zip), options_(options) {}

  /// An error: reading stopped there.
  Result<> run();
  CheckReport take() { return std::move(report_); }
  void bad(std::optional<std::uint64_t> seq, std::string problem, std::string_view meaning) {
    if (report_.problems.size() == max_problems)
      ++report_.more_problems;
    else
      report_.problems.push_back({seq, std::move(problem), std::string(meaning)});
  }

 private:
  struct Found {
    crypto::Digest hash;
    std::uint64_t size = 0;
  };
  Result<> manifest();
  Result<> contents();
  void keep(const std::string& name, Bytes&& content);
  Result<> checkpoint();
  void keys();
  void proofs();
  void media();
  void deliveries();
  void description();
  void same(std::string_view what, const json::Value* said, const json::Value& found);

  const archive::ZipReader& zip_;
  const CheckOptions& options_;
  CheckReport report_;
  std::map<std::string, crypto::Digest, std::less<>> listed_;
  std::map<std::string, Found, std::less<>> found_;
  std::map<std::uint64_t, RecordFile> records_;
  std::map<std::string, Bytes, std::less<>> raw_;  ///< deliveries, by name
  std::map<std::uint64_t, crypto::PublicKey> keys_;
  std::string note_, signatures_;
  json::Object described_;
  ledger::Checkpoint checkpoint_;
};

Result<> Checker::manifest() {
  SIGILO_TRY(const auto bytes, zip_.read(manifest_name, max_text));
  report_.manifest = crypto::sha256(bytes).hex();
  std::string_view rest = as_text(bytes);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    const bool whole = line.size() < rest.size();
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto hash = crypto::Digest::from_hex(line.substr(0, 64));
    if (!whole || line.size() < 67 || line.substr(64, 2) != "  " || !hash ||
        hash->hex() != line.substr(0, 64) || !listed_.emplace(line.substr(66), *hash).second)
      bad(std::nullopt,
          fmt::format("MANIFEST.sha256 has a line that is none: {}", line.substr(0, 80)), altered);
  }
  return {};
}

void Checker::keep(const std::string& name, Bytes&& content) {
  const auto text = as_text(content);
  if (name == checkpoint_name) note_ = text;
  if (name == signatures_name) signatures_ = text;
  if (name == description_name) {
    const auto body = text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0));
    auto parsed = json::parse(body);
    if (parsed && parsed->is_object() && json::is_canonical(body))
      described_ = std::move(parsed->get_object());
    else
      bad(std::nullopt, "manifest.json is not canonical JSON", altered);
  }
  if (name.starts_with("records/")) {
    auto record = read_record_file(name, text);
    if (!record) return bad(std::nullopt, record.error().what, forged);
    const auto seq = record->header.seq.value();
    records_.emplace(seq, std::move(*record));
  }
  if (name.starts_with("deliveries/") && name != signatures_name)
    raw_.emplace(name, std::move(content));
}

/// Files of media are hashed as they come, the others held.
Result<> Checker::contents() {
  Bytes held;
  crypto::Sha256 hash;
  std::string name;
  std::uint64_t size = 0;
  const auto finish = [&] {
    if (name.empty()) return;
    const auto digest = hash.finish();
    found_[name] = {digest, size};
    const auto listed = listed_.find(name);
    if (name != manifest_name && listed == listed_.end())
      bad(std::nullopt, fmt::format("{} is not in MANIFEST.sha256", name), "a file was added");
    else if (name != manifest_name && listed->second != digest)
      bad(std::nullopt, fmt::format("{} has another SHA-256 than MANIFEST.sha256 says", name),
          altered);
    if (!name.starts_with("media/") && name != manifest_name) keep(name, std::exchange(held, {}));
    held.clear();
  };
  SIGILO_TRY_DO(zip_.each([&](const archive::ZipEntry& entry) -> Result<archive::EntrySink> {
    finish();
    name = entry.name;
    size = entry.size;
    const bool text = !name.starts_with("media/");
    if (text && entry.size > max_text)
      return fail(ErrorCode::invalid_input, fmt::format("{} is too large for a text", entry.name));
    return archive::EntrySink([&, text](BytesView bytes) -> Result<> {
      hash.update(bytes);
      if (text) held.insert(held.end(), bytes.begin(), bytes.end());
      return {};
    });
  }));
  finish();
  for (const auto& [listed, digest] : listed_)
    if (!found_.contains(listed))
      bad(std::nullopt, fmt::format("{} is in MANIFEST.sha256 and not there", listed),
          "a file was taken out");
  return {};
}

json::Object body_of(const RecordFile& record) {
  const auto body = json::parse(record.body.value_or(""));
  const auto* object = body ? body->if_object() : nullptr;
  return object != nullptr ? *object : json::Object();
}

std::int64_t epoch_in(const RecordFile& record) {
  return json::integer_at(body_of(record), "epoch").value_or(-1);
}

/// The key that a genesis or key record names in `member`.
std::optional<crypto::PublicKey> key_in(const RecordFile& record, std::string_view member) {
  const auto body = body_of(record);
  const auto bytes = crypto::from_hex(json::text_at(body, member).value_or(""));
  if (!bytes) return std::nullopt;
  const auto key = crypto::PublicKey::from(*bytes);
  return key ? std::optional(*key) : std::nullopt;
}

/// A key record whose body has "by" is by the recovery key and by no other.
bool is_recovery(const RecordFile& record) {
  return record.header.kind == RecordKind::key && body_of(record).contains("by");
}

/// Each key is named by a record that the one before it signed or, where that was lost, the
/// recovery key that the genesis record names.
void Checker::keys() {
  std::optional<crypto::PublicKey> recovery;
  const auto name_key = [&](std::uint64_t seq, const RecordFile& record, std::uint64_t epoch) {
    const auto key = key_in(record, "public_key");
    const bool said = epoch == 0 || epoch_in(record) == static_cast<std::int64_t>(epoch);
    if (!key || !said || keys_.size() != epoch)
      bad(seq, "it does not continue the succession of keys", forged);
    else
      keys_.emplace(epoch, *key);
  };
  for (const auto& [seq, record] : records_) {
    const auto epoch = record.header.epoch.value();
    const auto kind = record.header.kind;
    if (kind == RecordKind::genesis) {
      name_key(seq, record, seq == 0 && epoch == 0 ? 0 : UINT64_MAX);
      if (seq == 0) recovery = key_in(record, "recovery_public_key");
    }
    const auto present = keys_.find(epoch);
    const bool in_place = present != keys_.end() && epoch + 1 == keys_.size();
    const auto signer = !in_place             ? std::nullopt
                        : is_recovery(record) ? recovery
                                              : std::optional(present->second);
    if (!in_place)
      bad(seq, fmt::format("epoch {} is not the one of its place", epoch), forged);
    else if (!signer ||
             !signer->verify(as_bytes(ledger::header_line(record.header)), record.signature))
      bad(seq, "its signature is not that of its period's key", forged);
    if (kind == RecordKind::key) name_key(seq, record, epoch + 1);
  }
}

Result<> Checker::checkpoint() {
  SIGILO_TRY(checkpoint_, ledger::parse_checkpoint(note_));
  report_.size = checkpoint_.size;
  report_.root = checkpoint_.root.hex();
  const bool known = std::ranges::any_of(keys_, [&](const auto& key) {
    return ledger::open_checkpoint(note_, key.second).has_value();
  });
  if (!known)
    bad(std::nullopt, "checkpoint.txt carries no signature of the vault's keys",
        "the proofs lead to a root that the vault never signed");
  return {};
}

void Checker::proofs() {
  for (const auto& [seq, record] : records_) {
    if (seq >= checkpoint_.size || !ledger::verify_inclusion(record.leaf, seq, checkpoint_.size,
                                                             record.proof, checkpoint_.root))
      bad(seq, "its proof does not lead to the checkpoint's root", forged);
  }
  const auto first = records_.find(0);
  report_.fingerprint = first == records_.end() ? "" : first->second.leaf.hex();
  report_.fingerprint_compared = options_.fingerprint.has_value();
  if (options_.fingerprint && options_.fingerprint->hex() != report_.fingerprint)
    bad(0, fmt::format("the fingerprint is {}", report_.fingerprint),
        "the bundle is of another vault, or of one that was made anew");
}

void Checker::media() {
  std::map<std::int64_t, json::Object> signed_files;
  for (const auto& [seq, record] : records_) {
    if (record.header.kind != RecordKind::media || !record.body) continue;
    auto body = json::parse(*record.body);
    if (body && body->is_object() && json::text_at(body->get_object(), "outcome") == "stored")
      signed_files.emplace(json::integer_at(body->get_object(), "message").value_or(-1),
                           std::move(body->get_object()));
  }
  std::set<std::string, std::less<>> named;
  const auto* files = json::array_at(described_, "files");
  for (const auto& value : files != nullptr ? *files : json::Array()) {
    const auto* entry = value.if_object();
    const auto seq = entry != nullptr ? json::integer_at(*entry, "record").value_or(-1) : -1;
    const auto name = std::string(entry ? json::text_at(*entry, "name").value_or("") : "");
    const auto found = found_.find(name);
    const auto body = signed_files.find(seq);
    named.insert(name);
    const bool good =
        found != found_.end() && body != signed_files.end() &&
        records_.contains(static_cast<std::uint64_t>(seq)) &&
        json::text_at(body->second, "sha256") == found->second.hash.hex() &&
        json::text_at(*entry, "sha256") == found->second.hash.hex() &&
        json::text_at(*entry, "sniffed") == json::text_at(body->second, "sniffed") &&
        json::integer_at(body->second, "size") == static_cast<std::int64_t>(found->second.size) &&
        json::integer_at(*entry, "size") == json::integer_at(body->second, "size");
    if (!good)
      bad(seq < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(seq)),
          fmt::format("{} is not the file that its signed record describes", name), altered);
  }
  report_.files = named.size();
  for (const auto& [name, found] : found_)
    if (name.starts_with("media/") && !named.contains(name))
      bad(std::nullopt, fmt::format("no record names {}", name), "a file was added");
}

void Checker::deliveries() {
  std::map<crypto::Digest, std::string> by_hash;
  for (const auto& [name, bytes] : raw_) by_hash[found_.at(name).hash] = name;
  std::set<std::string, std::less<>> used;
  for (const auto& [seq, record] : records_) {
    if (!message::holds_event(record.header.kind) || !record.body) continue;
    const auto stored = message::read_body(record.header.kind, *record.body);
    if (!stored) {
      bad(seq, stored.error().what, forged);
      continue;
    }
    const auto raw = by_hash.find(stored->provenance.delivery);
    if (raw == by_hash.end()) continue;
    used.insert(raw->second);
    const auto bytes = as_text(raw_.at(raw->second));
    const auto& event = stored->event;
    if (event.offset > bytes.size() || bytes.substr(event.offset, event.length) != stored->payload)
      bad(seq, fmt::format("{} does not hold its payload", raw->second), altered);
  }
  std::set<std::string, std::less<>> signed_names;
  std::string_view rest = signatures_;
  const auto hmac = options_.provider_secret
                        ? std::optional<crypto::HmacSha256>(options_.provider_secret->view())
                        : std::nullopt;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto name = line.substr(std::min<std::size_t>(66, line.size()));
    const auto raw = raw_.find(name);
    if (raw == raw_.end() || line.substr(64, 2) != "  " || !signed_names.emplace(name).second)
      bad(std::nullopt, "deliveries/SIGNATURES.sha256 names what is not there", altered);
    else if (hmac && hmac->of(raw->second).hex() != line.substr(0, 64))
      bad(std::nullopt, fmt::format("{} does not carry the provider's signature", name),
          "it is not what the provider sent, or the secret is another one");
  }
  for (const auto& [name, bytes] : raw_)
    if (!used.contains(name) || !signed_names.contains(name))
      bad(std::nullopt, fmt::format("no record came from {}, or it has no signature", name),
          "a file was added");
  report_.deliveries = raw_.size();
  report_.deliveries_authenticated = hmac.has_value();
}

void Checker::same(std::string_view what, const json::Value* said, const json::Value& found) {
  if (said != nullptr && json::canonical(*said) == json::canonical(found)) return;
  bad(std::nullopt, fmt::format("manifest.json says otherwise than the records: {}", what),
      altered);
}

void Checker::description() {
  std::map<std::string, std::uint64_t> counts;
  std::set<std::string> vaults;
  for (const auto& [seq, record] : records_) {
    ++counts[std::string(to_string(record.header.kind))];
    vaults.insert(record.header.vault);
  }
  json::Object included;
  for (const auto& [kind, count] : counts) included[kind] = count;
  report_.records = records_.size();
  report_.vault = vaults.size() == 1 ? *vaults.begin() : "";
  static const json::Object none;
  const auto* numbers = json::object_at(described_, "records");
  same("records", (numbers ? *numbers : none).if_contains("included"), included);
  same("checkpoint", described_.if_contains("checkpoint"),
       json::Object{{"root", report_.root}, {"size", report_.size}});
  same("vault", described_.if_contains("vault"), json::Value(report_.vault));
  same("fingerprint", described_.if_contains("fingerprint"), json::Value(report_.fingerprint));
  same("deliveries", described_.if_contains("deliveries"), json::Value(report_.deliveries));
  same("type", described_.if_contains("type"), json::Value(bundle_type));
  if (checkpoint_.origin != ledger::origin_of(report_.vault))
    bad(std::nullopt, "the checkpoint is of another vault", forged);
  if (const auto* omissions = json::array_at(described_, "omissions"))
    report_.omissions = omissions->size();
  const auto* chosen = json::array_at(described_, "chosen");
  const bool all =
      chosen != nullptr && std::ranges::all_of(*chosen, [&](const json::Value& seq) {
        return seq.is_int64() && records_.contains(static_cast<std::uint64_t>(seq.get_int64()));
      });
  if (!all) bad(std::nullopt, "a chosen record is not there", "a file was taken out");
}

Result<> Checker::run() {
  SIGILO_TRY_DO(manifest());
  SIGILO_TRY_DO(contents());
  keys();
  SIGILO_TRY_DO(checkpoint());
  proofs();
  media();
  deliveries();
  description();
  return {};
}

}  // namespace

Result<CheckReport> check(const std::filesystem::path& file, const CheckOptions& options) {
  const auto not_whole = [](const Error& error) -> Result<CheckReport> {
    if (error.code != ErrorCode::corrupt && error.code != ErrorCode::invalid_input &&
        error.code != ErrorCode::crypto)
      return tl::unexpected(error);
    CheckReport report;
    report.problems.push_back(
        {std::nullopt, error.what, "the file is no whole bundle, or was changed"});
    return report;
  };
  const auto zip = archive::ZipReader::open(file);
  if (!zip) return not_whole(zip.error());
  Checker checker(*zip, options);
  if (const auto done = checker.run(); !done) {
    // A file of the archive that is missing is a problem of the bundle, not of the question.
    checker.bad(std::nullopt, done.error().what, "the file is no whole bundle, or was changed");
  }
  return checker.take();
}

}  // namespace sigilo::bundle
