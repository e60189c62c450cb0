// SPDX-License-Identifier: Apache-2.0
// What the provider, or somebody in its place, can answer: error envelopes, a file's address, pages
// of numbers, headers, and where a redirect leads. The first byte says which.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "graph/answers.hpp"
#include "graph/errors.hpp"
#include "graph/hosts.hpp"
#include "graph/usage.hpp"
#include "net/url.hpp"

namespace {

using namespace sigilo;

void require(bool condition) {
  if (!condition) std::abort();
}

void envelope(std::string_view text) {
  for (const int status : {200, 302, 400, 401, 403, 404, 429, 500, 999}) {
    const auto failure = graph::failure_of_answer("a call", status, text);
    require(failure.what.starts_with("a call: ") && failure.what.size() < 300);
    require(failure.trace_id.size() <= 64 && failure.remedy.size() < 300);
    require(!graph::to_string(failure.kind).empty());
    if (!failure.trace_id.empty())
      require(text.find(failure.trace_id) != std::string_view::npos ||
              text.find('\\') != std::string_view::npos);
  }
}

void media(std::string_view text) {
  const auto info = graph::read_media(text);
  if (!info) return;
  require(!info->url.empty());
  require(info->sha256.empty() ||
          (info->sha256.size() == 64 &&
           info->sha256.find_first_not_of("0123456789abcdef") == std::string::npos));
}

void page(std::string_view text) {
  if (const auto next = graph::read_next_cursor(text); next && *next) {
    require(!(*next)->empty() && (*next)->size() <= 1024);
  }
  if (const auto id = graph::read_request_id(text)) require(id->size() <= 256);
}

void headers(std::string_view text) {
  for (const char* name : {"Retry-After", "X-App-Usage", "X-Business-Use-Case-Usage"}) {
    net::Response answer;
    answer.headers.emplace_back(name, std::string(text));
    const auto pause = graph::pause_asked_by(answer);
    require(pause >= Duration{} && pause <= graph::longest_pause);
  }
}

void location(std::string_view text) {
  const net::WebUrl base{true, "graph.facebook.com", 443, "/v23.0/1"};
  for (const auto& url : {net::parse_web_url(text), net::resolve_location(base, text)}) {
    if (!url) continue;
    require(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
    require(url->target.find_first_of("# \r\n\\") == std::string::npos);
    // As text and back it is the same place: nobody else can understand another.
    require(net::parse_web_url(url->origin() + url->target) == *url);
    if (graph::is_provider(*url, base)) {
      require(url->tls);
      bool named = false;
      for (const std::string_view domain :
           {"facebook.com", "fbcdn.net", "fbsbx.com", "whatsapp.net", "whatsapp.com"}) {
        named = named || url->host == domain || url->host.ends_with("." + std::string(domain));
      }
      require(named);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      envelope(text);
      break;
    case 1:
      media(text);
      break;
    case 2:
      page(text);
      break;
    case 3:
      headers(text);
      break;
    default:
      location(text);
  }
  return 0;
}
