// Key, event time, primary key and partition dimensions: the best candidate, and the choices of the user.
#include "infer/roles.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "contract/field_place.h"
#include "infer/testing.h"

namespace forebay::infer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Given;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kKafkaMs;
using testing::Many;
using testing::MustInfer;
using ::testing::Not;
using testing::OptionsFor;
using testing::Values;

std::string EventTime(const testing::Outcome& outcome) {
  const Table& table = outcome.table();
  return table.event_time ? PathAt(table, *table.event_time) : "none";
}
std::string Key(const testing::Outcome& outcome) {
  const Table& table = outcome.table();
  return table.key ? PathAt(table, *table.key) : "none";
}
std::vector<std::string> PrimaryKey(const testing::Outcome& outcome) {
  std::vector<std::string> paths;
  for (const FieldPlace& place : outcome.table().primary_key) paths.push_back(PathAt(outcome.table(), place));
  return paths;
}

std::string Minute(int i) {
  return fmt::format("2025-10-30T11:{:02}:00Z", i % 60);
}

Error MustFail(const std::vector<Given>& records, const InferOptions& options) {
  const auto inferred = Infer(testing::SampleOf(records), options);
  EXPECT_FALSE(inferred.ok());
  return inferred.ok() ? InvalidArgumentError("") : inferred.error();
}

TEST(RolesTest, TheBestNameIsTheEventTimeAndOthersAreRemarked) {
  const auto outcome = MustInfer(Many(20, [](int i) {
    return fmt::format(R"({{"updated_at":"{0}","event_time":"{0}","expires_at":"{0}"}})", Minute(i));
  }));
  EXPECT_EQ(EventTime(outcome), "event_time");
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date = date(event_time)");
  EXPECT_THAT(outcome.remarks, ElementsAre("the event time is 'event_time'; 'updated_at' would fit, too "
                                           "(--event-time decides)"));
}

TEST(RolesTest, TheEventTimeMayBeNested) {
  const auto outcome = MustInfer(
      Many(20, [](int i) { return fmt::format(R"({{"properties":{{"time":"{}","a.b":1}}}})", Minute(i)); }));
  EXPECT_EQ(EventTime(outcome), "properties.time");
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date = date(properties.time)");
}

TEST(RolesTest, NamesThatNeedAPointerOrQuotes) {
  const auto outcome = MustInfer(Many(
      20, [](int i) { return fmt::format(R"x({{"a.b":{{"t/s ~ (x)":0,"@time":"{}"}}}})x", Minute(i)); }));
  EXPECT_EQ(EventTime(outcome), "a.b.@time");
  EXPECT_EQ(outcome.table().dimensions.size(), 1u);
}

TEST(RolesTest, TimesOfOtherThingsInNestedObjectsAreNotTheEvents) {
  const auto outcome = MustInfer(Many(20, [](int i) {
    return fmt::format(R"({{"repository":{{"created_at":"2020-01-01T{:02}:00:00Z"}},"action":"push"}})", i);
  }));
  EXPECT_EQ(EventTime(outcome), "_kafka_timestamp");
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date = date(_kafka_timestamp)");
}

TEST(RolesTest, ATimeThatIsNearTheRecordsIsBetterThanOneThatIsNot) {
  const auto outcome = MustInfer(Many(20, [](int i) {
    return fmt::format(R"({{"created_at":"2020-01-01T{:02}:00:00Z","logged_at":"{}"}})", i, Minute(i));
  }));
  EXPECT_EQ(EventTime(outcome), "logged_at");
}

TEST(RolesTest, ATimeThatDoesNotAdvanceIsNotTheEvents) {
  const auto outcome = MustInfer(Many(20, [](int) { return R"({"time":"2020-01-01T00:00:00Z"})"; }));
  EXPECT_EQ(EventTime(outcome), "_kafka_timestamp");
}

TEST(RolesTest, ATimeThatIsNotInEveryRecordIsRemarked) {
  const auto outcome = MustInfer(Values({R"({"event_time":"2025-10-30T11:00:00Z"})", R"({"a":1})"}));
  EXPECT_EQ(EventTime(outcome), "_kafka_timestamp");
  EXPECT_THAT(outcome.remarks, Contains(HasSubstr("field 'event_time' is in 1 of 2 records, too few")));
}

TEST(RolesTest, ATimeThatIsInNearlyEveryRecordIsTheEvents) {
  std::vector<Given> records = Many(200, [](int i) {
    return fmt::format(R"({{"o":{{"event_time":"{}","n":1}},"created_at":"{}"}})", Minute(i), Minute(i));
  });
  records.push_back({R"({"o":null,"created_at":"2025-10-30T11:00:00Z"})"});
  const auto outcome = MustInfer(records);
  EXPECT_EQ(EventTime(outcome), "o.event_time");
  EXPECT_THAT(outcome.yaml, HasSubstr("value: o.event_time}  # not in 1 record\n"));
}

TEST(RolesTest, EventsAheadOfTheirRecordsAreAllowed) {
  const auto outcome =
      MustInfer(Values({R"({"time":"2025-11-02T12:00:00Z"})", R"({"time":"2025-10-30T12:00:00Z"})"}));
  EXPECT_EQ(EventTime(outcome), "time");
  EXPECT_EQ(outcome.table().max_ahead_ms, 4 * kMillisPerDay);
  EXPECT_EQ(EventTime(MustInfer(Values({R"({"time":"9999-01-01T12:00:00Z"})"}))), "_kafka_timestamp");
}

TEST(RolesTest, ADateIsItsOwnDirectory) {
  const auto outcome =
      MustInfer(Values({R"({"date":"2025-10-29","n":1})", R"({"date":"2025-10-30","n":2})"}));
  EXPECT_EQ(EventTime(outcome), "date");
  EXPECT_EQ(outcome.table().DescribePartitioning(), "date");
}

TEST(RolesTest, FewRecordsADayShareTheDirectoryOfAMonthOrAYear) {
  const auto days = [](int records_a_day) {
    return Many(records_a_day * 100, [=](int i) {
      const int day = i / records_a_day;
      return fmt::format(R"({{"date":"2025-{:02}-{:02}","n":1}})", 1 + day / 28, 1 + day % 28);
    });
  };
  EXPECT_EQ(MustInfer(days(50)).table().DescribePartitioning(), "date");
  const auto month = MustInfer(days(2));
  EXPECT_EQ(month.table().DescribePartitioning(), "month = month(date)");
  EXPECT_THAT(month.remarks,
              Contains("the directories are those of a month, because a day has about 2 of 200 records "
                       "(--partition-by decides)"));
  EXPECT_EQ(MustInfer(days(1)).table().DescribePartitioning(), "year = year(date)");
}

TEST(RolesTest, AMemberWithTheNameOfKafkasTimestampIsNotIt) {
  const auto outcome = MustInfer(Values({R"({"_kafka_timestamp":"x"})"}));
  EXPECT_EQ(EventTime(outcome), "none");
}

TEST(RolesTest, WithoutAnyTimeThereIsOneDirectory) {
  const auto outcome = MustInfer({{R"({"n":1})", std::nullopt, -1}});
  EXPECT_EQ(EventTime(outcome), "none");
  EXPECT_THAT(outcome.table().dimensions, IsEmpty());
  EXPECT_THAT(outcome.remarks, Contains(HasSubstr("all are in one directory")));
}

TEST(RolesTest, TheDimensionHasANameOfItsOwn) {
  const auto outcome = MustInfer(Values({R"({"time":"2025-10-29T00:00:00Z","Date":"x"})"}));
  EXPECT_EQ(outcome.table().DescribePartitioning(), "event_date = date(time)");
}

TEST(RolesTest, AFieldThatIsEqualToTheKeyIsTheKey) {
  const auto outcome = MustInfer({{R"({"user":"a","n":1})", "a"}, {R"({"user":"b","n":2})", "b"}});
  EXPECT_EQ(Key(outcome), "user");
  EXPECT_THAT(outcome.yaml, HasSubstr("equal to the key of all 2 records"));
  EXPECT_EQ(Key(MustInfer({{R"({"n":{"i":7}})", "7"}})), "n.i");
  EXPECT_EQ(Key(MustInfer({{R"({"user":"a"})", "a"}, {R"({"user":"b"})", "c"}})), "none");
  EXPECT_EQ(Key(MustInfer({{R"({"user":"a"})", "a"}, {R"({"user":"b"})"}})), "none");
  EXPECT_EQ(Key(MustInfer({{R"({"user":"a"})"}})), "none");
}

TEST(RolesTest, AFieldWithoutANameMayHaveARole) {
  EXPECT_EQ(Key(MustInfer({{R"({"":"a"})", "a"}})), "");
  EXPECT_EQ(Key(MustInfer({{R"({"":"a","/":[1]})", "a"}})), "none") << "no text names it";
}

TEST(RolesTest, AnIdThatIsUniqueIsThePrimaryKey) {
  const auto orders = OptionsFor("orders");
  const auto record = [](int i) { return fmt::format(R"({{"order_id":{},"user_id":{}}})", i, i % 5); };
  EXPECT_THAT(PrimaryKey(MustInfer(Many(20, record), orders)), ElementsAre("order_id"));
  EXPECT_THAT(PrimaryKey(MustInfer(Many(20, record), OptionsFor("clicks"))), IsEmpty()) << "20 are too few";
  EXPECT_THAT(PrimaryKey(MustInfer(Many(200, record), OptionsFor("clicks"))), ElementsAre("order_id"));
  std::vector<Given> repeated = Many(200, record);
  repeated.push_back(repeated[0]);
  EXPECT_THAT(PrimaryKey(MustInfer(repeated, orders)), ElementsAre("order_id"))
      << "a producer may send again";
  EXPECT_THAT(PrimaryKey(MustInfer(repeated, OptionsFor("clicks"))), IsEmpty());
}

TEST(RolesTest, IdsOfOtherThingsInNestedObjectsAreNoPrimaryKey) {
  const auto nested = [](int i) { return fmt::format(R"({{"source":{{"tx_id":{}}}}})", i); };
  EXPECT_THAT(PrimaryKey(MustInfer(Many(200, nested))), IsEmpty());
  const auto own = [](int i) { return fmt::format(R"({{"meta":{{"id":{}}}}})", i); };
  EXPECT_THAT(PrimaryKey(MustInfer(Many(200, own))), ElementsAre("meta.id"));
}

TEST(RolesTest, TheUserDecides) {
  InferOptions options = OptionsFor("things");
  options.roles = {"b.at", "k", {"k", "b.n"}, {"k", "month(b.at)"}};
  const auto outcome =
      MustInfer(Many(20,
                     [](int i) {
                       return fmt::format(
                           R"({{"k":"k{0}","time":"{1}","b":{{"at":"2020-01-01T00:00:{0:02}Z","n":1}}}})", i,
                           Minute(i));
                     }),
                options);
  EXPECT_EQ(EventTime(outcome), "b.at");
  EXPECT_EQ(Key(outcome), "k");
  EXPECT_THAT(PrimaryKey(outcome), ElementsAre("k", "b.n"));
  EXPECT_EQ(outcome.table().DescribePartitioning(), "k, month = month(b.at)");
}

TEST(RolesTest, TheUserMayWantNone) {
  InferOptions options = OptionsFor("things");
  options.roles = {kNoRole, kNoRole, {kNoRole}, {kNoRole}};
  const auto outcome = MustInfer({{R"({"id":"a","time":"2025-10-30T12:00:00Z"})", "a"}}, options);
  EXPECT_EQ(EventTime(outcome), "none");
  EXPECT_EQ(Key(outcome), "none");
  EXPECT_THAT(PrimaryKey(outcome), IsEmpty());
  EXPECT_THAT(outcome.table().dimensions, IsEmpty());
}

TEST(RolesTest, AChoiceThatDoesNotFitIsNamed) {
  const std::vector<Given> records = Values({R"({"created":"2025-10-30T12:00:00Z","list":[1],"n":1})"});
  InferOptions options = OptionsFor("things");
  options.roles.event_time = "craeted";
  EXPECT_EQ(MustFail(records, options).message(),
            "--event-time: no field of the records is 'craeted'; did you mean 'created'?");
  options.roles.event_time = "n";
  EXPECT_EQ(MustFail(records, options).message(),
            "--event-time: 'n' is an integer; a timestamp or a date was expected");
  options.roles = {};
  options.roles.key = "list";
  EXPECT_THAT(MustFail(records, options).message(), HasSubstr("--key: 'list' is an array"));
  options.roles = {};
  options.roles.primary_key = {"list"};
  EXPECT_THAT(MustFail(records, options).message(), HasSubstr("--primary-key: 'list' is an array"));
  options.roles = {};
  options.roles.partition_by = {"list"};
  EXPECT_THAT(MustFail(records, options).message(), HasSubstr("--partition-by: 'list' is an array"));
  options.roles.partition_by = {"week(created)"};
  EXPECT_THAT(MustFail(records, options).message(), HasSubstr("'week(created)'"));
  options.roles.partition_by = {"date(createt)"};
  EXPECT_THAT(MustFail(records, options).message(), HasSubstr("'createt'"));
}

}  // namespace
}  // namespace forebay::infer
