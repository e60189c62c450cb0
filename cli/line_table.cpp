// SPDX-License-Identifier: Apache-2.0
#include "cli/line_table.hpp"

#include "cli/answer.hpp"

namespace sigilo::cli {

Table line_table(const json::Array& lines, const config::Config& config) {
  Table table({{"LINE"},
               {"STATE"},
               {"LAST"},
               {"RECORDS", 0, true},
               {"LAWYER", 24},
               {"DISPLAY NAME", 24},
               {"QUALITY", 8},
               {"PLATFORM", 12}});
  for (const auto& value : lines) {
    if (!value.is_object()) continue;
    const auto& line = value.get_object();
    table.add({text_of(line, "number"), text_of(line, "state"), time_of(line, "last", config),
               text_of(line, "events"), text_of(line, "lawyer"), text_of(line, "name"),
               text_of(line, "quality"), text_of(line, "platform")});
  }
  return table;
}

}  // namespace sigilo::cli
