// SPDX-License-Identifier: Apache-2.0
#include "ledger/note.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"

using namespace sigilo;
using namespace sigilo::ledger;

TEST_CASE("the note that signed-note prints is read as it describes it") {
  const std::string text =
      "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n"
      "ed è subito sera.\n";
  const std::string line =
      "\u2014 quasimodo.example/salvatore "
      "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc="
      "\n";
  const auto note = parse_note(text + "\n" + line);
  REQUIRE(note);
  CHECK(note->text == text);  // blank lines within the text belong to it
  REQUIRE(note->signatures.size() == 1);
  CHECK(note->signatures[0].name == "quasimodo.example/salvatore");
  CHECK(note->signatures[0].key_hash == 0x367ba04b);
  CHECK(note->signatures[0].signature.size() == 64);
  CHECK(signature_line(note->signatures[0]) == line);
}

TEST_CASE("a note must be UTF-8 without control characters") {
  const std::string line = "\u2014 name AAAAAAAA\n";
  CHECK(parse_note("t\u00e9xt\n\n" + line));
  for (const std::string& bad :
       {"t\xe9xt\n\n" + line, "t\xc0\xaext\n\n" + line, "t\xed\xa0\x80xt\n\n" + line,
        "text\r\n\n" + line, "te\txt\n\n" + line, std::string("te\0xt\n\n", 7) + line,
        std::string("text\n\n\u2014 na\xffme AAAAAAAA\n")}) {
    CAPTURE(bad);
    const auto note = parse_note(bad);
    REQUIRE_FALSE(note);
    CHECK(note.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("names of keys hold no space of any kind and no plus") {
  for (const char* name :
       {"w", "witness.example/w1", "sigilo/0b0e", "oid/1.2.3", "\u00fcber.example"})
    CHECK(is_key_name(name));
  for (const char* name :
       {"", " ", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "\u2003", "a\u3000", "a\u0085", "a\xff"})
    CHECK_FALSE(is_key_name(name));
}

TEST_CASE("signature lines alone are read with the limits of a note") {
  std::string lines;
  for (std::size_t i = 0; i < max_note_signatures; ++i) lines += "\u2014 w AAAAAAAA\n";
  CHECK(parse_signature_lines(lines)->size() == max_note_signatures);
  CHECK_FALSE(parse_signature_lines(lines + "\u2014 w AAAAAAAA\n"));
  CHECK_FALSE(parse_signature_lines(""));
  CHECK_FALSE(parse_signature_lines("\n"));
  CHECK_FALSE(parse_signature_lines("\u2014 w AAAAAAAA"));
  CHECK_FALSE(parse_signature_lines("\n\u2014 w AAAAAAAA\n"));
  CHECK_FALSE(parse_signature_lines("\u2014 w AAAAAA==\n"));  // a key hash and nothing signed
  CHECK_FALSE(parse_signature_lines(std::string(max_note_size + 1, 'x')));
}
