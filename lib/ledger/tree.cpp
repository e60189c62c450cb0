// SPDX-License-Identifier: Apache-2.0
#include "ledger/tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace sigilo::ledger {

using crypto::Digest;

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<std::uint8_t, 65> node;
  node[0] = 0x01;
  std::copy(left.bytes.begin(), left.bytes.end(), node.begin() + 1);
  std::copy(right.bytes.begin(), right.bytes.end(), node.begin() + 33);
  return crypto::sha256(node);
}

Digest empty_root() {
  return crypto::sha256({});
}

Result<Frontier> Frontier::from(std::uint64_t size, std::vector<Digest> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} records has {} complete subtrees, not {}", size,
                            std::popcount(size), hashes.size()));
  }
  Frontier frontier;
  frontier.size_ = size;
  frontier.hashes_ = std::move(hashes);
  return frontier;
}

void Frontier::append(const Digest& leaf) {
  Digest subtree = leaf;
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    subtree = node_hash(hashes_.back(), subtree);
    hashes_.pop_back();
  }
  hashes_.push_back(subtree);
  ++size_;
}

Digest Frontier::root() const {
  if (hashes_.empty()) return empty_root();
  Digest root = hashes_.back();
  for (auto left = hashes_.rbegin() + 1; left != hashes_.rend(); ++left)
    root = node_hash(*left, root);
  return root;
}

bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const std::vector<Digest>& proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t fn = index;  // the RFC's names
  std::uint64_t sn = size - 1;
  Digest r = leaf;
  for (const Digest& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                        const Digest& root, const std::vector<Digest>& proof) {
  if (old_size == 0 || old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (proof.empty()) return false;
  // The RFC puts the old root in front of the proof where the old tree is one complete subtree.
  const bool old_is_complete = std::has_single_bit(old_size);
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = size - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  Digest fr = old_is_complete ? old_root : proof.front();
  Digest sr = fr;
  for (std::size_t i = old_is_complete ? 0 : 1; i < proof.size(); ++i) {
    const Digest& c = proof[i];
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(c, fr);
      sr = node_hash(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = node_hash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == old_root && sr == root;
}

}  // namespace sigilo::ledger
