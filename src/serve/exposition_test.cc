#include "serve/exposition.h"

#include <gtest/gtest.h>

#include <limits>

namespace forebay::serve {
namespace {

TEST(Exposition, EscapesLabelsAndHelp) {
  Exposition text;
  text.Family("a_total", Exposition::Type::kCounter, "Back\\slash, \"quote\"\nline.")
      .Sample(3, {{"x", "a\\b\"c\nd"}, {"y", ""}});
  EXPECT_EQ(text.text(),
            "# HELP a_total Back\\\\slash, \"quote\"\\nline.\n"
            "# TYPE a_total counter\n"
            "a_total{x=\"a\\\\b\\\"c\\nd\",y=\"\"} 3\n");
}

TEST(Exposition, NumbersKeepAllTheirDigits) {
  Exposition text;
  text.Family("a", Exposition::Type::kGauge, "A.");
  text.Sample(std::numeric_limits<uint64_t>::max())
      .Sample(1764000000.125)
      .Sample(std::numeric_limits<double>::infinity());
  EXPECT_NE(text.text().find("a 18446744073709551615\na 1764000000.125\na +Inf\n"), std::string::npos);
}

TEST(Exposition, BucketsAreCumulative) {
  DurationHistogram histogram;
  histogram.Observe(0.02);
  histogram.Observe(0.02);
  histogram.Observe(100);
  Exposition text;
  text.Family("d_seconds", Exposition::Type::kHistogram, "D.").Histogram(histogram.counts());
  const std::string& exposed = text.text();
  EXPECT_NE(exposed.find("d_seconds_bucket{le=\"0.01\"} 0\n"), std::string::npos);
  EXPECT_NE(exposed.find("d_seconds_bucket{le=\"0.025\"} 2\n"), std::string::npos);
  EXPECT_NE(exposed.find("d_seconds_bucket{le=\"30\"} 2\n"), std::string::npos);
  EXPECT_NE(exposed.find("d_seconds_bucket{le=\"+Inf\"} 3\nd_seconds_sum 100.04\nd_seconds_count 3\n"),
            std::string::npos);
}

}  // namespace
}  // namespace forebay::serve
