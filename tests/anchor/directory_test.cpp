// SPDX-License-Identifier: Apache-2.0
#include "anchor/directory.hpp"

#include <csignal>

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

const std::string uuid = "0f3b8a52-6d1e-4c57-9a0b-3f2e1d4c5b6a";

vault::KeptCheckpoint checkpoint(char root = 'A') {
  return {
      Seq(7), Timestamp(),
      "sigilo/" + uuid + "\n7\n" + std::string(43, root) + "=\n\n— sigilo/" + uuid + " AAAAAAAA\n"};
}

struct Share {
  TemporaryDirectory directory;
  anchor::Directory place{directory.path()};
  [[nodiscard]] std::filesystem::path file(const std::string& end = "-7.txt") const {
    return directory.path() / (uuid + end);
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory.path()), {}));
  }
};

}  // namespace

TEST_CASE("a checkpoint becomes a file for everybody to read, byte for byte") {
  Share share;
  const auto old_mask = ::umask(0077);
  const auto kept = share.place.keep(checkpoint());
  ::umask(old_mask);
  REQUIRE(kept);
  CHECK(kept->empty());
  CHECK(read_file(share.file()) == checkpoint().note);
  struct stat status {};
  REQUIRE(::stat(share.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0444);
  CHECK(share.files() == 1);
}

TEST_CASE("what is there already is left as it is") {
  Share share;
  REQUIRE(share.place.keep(checkpoint()));
  const auto written = std::filesystem::last_write_time(share.file());
  CHECK(share.place.keep(checkpoint()));
  CHECK(std::filesystem::last_write_time(share.file()) == written);
  CHECK(share.files() == 1);
}

TEST_CASE("another checkpoint over as many records is an alarm, and stays as it is") {
  Share share;
  REQUIRE(share.place.keep(checkpoint('A')));
  const auto refused = share.place.keep(checkpoint('E'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::corrupt);
  CHECK(refused.error().what.find("another checkpoint") != std::string::npos);
  CHECK(read_file(share.file()) == checkpoint('A').note);
}

TEST_CASE("beside a file that broke off, which can't be removed there, the whole one is written") {
  Share share;
  write_file(share.file(), checkpoint().note.substr(0, 20));
  write_file(share.file("-7.1.txt"), "");
  REQUIRE(share.place.keep(checkpoint()));
  CHECK(read_file(share.file()) == checkpoint().note.substr(0, 20));
  CHECK(read_file(share.file("-7.2.txt")) == checkpoint().note);
  CHECK(share.place.keep(checkpoint()));
  CHECK(share.files() == 3);
}

TEST_CASE("a share that is not mounted is not made up for") {
  TemporaryDirectory parent;
  anchor::Directory place(parent.path() / "share");
  const auto refused = place.keep(checkpoint());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::not_found);
  CHECK(refused.error().remedy.find("mount") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(parent.path() / "share"));
}

TEST_CASE("a share that is full keeps no half of it, and takes it later") {
  Share share;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit little{16, before.rlim_max};
  auto* const old_handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
  const auto refused = share.place.keep(checkpoint());
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::no_space);
  CHECK(share.files() == 0);
  CHECK(share.place.keep(checkpoint()));
}

TEST_CASE("a link in the place of the file is not followed") {
  Share share;
  TemporaryDirectory elsewhere;
  write_file(elsewhere / "note", checkpoint().note);
  std::filesystem::create_symlink(elsewhere / "note", share.file());
  CHECK_FALSE(share.place.keep(checkpoint()));
}

TEST_CASE("an origin that is no vault's makes no file's name") {
  Share share;
  auto odd = checkpoint();
  odd.note = "sigilo/../../x\n7\n" + std::string(43, 'A') + "=\n\n— sigilo/../../x AAAAAAAA\n";
  const auto refused = share.place.keep(odd);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid_input);
}
