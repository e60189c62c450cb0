// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include "net/loop_impl.hpp"

namespace sigilo::net {

namespace {

void wait_for_signal(asio::signal_set& set, std::shared_ptr<std::function<void(int)>> handler) {
  set.async_wait([&set, handler = std::move(handler)](error_code ec, int number) {
    if (ec) return;
    (*handler)(number);
    wait_for_signal(set, handler);
  });
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() = default;

void Loop::run() {
  impl_->context.run();
}

void Loop::stop() {
  impl_->context.stop();
}

void Loop::post(std::function<void()> task) {
  asio::post(impl_->context, std::move(task));
}

void Loop::after(Duration delay, std::function<void()> task) {
  auto timer = std::make_unique<Timer>(impl_->context, delay);
  auto& started = *timer;
  started.async_wait([timer = std::move(timer), task = std::move(task)](error_code ec) {
    if (!ec) task();
  });
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
  auto& set = impl_->signals.emplace_back(impl_->context);
  for (int number : signals) set.add(number);
  wait_for_signal(set, std::make_shared<std::function<void(int)>>(std::move(handler)));
}

}  // namespace sigilo::net
