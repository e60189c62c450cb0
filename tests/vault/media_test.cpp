// SPDX-License-Identifier: Apache-2.0
#include "vault/media.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;
using vault::MediaState;

namespace {

TestMessage with_file(std::string id) {
  return {.id = id, .text = "foto", .type = "image", .details = file_details("m-" + id)};
}

vault::SealedFile sealed(const std::string& plain, std::string path) {
  return {std::move(path), crypto::SecretBytes::copy_of(Bytes(32, 7)),
          crypto::sha256(as_bytes(plain)), plain.size()};
}

vault::MediaOutcome outcome(Seq message, MediaState state) {
  vault::MediaOutcome outcome;
  outcome.message = message;
  outcome.state = state;
  outcome.declared = "image/jpeg";
  if (state != MediaState::stored) outcome.reason = "404 from the provider";
  if (state == MediaState::stored) {
    outcome.sniffed = "image/jpeg";
    outcome.file = sealed("bytes", "aa/" + std::to_string(message.value()));
  }
  return outcome;
}

Result<> finish(TestVault& vault, const vault::MediaOutcome& outcome) {
  return vault.run(
      [&](vault::WriteTransaction& transaction) { return transaction.media_outcome(outcome); });
}

vault::NewAlert notice() {
  vault::NewAlert alert;
  alert.category = "media-lost";
  alert.severity = Severity::medium;
  alert.rule = "sigilo.media-lost";
  alert.team = "litigios";
  return alert;
}

}  // namespace

TEST_CASE("a message's file waits until it is stored or lost, and then is finished") {
  TestVault vault;
  vault.ingest(delivery_of(with_file("1")));
  vault.ingest(delivery_of({.id = "2"}));
  auto reader = vault.reader();
  CHECK(!must(reader.media_of(Seq(2))));
  const auto jobs = must(reader.due_media(vault.clock.now(), 10));
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].message == Seq(1));
  CHECK(jobs[0].file.id == "m-1");
  CHECK(jobs[0].line == E164("+5491150000001"));
  CHECK_FALSE(jobs[0].history);

  auto later = outcome(Seq(1), MediaState::waiting);
  later.next = vault.clock.now() + std::chrono::minutes(5);
  REQUIRE(finish(vault, later));
  CHECK(must(reader.due_media(vault.clock.now(), 10)).empty());
  CHECK(must(reader.next_media_due()) == later.next);
  CHECK(must(reader.media_of(Seq(1)))->attempts == 1);
  CHECK(must(reader.summary()).records == 3);  // a further attempt is no record

  REQUIRE(finish(vault, outcome(Seq(1), MediaState::stored)));
  const auto row = must(reader.media_of(Seq(1)));
  REQUIRE(row);
  CHECK(row->state == MediaState::stored);
  CHECK(row->record == Seq(3));
  CHECK(row->time == vault.clock.now());
  REQUIRE(row->file);
  CHECK(row->file->path == "aa/1");
  CHECK(finish(vault, later).error().code == ErrorCode::refused);
  CHECK(finish(vault, outcome(Seq(2), MediaState::lost)).error().code == ErrorCode::not_found);
  CHECK(!must(reader.next_media_due()));
}

TEST_CASE("bytes that several messages name are kept once") {
  TestVault vault;
  vault.ingest(delivery_of_many({with_file("1"), with_file("2")}));
  REQUIRE(finish(vault, outcome(Seq(1), MediaState::stored)));
  REQUIRE(finish(vault, outcome(Seq(2), MediaState::stored)));
  auto reader = vault.reader();
  CHECK(must(reader.media_of(Seq(2)))->file->path == "aa/1");
  CHECK(must(reader.file_with(crypto::sha256(as_bytes("bytes"))))->path == "aa/1");
  CHECK(!must(reader.file_with(crypto::sha256(as_bytes("others")))));
}

TEST_CASE("that a file is lost is told as durably as it is recorded") {
  TestVault vault;
  vault.ingest(delivery_of(with_file("1")));
  const std::vector<vault::NewMail> mails{{"compliance@estudio.example", Language::es, "litigios"}};
  const auto lose = [&](bool fails) {
    return vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.media_outcome(outcome(Seq(1), MediaState::lost)));
      SIGILO_TRY_DO(transaction.alert(Seq(1), notice(), mails));
      if (fails) return fail(ErrorCode::refused, "no");
      return {};
    });
  };
  CHECK_FALSE(lose(true));
  CHECK(must(vault.reader().alerts(true)).empty());
  CHECK(must(vault.reader().media_of(Seq(1)))->state == MediaState::waiting);
  REQUIRE(lose(false));
  const auto alerts = must(vault.reader().alerts_of(Seq(1)));
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].category == "media-lost");
  CHECK(alerts[0].line == "+5491150000001");
  CHECK(alerts[0].words.empty());
  const auto due = must(vault.reader().due_mail(vault.clock.now(), 10));
  REQUIRE(due.size() == 1);
  CHECK(due[0].message == Seq(1));
}

TEST_CASE("an alert is about a record that says something") {
  TestVault vault;
  const auto about = [&](Seq seq) {
    return vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
      SIGILO_TRY_DO(transaction.alert(seq, notice(), {}));
      return {};
    });
  };
  CHECK(about(Seq(0)).error().code == ErrorCode::refused);
  CHECK(about(Seq(9)).error().code == ErrorCode::not_found);
  vault.ingest(delivery_of({.id = "", .kind = RecordKind::line, .type = "account_update"}));
  CHECK(about(Seq(1)));
}

TEST_CASE("the summary says which files wait, which were lost and why") {
  TestVault vault;
  for (int i = 1; i <= 30; ++i) {
    vault.ingest(delivery_of(with_file(std::to_string(i))));
    vault.clock.advance(std::chrono::seconds(1));
  }
  CHECK(must(vault.reader().summary()).media.oldest_waiting->reply.empty());
  REQUIRE(finish(vault, outcome(Seq(1), MediaState::stored)));
  for (int i = 2; i <= 25; ++i)
    REQUIRE(finish(vault, outcome(Seq(static_cast<std::uint64_t>(i)), MediaState::lost)));
  REQUIRE(finish(vault, outcome(Seq(26), MediaState::waiting)));
  const auto media = must(vault.reader().summary()).media;
  CHECK(media.stored == 1);
  CHECK(media.lost == 24);
  CHECK(media.waiting == 5);
  REQUIRE(media.newest_lost.size() == vault::max_lost_listed);
  CHECK(media.newest_lost[0].message == Seq(25));
  CHECK(media.newest_lost[0].reply == "404 from the provider");
  CHECK(media.newest_lost[0].line == "+5491150000001");
  REQUIRE(media.oldest_waiting);
  CHECK(media.oldest_waiting->message == Seq(26));
  CHECK(media.oldest_waiting->attempts == 1);
}
