// SPDX-License-Identifier: Apache-2.0
// C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0 (https://c2sp.org).
#include "ledger/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "crypto/encoding.hpp"

namespace sigilo::ledger {
namespace {

constexpr std::string_view dash = "\u2014 ";  // begins a signature line
constexpr std::uint8_t ed25519_type = 0x01;   // signed-note's signature type identifier
constexpr std::size_t key_hash_size = 4;

/// A signed note, taken apart but not believed.
struct Note {
  struct SignatureLine {
    std::string_view name;
    Bytes key_hash;
    Bytes signature;
  };
  std::string_view text;  // with its last newline: what is signed
  std::vector<SignatureLine> signatures;
};

tl::unexpected<Error> no_checkpoint(std::string_view why) {
  return fail(
      ErrorCode::invalid_input, fmt::format("this is no checkpoint: {}", why),
      "give the note as it was printed, mailed or written, from its first line to its last");
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

/// Takes a line off the front of `rest`, without its newline; nullopt where there is no whole line.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Result<Note::SignatureLine> parse_signature_line(std::string_view line) {
  if (!line.starts_with(dash))
    return no_checkpoint("a signature line does not begin with a dash and a space");
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos)
    return no_checkpoint("a signature line lacks a name");
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= key_hash_size)
    return no_checkpoint("a signature is not base64 of key hash and signature");
  const auto middle = bytes->begin() + key_hash_size;
  return Note::SignatureLine{line.substr(0, space), Bytes(bytes->begin(), middle),
                             Bytes(middle, bytes->end())};
}

Result<Note> parse_note(std::string_view note) {
  if (note.size() > max_note_size)
    return no_checkpoint(fmt::format("it is longer than {} bytes", max_note_size));
  if (has_control_character(note)) return no_checkpoint("it holds control characters");
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos)
    return no_checkpoint("no blank line stands before the signatures");
  Note parsed;
  parsed.text = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return no_checkpoint("its last line is cut off");
    if (parsed.signatures.size() == max_note_signatures)
      return no_checkpoint(fmt::format("it has more than {} signatures", max_note_signatures));
    SIGILO_TRY(auto signature, parse_signature_line(*line));
    parsed.signatures.push_back(std::move(signature));
  }
  if (parsed.signatures.empty()) return no_checkpoint("it has no signature");
  return parsed;
}

/// A decimal number without sign or leading zeros.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return size;
}

/// The three lines; lines after them are extensions, which a reader passes over (tlog-checkpoint).
Result<Checkpoint> parse_text(std::string_view text) {
  Checkpoint checkpoint;
  const auto origin = take_line(text);
  if (!origin || origin->empty()) return no_checkpoint("its first line names no origin");
  const auto size_line = take_line(text);
  const auto size = size_line ? parse_size(*size_line) : std::nullopt;
  if (!size) return no_checkpoint("its second line is not a number of records");
  const auto root_line = take_line(text);
  if (!root_line) return no_checkpoint("its third line is missing");
  const auto root = crypto::from_base64(*root_line).and_then([](const Bytes& bytes) {
    return crypto::Digest::from(bytes);
  });
  if (!root) return no_checkpoint("its third line is not base64 of a 32-byte hash");
  while (!text.empty())
    if (take_line(text).value_or("").empty()) return no_checkpoint("one of its lines is empty");
  return Checkpoint{std::string(*origin), *size, *root};
}

Bytes key_hash_bytes(std::string_view name, const crypto::PublicKey& key) {
  const std::uint8_t separators[] = {'\n', ed25519_type};
  const auto hash =
      crypto::Sha256().update(as_bytes(name)).update(separators).update(key.view()).finish();
  return Bytes(hash.bytes.begin(), hash.bytes.begin() + key_hash_size);
}

bool is_valid(const Note& note, const Note::SignatureLine& line, const crypto::PublicKey& key) {
  const auto signature = crypto::Signature::from(line.signature);
  return signature && key.verify(as_bytes(note.text), *signature);
}

}  // namespace

std::string origin_of(std::string_view vault) {
  return fmt::format("sigilo/{}", vault);
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     crypto::to_base64(checkpoint.root.view()));
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  const std::string text = checkpoint_text(checkpoint);
  Bytes blob = key_hash_bytes(checkpoint.origin, key.public_key());
  const auto signature = key.sign(as_bytes(text));
  blob.insert(blob.end(), signature.bytes.begin(), signature.bytes.end());
  return fmt::format("{}\n{}{} {}\n", text, dash, checkpoint.origin, crypto::to_base64(blob));
}

std::uint32_t key_hash(std::string_view name, const crypto::PublicKey& key) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : key_hash_bytes(name, key)) number = number << 8 | byte;
  return number;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key) {
  SIGILO_TRY(const Note parsed, parse_note(note));
  SIGILO_TRY(auto checkpoint, parse_text(parsed.text));
  const Bytes hash = key_hash_bytes(checkpoint.origin, key);
  for (const auto& line : parsed.signatures) {
    if (line.name != checkpoint.origin || line.key_hash != hash)
      continue;  // a witness's, or another key's
    if (is_valid(parsed, line, key)) return checkpoint;
    return fail(
        ErrorCode::crypto,
        fmt::format("the signature on the checkpoint of {} does not hold", checkpoint.origin),
        "its text or signature was altered after signing");
  }
  return fail(ErrorCode::crypto,
              fmt::format("the checkpoint of {} bears no signature by this key", checkpoint.origin),
              "check it with the key of the epoch in which it was made");
}

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  SIGILO_TRY(const Note parsed, parse_note(note));
  return parse_text(parsed.text);
}

}  // namespace sigilo::ledger
