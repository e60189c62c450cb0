// SPDX-License-Identifier: Apache-2.0
#include "media/fetcher.hpp"

#include <array>
#include <fstream>
#include <future>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "media/patience.hpp"
#include "support/broken_disk.hpp"
#include "support/media.hpp"
#include "support/sqlcipher.hpp"

using namespace sigilo;
using namespace sigilo::test;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using graph::FailureKind;
using vault::MediaState;

namespace {

constexpr auto day = 24h;
const Bytes photo = bytes_of("\xff\xd8\xff\xe0 una foto de un contrato");

std::string photo_hash() {
  return crypto::sha256(photo).hex();
}

}  // namespace

TEST_CASE("a file is fetched, sealed, and recorded with its hash, size and types") {
  FileRoom room;
  const auto message = room.offer({.sha256 = photo_hash()}, photo);
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::stored);
  CHECK(room.stored(message) == photo);
  CHECK(room.record(message) ==
        R"({"declared":"image/jpeg","message":)" + std::to_string(message.value()) +
            R"(,"outcome":"stored","sha256":")" + photo_hash() + R"(","size":)" +
            std::to_string(photo.size()) + R"(,"sniffed":"image/jpeg","v":1})");
  CHECK(room.provider.last_phone_number_id == "106540352242922");
  CHECK(room.fetcher->status().waiting == 0);
  CHECK_FALSE(room.fetcher->status().trouble);
  room.pass(1h);
  CHECK(room.provider.downloads == 1);
}

TEST_CASE("a declared type that lies is recorded beside the true one, and the file is kept") {
  FileRoom room;
  const auto message =
      room.offer({.mime_type = "application/pdf"}, bytes_of(std::string("MZ\x90\0\3\0", 6)));
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::stored);
  CHECK_THAT(room.record(message), ContainsSubstring(R"("declared":"application/pdf")"));
  CHECK_THAT(room.record(message),
             ContainsSubstring(R"("sniffed":"application/vnd.microsoft.portable-executable")"));
}

TEST_CASE("identical files are stored once, and the second is not even downloaded") {
  FileRoom room;
  const auto one = room.offer({.id = "wamid.1", .media = "1", .sha256 = photo_hash()}, photo);
  const auto two = room.offer({.id = "wamid.2", .media = "2", .sha256 = photo_hash()}, photo);
  room.fetcher->run_once();
  CHECK(room.row(one).file->path == room.row(two).file->path);
  CHECK(files_below(room.media()).size() == 1);
  CHECK(room.provider.downloads == 1);
  CHECK_THAT(room.record(two), ContainsSubstring("not fetched again"));
  CHECK_THAT(room.record(two), ContainsSubstring(R"("sniffed":"image/jpeg")"));
}

TEST_CASE(
    "without the message's own word for the hash an identical file is downloaded and compared") {
  FileRoom room;
  room.offer({.id = "wamid.1", .media = "1", .sha256 = photo_hash()}, photo);
  const auto two = room.offer({.id = "wamid.2", .media = "2"}, photo);
  room.fetcher->run_once();
  CHECK(room.provider.downloads == 2);
  CHECK(room.stored(two) == photo);
  CHECK(files_below(room.media()).size() == 1);
}

TEST_CASE("a sealed file that was damaged is mended when its bytes come again") {
  FileRoom room;
  const auto one = room.offer({.id = "wamid.1", .media = "1", .sha256 = photo_hash()}, photo);
  room.fetcher->run_once();
  std::ofstream(room.media() / room.row(one).file->path, std::ios::app) << "x";
  CHECK_THROWS(room.stored(one));
  const auto two = room.offer({.id = "wamid.2", .media = "2", .sha256 = photo_hash()}, photo);
  room.fetcher->run_once();
  CHECK(room.stored(one) == photo);
  CHECK(room.stored(two) == photo);
  CHECK(files_below(room.media()).size() == 1);
  CHECK(room.vault.sink.has("was damaged and is whole again"));
}

TEST_CASE("bytes that are longer, shorter or other than named are thrown away and fetched again") {
  const std::string named = photo_hash();
  for (const auto& wrong : {bytes_of("\xff\xd8\xff"), Bytes(photo.size(), 7), [] {
                              Bytes longer = photo;
                              longer.push_back(0);
                              return longer;
                            }()}) {
    FileRoom room;
    const auto message = room.offer({.sha256 = named}, wrong);
    room.provider.files["1001"].sha256 = named;
    room.provider.files["1001"].size = photo.size();
    room.fetcher->run_once();
    CHECK(room.row(message).state == MediaState::waiting);
    CHECK_THAT(room.row(message).reply, ContainsSubstring("other bytes came than were named"));
    CHECK(files_below(room.media()).empty());
    room.provider.files["1001"].bytes = photo;
    room.pass(1min);
    CHECK(room.row(message).state == MediaState::stored);
    CHECK(room.stored(message) == photo);
  }
}

TEST_CASE("without any hash the size decides") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  auto& file = room.provider.files["1001"];
  file.sha256 = "";
  file.size = photo.size() + 1;
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::waiting);
  file.size = photo.size();
  room.pass(1min);
  CHECK(room.row(message).state == MediaState::stored);
  CHECK_THAT(room.record(message), ContainsSubstring("only the size was compared"));
}

TEST_CASE("the message's hash outweighs what the API says, and the contradiction is recorded") {
  FileRoom room;
  const auto message = room.offer({.sha256 = photo_hash()}, photo);
  room.provider.files["1001"].sha256 = std::string(64, 'a');
  room.provider.files["1001"].size = 5;
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::stored);
  CHECK_THAT(room.record(message), ContainsSubstring("names another SHA-256, aaaa"));
  CHECK_THAT(room.record(message), ContainsSubstring("names another size, 5 bytes"));
}

TEST_CASE("other bytes again and again are lost after some hours, with both hashes in the record") {
  FileRoom room;
  const std::string named(64, 'b');
  const auto message = room.offer({.sha256 = named}, photo);
  room.pass(1h);
  CHECK(room.row(message).state == MediaState::waiting);
  room.pass(4h);
  CHECK(room.row(message).state == MediaState::lost);
  CHECK(room.row(message).loss == vault::MediaLoss::other_bytes);
  CHECK(room.provider.downloads == media::most_mismatches);
  CHECK_THAT(room.record(message), ContainsSubstring(named));
  CHECK_THAT(room.record(message), ContainsSubstring(photo_hash()));
  CHECK(files_below(room.media()).empty());
}

TEST_CASE("each kind of failure at each call keeps the file waiting, says why, and is got over") {
  for (const auto kind : {FailureKind::token, FailureKind::permission, FailureKind::rate_limited,
                          FailureKind::missing, FailureKind::temporary, FailureKind::refused}) {
    for (const bool at_download : {false, true}) {
      FileRoom room;
      const auto message = room.offer({}, photo);
      auto failed = failure(kind, 500, "GET did not work");
      failed.remedy = "do this";
      auto& queue = at_download ? room.provider.download_failures : room.provider.media_failures;
      queue = {failed, failed};  // a missing url is asked for anew once, at once
      room.fetcher->run_once();
      CHECK(room.row(message).state == MediaState::waiting);
      CHECK(room.row(message).reply == "GET did not work");
      const auto status = room.fetcher->status();
      REQUIRE(status.trouble);
      CHECK(status.trouble->what == "GET did not work");
      CHECK(status.trouble->remedy == "do this");
      CHECK(status.trouble->since == room.vault.clock.now());
      CHECK(files_below(room.media()).empty());
      room.pass(2min);
      CHECK(room.row(message).state == MediaState::stored);
      CHECK_FALSE(room.fetcher->status().trouble);
    }
  }
}

TEST_CASE("a damaged record that names a file holds up no other, and says what to do") {
  FileRoom room;
  const auto damaged = room.offer({.id = "1", .media = "1"}, photo);
  const auto sound = room.offer({.id = "2", .media = "2"}, photo);
  room.vault.close();
  REQUIRE(sqlcipher(room.vault.directory() / "vault.db",
                    key_lines() + fmt::format("UPDATE record SET body = '{{}}' WHERE seq = {};",
                                              damaged.value()))
              .code == 0);
  room.vault.open();
  CHECK(room.fetcher->run_once() > 0s);  // and it does not turn in circles
  CHECK(room.row(sound).state == MediaState::stored);
  CHECK(room.row(damaged).state == MediaState::waiting);
  CHECK_THAT(room.row(damaged).reply, ContainsSubstring("record 1"));
  CHECK(must(room.vault.reader().next_media_due()).value() > room.vault.clock.now());
}

TEST_CASE("a url that has ended is asked for anew at once") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  room.provider.download_failures = {failure(FailureKind::missing, 404)};
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::stored);
  CHECK(room.provider.asked == 2);
}

TEST_CASE("a download that only trickles is cut off, leaves nothing, and is tried again") {
  FileRoom room;
  const auto message = room.offer({}, Bytes(300'000, 3));
  room.provider.while_downloading = [&] { room.vault.clock.advance(1h); };
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::waiting);
  CHECK_THAT(room.row(message).reply, ContainsSubstring("too slow"));
  CHECK(files_below(room.media()).empty());
  room.provider.while_downloading = [] {};
  room.pass(1min);
  CHECK(room.row(message).state == MediaState::stored);
}

TEST_CASE("when no answer comes at all, nothing else is asked for a while") {
  FileRoom room;
  const auto one = room.offer({.id = "wamid.1", .media = "1"}, photo);
  const auto two = room.offer({.id = "wamid.2", .media = "2"}, bytes_of("otra"));
  room.provider.media_failures = {failure(FailureKind::temporary, 0, "no answer in 30 s")};
  room.fetcher->run_once();
  CHECK(room.provider.asked == 1);
  CHECK(room.fetcher->status().rests_until);
  CHECK(room.fetcher->status().under_way == 0);
  room.pass(1min);
  CHECK(room.row(one).state == MediaState::stored);
  CHECK(room.row(two).state == MediaState::stored);
}

TEST_CASE("the wait that the provider asks for is kept, though not for ever") {
  FileRoom room;
  room.offer({}, photo);
  auto limited = failure(FailureKind::rate_limited, 429);
  limited.retry_after = 10min;
  room.provider.media_failures = {limited};
  room.fetcher->run_once();
  room.pass(9min);
  CHECK(room.provider.asked == 1);
  room.pass(2min);
  CHECK(room.provider.asked == 2);

  limited.retry_after = 24h * 365;
  room.offer({.id = "wamid.2", .media = "2"}, bytes_of("otra"));
  room.provider.media_failures = {limited};
  room.pass(day + 1min);
  CHECK(room.provider.asked == 4);
}

TEST_CASE("an expired token loses no file, however long it lasts; a reload ends the rest") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  for (int i = 0; i < 200; ++i)
    room.provider.media_failures.push_back(failure(FailureKind::token, 401, "the token expired"));
  const auto start = room.vault.clock.now();
  room.vault.clock.advance(20 * day);
  room.pass(5h);
  CHECK(room.row(message).state == MediaState::waiting);
  CHECK(room.fetcher->status().trouble->since == start + 20 * day);
  CHECK(room.provider.asked < 100);
  room.provider.media_failures.clear();
  room.vault.clock.advance(5min);  // due again, whether it rests or not
  room.fetcher->reload(room.settings(), room.make_api());
  CHECK_FALSE(room.fetcher->status().rests_until);
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::stored);
}

TEST_CASE(
    "what the provider does not have is lost after the life of its id: 7 days, of history 14") {
  for (const bool history : {false, true}) {
    FileRoom room;
    const auto message = room.ingest({.via = history ? message::Via::history : message::Via::api});
    const int days = history ? 14 : 7;
    room.pass(days * day - 1h);
    CHECK(room.row(message).state == MediaState::waiting);
    room.pass(3h);
    CHECK(room.row(message).state == MediaState::lost);
    CHECK(room.row(message).loss == vault::MediaLoss::gone);
    CHECK_THAT(room.record(message),
               ContainsSubstring("no longer has it after " + std::to_string(days) + " days"));
    CHECK(room.vault.sink.has("lost; see sigilo show"));
  }
}

TEST_CASE("seven days of server errors lose the file, but not one error after seven days off") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  room.vault.clock.advance(8 * day);
  for (int i = 0; i < 500; ++i)
    room.provider.media_failures.push_back(failure(FailureKind::temporary, 503, "HTTP 503"));
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::waiting);
  room.pass(4h);
  CHECK(room.row(message).state == MediaState::lost);
  CHECK(room.row(message).loss == vault::MediaLoss::unreachable);
  CHECK(room.row(message).attempts == media::least_attempts);
  CHECK_THAT(room.record(message), ContainsSubstring("the last answer: HTTP 503"));
}

TEST_CASE("a file that is too large is not fetched but lost, naming both sizes") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  room.provider.files["1001"].size = room.media_max + 1;
  room.fetcher->run_once();
  CHECK(room.provider.downloads == 0);
  CHECK(room.row(message).state == MediaState::lost);
  CHECK(room.row(message).loss == vault::MediaLoss::too_large);
  CHECK_THAT(room.record(message), ContainsSubstring("has 104857601 bytes"));
  CHECK_THAT(room.record(message), ContainsSubstring("104857600 (media_max)"));
}

TEST_CASE("a file that grows beyond the largest without having said so is cut off and lost") {
  FileRoom room;
  room.media_max = 100'000;
  room.fetcher = room.make_fetcher();
  const auto message = room.offer({}, Bytes(200'000, 1));
  room.provider.files["1001"].size = 0;
  room.fetcher->run_once();
  CHECK(room.row(message).state == MediaState::lost);
  CHECK(room.row(message).loss == vault::MediaLoss::too_large);
  CHECK_THAT(room.record(message), ContainsSubstring("larger than the provider said"));
  CHECK(files_below(room.media()).empty());
}

TEST_CASE("what the provider calls a file never reaches the disk") {
  for (const std::string& name :
       {std::string("../../../../etc/cron.d/x"), std::string("C:\\windows\\x.exe"),
        std::string("a\x01\nb\x7f.pdf"), std::string(300, 'n') + ".pdf",
        std::string("/etc/passwd")}) {
    FileRoom room;
    const auto message = room.offer(
        {.mime_type = "application/pdf\r\nX: y\x01" + std::string(1000, 'x'), .filename = name},
        photo);
    room.fetcher->run_once();
    REQUIRE(room.row(message).state == MediaState::stored);
    const auto files = files_below(room.media());
    REQUIRE(files.size() == 1);
    CHECK(files.begin()->size() == 33);
    CHECK(files.begin()->find_first_not_of("0123456789abcdef/") == std::string::npos);
    CHECK_THAT(room.record(message), ContainsSubstring("application/pdf??X: y?xxx"));
    CHECK(room.record(message).size() < 700);
  }
}

TEST_CASE("a full disk loses nothing: the fetcher rests a minute and goes on when there is room") {
  FileRoom room;
  const auto message = room.offer({}, Bytes(300'000, 5));
  std::optional<BrokenDisk> broken;
  room.provider.while_downloading = [&] { broken.emplace(); };
  room.fetcher->run_once();
  broken.reset();
  room.provider.while_downloading = [] {};
  CHECK(room.row(message).state == MediaState::waiting);
  CHECK(room.row(message).attempts == 0);
  CHECK(files_below(room.media()).empty());
  REQUIRE(room.fetcher->status().trouble);
  CHECK(room.fetcher->status().trouble->remedy == "make room on the disk");
  room.fetcher->run_once();
  CHECK(room.provider.downloads == 1);
  room.pass(61s);
  CHECK(room.row(message).state == MediaState::stored);
  CHECK_FALSE(room.fetcher->status().trouble);
}

TEST_CASE("a file that would take the last room of the disk from the messages is not begun") {
  FileRoom room;
  room.media_max = ~std::uint64_t{0};
  room.fetcher = room.make_fetcher();
  const auto message = room.offer({}, photo);
  room.provider.files["1001"].size = std::filesystem::space(room.vault.directory()).available;
  room.fetcher->run_once();
  CHECK(room.provider.downloads == 0);
  CHECK(room.row(message).state == MediaState::waiting);
  CHECK(files_below(room.media()).empty());
  REQUIRE(room.fetcher->status().trouble);
  CHECK_THAT(room.fetcher->status().trouble->what, ContainsSubstring("kept for messages"));
  CHECK(room.fetcher->status().trouble->remedy == "make room on the disk");
}

TEST_CASE(
    "an outcome that cannot be committed is kept, and committed before anything else is fetched") {
  FileRoom room;
  const auto one = room.offer({.id = "wamid.1", .media = "1"}, photo);
  const auto two = room.offer({.id = "wamid.2", .media = "2"}, bytes_of("otra"));
  room.before_report = [] { return fail(ErrorCode::no_space, "the disk is full", "make room"); };
  CHECK(room.fetcher->run_once() == media::vault_rest);
  CHECK(room.fetcher->run_once() == media::vault_rest);
  CHECK(room.provider.downloads == 1);
  CHECK(room.row(one).state == MediaState::waiting);
  CHECK(room.fetcher->status().trouble->what == "the disk is full");
  room.before_report = [] { return Result<>{}; };
  room.fetcher->run_once();
  CHECK(room.stored(one) == photo);
  CHECK(as_text(room.stored(two)) == "otra");
  CHECK(room.provider.downloads == 2);
  CHECK(files_below(room.media()).size() == 2);
}

TEST_CASE(
    "an outcome that the vault does not want is dropped with its file, and the others go on") {
  FileRoom room;
  room.offer({.id = "wamid.1", .media = "1"}, photo);
  const auto two = room.offer({.id = "wamid.2", .media = "2"}, bytes_of("otra"));
  int reports = 0;
  room.before_report = [&]() -> Result<> {
    if (++reports == 1) return fail(ErrorCode::refused, "it is finished");
    return {};
  };
  room.fetcher->run_once();
  CHECK(as_text(room.stored(two)) == "otra");
  CHECK(room.vault.sink.has("does not want the file"));
  CHECK(files_below(room.media()).size() == 2);  // the first was due again and fetched anew
}

TEST_CASE("stopping in the middle of a download leaves no file and no outcome") {
  FileRoom room;
  const auto message = room.offer({}, Bytes(300'000, 5));
  std::promise<void> begun;
  std::promise<void> stopping;
  room.provider.while_downloading = [&] {
    begun.set_value();
    stopping.get_future().wait();
  };
  room.fetcher->start();
  begun.get_future().wait();
  CHECK(room.fetcher->status().under_way == 1);
  std::thread stopper([&] { room.fetcher->stop(); });
  while (!room.provider.stop.stop_requested()) std::this_thread::yield();
  stopping.set_value();
  stopper.join();
  CHECK(room.states.empty());
  CHECK(room.row(message).attempts == 0);
  CHECK(files_below(room.media()).empty());
}

TEST_CASE("several threads fetch each file once, and a wake-up is enough for new ones") {
  FileRoom room;
  std::vector<Seq> messages;
  room.fetcher->start();
  for (int i = 0; i < 30; ++i) {
    const auto id = std::to_string(i);
    {
      const std::lock_guard guard(room.provider.mutex);
      room.provider.files[id] = {.bytes = bytes_of(std::to_string(i / 2))};  // pairs are alike
    }
    messages.push_back(room.ingest({.id = "wamid." + id, .media = id}));
    room.fetcher->wake();
  }
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  const auto all_stored = [&] {
    return std::all_of(messages.begin(), messages.end(),
                       [&](Seq message) { return room.row(message).state == MediaState::stored; });
  };
  while (!all_stored() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  room.fetcher->stop();
  for (std::size_t i = 0; i < messages.size(); ++i)
    CHECK(as_text(room.stored(messages[i])) == std::to_string(i / 2));
  CHECK(room.provider.downloads == 30);
  CHECK(room.states.size() == 30);
  CHECK(files_below(room.media()).size() == 15);
}

TEST_CASE(
    "killed between the file's name and its commit, nothing is orphaned after the next start") {
  FileRoom room;
  const auto message = room.offer({}, photo);
  room.vault.close();
  const pid_t child = ::fork();
  if (child == 0) {
    room.before_report = [] {
      ::_exit(9);
      return Result<>{};
    };
    room.fetcher->run_once();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 9);
  REQUIRE(files_below(room.media()).size() == 1);

  room.vault.open();
  CHECK(must(media::clean_up(room.media(), room.named_by_vault(), room.vault.log)).orphans == 1);
  CHECK(files_below(room.media()).empty());
  room.fetcher->run_once();
  CHECK(room.stored(message) == photo);
  CHECK(must(media::clean_up(room.media(), room.named_by_vault(), room.vault.log)).orphans == 0);
  CHECK(room.stored(message) == photo);
}

TEST_CASE("a hundred MiB pass through with memory flat") {
  FileRoom room;
  const std::size_t mib = std::size_t{1} << 20U;
  const auto message = room.offer({}, Bytes(mib, 0x5a));
  auto& file = room.provider.files["1001"];
  file.repeat = 100;
  crypto::Sha256 hash;
  for (int i = 0; i < 100; ++i) hash.update(file.bytes);
  file.sha256 = hash.finish().hex();

  const auto peak = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) << 10U;
    return std::stoul("0");
  };
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const auto before = peak();
  REQUIRE(before > 0);
  room.fetcher->run_once();
  const auto growth = peak() - before;
  REQUIRE(room.row(message).state == MediaState::stored);
  CHECK(room.row(message).file->size == 100 * mib);
  CHECK(growth < 8 * mib);
}
