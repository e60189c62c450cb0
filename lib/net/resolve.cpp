// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "base/thread.hpp"
#include "net/resolve_impl.hpp"

namespace sigilo::net {

namespace {

// Tried one after the other, each with its own time-out; large services name four to eight.
constexpr std::size_t most_addresses = 8;

/// RFC 6761 section 6.3: this name is the machine itself, whatever files or servers say; in a bare
/// container no file says anything.
Lookup::Outcome this_machine(std::uint16_t port) {
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  six.sin6_port = htons(port);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  four.sin_port = six.sin6_port;
  Lookup::Outcome outcome;
  outcome.addresses.emplace_back(reinterpret_cast<const sockaddr*>(&six), sizeof six);
  outcome.addresses.emplace_back(reinterpret_cast<const sockaddr*>(&four), sizeof four);
  return outcome;
}

Lookup::Outcome look_up(const std::string& host, std::uint16_t port) {
  if (host == "localhost") return this_machine(port);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  // AI_ADDRCONFIG would hide ::1 and the like on a machine with no other address of the kind.
  if (host.find(':') != std::string::npos) hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  Lookup::Outcome outcome;
  if (failed != 0) {
    outcome.failure = gai_strerror(failed);
    return outcome;
  }
  for (const auto* at = list; at != nullptr && outcome.addresses.size() < most_addresses;
       at = at->ai_next) {
    outcome.addresses.emplace_back(at->ai_addr, at->ai_addrlen);
  }
  freeaddrinfo(list);
  return outcome;
}

}  // namespace

std::shared_ptr<Lookup> Lookup::start(std::string host, std::uint16_t port,
                                      std::function<void()> done) {
  auto lookup = std::make_shared<Lookup>();
  lookup->done_ = std::move(done);
  try {
    std::thread([lookup, host = std::move(host), port] {
      name_this_thread("resolver");
      lookup->finish(look_up(host, port));
    }).detach();
  } catch (const std::system_error& no_thread) {
    lookup->finish({{}, no_thread.what()});
  }
  return lookup;
}

void Lookup::finish(Outcome outcome) {
  const std::lock_guard guard(mutex_);
  outcome_ = std::move(outcome);
  if (done_) done_();
}

void Lookup::forget() {
  const std::lock_guard guard(mutex_);
  done_ = nullptr;
}

Lookup::Outcome Lookup::take() {
  const std::lock_guard guard(mutex_);
  return std::move(outcome_);
}

}  // namespace sigilo::net
