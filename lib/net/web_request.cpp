// SPDX-License-Identifier: Apache-2.0
// A request as text, and what may not stand in one.
#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "net/web_call_impl.hpp"

namespace sigilo::net {

namespace {

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// No control character can begin another header (RFC 9110 section 5.5).
bool is_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

Result<> check(const WebRequest& request, const std::string& user_agent) {
  bool sound = is_token(request.method) && request.method != "CONNECT" &&
               is_value(request.content_type) && is_value(user_agent);
  for (const auto& [name, value] : request.headers) {
    sound = sound && is_token(name) && is_value(value);
  }
  if (sound) return {};
  return fail(ErrorCode::invalid_input,
              "a request's method or headers hold what would be more than one line");
}

}  // namespace

Prepared::~Prepared() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

Result<Prepared> prepare(const WebRequest& request, const WebSettings& settings) {
  Prepared prepared;
  SIGILO_TRY_DO(check(request, settings.user_agent));
  SIGILO_TRY(prepared.url, parse_web_url(request.url));
  SIGILO_TRY(prepared.proxy, proxy_for(settings.proxy, prepared.url));
  prepared.user_agent = settings.user_agent;
  prepared.head_only = request.method == "HEAD";
  prepared.repeatable = prepared.head_only || request.method == "GET";

  // Through a proxy plain HTTP names the whole URL (RFC 9112 section 3.2.2).
  const bool by_proxy = prepared.proxy && !prepared.url.tls;
  auto& out = prepared.bytes;
  std::size_t size = std::size_t{1024} + request.url.size() + request.body.size();
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  if (by_proxy) size += prepared.proxy->authorization.size();
  out.reserve(size);  // growing would leave copies behind that nobody wipes
  out += request.method;
  out += ' ';
  if (by_proxy) out += "http://" + prepared.url.host_header();
  out += prepared.url.target;
  out += " HTTP/1.1\r\nHost: ";
  out += prepared.url.host_header();
  out += "\r\nUser-Agent: ";
  out += settings.user_agent;
  out += "\r\nAccept-Encoding: identity\r\n";
  const auto field = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  if (by_proxy && !prepared.proxy->authorization.empty())
    field("Proxy-Authorization", prepared.proxy->authorization);
  for (const auto& [name, value] : request.headers) field(name, value);
  if (!request.content_type.empty()) field("Content-Type", request.content_type);
  if (!request.body.empty() || !prepared.repeatable)
    field("Content-Length", std::to_string(request.body.size()));
  out += "\r\n";
  out += request.body;
  return prepared;
}

}  // namespace sigilo::net
