// SPDX-License-Identifier: Apache-2.0
#include "message/account_fields.hpp"

#include <algorithm>

#include "json/parse.hpp"
#include "message/content.hpp"

namespace sigilo::message {
namespace {

// Members by the provider's reference pages and public samples (docs/business-api.md). A member
// that is not named here stays in the payload.
constexpr std::array<AccountField, 23> fields{{
    {"account_alerts",
     "",
     "alert_info.alert_type",
     "",
     "",
     {{{"entity_type"},
       {"entity_id"},
       {"alert_info", {"alert_severity", "alert_status", "alert_type", "alert_description"}}}}},
    {"account_review_update", "", "decision", "", "", {{{"decision"}}}},
    {"account_settings_update",
     "",
     "",
     "",
     "",
     {{{"type"},
       {"timestamp"},
       {"phone_number_settings.phone_number_id"},
       {"phone_number_settings.calling",
        {"status", "call_icon_visibility", "callback_permission_status"}}}}},
    {"account_update",
     "",
     "event",
     "",
     "",
     {{{"phone_number"},
       {"country"},
       {"waba_info", {"waba_id", "owner_business_id", "partner_app_id"}},
       {"disconnection_info", {"reason", "initiated_by"}},
       {"ban_info", {"waba_ban_state", "waba_ban_date"}},
       {"violation_info", {"violation_type"}},
       {"restriction_info", {"restriction_type", "expiration"}},
       {"lock_info", {"expiration"}}}}},
    {"automatic_events", "automatic_events", "event_name", "", "", {{{"id"}, {"ctwa_clid"}}}},
    {"business_capability_update",
     "",
     "",
     "",
     "",
     {{{"max_daily_conversation_per_phone"},
       {"max_daily_conversations_per_business"},
       {"max_phone_numbers_per_business"},
       {"max_phone_numbers_per_waba"}}}},
    {"flows",
     "",
     "event",
     "",
     "",
     {{{"flow_id"}, {"message"}, {"old_status"}, {"new_status"}, {"alert_state"}}}},
    {"group_lifecycle_update",
     "groups",
     "type",
     "",
     "",
     {{{"group_id"},
       {"request_id"},
       {"subject"},
       {"description"},
       {"invite_link"},
       {"join_approval_mode"},
       {"errors", {"code", "title", "message"}}}}},
    {"group_participants_update",
     "groups",
     "type",
     "wa_id",
     "user_id",
     {{{"group_id"},
       {"request_id"},
       {"reason"},
       {"join_request_id"},
       {"added_participants", {"wa_id", "user_id", "input"}},
       {"removed_participants", {"wa_id", "user_id", "input"}},
       {"failed_participants", {"wa_id", "user_id", "input"}},
       {"initiated_by"}}}},
    {"group_settings_update",
     "groups",
     "type",
     "",
     "",
     {{{"group_id"},
       {"request_id"},
       {"group_subject", {"text", "update_successful"}},
       {"group_description", {"text", "update_successful"}},
       {"profile_picture", {"mime_type", "sha256", "update_successful"}}}}},
    {"group_status_update",
     "groups",
     "type",
     "",
     "",
     {{{"group_id"}, {"request_id"}, {"errors", {"code", "title", "message"}}}}},
    {"message_template_components_update",
     "",
     "",
     "",
     "",
     {{{"message_template_id"},
       {"message_template_name"},
       {"message_template_language"},
       {"message_template_title"},
       {"message_template_element"},
       {"message_template_footer"}}}},
    {"message_template_quality_update",
     "",
     "new_quality_score",
     "",
     "",
     {{{"message_template_id"},
       {"message_template_name"},
       {"message_template_language"},
       {"previous_quality_score"},
       {"new_quality_score"}}}},
    {"message_template_status_update",
     "",
     "event",
     "",
     "",
     {{{"message_template_id"},
       {"message_template_name"},
       {"message_template_language"},
       {"message_template_category"},
       {"reason"},
       {"disable_info", {"disable_date"}},
       {"other_info", {"title", "description"}},
       {"rejection_info", {"reason", "recommendation"}}}}},
    {"partner_solutions", "", "event", "", "", {{{"solution_id"}, {"solution_status"}}}},
    {"payment_configuration_update",
     "",
     "status",
     "",
     "",
     {{{"configuration_name"},
       {"provider_name"},
       {"provider_mid"},
       {"status"},
       {"created_timestamp"},
       {"updated_timestamp"}}}},
    {"phone_number_name_update",
     "",
     "decision",
     "",
     "",
     {{{"display_phone_number"}, {"decision"}, {"requested_verified_name"}, {"rejection_reason"}}}},
    {"phone_number_quality_update",
     "",
     "event",
     "",
     "",
     {{{"display_phone_number"},
       {"current_limit"},
       {"old_limit"},
       {"max_daily_conversations_per_business"}}}},
    {"security", "", "event", "", "", {{{"display_phone_number"}, {"requester"}}}},
    {"template_category_update",
     "",
     "",
     "",
     "",
     {{{"message_template_id"},
       {"message_template_name"},
       {"message_template_language"},
       {"previous_category"},
       {"new_category"},
       {"correct_category"},
       {"category_update_timestamp"}}}},
    {"template_correct_category_detection",
     "",
     "",
     "",
     "",
     {{{"message_template_id"},
       {"message_template_name"},
       {"message_template_language"},
       {"category"},
       {"correct_category"}}}},
    {"user_id_update",
     "user_id_update",
     "",
     "wa_id",
     "user_id.current",
     {{{"detail"},
       {"user_id", {"previous", "current"}},
       {"parent_user_id", {"previous", "current"}}}}},
    {"user_preferences",
     "user_preferences",
     "value",
     "wa_id",
     "user_id",
     {{{"category"}, {"detail"}}}},
}};

/// The last part of a path, and the object that has it as a member (nullptr: none).
struct Member {
  const json::Object* owner = nullptr;
  std::string_view key;
  [[nodiscard]] const json::Value* value() const {
    return owner != nullptr ? owner->if_contains(key) : nullptr;
  }
};

Member find(const json::Object& object, Path path) {
  const auto dot = path.find('.');
  if (dot == Path::npos) return {&object, path};
  return {json::object_at(object, path.substr(0, dot)), path.substr(dot + 1)};
}

std::string inner_text(const json::Object& object, const AccountField::Copied& copied) {
  ObjectText text;
  for (const std::string_view key : copied.inner) {
    if (!key.empty()) copy_scalars(text, object, {key});
  }
  return text.finish();
}

/// Canonical JSON of what is copied of one value; nullopt where it is of another shape.
std::optional<std::string> copied_text(const json::Value& value,
                                       const AccountField::Copied& copied) {
  const bool object_wanted = !copied.inner.front().empty();
  if (const auto* object = value.if_object(); object != nullptr && object_wanted)
    return inner_text(*object, copied);
  const auto text = object_wanted ? std::nullopt : scalar_text(value);
  return text ? std::optional(message::quoted(*text)) : std::nullopt;
}

void copy(ObjectText& details, const json::Object& value, const AccountField::Copied& copied) {
  const Member member = find(value, copied.path);
  const json::Value* found = member.value();
  if (found == nullptr) return;
  if (const auto* array = found->if_array()) {
    std::vector<std::string> texts;
    for (const json::Value& element : *array) {
      if (auto text = copied_text(element, copied)) texts.push_back(std::move(*text));
    }
    details.json(member.key, array_text(texts));
  } else if (auto text = copied_text(*found, copied)) {
    details.json(member.key, std::move(*text));
  }
}

/// "" where there is none, or what stands there is no id.
std::string_view id_of(const json::Object& value, Path path) {
  if (path.empty()) return "";
  const Member member = find(value, path);
  return member.owner != nullptr ? id_at(*member.owner, member.key).value_or("") : "";
}

std::string type_of(const AccountField& field, const json::Object& value) {
  std::string type(field.name);
  const json::Value* event = field.event.empty() ? nullptr : find(value, field.event).value();
  const auto* text = event != nullptr ? event->if_string() : nullptr;
  if (text != nullptr) type += ":" + word({text->data(), text->size()});
  return type;
}

/// What `value` tells of: the value of the change, or an element of its list. `slice` is the part
/// that is kept, the whole change or that element.
Event account_event(const AccountField& field, const Change& change, const json::Object& value,
                    const json::Value& slice, json::Slice at) {
  Event event = blank_event(change, at);
  event.kind = RecordKind::line;
  event.type = type_of(field, value);
  event.sent = time_at(value, "timestamp").value_or(Timestamp());
  if (event.sent == Timestamp()) event.sent = change.entry.time;
  const std::string_view number = id_of(value, field.number);
  const std::string_view user_id = id_of(value, field.user_id);
  if (!number.empty() || !user_id.empty()) event.party = change.contacts.party(number, user_id);
  ObjectText details;
  for (const AccountField::Copied& copied : field.copied) {
    if (!copied.path.empty()) copy(details, value, copied);
  }
  event.details = details.finish();
  event.content = content_digest(event, slice, change.entry.text);
  return event;
}

}  // namespace

const AccountField* find_account_field(std::string_view name) {
  const auto found = std::ranges::find(fields, name, &AccountField::name);
  return found == fields.end() ? nullptr : &*found;
}

bool read_account_field(const AccountField& field, const Change& change, const json::Object& value,
                        json::Slice at, std::vector<Event>& events) {
  if (field.list.empty()) {
    events.push_back(account_event(field, change, value, change.whole, change.at));
    return true;
  }
  const std::size_t before = events.size();
  for_each_in(value, change.body, at, field.list,
              [&](const json::Value& element, json::Slice slice) {
                const auto* object = element.if_object();
                events.push_back(object != nullptr
                                     ? account_event(field, change, *object, element, slice)
                                     : unrecognised_event(change, element, slice, "not-an-object"));
              });
  return events.size() > before && !holds_more(value, std::array{field.list});
}

}  // namespace sigilo::message
