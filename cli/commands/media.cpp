// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "api/query.hpp"
#include "cli/commands/commands.hpp"
#include "media/endings.hpp"
#include "net/http_client.hpp"

namespace sigilo::cli {
namespace {

namespace fs = std::filesystem;

/// A disk that is woken for the next piece may take its time.
constexpr std::chrono::seconds stall{120};

auto disk_error(std::string_view doing, const std::string& name) {
  return fail(ErrorCode::io,
              fmt::format("cannot {} {}: {}", doing, name, std::generic_category().message(errno)),
              "choose another place with --output");
}

/// Where the bytes go. A new file is only kept when it is whole.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (number_ < 0 || number_ == STDOUT_FILENO) return;
    ::close(number_);
    if (!kept_) ::unlink(name_.c_str());
  }

  /// "" and "-": standard output. Errors: already_exists, io.
  Result<> open(const std::string& name) {
    if (name.empty() || name == "-") {
      number_ = STDOUT_FILENO;
      return {};
    }
    name_ = name;
    number_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (number_ >= 0) return {};
    if (errno == EEXIST)
      return fail(ErrorCode::already_exists, fmt::format("{} is there already", name),
                  "nothing is written over; choose another name");
    return disk_error("make", name);
  }
  Result<> write(BytesView bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(number_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return disk_error("write", name_.empty() ? "to standard output" : name_);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      size_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }
  /// Everything came. Errors: io.
  Result<> keep() {
    if (number_ != STDOUT_FILENO && ::fsync(number_) != 0) return disk_error("write", name_);
    kept_ = true;
    return {};
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  int number_ = -1;
  std::string name_;
  std::uint64_t size_ = 0;
  bool kept_ = false;
};

/// Of the record's number and the type that the bytes show; never the sender's name for it.
std::string own_name(Seq seq, std::string_view type) {
  return fmt::format("sigilo-{}.{}", seq.value(), media::ending_of(type));
}

/// In a directory the file gets its name when its type is known, without overwriting either.
Result<std::string> named(const std::string& written, const fs::path& directory, Seq seq,
                          std::string_view type) {
  auto name = (directory / own_name(seq, type)).string();
  // link(2), unlike rename(2), does not replace what is there.
  if (::link(written.c_str(), name.c_str()) != 0) {
    if (errno == EEXIST)
      return fail(ErrorCode::already_exists, fmt::format("{} is there already", name),
                  "nothing is written over; choose another name");
    return disk_error("make", name);
  }
  ::unlink(written.c_str());
  return name;
}

}  // namespace

int media(const Context& context, const std::string& seq, const std::string& output) {
  const auto number = api::seq_of(seq);
  if (!number) return complain(number.error());
  const bool to_stdout = output.empty() || output == "-";
  if (output.empty() && (::isatty(STDOUT_FILENO) == 1 || context.json))
    return complain(Error{ErrorCode::invalid_input, "a file is not written to a terminal",
                          "write --output FILE, --output DIRECTORY, or - for standard output"});
  const auto config = context.config();
  if (!config) return exit_config;
  std::error_code ignored;
  const bool in_directory = !to_stdout && fs::is_directory(output, ignored);
  Output out;
  const auto place =
      in_directory
          ? (fs::path(output) / fmt::format(".sigilo-{}-{}", number->value(), ::getpid())).string()
          : output;
  // Not before the daemon begins to give: what is refused leaves no empty file.
  bool opened = false;
  const auto take = [&](BytesView bytes) -> Result<> {
    if (!std::exchange(opened, true)) SIGILO_TRY_DO(out.open(place));
    return out.write(bytes);
  };
  const auto response = net::stream_over_unix(
      config->api.socket.string(), request_for("GET", fmt::format("/v1/media/{}", number->value())),
      stall, take);
  if (!response) return complain(response.error());
  if (response->status != 200) return complain(error_of(*response));
  if (const auto empty = take({}); !empty) return complain(empty.error());
  auto name = out.name();
  if (in_directory) {
    auto given = named(name, output, *number, response->content_type);
    if (!given) return complain(given.error());
    name = *given;
  }
  if (const auto kept = out.keep(); !kept) return complain(kept.error());
  if (to_stdout) return exit_ok;
  const std::string sha256(response->header("X-Sigilo-SHA256").value_or(""));
  if (context.json) {
    print_json(json::Object{{"file", name},
                            {"size", out.size()},
                            {"sha256", sha256},
                            {"sniffed", response->content_type}});
  } else {
    print_line(fmt::format("{}: {} bytes, {}, SHA-256 {}", name, out.size(), response->content_type,
                           sha256));
  }
  return exit_ok;
}

}  // namespace sigilo::cli
