// SPDX-License-Identifier: Apache-2.0
#include "anchor/time_stamp.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "crypto/timestamp.hpp"

namespace sigilo::anchor {
namespace {

Result<crypto::TimestampRoots> read_roots(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string pem(crypto::max_timestamp_roots_size + 1, '\0');
  in.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  if (!in.is_open() || in.bad())
    return fail(ErrorCode::not_found, fmt::format("{} cannot be read", path.string()),
                "write the authority's certificates there, readable by the service's user, or "
                "another [anchor] timestamp_roots");
  pem.resize(static_cast<std::size_t>(in.gcount()));
  return crypto::TimestampRoots::from_pem(pem).map_error([&](const Error& error) {
    return Error{error.code, fmt::format("{}: {}", path.string(), error.what), error.remedy};
  });
}

}  // namespace

TimeStamp::TimeStamp(Settings settings, Exchange exchange, std::function<void()> interrupt,
                     const Clock& clock, Random& random)
    : settings_(std::move(settings)),
      exchange_(std::move(exchange)),
      interrupt_(std::move(interrupt)),
      clock_(clock),
      random_(random) {}

Result<std::string> TimeStamp::keep(const vault::KeptCheckpoint& checkpoint) {
  std::optional<crypto::TimestampRoots> roots;
  if (settings_.roots) {
    SIGILO_TRY(auto read, read_roots(*settings_.roots));
    roots = std::move(read);
  }
  SIGILO_TRY(const auto request,
             crypto::make_timestamp_request(crypto::sha256(as_bytes(checkpoint.note)), random_));
  SIGILO_TRY(const auto answer, post(exchange_, settings_.url, "application/timestamp-query",
                                     std::string(request.der.begin(), request.der.end()),
                                     crypto::max_timestamp_response));
  if (answer.status != 200)
    return fail(ErrorCode::unavailable,
                fmt::format("the authority answered with HTTP status {}", answer.status),
                "check [anchor] timestamp; it is asked again");
  SIGILO_TRY(const auto token,
             crypto::open_timestamp_response(as_bytes(answer.body), request,
                                             roots ? &*roots : nullptr, clock_.now()));
  return crypto::to_base64(token.der);
}

}  // namespace sigilo::anchor
