// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "api/query.hpp"
#include "archive/zip_writer.hpp"
#include "bundle/parcel.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "json/parse.hpp"
#include "net/http_client.hpp"

namespace sigilo::cli {
namespace {

/// The daemon gathers a large bundle and its proofs before the first byte comes.
constexpr std::chrono::minutes patience{15};

/// Pictures, sound and office documents are compressed already.
archive::Packing packing_of(std::string_view name) {
  return name.starts_with("media/") ? archive::Packing::stored : archive::Packing::deflated;
}

void print_omissions(const json::Object& end) {
  for_each_in(end, "omissions", [](const json::Object& omission) {
    print_line(fmt::format("  record {}: {} {}", number_of(omission, "record"),
                           text_of(omission, "what"), text_of(omission, "why")));
  });
}

void print_bundle(const json::Object& end, const std::string& output, std::size_t omitted) {
  const auto* counts = json::object_at(end, "records");
  const auto* included = counts != nullptr ? json::object_at(*counts, "included") : nullptr;
  std::int64_t records = 0;
  for (const auto& [kind, count] : included != nullptr ? *included : json::Object())
    records += count.is_int64() ? count.get_int64() : 0;
  print_line(fmt::format("bundle       {}", output));
  print_line(fmt::format("records      {}", records));
  print_line(fmt::format("period       {} to {}", text_of(end.at("period").get_object(), "since"),
                         text_of(end.at("period").get_object(), "until")));
  print_line(fmt::format("fingerprint  {}", text_of(end, "fingerprint")));
  print_line(fmt::format("manifest     {} (SHA-256 of MANIFEST.sha256; in record {})",
                         text_of(end, "manifest"), number_of(end, "export")));
  if (omitted == 0) return print_line("COMPLETE: nothing of it was left out.");
  print_line(
      fmt::format("NOT COMPLETE: {} could not be included, as manifest.json says:", omitted));
  print_omissions(end);
}

}  // namespace

int export_bundle(const Context& context, const Query& given, const std::string& output) {
  const auto config = context.config();
  if (!config) return exit_config;
  Query query = given;
  const auto add = [&](std::string_view name, std::string_view value) {
    const bool there =
        std::ranges::any_of(query, [&](const auto& member) { return member.first == name; });
    if (!there) query.emplace_back(name, value);
  };
  add("language", to_string(config->firm.language));
  add("timezone", config->firm.timezone);
  const auto request = request_for("POST", "/v1/export/bundle", query);
  if (const auto ask = api::bundle_ask(request); !ask) return complain(ask.error());

  auto zip = archive::ZipWriter::create(output);
  if (!zip) return complain(zip.error());
  bundle::ParcelReader parcel([&](std::string_view name, std::string_view content) {
    return zip->add(name, as_bytes(content), packing_of(name));
  });
  const auto response =
      net::stream_over_unix(config->api.socket.string(), request, patience,
                            [&](BytesView piece) { return parcel.feed(as_text(piece)); });
  if (!response) return complain(response.error());
  if (response->status != 200) return complain(error_of(*response));
  auto end = parcel.end();
  if (!end) return complain(end.error());
  if (const auto finished = zip->finish(); !finished) return complain(finished.error());

  const auto* missing = json::array_at(*end, "omissions");
  const auto omitted = missing != nullptr ? missing->size() : 0;
  (*end)["file"] = output;
  if (!context.json)
    print_bundle(*end, output, omitted);
  else
    print_json(std::move(*end));
  return omitted == 0 ? exit_ok : exit_problem;
}

}  // namespace sigilo::cli
