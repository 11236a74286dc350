// Helpers shared by the tests of contracts.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"

namespace forebay {

inline std::vector<std::string> Names(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

inline std::vector<std::string> RequiredNames(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (field.required) names.push_back(field.name);
  }
  return names;
}

inline const Field& Get(const std::vector<Field>& fields, const std::string& name) {
  for (const Field& field : fields) {
    if (field.name == name) return field;
  }
  ADD_FAILURE() << "no field " << name;
  return fields.front();
}

inline void ExpectExact(const std::optional<Bound>& bound, int64_t exact) {
  ASSERT_TRUE(bound.has_value());
  EXPECT_EQ(static_cast<int64_t>(bound->exact), exact);
  EXPECT_FALSE(bound->exclusive);
}

// A valid contract. Each DiagnosticCase replaces one line of it.
inline constexpr char kValid[] = R"yaml(apiVersion: v3.2.0
kind: DataContract
id: test
version: 1.0.0
schema:
  - name: events
    customProperties:
      - property: kafka.topic
        value: test.events
      - property: kafka.partitions
        value: 3
      - property: kafka.retention.ms
        value: 1000
      - property: kafka.cleanup.policy
        value: delete
      - property: kafka.key
        value: id
      - property: eventTime
        value: at
      - property: eventTime.maxAhead
        value: 1d
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: at, logicalType: timestamp, required: true}
      - {name: extra, logicalType: string}
      - {name: date, logicalType: date, partitioned: true, partitionKeyPosition: 1, transformLogic: date(at)}
  - name: others
    customProperties: [{property: kafka.topic, value: test.others}]
    properties:
      - {name: day, logicalType: date, required: true, partitioned: true}
slaProperties:
  - {property: freshness, value: 5, unit: min}
)yaml";

// One diagnostic: the replaced line of kValid, its replacement, and the expected parts of the message.
struct DiagnosticCase {
  const char* name;
  std::string line;         // the replaced line, without its indentation
  std::string replacement;  // "" removes the line; may have several lines, indented from column 0
  int diagnostic_line;
  std::vector<std::string> parts;
};

inline void PrintTo(const DiagnosticCase& c, std::ostream* out) {
  *out << c.name;
}

// kValid with one line replaced. `line` is its text without the indentation, and must occur exactly once.
inline std::string Replaced(const std::string& line, const std::string& replacement) {
  const std::string valid = kValid;
  const size_t at = valid.find(line + "\n");
  EXPECT_NE(at, std::string::npos) << line;
  EXPECT_EQ(valid.find(line + "\n", at + 1), std::string::npos) << line << " occurs twice";
  const size_t begin = valid.rfind('\n', at) + 1;
  const std::string indentation = valid.substr(begin, at - begin);
  std::string lines;
  for (size_t i = 0; i < replacement.size();) {
    const size_t end = std::min(replacement.find('\n', i), replacement.size());
    lines += indentation + replacement.substr(i, end - i) + "\n";
    i = end + 1;
  }
  return valid.substr(0, begin) + lines + valid.substr(at + line.size() + 1);
}

// Lines of kValid that the cases replace.
inline constexpr char kExtra[] = "- {name: extra, logicalType: string}";
inline constexpr char kTopic[] = "value: test.events";
inline constexpr char kDate[] =
    "- {name: date, logicalType: date, partitioned: true, partitionKeyPosition: 1, transformLogic: date(at)}";
inline constexpr char kId[] =
    "- {name: id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}";
inline constexpr char kAt[] = "- {name: at, logicalType: timestamp, required: true}";
inline constexpr char kDay[] = "- {name: day, logicalType: date, required: true, partitioned: true}";
inline constexpr char kSla[] = "- {property: freshness, value: 5, unit: min}";
inline constexpr int kExtraLine = 25;

// kValid with one line replaced, which has to be valid.
inline Contract ParseWith(const std::string& line, const std::string& replacement) {
  Result<Contract> contract = ParseContract(Replaced(line, replacement), "test.yaml");
  EXPECT_TRUE(contract.ok()) << contract.error().message();
  return contract.ok() ? *std::move(contract) : Contract();
}

// The field `extra` of kValid with other keys.
inline Field ExtraField(const std::string& keys) {
  const Contract contract = ParseWith(kExtra, "- {name: extra, " + keys + "}");
  return contract.tables.empty() ? Field() : Get(contract.tables[0].fields, "extra");
}

inline DiagnosticCase Extra(const char* name, const std::string& replacement,
                            std::vector<std::string> parts) {
  return {name, kExtra, replacement, kExtraLine, std::move(parts)};
}
inline DiagnosticCase ExtraIs(const char* name, const std::string& keys, std::vector<std::string> parts) {
  return Extra(name, "- {name: extra, " + keys + "}", std::move(parts));
}
inline DiagnosticCase ExtraOptions(const char* name, const std::string& type, const std::string& options,
                                   std::vector<std::string> parts) {
  return ExtraIs(name, "logicalType: " + type + ", logicalTypeOptions: {" + options + "}", std::move(parts));
}

inline std::string CaseName(const testing::TestParamInfo<DiagnosticCase>& info) {
  return info.param.name;
}

// Fails unless parsing reports the case's diagnostic alone, at its line, with all of its parts.
void ExpectDiagnostic(const DiagnosticCase& c);

}  // namespace forebay
