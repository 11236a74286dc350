// Formats numbers and tables for people.
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

// A table whose columns align under their headings: numbers to the right, everything else to the left. Colour
// escape sequences take up no width.
class TextTable {
 public:
  // A heading that begins with '>' marks a column of numbers. One that begins with '?' (before any '>') marks
  // an optional column, which is omitted if there is no room for it.
  explicit TextTable(std::vector<std::string> headings);
  void Add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  // The table as lines, each indented by `indent` spaces and ended with a newline. Omits optional columns,
  // the last one first, until it fits in `columns` columns; 0 means unlimited. The table may still be wider.
  std::string Text(size_t indent, size_t columns = 0) const;

 private:
  std::vector<size_t> ShownColumns(const std::vector<size_t>& widths, size_t room) const;

  std::vector<bool> right_;
  std::vector<bool> optional_;
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Any bytes as one line that is safe on a terminal: everything except printable UTF-8 is escaped, and text
// beyond `limit` bytes is replaced with "...".
std::string Preview(std::string_view bytes, size_t limit);
// The same for a message that contains arbitrary bytes. Backslashes, for instance those of a pattern, are not
// doubled.
std::string MessagePreview(std::string_view text, size_t limit);

}  // namespace forebay
