// SPDX-License-Identifier: Apache-2.0
#include "mail/words.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sigilo;

TEST_CASE("every category of the product has a name in every language") {
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    for (const std::string_view category : {"harassment", "threat", "bribery", "ruling-purchase",
                                            "policy-breach", "legal-irregularity", "abuse"}) {
      CHECK_FALSE(mail::category_word(category, language).empty());
    }
  }
  CHECK(mail::category_word("bribery", Language::es) == "soborno");
  CHECK(mail::category_word("ruling-purchase", Language::pt) == "compra de decisões judiciais");
}

TEST_CASE("a category that the firm named stays as it is") {
  CHECK(mail::category_word("honorarios-en-negro", Language::en) == "honorarios-en-negro");
}

TEST_CASE("plain text has no type word, a provider's new type keeps its own") {
  CHECK(mail::type_word("text", Language::es).empty());
  CHECK(mail::type_word("image", Language::pt) == "imagem");
  CHECK(mail::type_word("hologram", Language::es) == "hologram");
}

TEST_CASE("why a file was lost is a sentence in every language") {
  using vault::MediaLoss;
  for (const auto loss : {MediaLoss::gone, MediaLoss::unreachable, MediaLoss::other_bytes,
                          MediaLoss::too_large, MediaLoss::erased}) {
    CHECK(vault::parse_media_loss(to_string(loss)) == loss);
    for (const auto language : {Language::es, Language::pt, Language::en})
      CHECK(mail::loss_words(loss, language).ends_with('.'));
  }
}

TEST_CASE("no language lacks a word") {
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    const auto& all = mail::words(language);
    static_assert(sizeof(mail::Words) % sizeof(std::string_view) == 0);
    const auto* const first = reinterpret_cast<const std::string_view*>(&all);
    for (std::size_t i = 0; i < sizeof(mail::Words) / sizeof(std::string_view); ++i)
      CHECK_FALSE(first[i].empty());
    for (const auto severity : {Severity::low, Severity::medium, Severity::high}) {
      CHECK_FALSE(mail::severity_word(severity, language).empty());
    }
  }
}
