// SPDX-License-Identifier: Apache-2.0
// What goes out of the building: a blocking HTTP/1.1 client, over TLS that is checked, with a limit
// to everything.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http.hpp"
#include "net/proxy.hpp"

namespace sigilo::net {

struct WebLimits {
  /// Name, TCP, proxy and TLS together.
  std::chrono::milliseconds connect_time{20'000};
  /// One of several addresses of a name, so that a dead first one leaves time for the next.
  std::chrono::milliseconds address_time{5'000};
  /// From the open connection to the end of the answer's headers, the request's sending included.
  std::chrono::milliseconds head_time{30'000};
  /// From one part of the body to the next.
  std::chrono::milliseconds stall_time{30'000};
  /// What must come on the average, once a body was waited for as long as `rate_grace`: else a
  /// trickle that never stalls could hold the thread for ever. At this rate 100 MiB take 3.6 hours.
  std::uint64_t least_bytes_a_second = std::uint64_t{8} * 1024;
  std::chrono::milliseconds rate_grace{60'000};
  /// How long an idle connection is kept; firewalls forget them silently after some minutes.
  std::chrono::milliseconds keep_time{60'000};
  std::size_t header_bytes =
      std::size_t{32} * 1024;  ///< servers with long cookies send 8 to 16 KiB
  std::size_t headers = 100;
};

struct WebSettings {
  std::string user_agent;                        ///< "sigilo/1.2.3"
  std::optional<std::filesystem::path> ca_file;  ///< PEM, in place of the system's authorities
  ProxySettings proxy;
  WebLimits limits;
};

struct WebRequest {
  std::string method = "GET";
  std::string url;  ///< http:// or https://
  std::vector<Header> headers;
  std::string content_type;  ///< of the body
  std::string body;
};

enum class WebFault {
  invalid,        ///< the request itself can't be sent: URL, header, proxy settings
  no_name,        ///< the host's name is not known
  no_connection,  ///< host or proxy refuses, is unreachable, or TLS can't be agreed on
  not_trusted,    ///< TLS: the certificate is not, by OpenSSL's reason in the error
  connect_time,   ///< time-outs, by the limit that was hit
  head_time,
  stall_time,
  rate,
  head_too_large,
  body_too_large,
  broken,  ///< not HTTP, or the connection ended in the middle
  interrupted,
  sink,  ///< the sink's own error
};

struct WebFailure {
  WebFault fault = WebFault::broken;
  Error error;  ///< names the origin, never path, query or headers
};
template <class T>
using WebResult = tl::expected<T, WebFailure>;

/// Keeps its connection for the next call to the same origin. A GET or HEAD whose kept connection
/// turns out closed before a byte came is sent again once, over a new one; any other method always
/// gets a new connection, since it may have been acted on. Follows no redirect.
///
/// Runs on: any, one thread at a time; interrupt() on any.
class WebClient {
 public:
  /// Errors: crypto (no certificate authorities, or a CA file that can't be read).
  static Result<std::unique_ptr<WebClient>> make(WebSettings settings, const Clock& clock);
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  /// Blocks until the answer is there, whatever its status: 3xx too. Its body is collected.
  /// `max_body`: one byte more is body_too_large.
  WebResult<Response> exchange(const WebRequest& request, std::uint64_t max_body);
  /// As above, but the body of an answer 2xx goes to `sink`, and `max_body` counts for that. Other
  /// answers' bodies are collected, up to 1 MiB.
  WebResult<Response> exchange(const WebRequest& request, std::uint64_t max_body,
                               const BodySink& sink);
  /// Ends a call under way at once (a sink at work is waited for) and fails all later ones.
  void interrupt();
  /// Connections opened so far.
  [[nodiscard]] std::uint64_t connections() const;

 private:
  struct Impl;
  explicit WebClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigilo::net
