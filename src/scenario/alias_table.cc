#include "scenario/alias_table.h"

#include <numeric>

#include "base/assert.h"

namespace forebay {

AliasTable::AliasTable(const std::vector<uint64_t>& weights) {
  using Wide = unsigned __int128;
  const size_t n = weights.size();
  const uint64_t total = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
  FOREBAY_ASSERT(n > 0 && total > 0);
  // A column holds a mass of `total`; item i contributes weights[i] * n.
  std::vector<Wide> mass(n);
  std::vector<uint32_t> small;
  std::vector<uint32_t> large;
  for (uint32_t i = 0; i < n; ++i) {
    mass[i] = Wide{weights[i]} * n;
    (mass[i] < total ? small : large).push_back(i);
  }
  columns_.resize(n);
  while (!small.empty() && !large.empty()) {
    const uint32_t poor = small.back();
    const uint32_t rich = large.back();
    small.pop_back();
    columns_[poor] = {static_cast<uint32_t>((mass[poor] << 32) / total), rich};
    mass[rich] -= total - mass[poor];
    if (mass[rich] < total) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  // The remaining items fill their own columns exactly. The alias is the item itself, so the threshold does
  // not matter.
  for (const uint32_t i : large) columns_[i] = {UINT32_MAX, i};
  for (const uint32_t i : small) columns_[i] = {UINT32_MAX, i};
}

std::vector<uint64_t> ZipfWeights(uint64_t count, uint64_t shift) {
  constexpr uint64_t kScale = uint64_t{1} << 31;
  std::vector<uint64_t> weights(count);
  for (uint64_t i = 0; i < count; ++i) weights[i] = kScale / (i + 1 + shift);
  return weights;
}

}  // namespace forebay
