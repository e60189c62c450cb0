// SPDX-License-Identifier: Apache-2.0
// The local API over a temporary vault, asked without a socket: the test says who asks.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/local_api.hpp"
#include "json/parse.hpp"
#include "message/interpret.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

/// A webhook's body as the daemon would hand it to the vault, without scanning.
inline vault::Ingest delivery_from(std::string body, Timestamp received) {
  static const message::LineBook lines(
      {{E164("+5491150000001"), PhoneNumberId("106540352242922")}});
  vault::Ingest delivery;
  delivery.provenance = {"meta", crypto::sha256(as_bytes(body)), received};
  for (auto& event : message::interpret_meta(body, lines).events) {
    auto text = message::make_body(event, delivery.provenance, body);
    delivery.events.push_back(
        {.event = std::move(event), .body = std::move(text), .alerts = {}, .mails = {}});
  }
  delivery.raw = std::move(body);
  return delivery;
}

/// A webhook's body with one change of a field of the line.
inline std::string webhook(std::string_view field, std::string_view members) {
  return fmt::format(
      R"({{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"{}",)"
      R"("value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":)"
      R"("5491150000001","phone_number_id":"106540352242922"}},{}}}}}]}}]}})",
      field, members);
}

struct Answer {
  net::Response response;
  /// Bodies of the access records that were committed when the answer was given.
  std::vector<json::Object> accesses;

  [[nodiscard]] int status() const { return response.status; }
  [[nodiscard]] json::Value value() const { return must(json::parse(response.body)); }
  [[nodiscard]] json::Object object() const { return value().as_object(); }
  [[nodiscard]] json::Array array() const { return value().as_array(); }
  /// "what" of an error.
  [[nodiscard]] std::string what() const {
    return std::string(object().at("error").as_object().at("what").as_string());
  }
};

class Desk {
 public:
  static constexpr uid_t own_uid = 4711;

  explicit Desk(TestVault& vault) : vault_(vault) { open(); }
  ~Desk() {
    io_.stop();
    thread_.join();
  }

  /// Again after the vault was closed and opened.
  void open() {
    api::Services services;
    services.vault_directory = vault_.directory();
    services.vault_key = vault_key();
    services.store = vault_.store.get();
    services.io = &io_;
    services.run_on_work = [this](const std::function<void()>& task) {
      if (!busy) task();
      return !busy;
    };
    services.runtime = [this] { return runtime(); };
    services.can_ask = [this] { return request_sync != nullptr; };
    services.request_sync = request_sync;
    services.stopping = [] { return false; };
    services.own_uid = own_uid;
    api_ = std::make_unique<api::LocalApi>(std::move(services), vault_.log);
  }

  Answer ask(const std::string& method, const std::string& target,
             std::optional<uid_t> uid = own_uid) {
    std::promise<Answer> promise;
    net::Peer peer;
    peer.uid = uid;
    api_->handlers().request({method, target, {}, {}}, peer, [&](net::Response response) {
      promise.set_value({std::move(response), accesses()});
    });
    return promise.get_future().get();
  }
  Answer get(const std::string& target) { return ask("GET", target); }
  std::optional<net::Response> ask_head(const std::string& target, std::optional<uid_t> uid) {
    net::Peer peer;
    peer.uid = uid;
    return api_->handlers().head({"GET", target, {}, {}}, peer);
  }

  [[nodiscard]] std::vector<json::Object> accesses() const {
    std::vector<json::Object> found;
    auto audit = vault_.audit();
    must(audit.each_record(0, [&](vault::RawRecord&& record) {
      if (record.kind == "access") found.push_back(must(json::parse(*record.body)).as_object());
      return true;
    }));
    return found;
  }

  /// Taken over by open(); nullptr: the provider cannot be asked.
  std::function<graph::Answer<std::string>(std::string_view, graph::SyncType)> request_sync;
  bool busy = false;  ///< no work thread takes anything
  std::function<api::Runtime()> runtime = [] { return api::Runtime(); };

 private:
  TestVault& vault_;
  net::Loop io_;
  std::unique_ptr<api::LocalApi> api_;
  std::thread thread_{[this] { io_.run(); }};
};

}  // namespace sigilo::test
