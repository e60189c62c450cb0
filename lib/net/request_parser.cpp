// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "net/request_parser_impl.hpp"

namespace sigilo::net {

namespace {

// What a Content-Length may reserve before a byte of the body came.
constexpr std::size_t most_reserved = 16 * 1024;
constexpr std::size_t usual_headers = 16;

bool same(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

}  // namespace

RequestParser::RequestParser(const ServerLimits& limits, BodyBudget& budget)
    : most_headers_(limits.headers), budget_(budget) {
  header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  body_limit(limits.body_bytes);
}

Request RequestParser::take() {
  release();
  return std::move(request_);
}

void RequestParser::release() {
  budget_.used -= std::exchange(counted_, 0);
}

int RequestParser::objection() const {
  // RFC 9112 section 3.2: exactly one Host.
  if (request_.repeats("Host") || (http_1_1_ && !request_.header("Host"))) return 400;
  // RFC 9112 section 6.1: an unknown coding, or any in HTTP/1.0, leaves the end of the request in
  // doubt.
  const auto coding = request_.header("Transfer-Encoding");
  if (coding && (!http_1_1_ || !same(*coding, "chunked"))) return 400;
  const auto expected = request_.header("Expect");
  if (expected && http_1_1_ && !same(*expected, "100-continue")) return 417;
  return 0;
}

bool RequestParser::waits_for_continue() const {
  return http_1_1_ && !is_done() && request_.header("Expect").has_value();
}

int RequestParser::status_of(const error_code& ec) const {
  if (refusal_ != 0) return refusal_;
  if (ec == http::error::header_limit) return 431;
  if (ec == http::error::body_limit) return 413;
  return 400;
}

void RequestParser::refuse(int status, error_code& ec) {
  refusal_ = status;
  ec = http::error::buffer_overflow;  // any error: it ends the parsing, status_of() says why
}

std::size_t RequestParser::append(Text bytes, error_code& ec) {
  if (bytes.size() > budget_.most - budget_.used) {
    refuse(503, ec);
    request_.body = {};  // at once, or bodies that share the budget would refuse each other
    release();
    return 0;
  }
  request_.body.append(bytes.data(), bytes.size());
  budget_.used += bytes.size();
  counted_ += bytes.size();
  return bytes.size();
}

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version,
                                    error_code&) {
  request_.method.assign(method.data(), method.size());
  request_.target.assign(target.data(), target.size());
  request_.headers.reserve(usual_headers);
  http_1_1_ = version == 11;
}

void RequestParser::on_field_impl(http::field, Text name, Text value, error_code& ec) {
  // Trailers would otherwise add headers after the head was judged.
  if (!in_header_) return;
  if (request_.headers.size() == most_headers_) return refuse(431, ec);
  request_.headers.emplace_back(std::string_view(name.data(), name.size()),
                                std::string_view(value.data(), value.size()));
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  if (length) {
    request_.body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(*length, most_reserved)));
  }
}

}  // namespace sigilo::net
