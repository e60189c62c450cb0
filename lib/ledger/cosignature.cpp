// SPDX-License-Identifier: Apache-2.0
#include "ledger/cosignature.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "crypto/encoding.hpp"

namespace sigilo::ledger {
namespace {

constexpr std::size_t time_size = 8;  // big-endian, before the signature
/// A cosignature's largest time that can be written as a date: the end of the year 9999.
constexpr std::uint64_t last_second = 253'402'300'799;
/// A verifier key longer than this is none: names are short, an Ed25519 key takes 54 characters.
constexpr std::size_t max_key_text = 1024;

tl::unexpected<Error> no_key(std::string_view why) {
  return fail(ErrorCode::invalid_input, fmt::format("this is no key of a witness: {}", why),
              "copy the whole verifier key as the witness publishes it: name+hash+base64");
}

std::string hash_text(std::uint32_t hash) {
  return fmt::format("{:08x}", hash);
}

const WitnessKey* find_signer(const NoteSignature& line, const std::vector<WitnessKey>& known) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const WitnessKey& witness) {
    return witness.name == line.name &&
           key_hash(witness.name, SignatureType::cosignature, witness.key) == line.key_hash;
  });
  return found == known.end() ? nullptr : &*found;
}

/// The cosignature in a line by `witness` on a note's text; nullopt where it doesn't hold.
std::optional<Cosignature> open_line(const NoteSignature& line, std::string_view text,
                                     const WitnessKey& witness) {
  if (line.signature.size() <= time_size) return std::nullopt;
  std::uint64_t seconds = 0;
  for (std::size_t i = 0; i < time_size; ++i) seconds = seconds << 8 | line.signature[i];
  const auto signature = crypto::Signature::from(BytesView(line.signature).subspan(time_size));
  if (!signature || seconds > last_second) return std::nullopt;
  if (!witness.key.verify(as_bytes(cosigned_message(text, seconds)), *signature))
    return std::nullopt;
  return Cosignature{witness.name, Timestamp::from_seconds(static_cast<std::int64_t>(seconds))};
}

struct Opened {
  const NoteSignature* line;
  const WitnessKey* witness;
  Cosignature cosignature;
};

/// One for each known witness that signed.
Result<std::vector<Opened>> open_lines(const std::vector<NoteSignature>& lines,
                                       std::string_view text,
                                       const std::vector<WitnessKey>& known) {
  std::vector<Opened> opened;
  for (const auto& line : lines) {
    const WitnessKey* const witness = find_signer(line, known);
    if (witness == nullptr) continue;
    auto cosignature = open_line(line, text, *witness);
    if (!cosignature) {
      return fail(ErrorCode::crypto,
                  fmt::format("the cosignature of {} on this checkpoint does not hold", line.name),
                  "checkpoint or cosignature was altered, or it is for another checkpoint");
    }
    const bool repeated = std::any_of(opened.begin(), opened.end(), [&](const Opened& earlier) {
      return earlier.witness == witness;
    });
    if (!repeated) opened.push_back({&line, witness, std::move(*cosignature)});
  }
  return opened;
}

}  // namespace

Result<WitnessKey> parse_witness_key(std::string_view text) {
  if (text.size() > max_key_text)
    return no_key(fmt::format("it is longer than {} characters", max_key_text));
  const std::size_t name_end = text.find('+');  // base64 has this character too, names never
  if (name_end == std::string_view::npos) return no_key("it has no + after a name");
  const std::string_view name = text.substr(0, name_end);
  const std::string_view rest = text.substr(name_end + 1);
  if (!is_key_name(name)) return no_key("its name is empty or holds a space");
  if (rest.size() < 9 || rest[8] != '+') return no_key("its hash is not 8 hexadecimal digits");
  const auto material = crypto::from_base64(rest.substr(9));
  if (!material || material->empty()) return no_key("its last part is not base64");
  const auto type = static_cast<SignatureType>(material->front());
  if (type != SignatureType::cosignature && type != SignatureType::ed25519)
    return no_key(
        fmt::format("it is of type 0x{:02x}, and only Ed25519 (0x04 or 0x01) is understood",
                    material->front()));
  const auto key = crypto::PublicKey::from(BytesView(*material).subspan(1));
  if (!key) return no_key("an Ed25519 key has 32 bytes");
  if (rest.substr(0, 8) != hash_text(key_hash(name, type, *key)))
    return no_key("its hash does not belong to its name and key");
  return WitnessKey{std::string(name), *key};
}

std::string cosigned_message(std::string_view note_text, std::uint64_t seconds) {
  return fmt::format("cosignature/v1\ntime {}\n{}", seconds, note_text);
}

Result<std::vector<Cosignature>> cosignatures_on(std::string_view note,
                                                 const std::vector<WitnessKey>& known) {
  SIGILO_TRY(const SignedNote parsed, parse_note(note));
  SIGILO_TRY(auto opened, open_lines(parsed.signatures, parsed.text, known));
  std::vector<Cosignature> cosignatures;
  for (auto& one : opened) cosignatures.push_back(std::move(one.cosignature));
  return cosignatures;
}

Result<std::string> add_cosignatures(std::string_view note, std::string_view lines,
                                     const std::vector<WitnessKey>& known, Timestamp latest) {
  SIGILO_TRY(const SignedNote parsed, parse_note(note));
  SIGILO_TRY(const auto answer, parse_signature_lines(lines));
  SIGILO_TRY(const auto present, open_lines(parsed.signatures, parsed.text, known));
  SIGILO_TRY(const auto added, open_lines(answer, parsed.text, known));
  if (added.empty()) {
    return fail(ErrorCode::crypto,
                "the answer bears no cosignature by the key that is configured for the witness",
                "compare the configured key with the one that the witness publishes");
  }
  std::string result(note);
  std::size_t count = parsed.signatures.size();
  for (const Opened& one : added) {
    if (one.cosignature.time.micros() > latest.micros()) {
      return fail(
          ErrorCode::crypto,
          fmt::format("the cosignature of {} is dated {}, later than {}", one.cosignature.witness,
                      format_rfc3339(one.cosignature.time), format_rfc3339(latest)),
          "one of the two clocks is wrong: check this machine's time");
    }
    const bool borne = std::any_of(present.begin(), present.end(), [&](const Opened& earlier) {
      return earlier.witness == one.witness;
    });
    if (borne) continue;
    result += signature_line(*one.line);
    ++count;
  }
  if (count > max_note_signatures || result.size() > max_note_size) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("the checkpoint would have {} signatures or {} bytes, more than is read", count,
                    result.size()),
        "configure fewer witnesses");
  }
  return result;
}

}  // namespace sigilo::ledger
