// What is wrong with a contract: collected while reading goes on, so that one run reports everything.
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
  // `wrong` says what is wrong, `expected` what would be right; both without a full stop.
  void Add(int line, const std::string& wrong, const std::string& expected);
  bool empty() const { return diagnostics_.empty(); }
  size_t size() const { return diagnostics_.size(); }

  // All of them in line order; equal ones (an alias that is used twice) once.
  std::vector<Diagnostic> Take();

 private:
  std::vector<Diagnostic> diagnostics_;
};

// The candidate that `name` is most likely a misspelling of, or "" where none is near. Upper and lower case,
// '_', '-' and '.' do not count as differences.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates);

// "a, b or c".
std::string JoinOr(std::span<const std::string_view> names);

// The text in single quotes, shortened where it is long, control characters escaped: for messages.
std::string Quoted(std::string_view text);

}  // namespace forebay
