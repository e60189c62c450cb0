// SPDX-License-Identifier: Apache-2.0
// C2SP tlog-checkpoint v1.0.0 (https://c2sp.org/tlog-checkpoint).
#include "ledger/checkpoint.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "crypto/encoding.hpp"

namespace sigilo::ledger {
namespace {

tl::unexpected<Error> no_checkpoint(std::string_view why) {
  return fail(
      ErrorCode::invalid_input, fmt::format("this is no checkpoint: {}", why),
      "give the note as it was printed, mailed or written, from its first line to its last");
}

/// Takes a line off the front of `rest`, without its newline; nullopt where there is no whole line.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
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

bool is_valid(const SignedNote& note, const NoteSignature& line, const crypto::PublicKey& key) {
  const auto signature = crypto::Signature::from(line.signature);
  return signature && key.verify(as_bytes(note.text), *signature);
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return size;
}

std::string origin_of(std::string_view vault) {
  return fmt::format("sigilo/{}", vault);
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     crypto::to_base64(checkpoint.root.view()));
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
  const std::string text = checkpoint_text(checkpoint);
  const auto signature = key.sign(as_bytes(text));
  return text + "\n" +
         signature_line({checkpoint.origin, key_hash(checkpoint.origin, key.public_key()),
                         Bytes(signature.bytes.begin(), signature.bytes.end())});
}

std::uint32_t key_hash(std::string_view name, const crypto::PublicKey& key) {
  return key_hash(name, SignatureType::ed25519, key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key) {
  SIGILO_TRY(const SignedNote parsed, parse_note(note));
  SIGILO_TRY(auto checkpoint, parse_text(parsed.text));
  const std::uint32_t hash = key_hash(checkpoint.origin, key);
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
  SIGILO_TRY(const SignedNote parsed, parse_note(note));
  return parse_text(parsed.text);
}

}  // namespace sigilo::ledger
