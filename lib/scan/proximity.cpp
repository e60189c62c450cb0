// SPDX-License-Identifier: Apache-2.0
#include "scan/proximity.hpp"

#include <algorithm>
#include <optional>

namespace sigilo::scan {
namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

/// A hit and the list it came from.
struct Listed {
  Hit hit;
  std::size_t list;
};

std::vector<Listed> in_text_order(const std::vector<std::vector<Hit>>& lists) {
  std::vector<Listed> all;
  for (std::size_t list = 0; list < lists.size(); ++list)
    for (const Hit& hit : lists[list]) all.push_back({hit, list});
  std::stable_sort(all.begin(), all.end(),
                   [](const Listed& a, const Listed& b) { return a.hit.begin < b.hit.begin; });
  return all;
}

/// Whether the earliest end is at most `within` words before `latest`, the hit that begins last.
bool is_close(const std::vector<Hit>& group, const Hit& latest, const Words& words, long within) {
  return std::all_of(group.begin(), group.end(), [&](const Hit& hit) {
    return words.first(latest) - words.last(hit) <= within;
  });
}

std::vector<std::vector<Hit>> together_in_any_order(const std::vector<std::vector<Hit>>& lists,
                                                    const Words& words, long within) {
  std::vector<std::vector<Hit>> found;
  std::vector<Hit> nearest(lists.size());  // of each list, the hit so far that ends last
  std::vector<bool> seen(lists.size(), false);
  for (const auto& [hit, list] : in_text_order(lists)) {
    std::vector<Hit> group = nearest;
    group[list] = hit;
    if (!seen[list] || hit.end > nearest[list].end) nearest[list] = hit;
    seen[list] = true;
    if (std::find(seen.begin(), seen.end(), false) == seen.end() &&
        is_close(group, hit, words, within))
      found.push_back(group);
  }
  return found;
}

std::vector<std::vector<Hit>> together_in_order(const std::vector<std::vector<Hit>>& lists,
                                                const Words& words, long within) {
  std::vector<std::vector<Hit>> found;
  // chains[n]: hits of lists 0 to n, one after the other, that end as late as can be.
  std::vector<std::optional<std::vector<Hit>>> chains(lists.size());
  const auto earliest_end = [](const std::vector<Hit>& chain) {
    return std::min_element(chain.begin(), chain.end(),
                            [](const Hit& a, const Hit& b) { return a.end < b.end; })
        ->end;
  };
  for (const auto& [hit, list] : in_text_order(lists)) {
    if (list > 0 && !chains[list - 1]) continue;
    std::vector<Hit> chain = list > 0 ? *chains[list - 1] : std::vector<Hit>{};
    if (!chain.empty() && hit.begin < chain.back().end) continue;
    chain.push_back(hit);
    if (list + 1 == lists.size() && is_close(chain, hit, words, within)) found.push_back(chain);
    if (!chains[list] || earliest_end(chain) >= earliest_end(*chains[list]))
      chains[list] = std::move(chain);
  }
  return found;
}

}  // namespace

Words::Words(std::string_view folded) {
  for (std::size_t at = 0; at < folded.size(); ++at)
    if (is_word_byte(folded[at]) && (at == 0 || !is_word_byte(folded[at - 1])))
      begins_.push_back(at);
}

long Words::first(const Hit& hit) const {
  return std::upper_bound(begins_.begin(), begins_.end(), hit.begin) - begins_.begin();
}

long Words::last(const Hit& hit) const {
  return std::lower_bound(begins_.begin(), begins_.end(), hit.end) - begins_.begin();
}

Surroundings::Surroundings(const std::vector<Hit>& hits, const Words& words, long margin)
    : words_(words), marked_before_(words.count() + 2, 0) {
  const auto last_word = static_cast<long>(words.count());
  std::vector<long> step(words.count() + 2, 0);  // +1 where a hit's reach begins, -1 after its end
  for (const Hit& hit : hits) {
    ++step[static_cast<std::size_t>(std::max(words.first(hit) - margin, 0L))];
    --step[static_cast<std::size_t>(std::min(words.last(hit) + margin, last_word)) + 1];
  }
  long reaches = 0;
  for (std::size_t word = 0; word + 1 < step.size(); ++word) {
    reaches += step[word];
    marked_before_[word + 1] = marked_before_[word] + (reaches > 0 ? 1 : 0);
  }
}

bool Surroundings::reach(const Hit& hit) const {
  const auto first = static_cast<std::size_t>(words_.first(hit));
  const auto last = static_cast<std::size_t>(words_.last(hit));
  return marked_before_[last + 1] > marked_before_[first];
}

std::vector<std::vector<Hit>> together(const std::vector<std::vector<Hit>>& lists,
                                       const Words& words, long within, bool ordered) {
  return ordered ? together_in_order(lists, words, within)
                 : together_in_any_order(lists, words, within);
}

}  // namespace sigilo::scan
