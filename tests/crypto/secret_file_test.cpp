// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret_file.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "support/process.hpp"

using namespace sigilo;
using crypto::SecretMode;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  test::TemporaryDirectory directory;
  fs::path path = directory / "secret";

  void put(std::string_view content, mode_t mode = 0600) const {
    test::write_file(path, content);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }
  [[nodiscard]] ErrorCode refusal(SecretMode mode = SecretMode::owner_only) const {
    const auto secret = crypto::read_secret_file(path, mode);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().what.find(path.string()) != std::string::npos);
    return secret.error().code;
  }
  [[nodiscard]] mode_t mode() const {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory.path()), {}));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "white space at the end is not part of a secret; before and within it is") {
  put(" a b\tc \t\r\n\n");
  const auto secret = crypto::read_secret_file(path, SecretMode::owner_only);
  REQUIRE(secret);
  CHECK(secret->text() == " a b\tc");
}

TEST_CASE_METHOD(Fixture, "bytes of every value are read as they are") {
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
  put(all);
  const auto secret = crypto::read_secret_file(path, SecretMode::owner_only);
  REQUIRE(secret);
  CHECK(secret->text() == all);
}

TEST_CASE_METHOD(Fixture,
                 "each bit of a mode that lets others in is refused, with the chmod that helps") {
  for (const mode_t bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    put("secret", 0600 | bit);
    CHECK(refusal() == ErrorCode::permission);
  }
  put("secret", 0644);
  const auto error = crypto::read_secret_file(path, SecretMode::owner_only).error();
  CHECK(error.what.find("0644") != std::string::npos);
  CHECK(error.remedy.find("chmod 0600") != std::string::npos);
  CHECK(crypto::read_secret_file(path, SecretMode::any));
  for (const mode_t mode : {0600U, 0400U}) {
    put("secret", mode);
    CHECK(crypto::read_secret_file(path, SecretMode::owner_only));
  }
}

TEST_CASE_METHOD(Fixture, "a symbolic link is refused even when it leads to a proper secret") {
  put("secret");
  const fs::path real = directory / "real";
  fs::rename(path, real);
  fs::create_symlink(real, path);
  CHECK(refusal() == ErrorCode::permission);
  CHECK(refusal(SecretMode::any) == ErrorCode::permission);
}

TEST_CASE_METHOD(Fixture, "what is no regular file is refused at once") {
  SECTION("directory") {
    fs::create_directory(path);
  }
  SECTION("FIFO that nobody writes to") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  CHECK(refusal(SecretMode::any) == ErrorCode::invalid_input);
}

TEST_CASE_METHOD(Fixture, "an absent, empty or too large secret is an error that says so") {
  CHECK(refusal() == ErrorCode::not_found);
  put("");
  CHECK(refusal() == ErrorCode::invalid_input);
  put(" \n\t\r\n");
  CHECK(refusal() == ErrorCode::invalid_input);
  put(std::string(crypto::max_secret_size, 'x'));
  CHECK(crypto::read_secret_file(path, SecretMode::owner_only)->size() == crypto::max_secret_size);
  put(std::string(crypto::max_secret_size + 1, 'x'));
  CHECK(refusal() == ErrorCode::invalid_input);
}

TEST_CASE_METHOD(Fixture, "a written secret has mode 0600 whatever the umask, and is read back") {
  for (const mode_t mask : {0000U, 0022U, 0777U}) {
    const mode_t before = ::umask(mask);
    const auto written = crypto::write_secret_file(path, as_bytes("abc\n"));
    ::umask(before);
    REQUIRE(written);
    CHECK(mode() == 0600);
    CHECK(test::read_file(path) == "abc\n");
    CHECK(files() == 1);
    fs::remove(path);
  }
}

TEST_CASE_METHOD(Fixture, "writing never replaces what is there") {
  put("old");
  const auto written = crypto::write_secret_file(path, as_bytes("new"));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::already_exists);
  CHECK(test::read_file(path) == "old");
  CHECK(files() == 1);
  fs::remove(path);
  fs::create_symlink(directory / "elsewhere", path);
  CHECK(crypto::write_secret_file(path, as_bytes("new")).error().code == ErrorCode::already_exists);
  CHECK_FALSE(fs::exists(directory / "elsewhere"));
}

TEST_CASE_METHOD(Fixture, "what a crashed attempt left behind does not stand in the way") {
  test::write_file(directory / "secret.new", "half");
  REQUIRE(crypto::write_secret_file(path, as_bytes("whole")));
  CHECK(test::read_file(path) == "whole");
  CHECK(files() == 1);
}

TEST_CASE_METHOD(Fixture, "writing where it is impossible says why and leaves nothing") {
  CHECK(crypto::write_secret_file(directory / "absent" / "secret", as_bytes("x")).error().code ==
        ErrorCode::not_found);
  const auto full = crypto::write_secret_file("/dev/full/secret", as_bytes("x"));
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ErrorCode::io);
  CHECK(files() == 0);
}

TEST_CASE_METHOD(Fixture, "a destroyed secret is overwritten before its name goes") {
  const std::string content = "a secret of some length " + std::string(2000, 's');
  put(content);
  fs::create_hard_link(path, directory / "second name");
  REQUIRE(crypto::destroy_secret_file(path));
  CHECK_FALSE(fs::exists(path));
  const std::string rest = test::read_file(directory / "second name");
  CHECK(rest.size() == content.size());
  CHECK(rest.find("ssss") == std::string::npos);
  CHECK(rest.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(Fixture,
                 "destroying what is gone is no error; destroying what is no secret file is") {
  CHECK(crypto::destroy_secret_file(path));
  CHECK(crypto::destroy_secret_file(path));
  test::write_file(directory / "real", "keep me");
  fs::create_symlink(directory / "real", path);
  CHECK_FALSE(crypto::destroy_secret_file(path));
  CHECK(test::read_file(directory / "real") == "keep me");
  fs::remove(path);
  fs::create_directory(path);
  CHECK_FALSE(crypto::destroy_secret_file(path));
  fs::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_FALSE(crypto::destroy_secret_file(path));
}

TEST_CASE_METHOD(Fixture, "a directory that may not be written to is a matter of permission") {
  if (::geteuid() == 0) SKIP("root may write everywhere");
  REQUIRE(::chmod(directory.path().c_str(), 0500) == 0);
  CHECK(crypto::write_secret_file(path, as_bytes("x")).error().code == ErrorCode::permission);
  REQUIRE(::chmod(directory.path().c_str(), 0700) == 0);
}

TEST_CASE("a bare file name means the working directory") {
  const test::TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  const auto written = crypto::write_secret_file("key", as_bytes("k"));
  const auto destroyed = crypto::destroy_secret_file("key");
  fs::current_path(before);
  CHECK(written);
  CHECK(destroyed);
}
