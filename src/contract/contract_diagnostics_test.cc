// Diagnostics in the contract's head, its tables and its service levels: each kind, its line, and the parts
// of the message that guide the user.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

using testing::HasSubstr;

class ContractDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(ContractDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Head, ContractDiagnosticTest,
    testing::Values(
        DiagnosticCase{"MisspelledKey",
                       "version: 1.0.0",
                       "versoin: 1.0.0",
                       4,
                       {"the key 'versoin' is unknown", "did you mean 'version'?"}},
        DiagnosticCase{
            "KeyInAnotherCase", "kind: DataContract", "Kind: DataContract", 2, {"did you mean 'kind'?"}},
        DiagnosticCase{
            "MissingKey", "id: test", "", 1, {"the key 'id' is missing", "the contract's id was expected"}},
        DiagnosticCase{"NumberForText", "id: test", "id: 5", 3, {"'id' is the number 5", "put it in quotes"}},
        DiagnosticCase{"BooleanForText", "id: test", "id: true", 3, {"'id' is true", "text was expected"}},
        DiagnosticCase{"ListForText", "id: test", "id: [a]", 3, {"'id' is a list", "text was expected"}},
        DiagnosticCase{"NothingForText", "id: test", "id:", 3, {"'id' is nothing", "text was expected"}},
        DiagnosticCase{
            "EmptyText", "id: test", "id: ''", 3, {"'id' is empty", "the contract's id was expected"}},
        DiagnosticCase{"FloatVersion",
                       "version: 1.0.0",
                       "version: 1.0",
                       4,
                       {"'version' is the number 1.0", "put it in quotes"}},
        DiagnosticCase{"WrongKind",
                       "kind: DataContract",
                       "kind: DataProduct",
                       2,
                       {"the kind is 'DataProduct'", "DataContract was expected"}},
        DiagnosticCase{"OldApi",
                       "apiVersion: v3.2.0",
                       "apiVersion: v2.2.2",
                       1,
                       {"'v2.2.2' is not supported", "v3.2.0, v3.1.0"}},
        DiagnosticCase{"DuplicateKey",
                       "id: test",
                       "id: test\nid: again",
                       4,
                       {"duplicate key 'id'", "the first is in line 3"}},
        DiagnosticCase{"MisplacedCustomProperty",
                       "id: test",
                       "id: test\ncustomProperties: [{property: kafka.topic, value: a}]",
                       4,
                       {"misplaced custom property kafka.topic", "customProperties of a table"}},
        DiagnosticCase{"MergeKey",
                       "id: test",
                       "id: test\n<<: {a: b}",
                       4,
                       {"the merge key '<<'", "the keys themselves"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Tables, ContractDiagnosticTest,
    testing::Values(DiagnosticCase{"SameTable",
                                   "- name: others",
                                   "- name: events",
                                   27,
                                   {"table 'events': duplicate name, first used in line 6"}},
                    DiagnosticCase{"SameTableInCapitals",
                                   "- name: others",
                                   "- name: EVENTS",
                                   27,
                                   {"the name differs from 'events' in line 6 only in case"}},
                    DiagnosticCase{"TableIsText",
                                   "- name: others",
                                   "- just text\n- name: others",
                                   27,
                                   {"schema: an entry is the text 'just text'", "'- name: ...'"}},
                    DiagnosticCase{
                        "NoProperties", kDay, "", 29, {"'properties' is nothing", "a list was expected"}},
                    DiagnosticCase{"PropertyIsText",
                                   kExtra,
                                   "- text",
                                   25,
                                   {"table 'events': an entry of properties is the text 'text'"}},
                    DiagnosticCase{"SameFieldTwice",
                                   kExtra,
                                   "- {name: id, logicalType: string}",
                                   25,
                                   {"field 'events.id': duplicate name, first used in line 23"}},
                    DiagnosticCase{"DimensionIsAField",
                                   kDate,
                                   std::string(kDate) + "\n- {name: date, logicalType: date}",
                                   27,
                                   {"field 'events.date'", "duplicate name"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    ServiceLevels, ContractDiagnosticTest,
    testing::Values(
        DiagnosticCase{"Misspelled",
                       kSla,
                       "- {property: freshnes, value: 5, unit: min}",
                       32,
                       {"'freshnes' is unknown", "did you mean 'freshness'?"}},
        DiagnosticCase{"Negative",
                       kSla,
                       "- {property: freshness, value: -5, unit: min}",
                       32,
                       {"the value of freshness is -5", "at least 0"}},
        DiagnosticCase{"Twice",
                       kSla,
                       std::string(kSla) + "\n- {property: freshness, value: 6, unit: min}",
                       33,
                       {"duplicate freshness"}},
        DiagnosticCase{"UnknownKey",
                       kSla,
                       "- {property: freshness, value: 5, units: min, unit: min}",
                       32,
                       {"slaProperties: the key 'units' is unknown", "did you mean 'unit'?"}},
        DiagnosticCase{"Text", kSla, "- freshness", 32, {"slaProperties: an entry is the text 'freshness'"}}),
    CaseName);

TEST(Diagnostics, ValidContractHasNone) {
  const Result<Contract> contract = ParseContract(kValid, "test.yaml");
  EXPECT_TRUE(contract.ok()) << contract.error().message();
}

TEST(Diagnostics, AllAreReportedInLineOrder) {
  std::string yaml = Replaced(kExtra, "- {name: extra, logicalType: strng, requird: true}");
  yaml.replace(yaml.find("kind: DataContract"), 18, "kind: Contract");
  yaml.replace(yaml.find("value: 5, unit"), 8, "value: -5");
  const std::vector<Diagnostic> diagnostics = CheckContract(yaml).diagnostics;
  std::vector<int> lines;
  for (const Diagnostic& diagnostic : diagnostics) lines.push_back(diagnostic.line);
  EXPECT_THAT(lines, testing::ElementsAre(2, 25, 25, 32));
}

TEST(Diagnostics, AnInvalidFieldIsReportedOnce) {
  const std::string yaml = Replaced(kAt, "- {name: at, logicalType: tine, required: true}");
  const std::vector<Diagnostic> diagnostics = CheckContract(yaml).diagnostics;
  ASSERT_EQ(diagnostics.size(), 1u) << "eventTime and date(at) name it, and its own diagnostic is enough";
  EXPECT_EQ(diagnostics[0].line, 24);
}

TEST(Diagnostics, DeepNesting) {
  std::string keys = "logicalType: string";
  for (int i = 0; i < 40; ++i) keys = "logicalType: array, items: {" + keys + "}";
  const Result<Contract> contract =
      ParseContract(Replaced(kExtra, "- {name: extra, " + keys + "}"), "test.yaml");
  ASSERT_FALSE(contract.ok());
  EXPECT_THAT(contract.error().message(), HasSubstr("nested deeper than 32 levels"));
}

}  // namespace
}  // namespace forebay
