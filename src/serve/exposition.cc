#include "serve/exposition.h"

#include <cmath>

namespace forebay::serve {
namespace {

void AppendEscaped(std::string_view text, bool quotes, std::string* to) {
  for (const char c : text) {
    if (c == '\\') {
      *to += "\\\\";
    } else if (c == '\n') {
      *to += "\\n";
    } else if (c == '"' && quotes) {
      *to += "\\\"";
    } else {
      *to += c;
    }
  }
}

const char* TypeName(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::kCounter:
      return "counter";
    case Exposition::Type::kGauge:
      return "gauge";
    case Exposition::Type::kHistogram:
      break;
  }
  return "histogram";
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

Exposition& Exposition::Family(std::string_view name, Type type, std::string_view help) {
  family_ = name;
  text_ += fmt::format("# HELP {} ", name);
  AppendEscaped(help, false, &text_);
  text_ += fmt::format("\n# TYPE {} {}\n", name, TypeName(type));
  return *this;
}

Exposition& Exposition::Sample(double value, const Labels& labels) {
  return Line("", labels, Number(value));
}

Exposition& Exposition::Histogram(const DurationHistogram::Counts& counts) {
  uint64_t below = 0;
  for (size_t i = 0; i < counts.buckets.size(); ++i) {
    below += counts.buckets[i];
    const bool last = i == DurationHistogram::kBounds.size();
    Line("_bucket", {{"le", last ? "+Inf" : Number(DurationHistogram::kBounds[i])}}, std::to_string(below));
  }
  Line("_sum", {}, Number(counts.sum_seconds));
  return Line("_count", {}, std::to_string(below));
}

Exposition& Exposition::Line(std::string_view suffix, const Labels& labels, std::string_view value) {
  text_ += family_;
  text_ += suffix;
  const char* separator = "{";
  for (const auto& [name, text] : labels) {
    text_ += separator;
    text_ += name;
    text_ += "=\"";
    AppendEscaped(text, true, &text_);
    text_ += '"';
    separator = ",";
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
  return *this;
}

}  // namespace forebay::serve
