// SPDX-License-Identifier: Apache-2.0
#include "net/web_client.hpp"

#include <atomic>
#include <exception>

#include "base/check.hpp"
#include "net/trust_impl.hpp"
#include "net/web_call_impl.hpp"

namespace sigilo::net {

struct WebClient::Impl {
  Impl(WebSettings with, const Clock& time, asio::ssl::context trusting)
      : settings(std::move(with)), clock(time), trust(std::move(trusting)) {}

  WebResult<Response> exchange(const WebRequest& request, std::uint64_t max_body,
                               const BodySink* sink) {
    auto prepared = prepare(request, settings);
    if (!prepared) {
      return tl::unexpected<WebFailure>(WebFailure{WebFault::invalid, std::move(prepared).error()});
    }
    if (interrupted) return tl::unexpected<WebFailure>(interruption(prepared->url));

    Watch watch(context, prepared->url.origin());
    WebCall call(context, trust, settings.limits, clock, watch, kept, *prepared);
    std::optional<Trouble> ended;
    watching = &watch;
    context.restart();
    asio::co_spawn(context, call.run(max_body, sink),
                   [&](const std::exception_ptr& thrown, Trouble trouble) {
                     watch.rest();
                     if (thrown) std::rethrow_exception(thrown);
                     ended = std::move(trouble);
                   });
    if (interrupted) watch.interrupt();  // it may have come before there was something to wake
    context.run();
    watching = nullptr;
    opened += call.opened();
    SIGILO_CHECK(ended.has_value(), "a loop ends when its call has ended");
    if (*ended) return tl::unexpected<WebFailure>(std::move(**ended));
    return call.take_answer();
  }

  void interrupt() {
    interrupted = true;
    asio::post(context, [this] {
      if (watching != nullptr) watching->interrupt();
    });
  }

  static WebFailure interruption(const WebUrl& url) {
    return {WebFault::interrupted,
            {ErrorCode::unavailable, "the call to " + url.origin() + " was interrupted", ""}};
  }

  const WebSettings settings;
  const Clock& clock;
  asio::ssl::context trust;
  asio::io_context context{1};
  Kept kept;
  Watch* watching = nullptr;
  std::atomic<bool> interrupted = false;
  std::uint64_t opened = 0;
};

Result<std::unique_ptr<WebClient>> WebClient::make(WebSettings settings, const Clock& clock) {
  SIGILO_TRY(auto trust, make_trusting_context(settings.ca_file));
  return std::unique_ptr<WebClient>(
      new WebClient(std::make_unique<Impl>(std::move(settings), clock, std::move(trust))));
}

WebClient::WebClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebClient::~WebClient() = default;

WebResult<Response> WebClient::exchange(const WebRequest& request, std::uint64_t max_body) {
  return impl_->exchange(request, max_body, nullptr);
}

WebResult<Response> WebClient::exchange(const WebRequest& request, std::uint64_t max_body,
                                        const BodySink& sink) {
  return impl_->exchange(request, max_body, &sink);
}

void WebClient::interrupt() {
  impl_->interrupt();
}

std::uint64_t WebClient::connections() const {
  return impl_->opened;
}

}  // namespace sigilo::net
