#include "report/text_table.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

TEST(TextTable, OmitsColumnsFromTheRightUntilItFits) {
  TextTable table({"name", ">rows", "?note", "?>more"});
  table.Add({"clicks", "12", "a note", "7"});
  EXPECT_EQ(table.Text(2), "  name    rows  note    more\n  clicks    12  a note     7\n");
  EXPECT_EQ(table.Text(2, 28), "  name    rows  note    more\n  clicks    12  a note     7\n");
  EXPECT_EQ(table.Text(2, 27), "  name    rows  note\n  clicks    12  a note\n");
  EXPECT_EQ(table.Text(2, 10), "  name    rows\n  clicks    12\n");
}

TEST(Preview, IsOnePrintableLine) {
  EXPECT_EQ(Preview("a\n\t\x1b[1m\\d", 100), "a\\n\\t\\x1b[1m\\\\d");
  EXPECT_EQ(MessagePreview("'a\n\x1b' does not match ^\\d+$", 100), "'a\\n\\x1b' does not match ^\\d+$");
  EXPECT_EQ(MessagePreview("0123456789", 4), "0123...");
}

TEST(TextTable, ColourHasNoWidth) {
  TextTable table({"a", ">b"});
  table.Add({"\x1b[32mgood\x1b[0m", "1"});
  table.Add({"fine", "22"});
  EXPECT_EQ(table.Text(0), "a      b\n\x1b[32mgood\x1b[0m   1\nfine  22\n");
}

}  // namespace
}  // namespace forebay
