// Diagnostics in topics and event time: each kind, its line, and the parts of the message that guide the
// user.
#include <gtest/gtest.h>

#include "contract/testing.h"

namespace forebay {
namespace {

class TopicDiagnosticTest : public testing::TestWithParam<DiagnosticCase> {};

TEST_P(TopicDiagnosticTest, IsReportedOnceWithItsLine) {
  ExpectDiagnostic(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Topics, TopicDiagnosticTest,
    testing::Values(
        DiagnosticCase{"NoTopic",
                       "- property: kafka.topic",
                       "- property: kafka.topic\n  vendor: confluent",
                       7,
                       {"table 'events'", "kafka.topic is missing", "the topic's name"}},
        DiagnosticCase{"MisspelledCustomProperty",
                       "- property: kafka.topic",
                       "- property: kafka.topik",
                       8,
                       {"'kafka.topik' is unknown", "did you mean 'kafka.topic'?"}},
        DiagnosticCase{"UnknownEncodings",
                       "- property: eventTime.maxAhead",
                       "- property: parquet.encodings",
                       21,
                       {"parquet.encodings is '1d'", "plain, delta-times or delta was expected"}},
        DiagnosticCase{"DoubledCustomProperty",
                       "- property: kafka.partitions",
                       "- property: kafka.topic",
                       10,
                       {"duplicate kafka.topic", "the first is in line 9"}},
        DiagnosticCase{"NoValue", kTopic, "", 8, {"kafka.topic has no value"}},
        DiagnosticCase{"EmptyTopic", kTopic, "value: ''", 9, {"kafka.topic is the text ''"}},
        DiagnosticCase{
            "TopicIsNumber", kTopic, "value: 7", 9, {"kafka.topic is the number 7", "text was expected"}},
        DiagnosticCase{
            "TopicWithSpace", kTopic, "value: my topic", 9, {"the topic's name 'my topic' contains a space"}},
        DiagnosticCase{"TopicIsDots", kTopic, "value: '..'", 9, {"the topic's name '..' is reserved"}},
        DiagnosticCase{
            "LongTopic", kTopic, "value: " + std::string(250, 't'), 9, {"has 250 characters, more than 249"}},
        DiagnosticCase{"SameTopic",
                       "customProperties: [{property: kafka.topic, value: test.others}]",
                       "customProperties: [{property: kafka.topic, value: test.events}]",
                       27,
                       {"table 'others'", "duplicate topic 'test.events', also of table 'events'"}},
        DiagnosticCase{"CollidingTopic",
                       "customProperties: [{property: kafka.topic, value: test.others}]",
                       "customProperties: [{property: kafka.topic, value: test_events}]",
                       27,
                       {"the topic 'test_events' collides with 'test.events' of table 'events'",
                        "more than '.' and '_'"}},
        DiagnosticCase{
            "NoPartitions", "value: 3", "value: 0", 11, {"kafka.partitions is 0", "from 1 to 100000"}},
        DiagnosticCase{"PartitionsInQuotes",
                       "value: 3",
                       "value: '3'",
                       11,
                       {"kafka.partitions is the text '3'", "without quotes"}},
        DiagnosticCase{"HalfPartition",
                       "value: 3",
                       "value: 1.5",
                       11,
                       {"kafka.partitions is the number 1.5", "a whole number"}},
        DiagnosticCase{
            "NoRetention", "value: 1000", "value: 0", 13, {"kafka.retention.ms is 0", "-1 for no limit"}},
        DiagnosticCase{"RetentionWithUnit",
                       "value: 1000",
                       "value: 7d",
                       13,
                       {"kafka.retention.ms is the text '7d'", "a whole number"}},
        DiagnosticCase{"CleanupPolicy",
                       "value: delete",
                       "value: purge",
                       15,
                       {"kafka.cleanup.policy is 'purge'", "delete, compact"}},
        DiagnosticCase{"Tombstones",
                       "customProperties: [{property: kafka.topic, value: test.others}]",
                       "customProperties: [{property: kafka.topic, value: test.others}, {property: "
                       "kafka.tombstones, value: keep}]",
                       28,
                       {"kafka.tombstones is 'keep'", "rows or skip"}},
        DiagnosticCase{"KeyIsNoField",
                       "value: id",
                       "value: idd",
                       17,
                       {"kafka.key names 'idd', which is not a field of the record", "did you mean 'id'?"}},
        DiagnosticCase{"KeyIsDerived",
                       "value: id",
                       "value: date",
                       17,
                       {"kafka.key names 'date', which is not a field"}}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    EventTime, TopicDiagnosticTest,
    testing::Values(
        DiagnosticCase{"IsNoField",
                       "value: at",
                       "value: when",
                       19,
                       {"eventTime names 'when', which is not a field of the record"}},
        DiagnosticCase{"IsAString",
                       "value: at",
                       "value: id",
                       19,
                       {"eventTime names 'id', which is a string", "a timestamp or date"}},
        DiagnosticCase{"IsLocal",
                       kAt,
                       "- {name: at, logicalType: timestamp, physicalType: DATETIME, required: true}",
                       19,
                       {"eventTime names 'at', a timestamp without a time zone", "'defaultTimezone'"}},
        DiagnosticCase{"WithoutUnit",
                       "value: 1d",
                       "value: 86400",
                       21,
                       {"eventTime.maxAhead is the number 86400", "a duration with its unit"}},
        DiagnosticCase{"Negative",
                       "value: 1d",
                       "value: -1d",
                       21,
                       {"eventTime.maxAhead is the text '-1d'", "90s, 5m, 36h or 7d"}},
        DiagnosticCase{
            "Overflow", "value: 1d", "value: 9223372036854775807d", 21, {"a duration with its unit"}},
        DiagnosticCase{"LimitWithoutEventTime",
                       "customProperties: [{property: kafka.topic, value: test.others}]",
                       "customProperties: [{property: kafka.topic, value: test.others}, {property: "
                       "eventTime.maxBehind, value: 1d}]",
                       28,
                       {"eventTime.maxBehind without eventTime"}}),
    CaseName);

}  // namespace
}  // namespace forebay
