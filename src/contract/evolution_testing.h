// For the tests of evolution: a contract, and the changes from it to another one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"
#include "contract/evolution.h"

namespace forebay::testing {

inline constexpr char kBefore[] = R"yaml(apiVersion: v3.2.0
kind: DataContract
id: test
version: 1.0.0
schema:
  - name: events
    customProperties:
      - {property: kafka.topic, value: test.events}
      - {property: kafka.partitions, value: 3}
      - {property: kafka.key, value: id}
      - {property: eventTime, value: at}
    properties:
      - {name: id, logicalType: string, required: true, primaryKey: true}
      - {name: at, logicalType: timestamp, required: true}
      - {name: seen, logicalType: timestamp, required: true}
      - {name: amount, logicalType: number, physicalType: "DECIMAL(12,2)"}
      - {name: count, logicalType: integer, physicalType: INTEGER}
      - {name: note, logicalType: string}
      - {name: tags, logicalType: array, items: {logicalType: string}}
      - {name: sizes, logicalType: map, map: {key: {logicalType: string}, value: {logicalType: integer}}}
      - {name: who, logicalType: object, properties: [{name: name, logicalType: string, required: true}, {name: age, logicalType: integer}]}
      - {name: date, logicalType: date, partitioned: true, transformLogic: date(at)}
)yaml";

inline Contract Parse(const std::string& yaml) {
  Result<Contract> contract = ParseContract(yaml, "test.yaml");
  EXPECT_TRUE(contract.ok()) << (contract.ok() ? "" : contract.error().message());
  return std::move(contract).value();
}

// kBefore with one piece of text replaced.
inline Contract After(const std::string& what, const std::string& by) {
  std::string yaml = kBefore;
  const size_t at = yaml.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return Parse(yaml.replace(at, what.size(), by));
}

inline std::vector<ContractChange> Changes(const std::string& what, const std::string& by) {
  return CompareContracts(AllLanded(Parse(kBefore)), After(what, by));
}

// One change, with this text up to the reason, and beyond it if `change` has it.
inline void ExpectAllowed(const std::string& what, const std::string& by, const std::string& change) {
  const auto changes = Changes(what, by);
  EXPECT_THAT(ChangeTexts(changes, true), ::testing::ElementsAre(::testing::StartsWith(change)));
  EXPECT_THAT(ChangeTexts(changes, false), ::testing::IsEmpty());
}

inline void ExpectRefused(const std::string& what, const std::string& by, const std::string& change) {
  EXPECT_THAT(ChangeTexts(Changes(what, by), false), ::testing::ElementsAre(::testing::StartsWith(change)))
      << by;
}

}  // namespace forebay::testing
