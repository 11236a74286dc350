#include "report/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/utf8.h"

namespace forebay {
namespace {

// Counts code points outside of escape sequences ("\x1b[1m"). For the text in reports, this is close enough
// to terminal columns.
size_t Width(const std::string& text) {
  size_t width = 0;
  bool escaped = false;
  for (const char c : text) {
    escaped = escaped || c == '\x1b';
    if (!escaped && (c & 0xC0) != 0x80) ++width;
    if (c == 'm') escaped = false;
  }
  return width;
}

// The length of the printable UTF-8 character at the front; 0 for control characters (including C1), invalid
// or truncated sequences, and characters that change the direction of text.
size_t PrintableLength(std::string_view text) {
  const unsigned lead = text.empty() ? 0 : static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const size_t length = Utf8SequenceLength(text);
  if (length == 0) return 0;
  uint32_t point = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  const bool control = point < 0xA0;
  const bool format = (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
                      (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
  return control || format ? 0 : length;
}

// Escapes everything onto one line; `backslash` replaces each backslash.
std::string Escaped(std::string_view bytes, size_t limit, std::string_view backslash) {
  std::string text;
  while (!bytes.empty()) {
    const size_t length = PrintableLength(bytes);
    const std::string_view next = bytes.substr(0, std::max<size_t>(length, 1));
    std::string shown(next);
    if (next == "\\") {
      shown = backslash;
    } else if (next == "\n") {
      shown = "\\n";
    } else if (next == "\t") {
      shown = "\\t";
    } else if (length == 0) {
      shown = fmt::format("\\x{:02x}", static_cast<unsigned char>(next.front()));
    }
    if (text.size() + shown.size() > limit) return text + "...";
    text += shown;
    bytes.remove_prefix(next.size());
  }
  return text;
}

}  // namespace

std::string Grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string Grouped(int64_t value) {
  if (value >= 0) return Grouped(static_cast<uint64_t>(value));
  return "-" + Grouped(uint64_t{0} - static_cast<uint64_t>(value));
}

std::string BytesText(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string AgeText(int64_t milliseconds) {
  const int64_t seconds = std::max<int64_t>(milliseconds, 0) / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86400);
}

std::string Counted(uint64_t count, std::string_view noun) {
  if (count == 1) return fmt::format("1 {}", noun);
  if (noun.ends_with("y") && !noun.ends_with("ey")) {
    return fmt::format("{} {}ies", Grouped(count), noun.substr(0, noun.size() - 1));
  }
  return fmt::format("{} {}{}", Grouped(count), noun, noun.ends_with("ch") ? "es" : "s");
}

TextTable::TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {
  for (std::string& heading : headings_) {
    optional_.push_back(heading.starts_with('?'));
    if (optional_.back()) heading.erase(0, 1);
    right_.push_back(heading.starts_with('>'));
    if (right_.back()) heading.erase(0, 1);
  }
}

void TextTable::Add(std::vector<std::string> row) {
  FOREBAY_ASSERT(row.size() == headings_.size());
  rows_.push_back(std::move(row));
}

std::vector<size_t> TextTable::ShownColumns(const std::vector<size_t>& widths, size_t room) const {
  std::vector<size_t> shown(widths.size());
  size_t needed = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    shown[i] = i;
    needed += widths[i] + 2;
  }
  for (size_t i = widths.size(); i-- > 0 && needed > room + 2;) {
    if (!optional_[i]) continue;
    needed -= widths[i] + 2;
    std::erase(shown, i);
  }
  return shown;
}

std::string TextTable::Text(size_t indent, size_t columns) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < headings_.size(); ++i) {
    size_t width = Width(headings_[i]);
    for (const auto& row : rows_) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  const std::vector<size_t> shown =
      ShownColumns(widths, columns == 0 ? SIZE_MAX / 2 : columns - std::min(columns, indent));
  std::string text;
  const auto append = [&](const std::vector<std::string>& row) {
    std::string line(indent, ' ');
    for (const size_t i : shown) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      if (i != shown.front()) line += "  ";
      line += right_[i] ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  append(headings_);
  for (const auto& row : rows_) append(row);
  return text;
}

std::string Preview(std::string_view bytes, size_t limit) {
  return Escaped(bytes, limit, "\\\\");
}

std::string MessagePreview(std::string_view text, size_t limit) {
  return Escaped(text, limit, "\\");
}

}  // namespace forebay
