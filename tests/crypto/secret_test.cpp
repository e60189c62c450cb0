// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.hpp"

using namespace sigilo;
using crypto::SecretBytes;

static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> &&
              std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!fmt::is_formattable<SecretBytes>::value, "a secret must not get into a log");

TEST_CASE("a secret holds a copy of its own and begins as zeros") {
  Bytes source = {1, 2, 3};
  const auto secret = SecretBytes::copy_of(source);
  crypto::wipe(source);
  CHECK(source == Bytes{0, 0, 0});
  CHECK(secret.size() == 3);
  CHECK(secret.text() == "\1\2\3");
  const SecretBytes zeros(40);
  CHECK(std::all_of(zeros.view().begin(), zeros.view().end(), [](auto byte) { return byte == 0; }));
}

TEST_CASE("a secret that moved away is empty, and its old content does not outlive an assignment") {
  auto first = SecretBytes::copy_of(as_bytes("first"));
  auto second = SecretBytes::copy_of(as_bytes("second!"));
  second = std::move(first);
  CHECK(second.text() == "first");
  CHECK(first.empty());
  CHECK(first.view().empty());
  SecretBytes third(std::move(second));
  CHECK(third.text() == "first");
  CHECK(second.empty());
  auto& same = third;
  third = std::move(same);
  CHECK(third.text() == "first");
}

TEST_CASE("a clone is independent") {
  auto original = SecretBytes::copy_of(as_bytes("abc"));
  const auto clone = original.clone();
  original.writable()[0] = 'x';
  CHECK(clone.text() == "abc");
}

TEST_CASE("an empty secret is allowed everywhere") {
  const SecretBytes none;
  CHECK(none.empty());
  CHECK(none.clone().empty());
  CHECK(SecretBytes(0).view().empty());
  CHECK(SecretBytes::copy_of({}).text().empty());
  crypto::wipe({});
  CHECK(crypto::equal_constant_time(none.view(), {}));
}

TEST_CASE("random secrets differ and fill their size") {
  crypto::SystemRandom random;
  const auto a = SecretBytes::random(32, random);
  const auto b = SecretBytes::random(32, random);
  CHECK(a.size() == 32);
  CHECK_FALSE(crypto::equal_constant_time(a.view(), b.view()));
}

TEST_CASE("comparison takes length and every byte into account") {
  CHECK(crypto::equal_constant_time(as_bytes("same"), as_bytes("same")));
  for (const char* other : {"tame", "sbme", "saxe", "samf", "sam", "samee", ""})
    CHECK_FALSE(crypto::equal_constant_time(as_bytes("same"), as_bytes(other)));
}
