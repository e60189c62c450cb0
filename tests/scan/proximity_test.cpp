// SPDX-License-Identifier: Apache-2.0
#include "scan/proximity.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace sigilo::scan;

namespace {

Hit at(std::string_view text, std::string_view word) {
  const std::size_t begin = text.find(word);
  REQUIRE(begin != std::string_view::npos);
  return {begin, begin + word.size()};
}

using Groups = std::vector<std::vector<Hit>>;

}  // namespace

TEST_CASE("words are runs of letters, digits and what is beyond ASCII") {
  const std::string text = "  pagar,al juez-1 αβγ 💰!";
  const Words words(text);
  CHECK(words.count() == 6);
  CHECK(words.first(at(text, "pagar")) == 1);
  CHECK(words.first(at(text, "al")) == 2);
  CHECK(words.last(at(text, "pagar,al juez")) == 3);
  CHECK(words.first(at(text, "💰")) == 6);
  CHECK(words.first(Hit{0, 1}) == 0);
  CHECK(Words("").count() == 0);
}

TEST_CASE("lists are together when the last begins near the end of the first") {
  const std::string text = "le paga mucho dinero hoy al juez";
  const Words words(text);
  const Groups lists{{at(text, "paga")}, {at(text, "juez")}};
  CHECK(together(lists, words, 4, false).empty());
  CHECK(together(lists, words, 5, false) == Groups{{at(text, "paga"), at(text, "juez")}});
  const Groups phrase{{at(text, "paga mucho dinero")}, {at(text, "juez")}};
  CHECK(together(phrase, words, 3, false).size() == 1);  // counted from the phrase's end
  CHECK(together(phrase, words, 2, false).empty());
}

TEST_CASE("the order of the lists matters only where asked for") {
  const std::string text = "al juez le paga dinero";
  const Words words(text);
  const Groups lists{{at(text, "paga")}, {at(text, "dinero")}, {at(text, "juez")}};
  CHECK(together(lists, words, 6, false) ==
        Groups{{at(text, "paga"), at(text, "dinero"), at(text, "juez")}});
  CHECK(together(lists, words, 6, true).empty());
  const Groups turned{{at(text, "juez")}, {at(text, "paga")}, {at(text, "dinero")}};
  CHECK(together(turned, words, 6, true).size() == 1);
}

TEST_CASE("a far hit before does not hide a close one") {
  const std::string text = "juez a b c d e f g h paga i juez";
  const Words words(text);
  const Groups lists{{at(text, "paga")}, {at(text, "juez"), Hit{text.size() - 4, text.size()}}};
  CHECK(together(lists, words, 2, false) ==
        Groups{{at(text, "paga"), Hit{text.size() - 4, text.size()}}});
  CHECK(together(lists, words, 2, true).size() == 1);
}

TEST_CASE("random hits are together exactly when some choice of them is") {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    std::vector<Hit> places;
    for (int i = 0; i < 14; ++i) {
      places.push_back({text.size(), text.size() + 1});
      text += "a ";
    }
    const Words words(text);
    Groups lists(2 + random() % 2);
    for (const Hit& place : places)
      if (const std::size_t list = random() % 6; list < lists.size()) lists[list].push_back(place);
    const auto within = static_cast<long>(1 + random() % 6);
    const bool ordered = random() % 2 == 0;

    bool expected = false;  // by trying every choice of one hit a list
    const Groups three{lists[0], lists[1], lists.size() > 2 ? lists[2] : lists[1]};
    for (const Hit& a : three[0])
      for (const Hit& b : three[1])
        for (const Hit& c : three[2]) {
          if (lists.size() == 2 && !(b == c)) continue;
          const auto [low, high] = std::minmax({a.begin, b.begin, c.begin});
          const bool in_order = a.begin < b.begin && b.begin <= c.begin;
          expected |= static_cast<long>(high - low) / 2 <= within && (!ordered || in_order);
        }
    const Groups found = together(lists, words, within, ordered);
    REQUIRE(found.empty() != expected);
    for (const auto& group : found) {
      for (std::size_t i = 0; i < lists.size(); ++i)
        REQUIRE(std::find(lists[i].begin(), lists[i].end(), group[i]) != lists[i].end());
    }
  }
}

TEST_CASE("surroundings reach so many words and no further") {
  const std::string text = "a b c d e f g h i";
  const Words words(text);
  const Surroundings none({}, words, 2);
  CHECK_FALSE(none.reach(at(text, "a")));
  const Surroundings around({at(text, "e")}, words, 2);
  CHECK_FALSE(around.reach(at(text, "b")));
  CHECK(around.reach(at(text, "c")));
  CHECK(around.reach(at(text, "g")));
  CHECK_FALSE(around.reach(at(text, "h")));
  CHECK(around.reach(at(text, "a b c")));
  CHECK(around.reach(Hit{0, text.size()}));
  const Surroundings edge({at(text, "a"), at(text, "i")}, words, 100);
  CHECK(edge.reach(at(text, "e")));
}
