// SPDX-License-Identifier: Apache-2.0
#include "crypto/encoding.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/random.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace std::string_literals;

TEST_CASE("hex has two lower-case digits a byte and reads both cases") {
  CHECK(crypto::to_hex({}).empty());
  CHECK(crypto::to_hex(Bytes{0x00, 0x0f, 0xa0, 0xff}) == "000fa0ff");
  CHECK(crypto::from_hex("000FA0ff") == Bytes{0x00, 0x0f, 0xa0, 0xff});
  CHECK(crypto::from_hex("") == Bytes{});
}

TEST_CASE("hex with anything else in it is refused") {
  for (const auto& text :
       {"0"s, "000"s, "0g"s, " 00"s, "00 "s, "00\n"s, "0x00"s, "0:0f"s, "é"s, "00\0\0"s, "-1"s}) {
    INFO(text);
    const auto bytes = crypto::from_hex(text);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().code == ErrorCode::invalid_input);
    CHECK((text.size() < 3 ||
           bytes.error().message().find(text) == std::string::npos));  // it may be a secret
  }
}

TEST_CASE("base64 is that of RFC 4648, section 10") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(crypto::to_base64(as_bytes(plain)) == encoded);
    const auto decoded = crypto::from_base64(encoded);
    REQUIRE(decoded);
    CHECK(as_text(*decoded) == plain);
  }
  CHECK(crypto::to_base64(Bytes{0xfb, 0xff, 0xbf}) == "+/+/");
}

TEST_CASE("base64 has one form for the same bytes; any other is refused") {
  for (const auto& text :
       {"Zg"s, "Zg="s, "Zg==="s, "Zh=="s, "Zm9="s, "Z"s, "Zg==\n"s, " Zg=="s, "Zm 9v"s, "Zm9v\n"s,
        "=Zg="s, "Zg=A"s, "===="s, "-_-_"s, "Zm9v===="s, "Zm9vZg==Zm9v"s, "Zm9\0"s}) {
    INFO(text);
    const auto bytes = crypto::from_base64(text);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("of all 256 bytes only the alphabet's are read, at every position") {
  constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (std::size_t position = 0; position < 8; ++position) {
      std::string text(8, 'A');
      text[position] = c;
      CHECK(crypto::from_hex(text).has_value() == (hex_digits.find(c) != std::string_view::npos));
      const bool padding = c == '=' && position == 7;  // "AAAAAAA=" is five zeros
      CHECK(crypto::from_base64(text).has_value() ==
            (padding || alphabet.find(c) != std::string_view::npos));
    }
  }
}

TEST_CASE("both encodings agree with openssl and come back, for every length") {
  crypto::SystemRandom random;
  const test::TemporaryDirectory directory;
  for (std::size_t length = 0; length < 70; ++length) {
    Bytes bytes(length);
    random.fill(bytes);
    CHECK(crypto::from_hex(crypto::to_hex(bytes)) == bytes);
    CHECK(crypto::from_base64(crypto::to_base64(bytes)) == bytes);
    if (length % 23 != 1) continue;
    test::write_file(directory / "bytes", as_text(bytes));
    const auto theirs =
        test::run(fmt::format("openssl base64 -A -in {}", (directory / "bytes").string()));
    REQUIRE(theirs.status == 0);
    CHECK(theirs.output == crypto::to_base64(bytes));
  }
}
