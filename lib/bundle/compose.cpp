// SPDX-License-Identifier: Apache-2.0
#include "bundle/compose.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "bundle/gather.hpp"
#include "bundle/readme.hpp"
#include "bundle/transcript.hpp"
#include "bundle/verify_script.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"
#include "media/endings.hpp"
#include "media/sealed_file.hpp"

namespace sigilo::bundle {
namespace {

json::Object counts_json(const Counts& counts) {
  json::Object object;
  for (const auto& [kind, count] : counts) object[kind] = count;
  return object;
}

/// Why records of a kind that stand in the period are not in the bundle.
std::string_view reason_of(std::string_view kind) {
  static constexpr std::array reasons{
      std::pair{"message", "of other conversations, or not asked for"},
      std::pair{"edit", "of messages that are not in this bundle"},
      std::pair{"revoke", "of messages that are not in this bundle"},
      std::pair{"status", "of messages that are not in this bundle"},
      std::pair{"media", "of messages that are not in this bundle"},
      std::pair{"alert", "about messages that are not in this bundle"},
      std::pair{"mail", "about messages that are not in this bundle"},
      std::pair{"access", "readings that showed no record of this bundle"},
      std::pair{"checkpoint", "older than the first message of this bundle"},
      std::pair{"gap", "of other lines or messages"},
      std::pair{"line", "about lines, accounts and address books: no messages"},
      std::pair{"unrecognised", "could not be understood, so nobody can be named by them"},
      std::pair{"export", "about what else was exported"}};
  for (const auto& [known, reason] : reasons)
    if (kind == known) return reason;
  return "about no message of this bundle";
}

json::Object reconciliation(const Gathered& found) {
  json::Object left_out;
  for (const auto& [kind, count] : found.period) {
    const auto included = found.included_of_period.find(kind);
    const auto missing =
        count - (included == found.included_of_period.end() ? 0 : included->second);
    if (missing > 0) left_out[kind] = json::Object{{"count", missing}, {"reason", reason_of(kind)}};
  }
  return {{"included", counts_json(found.included)},
          {"included_of_period", counts_json(found.included_of_period)},
          {"ledger", counts_json(found.ledger)},
          {"left_out_of_period", std::move(left_out)},
          {"period", counts_json(found.period)}};
}

json::Object asked(const Ask& ask) {
  json::Object object;
  if (ask.line) object["line"] = ask.line->value();
  if (ask.party) object["party"] = *ask.party;
  if (ask.since) object["since"] = format_rfc3339(*ask.since);
  if (ask.until) object["until"] = format_rfc3339(*ask.until);
  if (ask.alert) object["alert"] = ask.alert->value();
  if (!ask.records.empty()) {
    json::Array records;
    for (const auto seq : ask.records) records.emplace_back(seq.value());
    object["records"] = std::move(records);
  }
  return object;
}

json::Array numbers(const std::vector<Seq>& seqs) {
  json::Array array;
  for (const auto seq : seqs) array.emplace_back(seq.value());
  return array;
}

std::string file_name(const File& file) {
  return fmt::format("media/{}.{}", padded(file.message), media::ending_of(file.sniffed));
}

std::string delivery_name(const RawDelivery& delivery) {
  return fmt::format("deliveries/{}.json", padded(delivery.id));
}

json::Array files_json(const std::vector<File>& files) {
  json::Array array;
  for (const auto& file : files)
    array.emplace_back(json::Object{{"name", file_name(file)},
                                    {"record", file.message.value()},
                                    {"sha256", file.sealed.sha256.hex()},
                                    {"size", file.sealed.size},
                                    {"sniffed", file.sniffed}});
  return array;
}

json::Array omissions_json(const std::vector<Omission>& omissions) {
  json::Array array;
  for (const auto& omission : omissions)
    array.emplace_back(json::Object{
        {"record", omission.record.value()}, {"what", omission.what}, {"why", omission.why}});
  return array;
}

/// When the checkpoint was made: the time of its own record, so that no clock is asked again.
Result<std::string> made(vault::AuditReader& audit, std::uint64_t size) {
  std::string time;
  SIGILO_TRY_DO(audit.each_record(static_cast<std::int64_t>(size), [&](vault::RawRecord&& raw) {
    time = format_rfc3339(Timestamp::from_micros(raw.time.value_or(0)));
    return false;
  }));
  return time;
}

std::string firm_of(const Gathered& found) {
  const auto genesis = json::parse(found.records.front().body.value_or(""));
  if (!genesis || !genesis->is_object()) return {};
  return std::string(json::text_at(genesis->get_object(), "firm").value_or(""));
}

Result<json::Object> describe(const Source& source, const Gathered& found,
                              const ledger::Checkpoint& checkpoint) {
  SIGILO_TRY(auto time, made(source.audit, checkpoint.size));
  return json::Object{
      {"asked", asked(source.ask)},
      {"checkpoint", json::Object{{"root", checkpoint.root.hex()}, {"size", checkpoint.size}}},
      {"chosen", numbers(source.chosen)},
      {"deliveries", found.deliveries.size()},
      {"files", files_json(found.files)},
      {"fingerprint", found.records.front().leaf.hex()},
      {"firm", firm_of(found)},
      {"gaps", numbers(found.gaps)},
      {"language", to_string(source.ask.language)},
      {"made", std::move(time)},
      {"omissions", omissions_json(found.omissions)},
      {"period", json::Object{{"since", format_rfc3339(found.since)},
                              {"until", format_rfc3339(found.until)}}},
      {"records", reconciliation(found)},
      {"timezone", source.ask.timezone},
      {"type", bundle_type},
      {"vault", source.audit.uuid()},
      {"version", source.version}};
}

/// As `sha256sum -c` reads it. The hash of a file is that of its signed record: whoever packs it
/// compares.
std::string manifest_of(const std::vector<Entry>& entries) {
  std::string manifest;
  for (const auto& entry : entries) {
    const auto digest = entry.file ? entry.file->sha256 : crypto::sha256(as_bytes(entry.text));
    manifest += fmt::format("{}  {}\n", digest.hex(), entry.name);
  }
  return manifest;
}

void add_deliveries(Gathered& found, std::vector<Entry>& entries) {
  if (found.deliveries.empty()) return;
  std::string signatures;
  for (const auto& delivery : found.deliveries)
    signatures += fmt::format("{}  {}\n", delivery.signature, delivery_name(delivery));
  entries.push_back({.name = std::string(signatures_name), .text = std::move(signatures)});
  for (auto& delivery : found.deliveries)
    entries.push_back({.name = delivery_name(delivery), .text = std::move(delivery.bytes)});
}

}  // namespace

Result<Bundle> compose(const Source& source) {
  SIGILO_TRY(const auto checkpoint, ledger::parse_checkpoint(source.checkpoint));
  SIGILO_TRY(auto found, gather(source.vault, source.audit, source.reader, source.ask,
                                source.chosen, checkpoint.size));
  const auto count = found.records.size() + found.files.size() + found.deliveries.size();
  if (count > max_entries)
    return fail(ErrorCode::refused,
                fmt::format("a bundle of {} files would be more than {}", count, max_entries),
                "make several, one for each part of the time, with --since and --until");
  Bundle bundle;
  SIGILO_TRY(bundle.description, describe(source, found, checkpoint));
  auto& entries = bundle.entries;
  entries.push_back(
      {.name = std::string(description_name), .text = json::canonical(bundle.description) + "\n"});
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    SIGILO_TRY(auto page, readme(found, source.chosen, source.checkpoint, checkpoint.size, language,
                                 file_name));
    entries.push_back(
        {.name = fmt::format("README.{}.md", to_string(language)), .text = std::move(page)});
  }
  {
    const auto transcript = tell(found, bundle.description, source.ask, file_name);
    entries.push_back({.name = "transcript.html", .text = transcript_html(transcript)});
    SIGILO_TRY(auto pdf, transcript_pdf(transcript, media::media_directory(source.vault)));
    entries.push_back({.name = "transcript.pdf", .text = std::move(pdf)});
  }
  entries.push_back({.name = "verify.py", .text = std::string(verify_script)});
  entries.push_back({.name = std::string(checkpoint_name), .text = std::string(source.checkpoint)});
  for (auto& record : found.records) {
    entries.push_back({.name = record_name(record.header.seq), .text = write_record_file(record)});
    record = {};
  }
  for (auto& file : found.files)
    entries.push_back({.name = file_name(file), .file = std::move(file.sealed)});
  add_deliveries(found, entries);
  auto manifest = manifest_of(entries);
  bundle.manifest = crypto::sha256(as_bytes(manifest));
  entries.insert(entries.begin(),
                 {.name = std::string(manifest_name), .text = std::move(manifest)});
  return bundle;
}

}  // namespace sigilo::bundle
