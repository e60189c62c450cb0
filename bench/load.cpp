// SPDX-License-Identifier: Apache-2.0
// A load generator: posts signed webhooks over kept-alive loopback connections and measures each
// acknowledgement. One thread and epoll, so that most of the machine is left to what is measured.
// Prints one JSON object.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "payloads.hpp"

namespace {

using Steady = std::chrono::steady_clock;

using sigilo::bench::Payloads;

struct Options : sigilo::bench::PayloadOptions {
  std::uint16_t port = 0;
  std::uint64_t messages = 60'000;
  unsigned connections = 64;
};

struct Connection {
  int fd = -1;
  std::string request;
  std::size_t written = 0;
  std::string answer;
  Steady::time_point asked;
};

[[noreturn]] void die(const std::string& why) {
  fmt::print(stderr, "load: {}\n", why);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    die("cannot connect to 127.0.0.1:" + std::to_string(port));
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

/// Status of a complete answer at the front of `answer` (then removed), 0 while it is incomplete.
int take_answer(std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  std::size_t length = 0;
  for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
    if (const auto at = answer.find(name); at < end)
      length = std::strtoul(answer.c_str() + at + name.size(), nullptr, 10);
  }
  if (answer.size() < end + 4 + length) return 0;
  const int status = std::atoi(answer.c_str() + 9);
  answer.erase(0, end + 4 + length);
  return status;
}

class Load {
 public:
  explicit Load(const Options& options) : options_(options), payloads_(options) {
    micros_.reserve(options.messages);
  }

  void run() {
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(options_.connections);
    for (auto& connection : connections_) {
      connection.fd = connect_to(options_.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.fd, &event);
    }
    const auto begin = Steady::now();
    for (auto& connection : connections_) ask(connection);
    std::array<epoll_event, 256> events{};
    while (answered_ < options_.messages) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 30'000);
      if (ready <= 0) die("no answer for 30 seconds");
      for (int i = 0; i < ready; ++i)
        take(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    seconds_ = std::chrono::duration<double>(Steady::now() - begin).count();
  }

  void print() {
    std::sort(micros_.begin(), micros_.end());
    const auto at = [this](double share) {
      return micros_.empty() ? 0.0
                             : micros_[static_cast<std::size_t>(
                                   share * static_cast<double>(micros_.size() - 1))] /
                                   1000.0;
    };
    fmt::print(R"({{"messages":{},"stored":{},"refused":{},"seconds":{:.3f},"per_second":{:.0f},)"
               R"("p50_ms":{:.2f},"p99_ms":{:.2f},"max_ms":{:.2f}}})"
               "\n",
               answered_, answered_ - refused_, refused_, seconds_,
               static_cast<double>(answered_) / seconds_, at(0.5), at(0.99), at(1.0));
  }

 private:
  void ask(Connection& connection) {
    if (asked_ == options_.messages) return;
    payloads_.request(asked_++, connection.request);
    connection.asked = Steady::now();
    // A request is far smaller than a socket's buffer and only one is under way, so a short write
    // cannot be normal.
    if (::write(connection.fd, connection.request.data(), connection.request.size()) !=
        static_cast<ssize_t>(connection.request.size()))
      die("short write");
  }

  void take(Connection& connection) {
    std::array<char, 4096> buffer{};
    const auto got = ::read(connection.fd, buffer.data(), buffer.size());
    if (got <= 0) die("the server closed a connection");
    connection.answer.append(buffer.data(), static_cast<std::size_t>(got));
    const int status = take_answer(connection.answer);
    if (status == 0) return;
    micros_.push_back(
        std::chrono::duration<double, std::micro>(Steady::now() - connection.asked).count());
    ++answered_;
    if (status != 200) ++refused_;
    ask(connection);
  }

  const Options& options_;
  Payloads payloads_;
  std::vector<Connection> connections_;
  std::vector<double> micros_;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t refused_ = 0;
  double seconds_ = 0;
  int poll_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("posts signed webhooks to a sigilod on loopback");
  app.add_option("--port", options.port)->required();
  app.add_option("--secret", options.secret)->required();
  app.add_option("--path", options.path);
  app.add_option("--phone-number-id", options.phone_number_id);
  app.add_option("--messages", options.messages);
  app.add_option("--first", options.first);
  app.add_option("--connections", options.connections);
  app.add_option("--parties", options.parties);
  app.add_option("--alert-every", options.alert_every);
  CLI11_PARSE(app, argc, argv);
  Load load(options);
  load.run();
  load.print();
}
