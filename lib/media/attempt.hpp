// SPDX-License-Identifier: Apache-2.0
// One attempt at one file: asked for, downloaded, compared, sealed. What follows from its end is
// decided in patience.cpp. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "graph/api.hpp"
#include "media/sealed_file.hpp"
#include "vault/reader.hpp"

namespace sigilo::media {

/// A file that trickles in slower than this, after the first grace, is cut off: three of them would
/// hold all threads.
inline constexpr Duration slow_grace = std::chrono::minutes(2);
inline constexpr std::uint64_t slowest = 16U << 10U;  ///< bytes a second

using SteadyTime = std::chrono::steady_clock::time_point;

struct Attempt {
  enum class End {
    stored,       ///< `file` holds the bytes that the message names
    failed,       ///< the provider did not give it: `failure`
    other_bytes,  ///< what came is not what was named
    too_large,    ///< for media_max
    erased,       ///< the message is gone, nothing is left to ask for
    disk,         ///< the disk takes no more, or the vault cannot be read: no fault of the file
    stopped,      ///< the daemon stops
  };
  End end = End::stopped;
  std::string what;    ///< all but stored: why. stored: what is to be known about it, or ""
  std::string remedy;  ///< "" where waiting is enough
  graph::Failure failure{};
  bool whole_api = false;  ///< failed: another file would have failed too
  std::string declared{};
  std::string sniffed{};
  std::optional<vault::SealedFile> file{};
  bool ours = false;  ///< `file` was written now; false: it was kept before
};

/// What an attempt works with; all of it outlives it.
struct Tools {
  const std::filesystem::path& media;
  std::uint64_t media_max;             ///< bytes
  const std::string& phone_number_id;  ///< of the job's line, "" where it is not configured
  vault::Reader& reader;
  graph::Api& api;
  const Clock& clock;
  Random& random;
  std::stop_token stop;
  const Logger& log;
};

/// The message's SHA-256 decides whether the bytes are the file, else the one of the API, else the
/// size: a message is signed by the provider, an answer is not. Runs on: media.
Attempt attempt(const vault::MediaJob& job, const Tools& tools);

}  // namespace sigilo::media
