// SPDX-License-Identifier: Apache-2.0
#include "message/line_profile.hpp"

#include "json/parse.hpp"
#include "message/content.hpp"
#include "message/element.hpp"
#include "message/naming.hpp"

namespace sigilo::message {
namespace {

/// Where the provider sends a line's webhooks: a redirected one is a line that leaves.
void copy_webhooks(ObjectText& details, const json::Object& line) {
  const auto* webhooks = json::object_at(line, "webhook_configuration");
  if (webhooks == nullptr) return;
  ObjectText text;
  copy_scalars(text, *webhooks, {"application", "phone_number", "whatsapp_business_account"});
  if (!text.empty()) details.json("webhook_configuration", text.finish());
}

std::string details_of(const json::Object& line, std::string_view account) {
  ObjectText details;
  details.text("account", account);
  copy_scalars(details, line,
               {"account_mode",
                "code_verification_status",
                "country_dial_code",
                "display_phone_number",
                "id",
                "is_official_business_account",
                "is_on_biz_app",
                "is_pin_enabled",
                "is_preverified_number",
                "last_onboarded_time",
                "messaging_limit_tier",
                "name_status",
                "new_display_name",
                "new_name_status",
                "platform_type",
                "quality_rating",
                "search_visibility",
                "status",
                "username",
                "verified_name"});
  if (const auto* throughput = json::object_at(line, "throughput")) {
    if (const auto level = json::text_at(*throughput, "level")) details.text("throughput", *level);
  }
  copy_webhooks(details, line);
  return details.finish();
}

class Page {
 public:
  Page(std::string_view text, std::string_view account, const LineBook& lines)
      : text_(text), account_(account), lines_(lines) {}

  Interpretation read() {
    const auto root = json::parse(text_);
    if (!root) {
      keep("not-json", json::Value(), {0, text_.size()}, crypto::sha256(as_bytes(text_)).hex());
      return std::move(out_);
    }
    const json::Slice at = json::whole(text_);
    const auto* object = root->if_object();
    const auto* data = object != nullptr ? json::array_at(*object, "data") : nullptr;
    if (data == nullptr || data->size() > max_lines) {
      keep_unless_foreign("page", *root, at);
      return std::move(out_);
    }
    for_each_in(*object, text_, at, "data",
                [&](const json::Value& element, json::Slice slice) { line(element, slice); });
    return std::move(out_);
  }

 private:
  /// The provider gives at most some thousands a page; more is no page of lines.
  static constexpr std::size_t max_lines = 100'000;

  void line(const json::Value& element, json::Slice at) {
    const auto* object = element.if_object();
    if (object == nullptr) return keep("not-an-object", element, at);
    Naming naming;
    naming.add(json::text_at(*object, "id").value_or(""),
               json::text_at(*object, "display_phone_number").value_or(""), lines_);
    if (naming.foreign()) return refuse(out_, naming, at, 1);
    if (!naming.ours) return keep_unless_foreign("line", element, at);
    Event event;
    event.kind = RecordKind::line;
    event.line = *naming.ours;
    event.type = profile_type;
    event.details = details_of(*object, account_);
    event.offset = at.offset;
    event.length = at.length;
    event.content = details_digest(event);
    out_.events.push_back(std::move(event));
  }

  void keep_unless_foreign(std::string_view reason, const json::Value& value, json::Slice at) {
    const Naming naming = named_anywhere(value, lines_);
    if (naming.foreign()) return refuse(out_, naming, at, 1);
    keep(reason, value, at);
  }

  void keep(std::string_view reason, const json::Value& value, json::Slice at,
            std::string_view mark = {}) {
    Event event;
    event.type = std::string(profile_type) + ":" + std::string(reason);
    event.offset = at.offset;
    event.length = at.length;
    event.content = content_digest(event, value, mark);
    out_.events.push_back(std::move(event));
  }

  std::string_view text_;
  std::string_view account_;
  const LineBook& lines_;
  Interpretation out_;
};

}  // namespace

Interpretation interpret_phone_numbers(std::string_view page, std::string_view account,
                                       const LineBook& lines) {
  return Page(page, account, lines).read();
}

}  // namespace sigilo::message
