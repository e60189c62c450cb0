// SPDX-License-Identifier: Apache-2.0
#include "mail/compose.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <gmime/gmime.h>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "config/forms.hpp"
#include "crypto/digest.hpp"
#include "mail/plain.hpp"
#include "mail/render.hpp"

namespace sigilo::mail {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

struct FreeOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};
struct FreeDate {
  void operator()(GDateTime* date) const { g_date_time_unref(date); }
};

constexpr std::size_t boundary_digits = 32;

/// GMime keeps its types in process-wide tables, which must be made once before anything else.
void start_library() {
  static const bool started = [] {
    g_mime_init();
    return true;
  }();
  SIGILO_CHECK(started, "GMime starts");
}

std::string_view without_brackets(std::string_view id) {
  if (id.size() >= 2 && id.front() == '<' && id.back() == '>') id = id.substr(1, id.size() - 2);
  return id;
}

bool is_message_id(std::string_view id) {
  const auto printable = [](char c) { return c > ' ' && c < '\x7F' && c != '<' && c != '>'; };
  return !id.empty() && id.size() <= max_message_id && std::all_of(id.begin(), id.end(), printable);
}

Result<> check(const Headers& headers) {
  for (const auto& address : {headers.from, headers.to}) {
    if (!config::parse_mail_address(address)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("'{}' is not a mail address that can be written to",
                              one_line(address, max_name)),
                  "write NAME@DOMAIN in plain ASCII in [mail] from and [[team]] managers");
    }
  }
  if (!is_message_id(without_brackets(headers.message_id))) {
    return fail(ErrorCode::invalid_input,
                "the mail's Message-ID holds what a header must not carry");
  }
  return {};
}

/// Quoted-printable UTF-8 whatever the text: 7-bit, short lines, and the same choice at each
/// attempt. (GMimeTextPart would choose a charset of its own.)
Object<GMimePart> text_part(const char* subtype, const std::string& text) {
  Object<GMimePart> part(g_mime_part_new_with_type("text", subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const Object<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  const Object<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return part;
}

/// GMime's own boundary is random; a repeat must be byte for byte the same. The hash covers the
/// content, so nobody can put the boundary into a message.
Object<GMimeMultipart> alternatives(const Letter& letter) {
  const auto text = render_text(letter);
  const auto html = render_html(letter);
  Object<GMimeMultipart> both(g_mime_multipart_new_with_subtype("alternative"));
  const auto boundary =
      "=-" + crypto::sha256(as_bytes(text + '\0' + html)).hex().substr(0, boundary_digits);
  g_mime_multipart_set_boundary(both.get(), boundary.c_str());
  g_mime_multipart_add(both.get(), GMIME_OBJECT(text_part("plain", text).get()));
  g_mime_multipart_add(both.get(), GMIME_OBJECT(text_part("html", html).get()));
  return both;
}

void set_headers(GMimeMessage* message, const Letter& letter, const Headers& headers) {
  const auto from_name = one_line(headers.from_name, max_name);
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM,
                             from_name.empty() ? nullptr : from_name.c_str(), headers.from.c_str());
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, nullptr, headers.to.c_str());
  g_mime_message_set_subject(message, letter.subject.c_str(), "utf-8");
  const std::unique_ptr<GDateTime, FreeDate> date(
      g_date_time_new_from_unix_utc(headers.date.seconds()));
  g_mime_message_set_date(message, date.get());
  g_mime_message_set_message_id(message, std::string(without_brackets(headers.message_id)).c_str());
  auto* const object = GMIME_OBJECT(message);
  g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", nullptr);
  if (headers.record) {
    g_mime_object_set_header(object, "X-Sigilo-Record",
                             fmt::format("{}", headers.record->value()).c_str(), nullptr);
  }
}

std::string written(GMimeMessage* message) {
  const std::unique_ptr<GMimeFormatOptions, FreeOptions> options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  const Object<GMimeStream> stream(g_mime_stream_mem_new());
  const auto size =
      g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get());
  SIGILO_CHECK(size > 0, "writing a message to memory");
  const auto* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

Result<std::string> compose(const Letter& letter, const Headers& headers) {
  SIGILO_TRY_DO(check(headers));
  start_library();
  const Object<GMimeMessage> message(g_mime_message_new(TRUE));
  set_headers(message.get(), letter, headers);
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(alternatives(letter).get()));
  return written(message.get());
}

}  // namespace sigilo::mail
