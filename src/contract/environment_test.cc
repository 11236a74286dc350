#include "contract/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "contract/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("FOREBAY_TEST_SET", "abc", 1);
    ::setenv("FOREBAY_TEST_EMPTY", "", 1);
    ::unsetenv("FOREBAY_TEST_UNSET");
  }
  std::string Resolve(std::string_view text) { return WithEnvironment(text, diagnostics_); }
  Diagnostics diagnostics_;
};

TEST_F(Environment, ValuesAndDefaults) {
  EXPECT_EQ(Resolve("a: ${FOREBAY_TEST_SET}"), "a: abc");
  EXPECT_EQ(Resolve("a: x-${FOREBAY_TEST_SET:-d}-y"), "a: x-abc-y");
  EXPECT_EQ(Resolve("a: ${FOREBAY_TEST_UNSET:-d.e}"), "a: d.e");
  EXPECT_EQ(Resolve("a: ${FOREBAY_TEST_EMPTY:-d}"), "a: d") << "as a shell's :- does";
  EXPECT_EQ(Resolve("a: ${FOREBAY_TEST_UNSET:-}"), "a: ");
  EXPECT_TRUE(diagnostics_.empty());
  EXPECT_TRUE(diagnostics_.DrainNotes().empty());
}

TEST_F(Environment, WhatIsNoReferenceStays) {
  for (const char* text : {"${2}", "$FOREBAY_TEST_SET", "${}", "${FOREBAY_TEST_SET", "${FOREBAY_TEST_SET\n}",
                           "^[a-z]{2}$", "${a b}", "${A:=b}", "$", ""}) {
    EXPECT_EQ(Resolve(text), text);
  }
  EXPECT_EQ(Resolve("$${FOREBAY_TEST_SET}"), "${FOREBAY_TEST_SET}");
  EXPECT_TRUE(diagnostics_.DrainNotes().empty());
}

TEST_F(Environment, AVariableThatIsNotSetIsNoted) {
  EXPECT_EQ(Resolve("a: b\nc: ${FOREBAY_TEST_UNSET}"), "a: b\nc: ${FOREBAY_TEST_UNSET}");
  const std::vector<Note> notes = diagnostics_.DrainNotes();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].line, 2);
  EXPECT_THAT(notes[0].text, HasSubstr("FOREBAY_TEST_UNSET is not set"));
}

TEST_F(Environment, AValueOfSeveralLinesIsRefused) {
  ::setenv("FOREBAY_TEST_SET", "a\nkind: x", 1);
  Resolve("a: ${FOREBAY_TEST_SET}");
  EXPECT_EQ(diagnostics_.size(), 1u);
}

// The ledger stores the text with the values: a lake's contract doesn't change with the environment.
TEST_F(Environment, AContractHasTheValuesInItsText) {
  const std::string yaml = Replaced(kTopic, "value: ${FOREBAY_TEST_SET:-x}.events");
  const std::optional<Contract> contract = CheckContract(yaml).contract;
  ASSERT_TRUE(contract.has_value());
  EXPECT_EQ(contract->tables[0].topic.name, "abc.events");
  EXPECT_THAT(contract->yaml, HasSubstr("value: abc.events"));
  const auto stored = ParseContract(Replaced(kTopic, "value: $${FOREBAY_TEST_SET}"), "ledger");
  EXPECT_FALSE(stored.ok()) << "ParseContract reads no environment, and $${...} is not a valid topic name";
}

}  // namespace
}  // namespace forebay
