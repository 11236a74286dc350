// Writes Prometheus' text exposition format, version 0.0.4.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.h"

namespace forebay::serve {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

// Not thread-safe. REQUIRES: a family before its samples, each family once, valid label names.
class Exposition {
 public:
  enum class Type { kCounter, kGauge, kHistogram };

  // Starts a family; the following samples belong to it. `help` is one line.
  Exposition& Family(std::string_view name, Type type, std::string_view help);

  template <std::integral Integer>
  Exposition& Sample(Integer value, const Labels& labels = {}) {
    return Line("", labels, fmt::format("{}", value));
  }
  Exposition& Sample(double value, const Labels& labels = {});
  // Writes the buckets, sum and count of the family.
  Exposition& Histogram(const DurationHistogram::Counts& counts);

  const std::string& text() const { return text_; }

 private:
  Exposition& Line(std::string_view suffix, const Labels& labels, std::string_view value);

  std::string family_;
  std::string text_;
};

}  // namespace forebay::serve
