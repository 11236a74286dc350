// The scenario's random number generator: SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable
// Pseudorandom Number Generators", OOPSLA 2014, with D. Stafford's "variant 13" as the finishing mix).
//
// All arithmetic is in 64-bit integers, so that the numbers are the same on every machine and with every
// compiler.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace forebay {

// A bijection of the 64-bit integers whose output bits look independent of the input.
constexpr uint64_t Mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

inline constexpr uint64_t kGoldenGamma = 0x9e3779b97f4a7c15ULL;

// The key of an independent stream, from its purpose, its seed and its index. For a fixed seed and purpose,
// different indexes give different keys.
constexpr uint64_t StreamKey(uint64_t seed, uint64_t purpose, uint64_t index) {
  return Mix64(Mix64(Mix64(seed + kGoldenGamma) + purpose * kGoldenGamma) + (index + 1) * kGoldenGamma);
}

// floor(random * n / 2^64): uniform in [0, n) up to a bias of n / 2^64.
constexpr uint64_t ScaleTo(uint64_t random, uint64_t n) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(random) * n) >> 64);
}

// A stream of numbers. Cheap to make; not thread-safe.
class Random {
 public:
  explicit constexpr Random(uint64_t key) : state_(key) {}

  constexpr uint64_t Next() { return Mix64(state_ += kGoldenGamma); }
  // Uniform in [0, n). REQUIRES: n > 0.
  constexpr uint64_t Below(uint64_t n) { return ScaleTo(Next(), n); }
  // Uniform in [low, high]. REQUIRES: low <= high.
  constexpr int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  // True with a probability of `share` percent.
  constexpr bool Percent(uint64_t share) { return Below(100) < share; }
  // One of the elements of an array.
  template <typename T, size_t N>
  constexpr const T& Of(const T (&elements)[N]) {
    return elements[Below(N)];
  }

 private:
  uint64_t state_;
};

}  // namespace forebay
