#include "contract/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace forebay {
namespace {

// Lower case, without the characters that commonly separate words.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == '.' || c == ' ') continue;
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return folded;
}

// Optimal string alignment distance: insertions, deletions, replacements and swaps of adjacent characters.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// In line order, equal ones once.
template <typename T>
std::vector<T> InOrder(std::vector<T> diagnostics) {
  const auto by_line = [](const T& a, const T& b) { return a.line < b.line; };
  std::stable_sort(diagnostics.begin(), diagnostics.end(), by_line);
  std::vector<T> ordered;
  std::set<std::string> of_line;
  for (T& diagnostic : diagnostics) {
    if (!ordered.empty() && ordered.back().line != diagnostic.line) of_line.clear();
    if (of_line.insert(diagnostic.text).second) ordered.push_back(std::move(diagnostic));
  }
  return ordered;
}

}  // namespace

void Diagnostics::Add(int line, const std::string& wrong, const std::string& expected) {
  diagnostics_.push_back({std::max(line, 1), wrong + "; " + expected});
}

void Diagnostics::AddNote(int line, const std::string& fact, const std::string& consequence,
                          bool for_other_tools) {
  notes_.push_back({{std::max(line, 1), fact + "; " + consequence}, for_other_tools});
}

std::vector<Diagnostic> Diagnostics::Drain() {
  return InOrder(std::exchange(diagnostics_, {}));
}

std::vector<Note> Diagnostics::DrainNotes() {
  return InOrder(std::exchange(notes_, {}));
}

std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates,
                             size_t max_distance) {
  if (name.size() > 100) return {};
  const std::string folded = Folded(name);
  std::string_view nearest;
  size_t nearest_distance = std::min(std::max<size_t>(1, folded.size() / 3), max_distance) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t distance = EditDistance(folded, Folded(candidate));
    if (distance >= nearest_distance) continue;
    nearest = candidate;
    nearest_distance = distance;
  }
  return nearest;
}

std::string JoinOr(std::span<const std::string_view> names) {
  std::string joined;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) joined += i + 1 == names.size() ? " or " : ", ";
    joined += names[i];
  }
  return joined;
}

}  // namespace forebay
