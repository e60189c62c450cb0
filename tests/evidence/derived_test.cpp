// SPDX-License-Identifier: Apache-2.0
// Files, persons, what was read again and what became of messages: tables that follow from the
// records, damaged in every way, and records that say what they may not. Both verifiers agree.
#include <catch2/catch_test_macros.hpp>

#include "crypto/sealed_stream.hpp"
#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Damage {
  std::string name;
  std::string sql;
  Problems problems;
};

/// A vault with what the provider says beside messages. Closed; without epochs: the other sample
/// has those.
class ToldVault {
 public:
  // Numbers of some of its records.
  static constexpr int linked = 1, photo = 2, twin = 3, video = 4, waiting = 5, unknown = 9,
                       reread = 12, read_again = 13, stored = 14, lost = 16, records = 20;

  ToldVault() {
    ingest({.id = "a", .user_id = "AR.1", .name = "Ana"});                        // 1
    ingest_many({file("p"), file("q"), file("v"), file("w")});                    // 2 to 5
    ingest({.id = "e", .text = "otro", .kind = RecordKind::edit, .about = "a"});  // 6
    ingest({.id = "r", .text = "", .kind = RecordKind::revoke, .type = "revoke", .about = "p"});
    ingest({.id = "",
            .text = "",
            .party = "",
            .kind = RecordKind::line,
            .type = "account_update"});  // 8
    auto novelty = TestMessage{
        .id = "n", .text = "novedad", .kind = RecordKind::unrecognised, .type = "messages:novelty"};
    ingest_many({novelty, {.id = "b", .reply_to = "never"}});  // 9, 10
    ingest(
        {.id = "c",
         .type = "system",
         .details = R"({"system":{"type":"user_changed_number","wa_id":"5551987654321"}})"});  // 11
    read_novelty(novelty);  // 12, 13
    seal_file();
    outcome(photo, vault::MediaState::stored);  // 14
    outcome(twin, vault::MediaState::stored);   // 15
    outcome(video, vault::MediaState::lost);    // 16, alert 17
    const auto page = must(vault_.reader().unseen(0, vault_.clock.now() + std::chrono::hours(1)));
    run([&](vault::WriteTransaction& transaction) -> Result<> {  // 18, 19
      SIGILO_TRY_DO(transaction.unseen(page, 0));
      return transaction.missing_chunks({{"+5491150000001", 0, 3}});
    });
    vault_.close();
  }

  [[nodiscard]] std::filesystem::path directory() const { return vault_.directory(); }
  [[nodiscard]] std::filesystem::path scratch(std::string_view name) const {
    return vault_.temporary.path() / name;
  }
  static constexpr std::string_view path = "ab/00112233445566778899aabbccddee";

 private:
  static TestMessage file(const std::string& id) {
    return {.id = id, .text = "foto", .type = "image", .details = file_details("m" + id)};
  }
  void ingest(const TestMessage& message) { ingest_many({message}); }
  void ingest_many(const std::vector<TestMessage>& messages) {
    vault_.ingest(delivery_of_many(messages));
    vault_.clock.advance(std::chrono::seconds(5));
  }
  void run(const vault::Work& work) { must(vault_.run(work)); }
  void read_novelty(TestMessage novelty) {
    const auto unread = must(vault_.reader().unread(0, 1)).at(0);
    novelty.kind = RecordKind::message;
    novelty.type = "novelty";
    auto delivery = delivery_of_many({novelty, {.id = "b", .reply_to = "never"}});
    delivery.provenance = unread.provenance;
    for (auto& item : delivery.events)
      item.body = message::make_body(item.event, delivery.provenance, delivery.raw);
    run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.reread(delivery, {Seq(unknown)}, "0.2.0"));
      return {};
    });
  }
  /// 100,000 bytes: two chunks.
  static std::string plain() { return std::string(100'000, 'x'); }
  void seal_file() {
    const auto file = vault_.directory() / "media" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    crypto::SealingStream stream(key(), [&](BytesView bytes) -> Result<> {
      out.write(as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
      return {};
    });
    must(stream.update(as_bytes(plain())));
    must(stream.finish());
  }
  static crypto::SecretBytes key() { return crypto::SecretBytes::copy_of(Bytes(32, 7)); }
  void outcome(int message, vault::MediaState state) {
    vault::MediaOutcome outcome;
    outcome.message = Seq(static_cast<std::uint64_t>(message));
    outcome.state = state;
    outcome.declared = "image/jpeg";
    if (state == vault::MediaState::stored) {
      outcome.sniffed = "image/jpeg";
      outcome.file = vault::SealedFile{std::string(path), key(), crypto::sha256(as_bytes(plain())),
                                       plain().size()};
    } else {
      outcome.reason = "404";
    }
    run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.media_outcome(outcome));
      if (state == vault::MediaState::stored) return {};
      auto alert = alert_about(0, 0);
      alert.category = "media-lost";
      alert.spans.clear();
      SIGILO_TRY_DO(transaction.alert(outcome.message, alert, {}));
      return {};
    });
  }

  TestVault vault_;
};

using T = ToldVault;

const std::string put_into_index =
    "INSERT INTO event_content SELECT sent, content, seq FROM event;"
    "INSERT INTO event_conversation SELECT seq >> 13, conversation, seq FROM event;"
    "INSERT INTO event_id SELECT seq >> 16, id, seq FROM event WHERE id <> 0 UNION"
    " SELECT seq >> 16, about, seq FROM event WHERE about <> 0;"
    "UPDATE event_indexed SET upto = 20;";

void check_all(const std::vector<Damage>& catalogue) {
  const ToldVault sample;
  std::vector<std::filesystem::path> exports;
  std::vector<std::string> first;
  for (const auto& one : catalogue) {
    const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
    damage(copy, one.sql);
    first.push_back(shown(problems_of(verify(copy))));
    exports.push_back(export_plain(copy, sample.scratch(fmt::format("{}.db", exports.size()))));
  }
  const auto second =
      second_opinion(exports, fmt::format("--media '{}'", (sample.directory() / "media").string()));
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    INFO(catalogue[i].name);
    CHECK(first[i] == shown(catalogue[i].problems));
    CHECK(shown(problems_of(second[i])) == shown(catalogue[i].problems));
  }
}

}  // namespace

TEST_CASE("what the provider says beside messages is whole for both verifiers") {
  check_all({{"nothing", "SELECT 1;", {}},
             {"put into the index", put_into_index, {}},
             {"working state",
              "UPDATE media SET attempts = 9, next = 9, reply = 'x';"
              "INSERT INTO unmonitored VALUES ('+1', '', 0, 0, 1);",
              {}}});
}

TEST_CASE("damage to ids, persons and what was read again is found by both verifiers") {
  check_all({
      {"event: id", "UPDATE event SET id = id + 1 WHERE seq = 1;", {{1, "event-altered"}}},
      {"event: about", "UPDATE event SET about = 0 WHERE seq = 6;", {{6, "event-altered"}}},
      {"event row of a line removed", "DELETE FROM event WHERE seq = 8;", {{8, "event-missing"}}},
      {"ids: row of an edit's message removed",
       put_into_index + "DELETE FROM event_id WHERE seq = 6 AND id = (SELECT about FROM event"
                        " WHERE seq = 6);",
       {{6, "index-missing"}}},
      {"ids: another id",
       put_into_index + "UPDATE event_id SET id = 5 WHERE seq = 2;",
       {{2, "index-missing"}, {2, "index-surplus"}}},
      {"ids: another block",
       put_into_index + "UPDATE event_id SET block = 1 WHERE seq = 8 OR seq = 2;",
       {{2, "index-missing"}, {2, "index-surplus"}}},
      {"ids: row put in before any is due",
       "INSERT INTO event_id SELECT 0, id, seq FROM event WHERE seq = 1;",
       {{1, "index-surplus"}}},
      {"identity: one order removed",
       "DELETE FROM identity WHERE name = 'AR.1';",
       {{T::linked, "identity-missing"}}},
      {"identity: changed number removed",
       "DELETE FROM identity WHERE seq = 11;",
       {{11, "identity-missing"}}},
      {"identity: another record",
       "UPDATE identity SET seq = 2 WHERE name = 'AR.1';",
       {{T::linked, "identity-altered"}}},
      {"identity: another name",
       "UPDATE identity SET other = 'AR.9' WHERE other = 'AR.1';",
       {{T::linked, "identity-missing"}, {T::linked, "identity-surplus"}}},
      {"identity: put in",
       "INSERT INTO identity VALUES ('AR.7', 'AR.8', 3), ('AR.8', 'AR.7', 3);",
       {{3, "identity-surplus"}}},
      {"identity: of a record that was altered",
       "UPDATE record SET time = time + 1 WHERE seq = 11;",
       {{11, "record-altered"}}},
      {"reread: removed", "DELETE FROM reread;", {{T::unknown, "reread-missing"}}},
      {"reread: another record",
       "UPDATE reread SET record = 13;",
       {{T::unknown, "reread-altered"}}},
      {"reread: put in", "INSERT INTO reread VALUES (2, 12);", {{2, "reread-surplus"}}},
      {"reread: the record that says so altered",
       "UPDATE record SET time = time + 1 WHERE seq = 12;",
       {{T::reread, "record-altered"}}},
      {"reread: the record that says so, and its second delivery's bytes",
       "UPDATE delivery SET rest = x'' WHERE id = 13;",
       {{T::read_again, "delivery-altered"}}},
      {"reread: its delivery removed",
       "DELETE FROM delivery WHERE id = 13;",
       {{T::read_again, "delivery-missing"}}},
  });
}

TEST_CASE("damage to what is known of files is found by both verifiers") {
  const auto media = [](std::string_view change, int message) {
    return fmt::format("UPDATE media SET {} WHERE message = {};", change, message);
  };
  check_all({
      {"media: removed", "DELETE FROM media WHERE message = 5;", {{T::waiting, "media-missing"}}},
      {"media: several removed",
       "DELETE FROM media WHERE message > 2;",
       {{T::twin, "media-missing"}}},
      {"media: put in",
       "INSERT INTO media VALUES (1, 'waiting', 0, 0, '', NULL, NULL);",
       {{1, "media-surplus"}}},
      {"media: a file that waits said to be lost",
       media("state = 'lost'", T::waiting),
       {{T::waiting, "media-altered"}}},
      {"media: a stored one said to wait",
       media("state = 'waiting', record = NULL, file = NULL", T::photo),
       {{T::photo, "media-altered"}}},
      {"media: another record", media("record = 15", T::photo), {{T::photo, "media-altered"}}},
      {"media: no file", media("file = NULL", T::photo), {{T::photo, "media-altered"}}},
      {"media: a file for a lost one", media("file = 1", T::video), {{T::video, "media-altered"}}},
      {"media: of a message that was altered",
       "UPDATE record SET time = time + 1 WHERE seq = 2;",
       {{T::photo, "record-altered"}}},
      {"media: its record altered",
       "UPDATE record SET time = time + 1 WHERE seq = 16;",
       {{T::lost, "record-altered"}}},
      {"file: row removed", "DELETE FROM media_file;", {{T::photo, "media-altered"}}},
      {"file: size", "UPDATE media_file SET size = size + 1;", {{T::photo, "media-altered"}}},
      {"file: key", "UPDATE media_file SET key = randomblob(32);", {{T::stored, "file-altered"}}},
      {"file: key cut short", "UPDATE media_file SET key = x'00';", {{T::stored, "file-altered"}}},
      {"file: path to nothing",
       "UPDATE media_file SET path = 'ab/none';",
       {{T::stored, "file-missing"}}},
      {"file: path that leads out",
       "UPDATE media_file SET path = '../vault.db';",
       {{T::stored, "file-altered"}}},
      {"file: path from the root",
       "UPDATE media_file SET path = '/etc/passwd';",
       {{T::stored, "file-altered"}}},
      {"file: path to a directory",
       "UPDATE media_file SET path = 'ab';",
       {{T::stored, "file-altered"}}},
      {"file: put in",
       "INSERT INTO media_file VALUES (9, randomblob(32), 1, 'ab/x', randomblob(32));",
       {{-1, "file-surplus"}}},
      {"alert without words: category",
       "UPDATE alert SET category = 'x';",
       {{17, "alert-altered"}}},
  });
}

TEST_CASE("a sealed file that was changed on the disk is found by both verifiers") {
  const ToldVault sample;
  const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
  const auto file = copy / "media" / T::path;
  const auto check = [&](const std::string& problem) {
    const std::string expected = fmt::format("14 {}; ", problem);
    CHECK(shown(problems_of(verify(copy))) == expected);
    CHECK(shown(problems_of(second_opinion(
              {export_plain(copy, sample.scratch("plain.db"))},
              fmt::format("--media '{}'", (copy / "media").string()))[0])) == expected);
    CHECK(shown(problems_of(verify(copy, {.depth = evidence::Depth::tree}))).empty());
  };
  SECTION("removed") {
    std::filesystem::remove(file);
    check("file-missing");
  }
  SECTION("a byte in the second chunk") {
    std::fstream io(file, std::ios::binary | std::ios::in | std::ios::out);
    io.seekp(80'000);
    io.put('!');
    io.close();
    check("file-altered");
  }
  SECTION("cut after the first chunk") {
    std::filesystem::resize_file(file, 24 + 65'536 + 17);
    check("file-altered");
  }
  SECTION("longer") {
    std::ofstream(file, std::ios::binary | std::ios::app) << "x";
    check("file-altered");
  }
  SECTION("a link to the same bytes") {
    std::filesystem::rename(file, copy / "elsewhere");
    std::filesystem::create_symlink(copy / "elsewhere", file);
    check("file-altered");
  }
}
