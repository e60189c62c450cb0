// SPDX-License-Identifier: Apache-2.0
// Evidence that leaves: on record before it is given out.
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/query.hpp"
#include "bundle/compose.hpp"
#include "bundle/parcel.hpp"
#include "json/canonical.hpp"
#include "ledger/checkpoint.hpp"
#include "media/sealed_file.hpp"

namespace sigilo::api {
namespace {

/// Body of the `export` record (docs/bundle.md).
std::string export_body(const bundle::Bundle& made, const json::Object& filter, uid_t uid) {
  return json::canonical(json::Object{{"checkpoint", made.description.at("checkpoint")},
                                      {"event", "bundle"},
                                      {"filter", filter},
                                      {"manifest", made.manifest.hex()},
                                      {"omissions", made.description.at("omissions")},
                                      {"records", made.description.at("records").at("included")},
                                      {"uid", static_cast<std::uint64_t>(uid)},
                                      {"user", user_name(uid)},
                                      {"v", 1}});
}

json::Object summary(const bundle::Bundle& made, Seq record) {
  auto said = made.description;
  said.erase("chosen");
  said.erase("files");
  said["entries"] = made.entries.size();
  said["export"] = record.value();
  said["manifest"] = made.manifest.hex();
  return said;
}

Result<> send(const bundle::Bundle& made, const std::filesystem::path& media,
              const json::Object& end, const net::BodySink& sink) {
  for (const auto& entry : made.entries) {
    SIGILO_TRY_DO(sink(as_bytes(bundle::parcel_line(entry.name, entry.size()))));
    if (entry.file) {
      SIGILO_TRY_DO(media::open_sealed(media, *entry.file, sink));
    } else {
      SIGILO_TRY_DO(sink(as_bytes(entry.text)));
    }
  }
  return sink(as_bytes(bundle::parcel_end(end)));
}

}  // namespace

Result<net::Response> LocalApi::Impl::export_bundle(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto ask, bundle_ask(request));
  SIGILO_TRY(auto vault, reader());
  const auto audit = [&] {
    return vault::AuditReader::open(services.vault_directory, services.vault_key);
  };
  SIGILO_TRY(auto before, audit());
  SIGILO_TRY(const auto chosen, bundle::choose(vault, before, ask));
  SIGILO_TRY_DO(remember({uid, "export bundle", filter_json(request), chosen}));
  std::string note;
  SIGILO_TRY_DO(commit("no bundle is made, since no checkpoint can be",
                       [&note](vault::WriteTransaction& transaction) -> Result<> {
                         SIGILO_TRY(note, transaction.checkpoint());
                         return {};
                       }));
  SIGILO_TRY(auto after, audit());
  SIGILO_TRY(auto made, bundle::compose({services.vault_directory, after, vault, ask, chosen, note,
                                         services.runtime().version}));
  Seq record;
  SIGILO_TRY_DO(commit("no bundle is given out, since that cannot be recorded",
                       [&record, body = export_body(made, filter_json(request), uid)](
                           vault::WriteTransaction& transaction) -> Result<> {
                         SIGILO_TRY(record, transaction.append(RecordKind::export_, body));
                         return {};
                       }));
  net::Response response;
  response.content_type = bundle::parcel_type;
  auto end = summary(made, record);
  const auto whole = std::make_shared<const bundle::Bundle>(std::move(made));
  SIGILO_TRY(response.source, streams.start(
                                  *services.io,
                                  [whole, end = std::move(end),
                                   media = media::media_directory(services.vault_directory)](
                                      const auto& sink) { return send(*whole, media, end, sink); },
                                  [this](const Error& error) {
                                    log.error("a bundle cannot be given out: {}", error.message());
                                  }));
  return response;
}

}  // namespace sigilo::api
