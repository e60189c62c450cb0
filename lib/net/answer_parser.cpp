// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "net/answer_parser_impl.hpp"

namespace sigilo::net {

AnswerParser::AnswerParser(const HeadLimits& limits, bool without_body) : limits_(limits) {
  // Counted here, head and body apart: Beast limits the status line and the fields each for itself.
  header_limit(static_cast<std::uint32_t>(limits.bytes));
  body_limit(boost::none);
  if (without_body) skip(true);
  head_.content_type.clear();
}

std::size_t AnswerParser::put_some(boost::asio::const_buffer bytes) {
  const bool was_in_head = in_head_;
  error_code ec;
  const std::size_t used = put(bytes, ec);
  if (was_in_head) {
    head_bytes_ += used;
    if (head_bytes_ > limits_.bytes && fault_ == Fault::none) fault_ = Fault::head_too_large;
  }
  // A line that does not end: of the head, or behind a chunk's size.
  const bool endless = used == 0 && bytes.size() > limits_.bytes;
  if (ec == http::error::header_limit || (endless && fault_ == Fault::none)) {
    fault_ = was_in_head ? Fault::head_too_large : Fault::broken;
  } else if (ec && ec != http::error::need_more && fault_ == Fault::none) {
    fault_ = Fault::broken;
  }
  return used;
}

void AnswerParser::put_end() {
  if (fault_ != Fault::none) return;
  error_code ec;
  if (got_some()) put_eof(ec);
  if (!got_some() || ec) fault_ = Fault::broken;
}

void AnswerParser::body_to(const BodySink& sink, std::uint64_t most) {
  sink_ = &sink;
  most_ = most;
  const auto promised = content_length();
  if (promised && *promised > most && !is_done()) fault_ = Fault::body_too_large;
}

void AnswerParser::give_up(Fault fault, error_code& ec) {
  fault_ = fault;
  ec = http::error::buffer_overflow;  // any error: it ends the parsing, fault() says why
}

std::size_t AnswerParser::append(Text bytes, error_code& ec) {
  SIGILO_CHECK(sink_ != nullptr, "a body needs somewhere to go");
  if (bytes.size() > most_ - taken_) {
    give_up(Fault::body_too_large, ec);
    return 0;
  }
  taken_ += bytes.size();
  if (auto took = (*sink_)(as_bytes({bytes.data(), bytes.size()})); !took) {
    sink_error_ = std::move(took).error();
    give_up(Fault::sink, ec);
  }
  return bytes.size();
}

void AnswerParser::on_response_impl(int status, Text, int, error_code&) {
  head_.status = status;
}

void AnswerParser::on_field_impl(http::field name, Text text, Text value, error_code& ec) {
  if (!in_head_) return;  // a trailer says nothing that was not to be known before
  if (head_.headers.size() == limits_.fields) return give_up(Fault::head_too_large, ec);
  if (name == http::field::content_type && head_.content_type.empty()) {
    head_.content_type.assign(value.data(), value.size());
  }
  head_.headers.emplace_back(std::string_view(text.data(), text.size()),
                             std::string_view(value.data(), value.size()));
}

}  // namespace sigilo::net
