#include "contract/time_pattern_parser.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/ascii.h"

namespace forebay {
namespace {

using Part = TimePattern::Part;
using Step = TimePattern::Step;

constexpr uint8_t kMaxFraction = 9;
constexpr size_t kMaxOptional = 8;  // each of them doubles what there is to try

class Parser {
 public:
  explicit Parser(std::string_view pattern) : pattern_(pattern) {}

  std::optional<std::vector<Step>> Parse() {
    const bool strftime = pattern_.find('%') != std::string_view::npos;
    if (!(strftime ? ParseStrftime(pattern_) : ParseFormatter()) || !opened_.empty()) return std::nullopt;
    MendLetters();
    UseLastZAsUtc();
    FixWidths();
    if (HasPartTwice()) return std::nullopt;
    return std::move(steps_);
  }

 private:
  bool ParseFormatter();
  // A run of the same letter. False for one that is not read here.
  bool AddLetters(char letter, size_t count);
  bool AddQuoted(size_t* at);
  bool ParseStrftime(std::string_view pattern);
  bool AddDirective(char directive, bool padded);
  void MendLetters();
  void UseLastZAsUtc();
  void FixWidths();
  bool HasPartTwice() const;

  void Add(Part part) { steps_.push_back({part}); }
  void AddLiteral(char c) { steps_.push_back({Part::kLiteral, c}); }
  bool AddNumber(Part part, size_t min_digits, size_t max_digits) {
    steps_.push_back({part, '\0', static_cast<uint8_t>(min_digits), static_cast<uint8_t>(max_digits)});
    return true;
  }
  bool Has(Part part) const {
    return std::any_of(steps_.begin(), steps_.end(), [part](const Step& step) { return step.part == part; });
  }

  const std::string_view pattern_;
  std::vector<Step> steps_;
  std::vector<size_t> opened_;  // the steps of optional parts that are not closed yet
};

bool Parser::AddQuoted(size_t* at) {
  const size_t begin = *at + 1;
  size_t i = begin;
  for (; i < pattern_.size(); ++i) {
    if (pattern_[i] != '\'') {
      AddLiteral(pattern_[i]);
    } else if (i + 1 < pattern_.size() && pattern_[i + 1] == '\'' && i > begin) {
      AddLiteral(pattern_[i++]);
    } else {
      break;
    }
  }
  if (i == begin) AddLiteral('\'');
  *at = i + 1;
  return i < pattern_.size();
}

bool Parser::ParseFormatter() {
  size_t i = 0;
  size_t optional = 0;
  while (i < pattern_.size()) {
    const char c = pattern_[i];
    if (IsLetter(c)) {
      const size_t end = std::min(pattern_.find_first_not_of(c, i), pattern_.size());
      if (!AddLetters(c, end - i)) return false;
      i = end;
    } else if (c == '\'') {
      if (!AddQuoted(&i)) return false;
    } else if (c == '[') {
      if (++optional > kMaxOptional) return false;
      opened_.push_back(steps_.size());
      Add(Part::kOptional);
      ++i;
    } else if (c == ']') {
      if (opened_.empty()) return false;
      steps_[opened_.back()].end = steps_.size();
      opened_.pop_back();
      ++i;
    } else if (c == '{' || c == '}' || c == '#') {
      return false;  // reserved
    } else {
      AddLiteral(c);
      ++i;
    }
  }
  return true;
}

bool Parser::AddLetters(char letter, size_t count) {
  const auto number = [&](Part part) { return count <= 2 && AddNumber(part, count, 2); };
  const auto name = [&](Part part, size_t at_least) {
    Add(part);
    return count >= at_least && count <= 4;
  };
  switch (letter) {
    case 'y':
    case 'u':
    case 'Y':
      if (count == 2) return AddNumber(Part::kShortYear, 2, 2);
      return (count == 1 || count == 4) && AddNumber(Part::kYear, 4, 4);
    case 'M':
    case 'L':
      return count <= 2 ? number(Part::kMonth) : name(Part::kMonthName, 3);
    case 'd':
    case 'D':
      return number(Part::kDay);
    case 'E':
      return name(Part::kWeekday, 1);
    case 'H':
      return number(Part::kHour);
    case 'h':
      return number(Part::kHalfDayHour);
    case 'a':
      Add(Part::kHalfDay);
      return count == 1;
    case 'm':
      return number(Part::kMinute);
    case 's':
      return number(Part::kSecond);
    case 'S':
      return count <= kMaxFraction && AddNumber(Part::kFraction, count, count);
    case 'X':
    case 'x':
    case 'Z':
    case 'z':
      return name(Part::kOffset, 1);
    case 'T':
      AddLiteral('T');
      return count == 1;
    default:
      return false;
  }
}

bool Parser::ParseStrftime(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      AddLiteral(pattern[i]);
      continue;
    }
    const bool padded = i + 1 >= pattern.size() || pattern[i + 1] != '-';
    i += padded ? 1 : 2;
    if (i >= pattern.size() || !AddDirective(pattern[i], padded)) return false;
  }
  return true;
}

// "%-d" has no leading zero.
bool Parser::AddDirective(char directive, bool padded) {
  switch (directive) {
    case 'Y':
      return AddNumber(Part::kYear, 4, 4);
    case 'y':
      return AddNumber(Part::kShortYear, 2, 2);
    case 'm':
      return AddNumber(Part::kMonth, padded ? 2 : 1, 2);
    case 'd':
      return AddNumber(Part::kDay, padded ? 2 : 1, 2);
    case 'H':
      return AddNumber(Part::kHour, padded ? 2 : 1, 2);
    case 'I':
      return AddNumber(Part::kHalfDayHour, padded ? 2 : 1, 2);
    case 'M':
      return AddNumber(Part::kMinute, padded ? 2 : 1, 2);
    case 'S':
      return AddNumber(Part::kSecond, padded ? 2 : 1, 2);
    case 'f':
      return AddNumber(Part::kFraction, 6, 6);
    case 'b':
    case 'B':
    case 'h':
      Add(Part::kMonthName);
      return padded;
    case 'a':
    case 'A':
      Add(Part::kWeekday);
      return padded;
    case 'p':
      Add(Part::kHalfDay);
      return padded;
    case 'z':
    case 'Z':
      Add(Part::kOffset);
      return padded;
    case 'T':
      return padded && ParseStrftime("%H:%M:%S");
    case 'R':
      return padded && ParseStrftime("%H:%M");
    case 'F':
      return padded && ParseStrftime("%Y-%m-%d");
    case '%':
      AddLiteral('%');
      return padded;
    default:
      return false;
  }
}

// What the wrong letters mean by where they stand: dd/mm/yyyy HH:MM:SS, and hh without AM or PM.
void Parser::MendLetters() {
  const bool has_half = Has(Part::kHalfDay);
  const bool has_minute = Has(Part::kMinute);
  const bool has_month = Has(Part::kMonth) || Has(Part::kMonthName);
  bool is_behind_hour = false;
  bool is_behind_month = false;
  for (size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    if (step.part == Part::kHalfDayHour && !has_half) step.part = Part::kHour;
    if (step.part == Part::kMinute && !is_behind_hour && !has_month) {
      step.part = Part::kMonth;
    } else if (step.part == Part::kMonth && is_behind_hour && (is_behind_month || !Has(Part::kDay)) &&
               !has_minute) {
      step.part = Part::kMinute;
    } else if (step.part == Part::kFraction && step.max_digits == 2 && i > 0 &&
               steps_[i - 1].literal == ':' && !Has(Part::kSecond)) {
      step.part = Part::kSecond;
    }
    is_behind_hour |= step.part == Part::kHour || step.part == Part::kHalfDayHour;
    is_behind_month |= step.part == Part::kMonth || step.part == Part::kMonthName;
  }
}

// HH:mm:ss'Z', and not the end of a word, as in 'MEZ'
void Parser::UseLastZAsUtc() {
  const bool has_hour = Has(Part::kHour) || Has(Part::kHalfDayHour);
  if (!has_hour || Has(Part::kOffset)) return;
  Step& last = steps_.back();
  const Step& before = steps_[steps_.size() - 2];  // a clock is before it
  const bool ends_word = before.part == Part::kLiteral && IsLetter(before.literal);
  if (last.part == Part::kLiteral && last.literal == 'Z' && !ends_word) last.part = Part::kUtc;
}

// Digits that no other character ends are as many as the pattern has letters.
void Parser::FixWidths() {
  for (size_t i = 0; i < steps_.size(); ++i) {
    size_t next = i + 1;
    while (next < steps_.size() && steps_[next].part == Part::kOptional) ++next;
    const bool is_ended = next == steps_.size() || steps_[next].max_digits == 0;
    Step& step = steps_[i];
    if (step.max_digits == 0) continue;
    if (is_ended && step.part == Part::kFraction) {
      step.min_digits = 1;
      step.max_digits = kMaxFraction;
    } else if (!is_ended) {
      step.min_digits = step.max_digits;
    }
  }
}

// What a number or a name stands for.
Part MeaningOf(Part part) {
  return part == Part::kMonthName ? Part::kMonth : part == Part::kShortYear ? Part::kYear : part;
}

// Of several optional parts one may be read: "[X][ z]".
bool Parser::HasPartTwice() const {
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Part part = MeaningOf(steps_[i].part);
    if (part == Part::kLiteral || part == Part::kOptional || part == Part::kOffset || part == Part::kFraction)
      continue;
    for (size_t j = i + 1; j < steps_.size(); ++j) {
      if (MeaningOf(steps_[j].part) == part) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::vector<Step>> ParseTimePattern(std::string_view pattern) {
  return Parser(pattern).Parse();
}

}  // namespace forebay
