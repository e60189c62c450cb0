// SPDX-License-Identifier: Apache-2.0
#include "graph/client.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "graph/answers.hpp"
#include "graph/errors.hpp"
#include "graph/hosts.hpp"
#include "graph/usage.hpp"
#include "json/parse.hpp"

namespace sigilo::graph {

namespace {

constexpr std::string_view ask_media = "a file's address";
constexpr std::string_view ask_bytes = "a file's bytes";
constexpr std::string_view ask_numbers = "the account's numbers";
constexpr std::string_view ask_sync = "the phone's history or contacts";

// What tells whether a number is still connected, healthy, and sending its webhooks here.
constexpr std::string_view number_fields =
    "id,display_phone_number,verified_name,status,quality_rating,platform_type,is_on_biz_app,"
    "code_verification_status,name_status,account_mode,throughput,health_status,"
    "webhook_configuration";
constexpr int numbers_a_page = 100;

constexpr std::size_t most_id = 128;  // ids have 15 to 17 digits

Failure failure(FailureKind kind, std::string what, std::string remedy = {}) {
  Failure made;
  made.kind = kind;
  made.what = std::move(what);
  made.remedy = std::move(remedy);
  return made;
}

/// An id stands in a path: nothing but what can't change the path's meaning.
Answer<void> check_id(std::string_view asked, std::string_view id) {
  const bool sound = !id.empty() && id.size() <= most_id && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
  if (sound) return {};
  return tl::unexpected<Failure>(
      failure(FailureKind::refused, fmt::format("{}: the id has a form that no id has", asked)));
}

Failure broken(std::string_view asked, const Error& error) {
  return failure(FailureKind::temporary, fmt::format("{}: {}", asked, error.what),
                 "if it goes on, check graph_version and that no proxy answers for the provider");
}

net::WebRequest getting(std::string url) {
  net::WebRequest request;
  request.url = std::move(url);
  return request;
}

/// The token's copy in a header, wiped when the call is over.
class Authorized {
 public:
  Authorized(net::WebRequest& request, const crypto::SecretBytes& token) : request_(request) {
    std::string value;
    value.reserve(7 + token.size());
    value.append("Bearer ").append(token.text());
    request_.headers.emplace_back("Authorization", std::move(value));
  }
  ~Authorized() {
    auto& value = request_.headers.back().second;
    crypto::wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
  }
  Authorized(const Authorized&) = delete;
  Authorized& operator=(const Authorized&) = delete;

 private:
  net::WebRequest& request_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::make(const config::MetaSource& source,
                                             std::unique_ptr<Channel> channel,
                                             crypto::SecretBytes token, RateGate& gate) {
  SIGILO_TRY(auto graph, net::parse_web_url(source.graph_url));
  auto base = fmt::format("{}/{}/", source.graph_url, source.graph_version);
  return std::unique_ptr<Client>(
      new Client(std::move(graph), std::move(base), std::move(channel), std::move(token), gate));
}

Client::Client(net::WebUrl graph, std::string base, std::unique_ptr<Channel> channel,
               crypto::SecretBytes token, RateGate& gate)
    : graph_(std::move(graph)),
      base_(std::move(base)),
      channel_(std::move(channel)),
      token_(std::move(token)),
      gate_(gate) {}

Answer<MediaInfo> Client::media(std::string_view media_id, std::string_view phone_number_id) {
  if (auto checked = check_id(ask_media, media_id); !checked)
    return tl::unexpected<Failure>(checked.error());
  auto url = base_ + std::string(media_id);
  if (!phone_number_id.empty()) {
    if (auto checked = check_id(ask_media, phone_number_id); !checked)
      return tl::unexpected<Failure>(checked.error());
    url += "?phone_number_id=" + std::string(phone_number_id);
  }
  auto body = call(ask_media, Area::media, getting(std::move(url)));
  if (!body) return tl::unexpected<Failure>(std::move(body).error());
  auto info = read_media(*body);
  if (!info) return tl::unexpected<Failure>(broken(ask_media, info.error()));
  const auto where = net::parse_web_url(info->url);
  if (!where || !is_provider(*where, graph_)) {
    return tl::unexpected<Failure>(
        failure(FailureKind::refused,
                fmt::format("{}: it is not on a host of the provider{}", ask_media,
                            where ? ": " + where->origin() : std::string()),
                "check that graph_url is the provider's and that no proxy changes its answers"));
  }
  return std::move(*info);
}

Answer<Downloaded> Client::download(std::string_view url, std::uint64_t max_bytes,
                                    const Sink& sink) {
  auto where = net::parse_web_url(url);
  for (int redirects = 0;; ++redirects) {
    if (!where || !is_provider(*where, graph_)) {
      return tl::unexpected<Failure>(
          failure(FailureKind::refused,
                  fmt::format("{}: they are not on a host of the provider{}", ask_bytes,
                              where ? ": " + where->origin() : std::string()),
                  "check that graph_url is the provider's and that no proxy changes its answers"));
    }
    Downloaded downloaded;
    const Sink counting = [&](BytesView bytes) -> Result<> {
      downloaded.size += bytes.size();
      return sink(bytes);
    };
    auto request =
        getting((where->tls ? "https://" : "http://") + where->host_header() + where->target);
    auto answer = send(ask_bytes, Area::media, std::move(request), max_bytes, &counting);
    if (!answer) return tl::unexpected<Failure>(std::move(answer).error());
    if (answer->status == 200) {
      downloaded.content_type = std::move(answer->content_type);
      return downloaded;
    }
    const auto location = answer->header("Location");
    const bool redirected = answer->status / 100 == 3 && answer->status != 304 && location;
    if (!redirected) {
      auto refusal = refusal_of(ask_bytes, Area::media, *answer);
      if (answer->status == 404 || answer->status == 410) {
        refusal.kind = FailureKind::missing;
        refusal.remedy.clear();  // a new address is asked for
      }
      return tl::unexpected<Failure>(std::move(refusal));
    }
    if (redirects == max_redirects) {
      return tl::unexpected<Failure>(failure(
          FailureKind::temporary,
          fmt::format("{}: the provider redirects more than {} times", ask_bytes, max_redirects)));
    }
    where = net::resolve_location(*where, *location);
  }
}

Answer<std::vector<std::string>> Client::phone_numbers(std::string_view account) {
  if (auto checked = check_id(ask_numbers, account); !checked)
    return tl::unexpected<Failure>(checked.error());
  const auto first = fmt::format("{}{}/phone_numbers?fields={}&limit={}", base_, account,
                                 number_fields, numbers_a_page);
  std::vector<std::string> pages;
  std::string url = first;
  std::string cursor;
  while (pages.size() < max_pages) {
    auto body = call(ask_numbers, Area::other, getting(std::move(url)));
    if (!body) return tl::unexpected<Failure>(std::move(body).error());
    auto next = read_next_cursor(*body);
    if (!next) return tl::unexpected<Failure>(broken(ask_numbers, next.error()));
    pages.push_back(without_token(std::move(*body)));
    if (!*next) return pages;
    if (**next == cursor) break;
    cursor = std::move(**next);
    url = first + "&after=" + net::percent_encode(cursor);
  }
  return tl::unexpected<Failure>(failure(FailureKind::temporary,
                                         fmt::format("{}: the list does not end", ask_numbers),
                                         "if it goes on, tell the provider's support"));
}

Answer<std::string> Client::request_sync(std::string_view phone_number_id, SyncType type) {
  if (auto checked = check_id(ask_sync, phone_number_id); !checked)
    return tl::unexpected<Failure>(checked.error());
  auto request = getting(fmt::format("{}{}/smb_app_data", base_, phone_number_id));
  request.method = "POST";
  request.content_type = "application/json";
  request.body = fmt::format(R"({{"messaging_product":"whatsapp","sync_type":"{}"}})",
                             type == SyncType::history ? "history" : "smb_app_state_sync");
  auto body = call(ask_sync, Area::other, std::move(request));
  if (!body) return tl::unexpected<Failure>(std::move(body).error());
  auto id = read_request_id(*body);
  if (!id) return tl::unexpected<Failure>(broken(ask_sync, id.error()));
  return without_token(std::move(*id));
}

Answer<std::string> Client::call(std::string_view asked, Area area, net::WebRequest request) {
  auto answer = send(asked, area, std::move(request), max_json, nullptr);
  if (!answer) return tl::unexpected<Failure>(std::move(answer).error());
  if (answer->status != 200) return tl::unexpected<Failure>(refusal_of(asked, area, *answer));
  return std::move(answer->body);
}

Answer<net::Response> Client::send(std::string_view asked, Area area, net::WebRequest request,
                                   std::uint64_t max_body, const Sink* sink) {
  if (const auto wait = gate_.closed_for(area); wait > Duration{}) {
    auto closed = failure(
        FailureKind::rate_limited,
        fmt::format("{}: not asked for, to keep the provider's rate limit, for another {} s", asked,
                    std::chrono::ceil<std::chrono::seconds>(wait).count()));
    closed.retry_after = wait;
    return tl::unexpected<Failure>(std::move(closed));
  }
  const Authorized authorized(request, token_);
  auto answer = channel_->exchange(request, max_body, sink);
  if (!answer) {
    if (answer.error().fault == net::WebFault::sink) {
      return tl::unexpected<Failure>(
          failure(FailureKind::temporary, answer.error().error.what, answer.error().error.remedy));
    }
    return tl::unexpected<Failure>(failure_of_network(asked, std::move(answer).error()));
  }
  if (const auto pause = pause_asked_by(*answer); pause > Duration{}) gate_.close(pause);
  if (area == Area::media && answer->status >= 400) gate_.count_media_error();
  return std::move(*answer);
}

Failure Client::refusal_of(std::string_view asked, Area area, const net::Response& answer) {
  auto refusal = failure_of_answer(asked, answer.status, answer.body);
  const bool limited = refusal.kind == FailureKind::rate_limited;
  if (limited && gate_.closed_for(area) == Duration{}) gate_.close(pause_when_used_up);
  if (limited || refusal.kind == FailureKind::temporary) {
    refusal.retry_after = gate_.closed_for(area);
  }
  return refusal;
}

std::string Client::without_token(std::string page) const {
  static constexpr std::string_view instead = "[token]";
  if (token_.empty()) return page;
  for (std::size_t at = 0; (at = page.find(token_.text(), at)) != std::string::npos;) {
    page.replace(at, token_.size(), instead);
    at += instead.size();
  }
  return page;
}

}  // namespace sigilo::graph
