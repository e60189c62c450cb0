// SPDX-License-Identifier: Apache-2.0
#include "ledger/note.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "text/unicode.hpp"

namespace sigilo::ledger {
namespace {

constexpr std::string_view dash = "\u2014 ";  // begins a signature line
constexpr std::size_t key_hash_size = 4;

/// Unicode's White_Space outside ASCII, as UTF-8.
constexpr std::string_view wide_spaces[] = {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001",
                                            "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                            "\u2007", "\u2008", "\u2009", "\u200A", "\u2028",
                                            "\u2029", "\u202F", "\u205F", "\u3000"};

tl::unexpected<Error> no_note(std::string_view why) {
  return fail(
      ErrorCode::invalid_input, fmt::format("this is no checkpoint: {}", why),
      "give the note as it was printed, mailed or written, from its first line to its last");
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n'; });
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(dash))
    return no_note("a signature line does not begin with a dash and a space");
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos)
    return no_note("a signature line lacks a name");
  const auto bytes = crypto::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= key_hash_size)
    return no_note("a signature is not base64 of key hash and signature");
  NoteSignature signature{std::string(line.substr(0, space)), 0, {}};
  const auto middle = bytes->begin() + key_hash_size;
  for (auto byte = bytes->begin(); byte != middle; ++byte)
    signature.key_hash = signature.key_hash << 8 | *byte;
  signature.signature.assign(middle, bytes->end());
  return signature;
}

/// The rules that hold for a whole note and for lines of one alike.
Result<> check_characters(std::string_view text) {
  if (text.size() > max_note_size)
    return no_note(fmt::format("it is longer than {} bytes", max_note_size));
  if (has_control_character(text)) return no_note("it holds control characters");
  if (!text::is_utf8(text)) return no_note("it is not UTF-8");
  return {};
}

}  // namespace

std::uint32_t key_hash(std::string_view name, SignatureType type, const crypto::PublicKey& key) {
  const std::uint8_t separators[] = {'\n', static_cast<std::uint8_t>(type)};
  const auto hash =
      crypto::Sha256().update(as_bytes(name)).update(separators).update(key.view()).finish();
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < key_hash_size; ++i) number = number << 8 | hash.bytes[i];
  return number;
}

bool is_key_name(std::string_view name) {
  return !name.empty() && text::is_utf8(name) && std::none_of(name.begin(), name.end(), [](char c) {
    return is_control(c) || c == ' ' || c == '+';
  }) && std::none_of(std::begin(wide_spaces), std::end(wide_spaces), [&](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
}

std::string signature_line(const NoteSignature& signature) {
  Bytes blob(key_hash_size + signature.signature.size());
  for (std::size_t i = 0; i < key_hash_size; ++i)
    blob[i] = static_cast<std::uint8_t>(signature.key_hash >> (24 - 8 * i));
  std::copy(signature.signature.begin(), signature.signature.end(), blob.begin() + key_hash_size);
  return fmt::format("{}{} {}\n", dash, signature.name, crypto::to_base64(blob));
}

Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines) {
  SIGILO_TRY_DO(check_characters(lines));
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return no_note("its last line is cut off");
    if (signatures.size() == max_note_signatures)
      return no_note(fmt::format("it has more than {} signatures", max_note_signatures));
    SIGILO_TRY(auto signature, parse_signature_line(lines.substr(0, end)));
    signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (signatures.empty()) return no_note("it has no signature");
  return signatures;
}

Result<SignedNote> parse_note(std::string_view note) {
  SIGILO_TRY_DO(check_characters(note));
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return no_note("no blank line stands before the signatures");
  SIGILO_TRY(auto signatures, parse_signature_lines(note.substr(blank + 2)));
  return SignedNote{std::string(note.substr(0, blank + 1)), std::move(signatures)};
}

}  // namespace sigilo::ledger
