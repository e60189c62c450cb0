// SPDX-License-Identifier: Apache-2.0
// Bundles of a test's vault, packed as the command line packs them, and what both verifiers say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "archive/zip_writer.hpp"
#include "bundle/check.hpp"
#include "bundle/compose.hpp"
#include "media/sealed_file.hpp"
#include "support/process.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

/// A file of a bundle with its plain bytes.
struct Packed {
  std::string name;
  std::string content;
};

inline std::string checkpoint_of(TestVault& vault) {
  std::string note;
  must(vault.run([&note](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY(note, transaction.checkpoint());
    return {};
  }));
  return note;
}

inline bundle::Bundle bundle_of(TestVault& vault, const bundle::Ask& ask, const std::string& note) {
  auto reader = vault.reader();
  auto audit = vault.audit();
  const auto chosen = must(bundle::choose(reader, audit, ask));
  return must(bundle::compose({vault.directory(), audit, reader, ask, chosen, note, "0.1.0"}));
}

inline std::vector<Packed> unsealed(const TestVault& vault, const bundle::Bundle& made) {
  std::vector<Packed> files;
  for (const auto& entry : made.entries) {
    std::string content = entry.text;
    if (entry.file)
      must(media::open_sealed(media::media_directory(vault.directory()), *entry.file,
                              [&](BytesView piece) -> Result<> {
                                content += as_text(piece);
                                return {};
                              }));
    files.push_back({entry.name, std::move(content)});
  }
  return files;
}

inline std::filesystem::path pack(const std::vector<Packed>& files,
                                  const std::filesystem::path& to) {
  std::filesystem::remove(to);
  auto zip = must(archive::ZipWriter::create(to));
  for (const auto& file : files)
    must(zip.add(file.name, as_bytes(file.content), archive::Packing::deflated));
  must(zip.finish());
  return to;
}

inline std::string shown(const bundle::CheckReport& report) {
  std::string text;
  for (const auto& problem : report.problems)
    text += fmt::format("{}{}; ", problem.seq ? fmt::format("{}: ", *problem.seq) : "",
                        problem.problem);
  return text;
}

/// By the C++ verifier.
inline bundle::CheckReport checked(const std::filesystem::path& zip,
                                   const bundle::CheckOptions& options = {}) {
  return must(bundle::check(zip, options));
}

/// A vault with a conversation in which everything happens that a bundle must show, and another
/// one that it must not.
class ConversationVault : public TestVault {
 public:
  static constexpr std::string_view client = "+5491160000002";
  static constexpr std::string_view stranger = "+5491160000009";
  static constexpr std::string_view secret = "el secreto de la aplicación";
  static constexpr std::string_view file = "\xff\xd8\xff\xe0 los bytes de una foto";

  ConversationVault() {
    put({.id = "w1", .text = "Buen día, doctora. <b>¿Hay novedades?</b>", .name = "Juan Pérez"});
    put({.id = "w2", .text = "Mañana le escribo.", .direction = Direction::out, .reply_to = "w1"});
    put({.id = "w2", .kind = RecordKind::status, .direction = Direction::out, .type = "read"});
    put({.id = "x1", .text = "de otra persona", .party = std::string(stranger)});
    put({.id = "w3", .text = "Traiga 3.000 pesos", .direction = Direction::out});
    put({.id = "w3e",
         .text = "Traiga 300 pesos",
         .kind = RecordKind::edit,
         .direction = Direction::out,
         .about = "w3"});
    must(opened->roll_epoch());
    put({.id = "w4", .text = "Le paso la coima", .name = "Juan Pérez"}, true);
    put({.id = "w4r", .text = "", .kind = RecordKind::revoke, .type = "revoke", .about = "w4"});
    put({.id = "w5", .text = "la foto", .type = "image", .details = file_details("m1")});
    put({.id = "w6", .text = "otra foto", .type = "image", .details = file_details("m2")});
    put({.id = "w7", .text = "👍", .type = "reaction", .about = "w2"});
    keep_files();
    must(run([](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.append(RecordKind::service, R"({"event":"stop","v":1})"));
      SIGILO_TRY_DO(transaction.append(RecordKind::service, R"({"event":"start","v":1})"));
      SIGILO_TRY_DO(transaction.append(
          RecordKind::access,
          R"({"count":1,"event":"read","filter":{},"seqs":[1],"uid":0,"user":"root","v":1,)"
          R"("what":"show"})"));
      return {};
    }));
  }

  [[nodiscard]] bundle::Ask of_client() const {
    bundle::Ask ask;
    ask.party = std::string(client);
    ask.timezone = "America/Argentina/Buenos_Aires";
    return ask;
  }

 private:
  /// One delivery a message, signed as the provider signs.
  void put(TestMessage message, bool alerting = false) {
    message.sent += static_cast<std::int64_t>(records_++) * 60;
    clock.advance(std::chrono::minutes(1));
    auto delivery = delivery_of(message);
    delivery.signature =
        "sha256=" + crypto::hmac_sha256(as_bytes(secret), as_bytes(delivery.raw)).hex();
    if (alerting) delivery.events[0].alerts = {alert_about(11, 16)};
    seqs_.push_back(ingest(delivery).seqs.at(0));
  }
  void keep_files() {
    const auto media = media::media_directory(directory());
    std::filesystem::create_directories(media);
    auto writer = must(media::SealedWriter::create(media, random));
    must(writer.write(as_bytes(file)));
    must(writer.seal());
    must(run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.media_outcome({.message = seqs_.at(8),
                                               .state = vault::MediaState::stored,
                                               .next = {},
                                               .reason = {},
                                               .declared = "image/jpeg",
                                               .sniffed = "image/jpeg",
                                               .file = must(writer.keep())}));
      return transaction.media_outcome({.message = seqs_.at(9),
                                        .state = vault::MediaState::lost,
                                        .next = {},
                                        .reason = "the provider has it no more",
                                        .declared = "image/jpeg",
                                        .sniffed = {},
                                        .file = std::nullopt});
    }));
  }

  std::vector<Seq> seqs_;
  std::size_t records_ = 0;
};

}  // namespace sigilo::test
