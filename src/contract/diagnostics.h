// The diagnostics of a contract. Reading continues after each one, so that one run reports all of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"

namespace forebay {

// Not thread-safe.
class Diagnostics {
 public:
  // `wrong` states the problem, `expected` the correct form; both without a full stop.
  void Add(int line, const std::string& wrong, const std::string& expected);
  bool empty() const { return diagnostics_.empty(); }
  size_t size() const { return diagnostics_.size(); }

  // Removes and returns all diagnostics, in line order. Equal ones (from an alias that is used more than
  // once) are returned once.
  std::vector<Diagnostic> Drain();

 private:
  std::vector<Diagnostic> diagnostics_;
};

// The candidate that `name` most likely misspells, or "" if none is close. Case, '_', '-', '.' and spaces do
// not count as differences.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates);

// "a, b or c".
std::string JoinOr(std::span<const std::string_view> names);

}  // namespace forebay
