#include "base/units.h"

#include <charconv>
#include <initializer_list>

namespace forebay {
namespace {

struct Unit {
  const char* name;
  int64_t factor;
};

Result<int64_t> ParseWithUnit(const std::string& text, std::initializer_list<Unit> units,
                              const char* expected) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && number >= 0) {
    const std::string unit(rest, end);
    for (const Unit& candidate : units) {
      int64_t product = 0;
      if (unit == candidate.name && !__builtin_mul_overflow(number, candidate.factor, &product))
        return product;
    }
  }
  return InvalidArgumentError("'" + text + "' is not " + expected);
}

}  // namespace

Result<int64_t> ReadDurationMs(const std::string& text) {
  return ParseWithUnit(
      text, {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}},
      "a duration: write 250ms, 90s, 5m, 2h or 1d");
}

std::string FormatDurationMs(int64_t ms) {
  for (const Unit& unit : {Unit{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}) {
    if (ms >= unit.factor && ms % unit.factor == 0) return std::to_string(ms / unit.factor) + unit.name;
  }
  return std::to_string(ms) + "ms";
}

Result<int64_t> ReadByteSize(const std::string& text) {
  return ParseWithUnit(text,
                       {{"", 1},
                        {"B", 1},
                        {"kB", 1000},
                        {"KB", 1000},
                        {"MB", 1'000'000},
                        {"GB", 1'000'000'000},
                        {"KiB", 1024},
                        {"MiB", 1024 * 1024},
                        {"GiB", 1024 * 1024 * 1024}},
                       "a size: write 512MB, 64MiB or 1GB");
}

}  // namespace forebay
