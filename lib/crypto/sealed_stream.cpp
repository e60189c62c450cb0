// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealed_stream.hpp"

#include <algorithm>
#include <utility>

#include "crypto/sodium_impl.hpp"

namespace sigilo::crypto {
namespace {

using State = crypto_secretstream_xchacha20poly1305_state;
constexpr std::uint8_t tag_message = 0;
constexpr std::uint8_t tag_final = 3;

static_assert(sealed_header == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(sealed_overhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(sealing_key_size == crypto_secretstream_xchacha20poly1305_KEYBYTES);
static_assert(tag_message == crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
static_assert(tag_final == crypto_secretstream_xchacha20poly1305_TAG_FINAL);
// It lies in guarded memory, which is aligned only as the size of what is in it.
static_assert(alignof(State) == 1);

State* state_in(SecretBytes& memory) {
  return reinterpret_cast<State*>(memory.writable().data());
}

/// Moves bytes from the front of `from` until `to` has `wanted`.
void fill(Bytes& to, std::size_t wanted, BytesView& from) {
  const auto part = from.first(std::min(wanted - to.size(), from.size()));
  to.insert(to.end(), part.begin(), part.end());
  from = from.subspan(part.size());
}

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::corrupt, what,
              "restore the file from a backup; what it was is in the record that names its hash");
}

}  // namespace

std::uint64_t sealed_length(std::uint64_t plain) {
  const std::uint64_t chunks = plain == 0 ? 1 : (plain - 1) / sealed_chunk + 1;
  return sealed_header + plain + chunks * sealed_overhead;
}

SealingStream::SealingStream(const SecretBytes& key, BytesSink out)
    : out_(std::move(out)), state_(sizeof(State)), header_(std::in_place) {
  SIGILO_CHECK(key.size() == sealing_key_size, "a sealing key of another size");
  ready_sodium();
  SIGILO_CHECK(crypto_secretstream_xchacha20poly1305_init_push(state_in(state_), header_->data(),
                                                               key.view().data()) == 0,
               "libsodium refuses a key");
  plain_.reserve(sealed_chunk);
}

SealingStream::~SealingStream() {
  wipe(plain_);
}

Result<> SealingStream::update(BytesView plain) {
  while (!plain.empty()) {
    // A full chunk waits until it is known that it is not the last.
    if (plain_.size() == sealed_chunk) SIGILO_TRY_DO(push(tag_message));
    fill(plain_, sealed_chunk, plain);
  }
  return {};
}

Result<> SealingStream::finish() {
  return push(tag_final);
}

Result<> SealingStream::push(std::uint8_t tag) {
  if (header_) {
    SIGILO_TRY_DO(out_(*header_));
    header_.reset();
  }
  sealed_.resize(plain_.size() + sealed_overhead);
  SIGILO_CHECK(crypto_secretstream_xchacha20poly1305_push(state_in(state_), sealed_.data(), nullptr,
                                                          plain_.data(), plain_.size(), nullptr, 0,
                                                          tag) == 0,
               "libsodium cannot seal a chunk");
  plain_.clear();
  return out_(sealed_);
}

OpeningStream::OpeningStream(const SecretBytes& key, BytesSink out)
    : out_(std::move(out)), key_(key.clone()), state_(sizeof(State)) {
  SIGILO_CHECK(key.size() == sealing_key_size, "a sealing key of another size");
  ready_sodium();
  sealed_.reserve(sealed_chunk + sealed_overhead);
}

OpeningStream::~OpeningStream() {
  wipe(plain_);
}

Result<> OpeningStream::update(BytesView sealed) {
  if (failed_) return tl::unexpected(*failed_);
  auto done = take(sealed);
  if (!done) failed_ = done.error();
  return done;
}

Result<> OpeningStream::finish() {
  if (failed_) return tl::unexpected(*failed_);
  Result<> done;
  if (at_ == At::chunks && !sealed_.empty()) done = pull();
  if (done && at_ != At::end) done = damaged("a sealed file was cut off: its end is missing");
  if (!done) failed_ = done.error();
  return done;
}

Result<> OpeningStream::take(BytesView sealed) {
  while (!sealed.empty()) {
    if (at_ == At::end) return damaged("a sealed file has bytes after its end");
    const auto wanted = at_ == At::header ? sealed_header : sealed_chunk + sealed_overhead;
    fill(sealed_, wanted, sealed);
    if (sealed_.size() < wanted) return {};
    if (at_ == At::chunks) {
      SIGILO_TRY_DO(pull());
      continue;
    }
    if (crypto_secretstream_xchacha20poly1305_init_pull(state_in(state_), sealed_.data(),
                                                        key_.view().data()) != 0)
      return damaged("a sealed file has a broken header");
    key_ = {};
    sealed_.clear();
    at_ = At::chunks;
  }
  return {};
}

Result<> OpeningStream::pull() {
  if (sealed_.size() < sealed_overhead)
    return damaged("a sealed file was cut off: its end is missing");
  plain_.resize(sealed_.size() - sealed_overhead);
  std::uint8_t tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(state_in(state_), plain_.data(), nullptr, &tag,
                                                 sealed_.data(), sealed_.size(), nullptr, 0) != 0)
    return damaged(
        "a part of a sealed file is not authentic: altered, cut off, moved, or sealed "
        "with another key");
  // The one way to cut a plain text into chunks.
  const bool whole = plain_.size() == sealed_chunk;
  const bool good = tag == tag_message ? whole : tag == tag_final && (first_ || !plain_.empty());
  if (!good) return damaged("a sealed file is not cut into chunks as sigilo does");
  sealed_.clear();
  first_ = false;
  if (tag == tag_final) at_ = At::end;
  return plain_.empty() ? Result<>{} : out_(plain_);
}

}  // namespace sigilo::crypto
