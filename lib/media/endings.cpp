// SPDX-License-Identifier: Apache-2.0
#include "media/endings.hpp"

#include <array>
#include <utility>

namespace sigilo::media {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> endings{{
    {"application/pdf", "pdf"},
    {"image/jpeg", "jpg"},
    {"image/png", "png"},
    {"image/webp", "webp"},
    {"image/gif", "gif"},
    {"video/mp4", "mp4"},
    {"video/3gpp", "3gp"},
    {"audio/ogg", "ogg"},
    {"audio/mpeg", "mp3"},
    {"audio/mp4", "m4a"},
    {"audio/aac", "aac"},
    {"audio/amr", "amr"},
    {"text/plain", "txt"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
}};

}  // namespace

std::string_view ending_of(std::string_view sniffed) {
  for (const auto& [known, ending] : endings)
    if (sniffed == known) return ending;
  return "bin";
}

}  // namespace sigilo::media
