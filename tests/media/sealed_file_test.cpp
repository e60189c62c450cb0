// SPDX-License-Identifier: Apache-2.0
#include "media/sealed_file.hpp"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "support/broken_disk.hpp"
#include "support/media.hpp"

using namespace sigilo;
using namespace sigilo::test;
namespace fs = std::filesystem;

namespace {

struct Files {
  TemporaryDirectory temporary;
  FakeRandom random;
  MemorySink sink;
  Logger log{sink, LogLevel::debug};

  [[nodiscard]] const fs::path& media() const { return temporary.path(); }
  vault::SealedFile keep(BytesView plain) {
    auto writer = must(media::SealedWriter::create(media(), random));
    must(writer.write(plain));
    must(writer.seal());
    return must(writer.keep());
  }
  [[nodiscard]] Result<Bytes> open(const vault::SealedFile& file) const {
    Bytes plain;
    SIGILO_TRY_DO(media::open_sealed(media(), file, [&](BytesView part) -> Result<> {
      plain.insert(plain.end(), part.begin(), part.end());
      return {};
    }));
    return plain;
  }
  void alter(const vault::SealedFile& file) const {
    std::fstream stream(media() / file.path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(40);
    stream.put('\x55');
    stream.put('\x55');
  }
  Result<media::CleanedUp> clean_up(const std::set<std::string>& named) {
    return media::clean_up(
        media(),
        [&](std::string_view path) -> Result<bool> { return named.count(std::string(path)) > 0; },
        log);
  }
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

ErrorCode code(const Result<Bytes>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("a kept file opens to the same bytes, and its row names their hash and number") {
  Files files;
  const Bytes plain(200'000, 0x41);
  const auto file = files.keep(plain);
  CHECK(file.size == plain.size());
  CHECK(file.sha256 == crypto::sha256(plain));
  CHECK(must(files.open(file)) == plain);
  CHECK(files_below(files.media()) == std::set<std::string>{file.path});
}

TEST_CASE("nothing of a sealed file's content or mode is open to others") {
  Files files;
  const auto file = files.keep(as_bytes("el contrato firmado"));
  CHECK(mode_of(files.media() / file.path) == 0600);
  CHECK(mode_of((files.media() / file.path).parent_path()) == 0700);
  CHECK(mode_of(files.media() / "incoming") == 0700);
  std::ifstream stream(files.media() / file.path, std::ios::binary);
  const std::string sealed(std::istreambuf_iterator<char>(stream), {});
  CHECK(sealed.size() == crypto::sealed_length(file.size));
  CHECK(sealed.find("contrato") == sealed.npos);
}

TEST_CASE("an empty file is a file") {
  Files files;
  const auto file = files.keep({});
  CHECK(file.size == 0);
  CHECK(must(files.open(file)).empty());
}

TEST_CASE("two files have two names and two keys, even with the same bytes") {
  Files files;
  const auto one = files.keep(as_bytes("igual"));
  const auto two = files.keep(as_bytes("igual"));
  CHECK(one.path != two.path);
  CHECK_FALSE(crypto::equal_constant_time(one.key.view(), two.key.view()));
}

TEST_CASE("what is not kept leaves nothing, sealed or not") {
  Files files;
  {
    auto writer = must(media::SealedWriter::create(files.media(), files.random));
    must(writer.write(as_bytes("half of it")));
    CHECK(files_below(files.media()).size() == 1);
  }
  CHECK(files_below(files.media()).empty());
  {
    auto writer = must(media::SealedWriter::create(files.media(), files.random));
    must(writer.seal());
  }
  CHECK(files_below(files.media()).empty());
}

TEST_CASE("a full disk is told as that, and nothing half-written is left") {
  Files files;
  {
    auto writer = must(media::SealedWriter::create(files.media(), files.random));
    must(writer.write(Bytes(70'000, 1)));
    const BrokenDisk broken;
    const auto written = writer.write(Bytes(70'000, 1));
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::no_space);
    CHECK(written.error().remedy == "make room on the disk");
  }
  CHECK(files_below(files.media()).empty());
  {
    auto writer = must(media::SealedWriter::create(files.media(), files.random));
    must(writer.write(as_bytes("little")));
    const BrokenDisk broken;
    CHECK(writer.seal().error().code == ErrorCode::no_space);
  }
  CHECK(files_below(files.media()).empty());
}

TEST_CASE("damage, another key, another size or hash in the row, and a missing file all show") {
  Files files;
  auto file = files.keep(as_bytes("diez mil dólares"));
  auto other = files.keep(as_bytes("otra cosa"));
  auto wrong = files.keep(as_bytes("diez mil dólares"));
  wrong.size += 1;
  CHECK(code(files.open(wrong)) == ErrorCode::corrupt);
  wrong.size -= 1;
  wrong.sha256 = other.sha256;
  CHECK(code(files.open(wrong)) == ErrorCode::corrupt);
  std::swap(file.key, other.key);
  CHECK(code(files.open(file)) == ErrorCode::corrupt);
  std::swap(file.key, other.key);
  files.alter(file);
  CHECK(code(files.open(file)) == ErrorCode::corrupt);
  fs::remove(files.media() / other.path);
  CHECK(code(files.open(other)) == ErrorCode::not_found);
}

TEST_CASE("a row cannot make the vault open, remove or follow anything but its own files") {
  Files files;
  auto file = files.keep(as_bytes("x"));
  const auto path = file.path;
  for (const std::string bad :
       {"", "../../etc/passwd", "/etc/passwd", "ab/../../../../../../../../etc/pass",
        "AB/0123456789abcdef0123456789abcd", "ab/0123456789abcdef0123456789abc",
        "ab/0123456789abcdef0123456789abcd/"}) {
    file.path = bad;
    CHECK(code(files.open(file)) == ErrorCode::corrupt);
    CHECK_FALSE(media::remove_sealed(files.media(), bad));
  }
  file.path = path;
  fs::rename(files.media() / path, files.media() / "elsewhere");
  fs::create_symlink(files.media() / "elsewhere", files.media() / path);
  CHECK(code(files.open(file)) == ErrorCode::permission);
}

TEST_CASE("a damaged file is mended under its name and key with the same bytes") {
  Files files;
  const auto damaged = files.keep(as_bytes("una prueba"));
  const auto good = files.keep(as_bytes("una prueba"));
  files.alter(damaged);
  must(media::repair(files.media(), good, damaged, files.random));
  CHECK(as_text(must(files.open(damaged))) == "una prueba");
  CHECK(files_below(files.media()) == std::set<std::string>{damaged.path, good.path});
  fs::remove(files.media() / damaged.path);
  must(media::repair(files.media(), good, damaged, files.random));
  CHECK(as_text(must(files.open(damaged))) == "una prueba");
}

TEST_CASE("evidence is never written over, even if randomness repeats itself") {
  Files files;
  files.keep(as_bytes("the first"));
  files.random.~FakeRandom();
  new (&files.random) FakeRandom();
  const auto again = media::SealedWriter::create(files.media(), files.random);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::already_exists);
}

TEST_CASE("cleaning up removes what was unfinished or is named by nobody, and nothing else") {
  Files files;
  CHECK(must(files.clean_up({})).orphans == 0);  // a vault without any file
  const auto named = files.keep(as_bytes("named"));
  const auto orphan = files.keep(as_bytes("orphan"));
  const std::string part = "incoming/0123456789abcdef0123456789abcdef.part";
  for (const std::string& name : {part, std::string("incoming/notes.txt"), std::string("README"),
                                  named.path.substr(0, 3) + "foreign"})
    std::ofstream(files.media() / name) << "x";
  const auto done = must(files.clean_up({named.path}));
  CHECK(done.unfinished == 1);
  CHECK(done.orphans == 1);
  CHECK(files_below(files.media()) == std::set<std::string>{named.path, "incoming/notes.txt",
                                                            "README",
                                                            named.path.substr(0, 3) + "foreign"});
  CHECK(files.sink.has("sigilo did not put there"));
}

TEST_CASE("where the vault cannot say what it names, nothing is removed") {
  Files files;
  const auto file = files.keep(as_bytes("named"));
  const auto done = media::clean_up(
      files.media(),
      [](std::string_view) -> Result<bool> { return fail(ErrorCode::io, "the vault is away"); },
      files.log);
  CHECK_FALSE(done);
  CHECK(files_below(files.media()) == std::set<std::string>{file.path});
}
