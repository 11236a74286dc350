// Numbers and tables for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forebay::cli {

// "1,031,402".
std::string Grouped(uint64_t value);
std::string Grouped(int64_t value);
// "3.1 MB".
std::string BytesText(uint64_t bytes);
// "17 s", "5 min", "3 h", "12 days"; never negative.
std::string AgeText(int64_t milliseconds);
// "1 file", "3 files".
std::string Counted(uint64_t count, std::string_view noun);

// Columns aligned under their headings: numbers to the right, the rest to the left.
class TextTable {
 public:
  // A heading that begins with '>' is of a column of numbers.
  explicit TextTable(std::vector<std::string> headings);
  void Add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  // Each line indented by `indent` spaces, and ended.
  std::string Text(size_t indent) const;

 private:
  std::vector<bool> right_;
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Any bytes on one line that a terminal shows as they are: what is not printable UTF-8 stands escaped, and
// more than `limit` bytes are cut off with "...".
std::string Preview(std::string_view bytes, size_t limit);

}  // namespace forebay::cli
