// Draws from a fixed discrete distribution in constant time: Walker's alias method, built as by M. D. Vose
// ("A Linear Algorithm for Generating Random Numbers with a Given Distribution", IEEE TSE 17(9), 1991), in
// integer arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "scenario/random.h"

namespace forebay {

class AliasTable {
 public:
  // REQUIRES: 1 to 2^31 weights, each below 2^32, with a positive sum. The share of each is exact to within
  // 2^-32.
  explicit AliasTable(const std::vector<uint64_t>& weights);

  uint32_t Pick(Random& random) const {
    const unsigned __int128 product = static_cast<unsigned __int128>(random.Next()) * columns_.size();
    const auto index = static_cast<uint32_t>(product >> 64);
    const Column& column = columns_[index];
    return static_cast<uint32_t>(static_cast<uint64_t>(product) >> 32) < column.threshold ? index
                                                                                          : column.alias;
  }
  size_t size() const { return columns_.size(); }

 private:
  // Of the 2^32 draws of a column, `threshold` return the column itself and the rest return `alias`.
  struct Column {
    uint32_t threshold;
    uint32_t alias;
  };
  std::vector<Column> columns_;
};

// The weights 1/(rank + shift) of a Zipf-Mandelbrot distribution with exponent 1, for ranks from 1, as
// integers. REQUIRES: shift >= 0.
std::vector<uint64_t> ZipfWeights(uint64_t count, uint64_t shift);

}  // namespace forebay
