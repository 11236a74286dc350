// Numbers and tables for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

// "1,031,402".
std::string Grouped(uint64_t value);
std::string Grouped(int64_t value);
// "3.1 MB".
std::string BytesText(uint64_t bytes);
// "17 s", "5 min", "3 h", "12 days"; never negative.
std::string AgeText(int64_t milliseconds);
// "1 file", "3 files".
std::string Counted(uint64_t count, std::string_view noun);

// Columns aligned under their headings: numbers to the right, the rest to the left. Escape sequences for
// colour take no room.
class TextTable {
 public:
  // A heading that begins with '>' is of a column of numbers; one that begins with '?' (before '>') is of a
  // column that is left out where there is no room for it.
  explicit TextTable(std::vector<std::string> headings);
  void Add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  // Each line indented by `indent` spaces, and ended. In at most `columns` columns where leaving columns out
  // can do that, the last one first; 0 is any number.
  std::string Text(size_t indent, size_t columns = 0) const;

 private:
  std::vector<size_t> ShownColumns(const std::vector<size_t>& widths, size_t room) const;

  std::vector<bool> right_;
  std::vector<bool> optional_;
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Any bytes on one line that a terminal shows as they are: what is not printable UTF-8 stands escaped, and
// more than `limit` bytes are cut off with "...".
std::string Preview(std::string_view bytes, size_t limit);
// The same for a message with bytes in it: backslashes, those of a pattern for instance, are not doubled.
std::string MessagePreview(std::string_view text, size_t limit);

}  // namespace forebay
