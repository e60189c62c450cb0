// SPDX-License-Identifier: Apache-2.0
// What the provider's Graph API is asked for, and how it refuses. An interface, since a test's
// answers come without network.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace sigilo::graph {

/// Why a call failed, as far as it decides what happens next.
enum class FailureKind {
  token,         ///< expired, withdrawn or wrong: nothing works until somebody renews it
  permission,    ///< the token may not do this
  rate_limited,  ///< too many calls; not before Failure::retry_after
  missing,       ///< there is no such object (any more), or the token may not see it
  temporary,     ///< may work later: server error, time-out, no connection, broken answer
  refused,       ///< will not work again in this form
  stopped,       ///< the daemon is stopping
};
std::string_view to_string(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::temporary;
  int http_status = 0;    ///< 0: no answer came
  std::int64_t code = 0;  ///< the provider's error code, 0 where it gave none
  std::int64_t subcode = 0;
  std::string what;        ///< one sentence: what was asked and what came; never a token or content
  std::string remedy;      ///< what to do, "" where waiting is enough
  std::string trace_id;    ///< fbtrace_id, for the provider's support
  Duration retry_after{};  ///< not before; 0: the caller's own back-off
};

template <class T>
using Answer = tl::expected<T, Failure>;

/// GET /{media-id}: where a file's bytes can be fetched for some minutes.
struct MediaInfo {
  std::string url;
  std::string mime_type;   ///< untrusted
  std::string sha256;      ///< 64 lower-case hex digits (sent as that or in base64), or ""
  std::uint64_t size = 0;  ///< 0: not given
};

/// Takes the bytes as they come; an error of its own ends the download and is passed on.
using Sink = std::function<Result<>(BytesView)>;

struct Downloaded {
  std::uint64_t size = 0;
  std::string content_type;  ///< untrusted
};

enum class SyncType { contacts, history };

/// One thread at a time, which each call blocks; one object a thread.
class Api {
 public:
  virtual ~Api() = default;
  virtual Answer<MediaInfo> media(std::string_view media_id, std::string_view phone_number_id) = 0;
  /// Follows redirects to hosts of the provider only. Ends with FailureKind::refused when more than
  /// `max_bytes` come.
  virtual Answer<Downloaded> download(std::string_view url, std::uint64_t max_bytes,
                                      const Sink& sink) = 0;
  /// GET /{account}/phone_numbers, all pages: each page verbatim.
  virtual Answer<std::vector<std::string>> phone_numbers(std::string_view account) = 0;
  /// POST /{phone-number-id}/smb_app_data; answers the provider's request id.
  virtual Answer<std::string> request_sync(std::string_view phone_number_id, SyncType type) = 0;
};

}  // namespace sigilo::graph
