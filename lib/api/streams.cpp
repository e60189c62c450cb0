// SPDX-License-Identifier: Apache-2.0
#include "api/streams.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/thread.hpp"

namespace sigilo::api {

/// Shared by the thread that makes and the source that gives.
struct Streams::Stream {
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  net::GivePiece wanted;            ///< the client took the piece before
  std::optional<std::string> next;  ///< made, and not wanted yet
  std::optional<Result<>> ended;    ///< how making ended
  bool abandoned = false;           ///< nobody wants the rest

  net::Loop* io = nullptr;
  std::atomic<bool> over = false;  ///< the thread is at its end
  std::thread thread;

  void abandon() {
    {
      const std::scoped_lock lock(mutex);
      abandoned = true;
      wanted = nullptr;
    }
    changed.notify_all();
  }

  /// Gives what there is to whoever waits for it. Called with the lock held.
  void give() {
    if (!wanted || (!next && !ended)) return;
    auto piece = next                 ? Result<std::string>(std::move(*next))
                 : ended->has_value() ? Result<std::string>(std::string())
                                      : Result<std::string>(tl::unexpected(ended->error()));
    next.reset();
    io->post([give = std::exchange(wanted, nullptr), piece = std::move(piece)] { give(piece); });
    changed.notify_all();
  }

  Result<> put(BytesView bytes) {
    if (bytes.empty()) return {};
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return abandoned || !next; });
    if (abandoned) return fail(ErrorCode::unavailable, "nobody takes the rest");
    next = std::string(as_text(bytes));
    give();
    return {};
  }

  void end(Result<> result) {
    const std::scoped_lock lock(mutex);
    ended = std::move(result);
    give();
  }
};

/// What the server holds; its end is the stream's.
struct Streams::Source {
  explicit Source(std::shared_ptr<Stream> given) : stream(std::move(given)) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { stream->abandon(); }
  std::shared_ptr<Stream> stream;
};

Result<net::BodySource> Streams::start(net::Loop& io, Make make,
                                       std::function<void(const Error&)> failed) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(streams_, [](const std::shared_ptr<Stream>& stream) {
    if (!stream->over) return false;
    stream->thread.join();
    return true;
  });
  if (streams_.size() >= max_streams)
    return fail(ErrorCode::unavailable,
                fmt::format("{} files are being given out already", max_streams),
                "try again when one is through");
  auto stream = std::make_shared<Stream>();
  stream->io = &io;
  stream->thread = std::thread([stream, make = std::move(make), failed = std::move(failed)] {
    name_this_thread("sigilo-stream");
    Result<> made;
    try {
      made = make([&stream](BytesView bytes) { return stream->put(bytes); });
    } catch (const std::exception& thrown) {
      made = fail(ErrorCode::io, thrown.what());
    }
    bool wanted = false;
    {
      const std::scoped_lock inner(stream->mutex);
      wanted = !stream->abandoned;
    }
    if (!made && wanted) failed(made.error());
    stream->end(std::move(made));
    stream->over = true;
  });
  streams_.push_back(stream);
  return net::BodySource(
      [source = std::make_shared<Source>(std::move(stream))](net::GivePiece give) {
        const std::scoped_lock inner(source->stream->mutex);
        source->stream->wanted = std::move(give);
        source->stream->give();
      });
}

Streams::~Streams() {
  const std::scoped_lock lock(mutex_);
  for (const auto& stream : streams_) {
    stream->abandon();
    stream->thread.join();
  }
}

}  // namespace sigilo::api
