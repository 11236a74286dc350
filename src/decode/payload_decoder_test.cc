// The seam between formats: the same logical record must become the same row, or be rejected for the same
// reason in the same words, whatever its format. And an outage of the registry rejects nothing.
#include "decode/payload_decoder.h"

#include <arrow/array.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "decode/framed_testing.h"
#include "decode/row_block.h"
#include "decode/schema.h"
#include "decode/testing.h"

namespace forebay {
namespace {

using testing::InMemorySchemas;
using testing::Kind;
using testing::MakeField;
using testing::MakeRecord;

// A value of a logical record, from which records of both formats are made.
struct Value {
  Kind kind = Kind::kInt;
  bool null = false;
  __int128 number = 0;  // integers, decimals, dates, times, booleans
  int32_t scale = 0;
  double real = 0;
  std::string text = {};
  std::vector<std::pair<std::string, Value>> members = {};
  std::vector<Value> elements = {};
};

std::string JsonOf(const Value& value) {
  if (value.null) return "null";
  std::string json;
  switch (value.kind) {
    case Kind::kInt:
    case Kind::kDecimal:
      AppendDecimal(value.number, value.scale, &json);
      return json;
    case Kind::kDouble:
      return fmt::format("{}", value.real);
    case Kind::kBoolean:
      return value.number != 0 ? "true" : "false";
    case Kind::kString:
      return QuoteJson(value.text);
    case Kind::kDate:
      return QuoteJson(FormatDate(static_cast<int32_t>(value.number)));
    case Kind::kTime:
      return QuoteJson(FormatTimestamp(static_cast<int64_t>(value.number)));
    case Kind::kObject:
      for (const auto& [name, member] : value.members) {
        json += (json.empty() ? "" : ",") + QuoteJson(name) + ":" + JsonOf(member);
      }
      return "{" + json + "}";
    case Kind::kArray:
      for (const Value& element : value.elements) json += (json.empty() ? "" : ",") + JsonOf(element);
      return "[" + json + "]";
  }
  return json;
}

// The writer's schema. All elements of an array have that of the first one.
std::string SchemaOf(const Value& value) {
  static constexpr std::string_view kScalars[] = {"int",    "double", "decimal", "bool",
                                                  "string", "date",   "time"};
  std::string schema;
  switch (value.kind) {
    case Kind::kObject:
      for (const auto& [name, member] : value.members)
        schema += (schema.empty() ? "" : ",") + name + ":" + SchemaOf(member);
      return "{" + schema + "}";
    case Kind::kArray:
      return "[" + (value.elements.empty() ? "int" : SchemaOf(value.elements.front())) + "]";
    default:
      schema = kScalars[static_cast<size_t>(value.kind)];
      return value.kind == Kind::kDecimal ? schema + std::to_string(value.scale) : schema;
  }
}

template <typename T>
void AppendRaw(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

void AppendFramed(const Value& value, std::string* out) {
  out->push_back(value.null ? 0 : 1);
  if (value.null) return;
  switch (value.kind) {
    case Kind::kDouble:
      return AppendRaw(value.real, out);
    case Kind::kDecimal:
      return AppendRaw(value.number, out);
    case Kind::kBoolean:
      return AppendRaw(static_cast<uint8_t>(value.number), out);
    case Kind::kString:
      AppendRaw(static_cast<uint32_t>(value.text.size()), out);
      out->append(value.text);
      return;
    case Kind::kObject:
      for (const auto& [name, member] : value.members) AppendFramed(member, out);
      return;
    case Kind::kArray:
      AppendRaw(static_cast<uint32_t>(value.elements.size()), out);
      for (const Value& element : value.elements) AppendFramed(element, out);
      return;
    default:
      return AppendRaw(static_cast<int64_t>(value.number), out);
  }
}

std::string FramedOf(const Value& record, uint32_t id) {
  std::string out(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(id >> shift & 0xFF));
  for (const auto& [name, member] : record.members) AppendFramed(member, &out);
  return out;
}

Table EveryRule() {
  Field kind = MakeField("kind", FieldType::kString);
  kind.enum_values = {"one", "two"};
  Field code = MakeField("code", FieldType::kString);
  code.pattern = "^[a-z]{2}$";
  Field n = MakeField("n", FieldType::kInteger);
  n.minimum = Bound{.exact = -5, .exclusive = true};
  Field small = MakeField("small", FieldType::kInteger);
  small.bits = 32;
  small.maximum = Bound{.exact = 1'000'000};
  Field price = MakeField("price", FieldType::kDecimal);
  price.minimum = Bound{.exact = 0};
  Field ratio = MakeField("ratio", FieldType::kNumber);
  ratio.minimum = Bound{.number = 0, .exclusive = true};
  ratio.maximum = Bound{.number = 1.5};
  Field day = MakeField("day", FieldType::kDate);
  day.minimum = Bound{.exact = 20'000};
  Field name = MakeField("name", FieldType::kString, true);
  name.min_length = 2;
  name.max_length = 5;
  Field owner = MakeField("owner", FieldType::kObject);
  owner.fields = {name, MakeField("age", FieldType::kInteger), MakeField("since", FieldType::kDate, true)};
  Field item = owner;
  item.name = "element";
  item.fields.push_back(MakeField("price", FieldType::kDecimal));
  Field items = MakeField("items", FieldType::kArray);
  items.fields = {item};
  Field grid = MakeField("grid", FieldType::kArray);
  grid.fields = {MakeField("element", FieldType::kArray, true)};
  grid.fields[0].fields = {MakeField("element", FieldType::kInteger)};
  Table table = testing::MakeTable({MakeField("city", FieldType::kString, true), kind, code, n, small, price,
                                    ratio, MakeField("ok", FieldType::kBoolean), day, owner, items, grid});
  table.dimensions.push_back({"city", PartitionTransform::kIdentity, {2}});
  table.primary_key = {{1}, {7}};  // id and price
  table.max_behind_ms = 2 * kMillisPerDay;
  table.fields[0].timestamp_format = TimestampFormat::kRfc3339;  // numbers would be timestamps in JSON alone
  return table;
}

// Makes logical records: mostly valid ones, and some that break each rule.
class RecordMaker {
 public:
  explicit RecordMaker(const Table& table, uint32_t seed) : table_(table), random_(seed) {}

  Value Record() { return Object(table_.fields, true); }

 private:
  bool Rarely() { return random_() % 40 == 0; }
  template <typename T>
  T OneOf(std::initializer_list<T> values) {
    return values.begin()[random_() % values.size()];
  }

  Value Scalar(Kind kind) {
    Value value;
    value.kind = kind;
    value.text = OneOf(
        {"one", "two", "ab", "three", "", "a\n\"b\"", "\xC3\xBC\xC3\xBC", "__HIVE_DEFAULT_PARTITION__"});
    if (Rarely()) value.text = std::string(59, 'x') + "\xF0\x9F\x8F\x94 cut in messages";
    value.real = OneOf({0.25, 1.0, 1.5, 0.1, -0.0, 1e300, 5e-324});
    value.number =
        OneOf<int64_t>({0, 1, 7, 250, -4, 20'400, 1'000'000, 2'147'483'648, INT64_MAX, INT64_MIN, -5});
    if (kind == Kind::kDecimal) value.scale = OneOf({0, 2, 2, 2, 3});
    if (kind == Kind::kDecimal && random_() % 2 == 0) value.number = OneOf<int64_t>({125, 1'250, 99'999});
    if (kind == Kind::kBoolean) value.number = random_() % 2;
    if (kind == Kind::kDate) value.number = OneOf<int64_t>({20'391, 20'392, 20'400, 19'000, kLastDay});
    if (kind == Kind::kTime) {
      value.number = testing::kKafkaMs * 1000 - static_cast<int64_t>(random_() % 5) * 7'200'000'000;
      if (Rarely()) value.number += OneOf<int64_t>({1, -1}) * 3 * kMicrosPerDay + 1;
    }
    return value;
  }

  // Of another type in both formats. JSON has one type for all numbers, and texts for dates and times.
  Kind AnotherKind(FieldType type) {
    if (type == FieldType::kInteger || type == FieldType::kDecimal || type == FieldType::kNumber)
      return OneOf({Kind::kBoolean, Kind::kString, Kind::kDate, Kind::kTime});
    if (type == FieldType::kString) return OneOf({Kind::kInt, Kind::kDecimal, Kind::kBoolean, Kind::kTime});
    return OneOf({Kind::kInt, Kind::kDouble, Kind::kBoolean, Kind::kString});
  }

  Value Made(const Field& field) {
    using enum FieldType;
    static const std::map<FieldType, Kind> kKinds = {
        {kString, Kind::kString},   {kInteger, Kind::kInt},     {kNumber, Kind::kDouble},
        {kDecimal, Kind::kDecimal}, {kBoolean, Kind::kBoolean}, {kDate, Kind::kDate},
        {kTimestamp, Kind::kTime},  {kObject, Kind::kObject},   {kArray, Kind::kArray}};
    Kind kind = kKinds.at(field.type);
    if (kind == Kind::kDecimal && random_() % 4 == 0) kind = Kind::kInt;
    if (Rarely() && !in_array_) kind = AnotherKind(field.type);
    Value value = kind == Kind::kObject  ? Object(field.fields, false)
                  : kind == Kind::kArray ? Array(field)
                                         : Scalar(kind);
    if (field.name == "city" || field.name == "id") value.text = OneOf({"Oslo", "Rome", value.text.c_str()});
    if (field.name == "kind" && !Rarely()) value.text = OneOf({"one", "two"});
    if ((field.name == "code" || field.name == "name") && !Rarely()) value.text = OneOf({"ab", "yz"});
    value.null = random_() % (field.required ? 200 : 10) == 0;
    return value;
  }

  Value Object(const std::vector<Field>& fields, bool top) {
    Value object;
    object.kind = Kind::kObject;
    for (const Field& field : fields) {
      if (random_() % (field.required ? 200 : 4) == 0) continue;
      object.members.emplace_back(field.name, Made(field));
    }
    std::shuffle(object.members.begin(), object.members.end(), random_);
    if (random_() % 8 == 0) {
      Value more = Scalar(OneOf({Kind::kInt, Kind::kDouble, Kind::kDecimal, Kind::kString, Kind::kTime}));
      more.null = random_() % 8 == 0;
      object.members.emplace_back(OneOf({"more", "/more~"}), more);
    }
    if (top && random_() % 8 == 0) object.members.emplace_back("nested", Object(fields, false));
    return object;
  }

  // The elements have one schema, so that they are copies with other strings and numbers.
  Value Array(const Field& field) {
    Value array;
    array.kind = Kind::kArray;
    const bool outer = std::exchange(in_array_, true);
    for (uint64_t left = random_() % 4; left > 0; --left) {
      Value element = array.elements.empty() ? Made(field.element()) : array.elements.front();
      if (element.kind == Kind::kInt) element.number = Scalar(Kind::kInt).number;
      element.null = Rarely();
      for (auto& [name, member] : element.members) member.null = Rarely();
      array.elements.push_back(element);
    }
    in_array_ = outer;
    return array;
  }

  const Table& table_;
  std::mt19937_64 random_;
  bool in_array_ = false;
};

// A decoder of each format for the same table.
struct BothFormats {
  explicit BothFormats(const Table& table_in) : table(table_in) {
    json = RecordDecoder::Create(table).value();
    framed = RecordDecoder::Create(table, {}, [this](const SchemaTree& schema) {
               return testing::FramedPayloadDecoder::Create(schema, schemas);
             }).value();
  }
  // Registers the writer's schema of the record, and returns the record in the framed format.
  std::string Frame(const Value& value) {
    const auto [id, added] = ids.emplace(SchemaOf(value), static_cast<uint32_t>(ids.size()) + 1);
    if (added) schemas.by_id[id->second] = id->first;
    return FramedOf(value, id->second);
  }

  Table table;
  InMemorySchemas schemas;
  std::map<std::string, uint32_t> ids;
  std::unique_ptr<RecordDecoder> json;
  std::unique_ptr<RecordDecoder> framed;
};

// All that the decoder says about a record beside its slots.
std::string Described(RecordDecoder& decoder, Outcome outcome) {
  if (outcome == Outcome::kReject) {
    const Rejection& rejection = decoder.rejection();
    return fmt::format("{} '{}': {}", ReasonName(rejection.reason), rejection.field, rejection.detail);
  }
  return fmt::format("row of {} at {}, key {:x}, extra {}",
                     decoder.partitions().directory(decoder.partition()),
                     decoder.event_time_micros().value_or(-1), decoder.key_hash(), decoder.extra());
}

TEST(PayloadDecoderTest, FormatsAgreeOnRowsAndRejections) {
  BothFormats both(EveryRule());
  RowBlock json_rows(both.json->schema(), TableSchema(both.table));
  RowBlock framed_rows(both.framed->schema(), TableSchema(both.table));
  RecordMaker maker(both.table, 1);
  std::set<std::string_view> reasons;
  for (int i = 0; i < 30'000; ++i) {
    const Value value = maker.Record();
    const std::string json = JsonOf(value);
    const std::string framed = both.Frame(value);
    const Outcome outcome = both.json->Decode(MakeRecord(json), 0).value();
    const Outcome framed_outcome = both.framed->Decode(MakeRecord(framed), 0).value();
    ASSERT_EQ(Described(*both.framed, framed_outcome), Described(*both.json, outcome)) << json;
    if (outcome == Outcome::kReject) {
      reasons.insert(ReasonName(both.json->rejection().reason));
      continue;
    }
    json_rows.Append(both.json->row());
    framed_rows.Append(both.framed->row());
  }
  EXPECT_GT(json_rows.rows(), 3'000);
  EXPECT_THAT(reasons,
              ::testing::UnorderedElementsAre("missing_field", "wrong_type", "out_of_range", "bad_timestamp",
                                              "not_in_enum", "pattern_mismatch", "bad_length"));
  const auto json_columns = json_rows.Arrays();
  const auto framed_columns = framed_rows.Arrays();
  for (size_t i = 0; i < json_columns.size(); ++i) {
    ASSERT_TRUE(framed_columns[i]->ValidateFull().ok());
    EXPECT_TRUE(framed_columns[i]->Equals(*json_columns[i])) << framed_columns[i]->Diff(*json_columns[i]);
  }
}

Value SmallRecord() {
  Value record;
  record.kind = Kind::kObject;
  record.members = {{"at", {.kind = Kind::kTime, .number = testing::kKafkaMs * 1000}},
                    {"id", {.kind = Kind::kString, .text = "a"}},
                    {"city", {.kind = Kind::kString, .text = "Oslo"}}};
  return record;
}

TEST(PayloadDecoderTest, AMalformedRecordTakesPrecedenceOverItsFields) {
  BothFormats both(EveryRule());
  Value value = SmallRecord();
  value.members[0].second = {.kind = Kind::kInt};
  const std::string framed = both.Frame(value);
  const auto described = [&](const std::string& record) {
    return Described(*both.framed, both.framed->Decode(MakeRecord(record), 0).value());
  };
  EXPECT_EQ(described(framed), "wrong_type 'at': expected a timestamp, got a number");
  EXPECT_EQ(described(framed + '\0'), "not_json '': malformed record");
  EXPECT_EQ(described("\1" + framed.substr(1)), "not_json '': no schema id");
  for (size_t size = 5; size < framed.size(); ++size)
    ASSERT_EQ(described(framed.substr(0, size)), "not_json '': malformed record") << size;
  EXPECT_EQ(described(std::string(2'000'000, 'x')),
            "too_large '': record of 2000000 bytes exceeds the limit of 1048576 bytes");
}

TEST(PayloadDecoderTest, AnUnknownSchemaIdIsARejection) {
  BothFormats both(EveryRule());
  const std::string framed = FramedOf(SmallRecord(), 7);
  RowRun run(both.framed->schema());
  ASSERT_EQ(both.framed->Decode(MakeRecord(framed), 0, &run).value(), Outcome::kReject);
  EXPECT_EQ(both.framed->rejection().detail, "unknown schema id 7");
  EXPECT_TRUE(run.rows().empty());
  both.schemas.by_id[7] = SchemaOf(SmallRecord());  // registered late
  EXPECT_EQ(both.framed->Decode(MakeRecord(framed), 0, &run).value(), Outcome::kRow);
  EXPECT_EQ(both.schemas.requests, 2);
}

TEST(PayloadDecoderTest, AnOutageIsAnErrorAndTheRecordCanBeDecodedAgain) {
  BothFormats both(EveryRule());
  const std::string known = both.Frame(SmallRecord());
  Value wider = SmallRecord();
  Value owner{.kind = Kind::kObject};
  owner.members = {{"name", {.kind = Kind::kString, .text = "ab"}},
                   {"since", {.kind = Kind::kDate, .number = 20'400}}};
  wider.members.push_back({"owner", owner});
  const std::string other = both.Frame(wider);
  RowRun run(both.framed->schema());
  ASSERT_EQ(both.framed->Decode(MakeRecord(known), 0, &run).value(), Outcome::kRow);
  both.schemas.available = false;
  const Result<Outcome> failed = both.framed->Decode(MakeRecord(other), 0, &run);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(both.framed->Decode(MakeRecord(known), 0, &run).value(), Outcome::kRow) << "its schema is known";
  both.schemas.available = true;
  EXPECT_EQ(both.framed->Decode(MakeRecord(other), 0, &run).value(), Outcome::kRow);
  EXPECT_EQ(run.rows().size(), 3u);
  // The last row by itself, with its nested slots, is as if it had been decoded alone.
  RowBlock block(both.framed->schema(), TableSchema(both.table));
  const uint32_t last = 2;
  block.Append(run, {&last, 1});
  RowBlock alone(both.framed->schema(), TableSchema(both.table));
  ASSERT_EQ(both.framed->Decode(MakeRecord(other), 0).value(), Outcome::kRow);
  alone.Append(both.framed->row());
  for (size_t i = 0; i < alone.Arrays().size(); ++i)
    EXPECT_TRUE(block.Arrays()[i]->Equals(*alone.Arrays()[i])) << i;
  EXPECT_EQ(both.schemas.requests, 3) << "each schema is compiled once";
}

}  // namespace
}  // namespace forebay
