// SPDX-License-Identifier: Apache-2.0
#include "api/rekey.hpp"

#include <future>
#include <string>
#include <utility>

#include "api/access.hpp"
#include "api/impl.hpp"
#include "api/query.hpp"
#include "crypto/encoding.hpp"
#include "json/canonical.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {
namespace {

std::string asked_body(uid_t uid) {
  return json::canonical(json::Object{{"event", "rekey"},
                                      {"uid", static_cast<std::uint64_t>(uid)},
                                      {"user", user_name(uid)},
                                      {"v", 1}});
}

Result<> end_epoch(vault::StoreThread& store) {
  std::promise<Result<>> promise;
  auto future = promise.get_future();
  if (!store.roll_epoch([&promise](Result<> rolled) { promise.set_value(std::move(rolled)); }))
    return fail(ErrorCode::unavailable, "the store has more work than it can take", "try again");
  return future.get();
}

}  // namespace

Result<json::Object> rekey(vault::StoreThread& store, const std::filesystem::path& directory,
                           const crypto::SecretBytes& key, uid_t uid) {
  SIGILO_TRY_DO(
      store.run([body = asked_body(uid)](vault::WriteTransaction& transaction) -> Result<> {
        return transaction.append(RecordKind::service, body).map([](Seq) {});
      }));
  SIGILO_TRY_DO(end_epoch(store));
  SIGILO_TRY(auto reader, vault::Reader::open(directory, key));
  SIGILO_TRY(const auto epoch, reader.present_epoch());
  return json::Object{{"began", format_rfc3339(epoch.began)},
                      {"epoch", static_cast<std::int64_t>(epoch.number.value())},
                      {"public_key", crypto::to_hex(epoch.public_key.view())},
                      {"record", static_cast<std::int64_t>(epoch.named.value())}};
}

Result<net::Response> LocalApi::Impl::rekey(const net::Request& request, uid_t uid) {
  SIGILO_TRY(const auto given, parameters(request, {"directory"}));
  if (const auto directory = given.find("directory"); directory != given.end())
    SIGILO_TRY_DO(keeps(directory->second, "rekey that one without the daemon"));
  SIGILO_TRY(auto epoch,
             api::rekey(*services.store, services.vault_directory, services.vault_key, uid));
  log.info("a new signing key has begun, as uid {} asked; the old one is destroyed", uid);
  return json_response(std::move(epoch));
}

}  // namespace sigilo::api
