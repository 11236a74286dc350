// Diagnostics in primary keys and partition dimensions: each kind, its line, and the parts of the message
// that guide the user.
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

class KeyDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(KeyDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

DiagnosticCase Derived(const char* name, const std::string& keys, std::vector<std::string> parts) {
  return {name, kDate, "- {name: date, partitioned: true, " + keys + "}", 26, std::move(parts)};
}

INSTANTIATE_TEST_SUITE_P(
    Keys, KeyDiagnosticTest,
    testing::Values(
        DiagnosticCase{
            "SamePosition",
            kExtra,
            "- {name: extra, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}",
            25,
            {"duplicate primaryKeyPosition 1, also of 'id'"}},
        DiagnosticCase{"OnlyDerived", kDay, "", 29, {"'properties' is nothing"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Derived, KeyDiagnosticTest,
    testing::Values(
        Derived("MisspelledFunction", "logicalType: date, transformLogic: dat(at)",
                {"the transformLogic 'dat(at)' is not supported", "date(FIELD) or hour(FIELD)"}),
        Derived("NoArgument", "logicalType: date, transformLogic: date()", {"is not supported"}),
        Derived("OpenQuote", "logicalType: date, transformLogic: 'date(\"at)'", {"is not supported"}),
        Derived("ZoneWithoutQuotes", "logicalType: date, transformLogic: \"date(at, Europe/Berlin)\"",
                {"is not supported", "as in date(FIELD, 'America/New_York')"}),
        Derived("ZoneOfAnotherForm", "logicalType: date, transformLogic: \"date(at, '+01:00')\"",
                {"is not supported"}),
        Derived("EmptyZone", "logicalType: date, transformLogic: \"date(at, '')\"", {"is not supported"}),
        Derived("NoField", "logicalType: date, transformLogic: date(when)",
                {"transformLogic names 'when', which is not a field of the record"}),
        Derived("OfAString", "logicalType: date, transformLogic: date(id)",
                {"transformLogic names 'id', which is a string", "a timestamp or date"}),
        Derived("OfItself", "logicalType: date, transformLogic: date(date)",
                {"transformLogic names 'date', which is not a field"}),
        Derived("OfADate", "logicalType: integer, transformLogic: date(at)",
                {"date(at) is not of logicalType integer", "'logicalType: date'"}),
        Derived("HourIsAString", "logicalType: timestamp, transformLogic: hour(at)",
                {"hour(at) is not of logicalType timestamp", "'logicalType: string'"}),
        Derived("MonthIsAString", "logicalType: integer, transformLogic: month(at)",
                {"month(at) is not of logicalType integer", "'logicalType: string'"}),
        Derived("PrimaryKey", "logicalType: date, primaryKey: true, transformLogic: date(at)",
                {"a derived dimension has 'primaryKey'"}),
        Derived("Rules", "logicalType: date, logicalTypeOptions: {}, transformLogic: date(at)",
                {"a derived dimension has 'logicalTypeOptions'"})),
    CaseName);

// A lake that was landed where the zone is known can be read elsewhere.
TEST(TimeZones, AreLookedUpForContractsThatAreToBeUsed) {
  const std::string yaml = Replaced(
      kDate,
      "- {name: date, logicalType: date, partitioned: true, transformLogic: \"date(at, 'Europe/Berlim')\"}");
  const std::vector<Diagnostic> diagnostics = CheckContract(yaml).diagnostics;
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].line, 26);
  EXPECT_THAT(
      diagnostics[0].text,
      testing::StartsWith("field 'events.date': the time zone 'Europe/Berlim' is not in this machine's time "
                          "zone database, "));
  EXPECT_THAT(diagnostics[0].text, testing::HasSubstr("; use an IANA name such as 'America/New_York'"));
  const auto parsed = ParseContract(yaml, "ledger");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_EQ(parsed->tables[0].DescribePartitioning(), "date = date(at, 'Europe/Berlim')");
}

TEST(TimeZones, OfTimestampsAreLookedUpToo) {
  const ContractCheck check = CheckContract(Replaced(
      kExtra,
      "- {name: extra, logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Europe/Berlim}}"));
  ASSERT_EQ(check.diagnostics.size(), 1u);
  EXPECT_THAT(
      check.diagnostics[0].text,
      testing::StartsWith("field 'events.extra': the time zone 'Europe/Berlim' is not in this machine's"));
}

// A misspelled key causes no second diagnostic.
INSTANTIATE_TEST_SUITE_P(
    Misspelled, KeyDiagnosticTest,
    testing::Values(
        DiagnosticCase{
            "PrimaryKey",
            kId,
            "- {name: id, logicalType: string, required: true, primarykey: true, primaryKeyPosition: 1}",
            23,
            {"did you mean 'primaryKey'?"}},
        DiagnosticCase{"Partitioned",
                       kDay,
                       "- {name: day, logicalType: date, required: true, partitoned: true}",
                       30,
                       {"did you mean 'partitioned'?"}},
        DiagnosticCase{
            "PartitionedWithPosition",
            kDay,
            "- {name: day, logicalType: date, required: true, partitoned: true, partitionKeyPosition: 1}",
            30,
            {"did you mean 'partitioned'?"}},
        DiagnosticCase{"Transform",
                       kDate,
                       "- {name: date, logicalType: date, partitioned: true, partitionKeyPosition: 1, "
                       "transformlogic: date(at)}",
                       26,
                       {"did you mean 'transformLogic'?"}},
        DiagnosticCase{"Required",
                       kAt,
                       "- {name: at, logicalType: timestamp, requierd: true}",
                       24,
                       {"did you mean 'required'?"}},
        DiagnosticCase{"Properties",
                       "- name: others",
                       "- name: others\n  propertys: []",
                       28,
                       {"did you mean 'properties'?"}}),
    CaseName);

}  // namespace
}  // namespace forebay
