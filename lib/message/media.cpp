// SPDX-License-Identifier: Apache-2.0
#include "message/media.hpp"

#include "json/parse.hpp"

namespace sigilo::message {

std::optional<File> file_of(const Event& event) {
  if (event.kind != RecordKind::message && event.kind != RecordKind::edit) return std::nullopt;
  // Cheaper than parsing the details of each message.
  if (event.details.find(R"("media":{)") == std::string::npos) return std::nullopt;
  const auto details = json::parse(event.details);
  const auto* object = details ? details->if_object() : nullptr;
  const auto* media = object != nullptr ? json::object_at(*object, "media") : nullptr;
  if (media == nullptr) return std::nullopt;
  const auto text = [&](std::string_view key) {
    return std::string(json::text_at(*media, key).value_or(""));
  };
  File file{text("id"), text("mime_type"), text("sha256"), text("filename")};
  if (file.id.empty()) return std::nullopt;
  return file;
}

}  // namespace sigilo::message
