// SPDX-License-Identifier: Apache-2.0
#include "bundle/record_file.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"

namespace sigilo::bundle {
namespace {

auto wrong(std::string_view name, std::string_view what) {
  return fail(ErrorCode::invalid_input, fmt::format("{}: {}", name, what));
}

std::string joined(const std::vector<crypto::Digest>& proof) {
  if (proof.empty()) return std::string(nothing);
  std::string line;
  for (const auto& hash : proof) line += (line.empty() ? "" : " ") + hash.hex();
  return line;
}

Result<ledger::Header> read_header(std::string_view name, std::string_view line) {
  const auto parsed = json::parse(line);
  if (!parsed || !parsed->is_object()) return wrong(name, "line 1 is no header");
  const auto& object = parsed->get_object();
  ledger::Header header;
  header.vault = json::text_at(object, "vault").value_or("");
  const auto seq = json::integer_at(object, "seq");
  const auto epoch = json::integer_at(object, "epoch");
  const auto time = parse_rfc3339(json::text_at(object, "time").value_or(""));
  const auto kind = parse_record_kind(json::text_at(object, "kind").value_or(""));
  const auto root = crypto::Digest::from_hex(json::text_at(object, "root").value_or(""));
  const auto body = crypto::Digest::from_hex(json::text_at(object, "body").value_or(""));
  if (!seq || *seq < 0 || !epoch || *epoch < 0 || !time || !kind || !root || !body)
    return wrong(name, "line 1 is not the header of a record that this version knows");
  header.seq = Seq(static_cast<std::uint64_t>(*seq));
  header.epoch = Epoch(static_cast<std::uint64_t>(*epoch));
  header.time = *time;
  header.kind = *kind;
  header.root = *root;
  header.body = *body;
  if (ledger::header_line(header) != fmt::format("{}\n", line))
    return wrong(name, "line 1 is not the header in its one canonical form");
  return header;
}

Result<std::vector<crypto::Digest>> read_proof(std::string_view name, std::string_view line) {
  std::vector<crypto::Digest> proof;
  if (line == nothing) return proof;
  while (!line.empty()) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    const auto hash = crypto::Digest::from_hex(word);
    if (!hash) return wrong(name, "line 5 holds something else than hashes");
    proof.push_back(*hash);
  }
  return proof;
}

}  // namespace

std::string padded(Seq seq) {
  return fmt::format("{:012}", seq.value());
}

std::string record_name(Seq seq) {
  return fmt::format("records/{}.txt", padded(seq));
}

std::string write_record_file(const RecordFile& record) {
  return fmt::format("{}{}{}\n{}\n{}\n{}\n", ledger::header_line(record.header),
                     ledger::signature_line(record.signature),
                     record.salt ? crypto::to_hex(*record.salt) : nothing, record.leaf.hex(),
                     joined(record.proof), record.body ? *record.body : nothing);
}

Result<RecordFile> read_record_file(std::string_view name, std::string_view text) {
  std::array<std::string_view, 6> lines;
  std::string_view rest = text;
  for (auto& line : lines) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return wrong(name, "it has not six whole lines");
    line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty()) return wrong(name, "it has more than six lines");
  RecordFile record;
  SIGILO_TRY(record.header, read_header(name, lines[0]));
  if (name != record_name(record.header.seq)) return wrong(name, "it holds another record");
  const auto raw = crypto::from_base64(lines[1]);
  const auto signature = raw ? crypto::Signature::from(*raw) : pass_on(Result<Bytes>(raw));
  if (!signature) return wrong(name, "line 2 is no signature");
  record.signature = *signature;
  record.leaf = ledger::leaf_hash(record.header, record.signature);
  if (record.leaf.hex() != lines[3]) return wrong(name, "the leaf is not that of lines 1 and 2");
  SIGILO_TRY(record.proof, read_proof(name, lines[4]));
  if (lines[2] != nothing) {
    const auto salt = crypto::from_hex(lines[2]);
    if (!salt || salt->size() != std::tuple_size_v<ledger::Salt>)
      return wrong(name, "line 3 is no salt");
    record.salt.emplace();
    std::ranges::copy(*salt, record.salt->begin());
    record.body = lines[5];
    if (ledger::commitment(*record.salt, *record.body) != record.header.body)
      return wrong(name, "the body is not the one that the header commits to");
    if (!json::is_canonical(*record.body)) return wrong(name, "the body is not canonical JSON");
  }
  if (write_record_file(record) != text) return wrong(name, "it is not in its one form");
  return record;
}

}  // namespace sigilo::bundle
