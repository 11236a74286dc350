// The diagnostics of a contract, and the notes on it. Reading continues after each one, so that one run
// reports all of them.
#pragma once

#include <cstdint>
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
  // `fact` names what landing does not enforce, `consequence` says what happens instead. size() stays.
  void AddNote(int line, const std::string& fact, const std::string& consequence,
               bool for_other_tools = false);
  // Of problems only.
  bool empty() const { return diagnostics_.empty(); }
  size_t size() const { return diagnostics_.size(); }

  // Each removes and returns what was added, in line order. Equal ones (from an alias that is used more than
  // once) are returned once.
  std::vector<Diagnostic> Drain();
  std::vector<Note> DrainNotes();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::vector<Note> notes_;
};

// The candidate that `name` most likely misspells, or "" if none is close. Case, '_', '-', '.' and spaces do
// not count as differences. At most `max_distance` letters may differ, and a third of the name.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates,
                             size_t max_distance = SIZE_MAX);

// "a, b or c".
std::string JoinOr(std::span<const std::string_view> names);

}  // namespace forebay
