#include "contract/field_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/quoted.h"
#include "contract/time_pattern.h"

namespace forebay {
namespace {

using Kind = PhysicalType::Kind;

constexpr int32_t kMaxPrecision = 38;
constexpr int32_t kMaxInt64Digits = 18;  // that any integer of 64 bits can have

constexpr std::string_view kLogicalTypeNames[] = {"string", "integer",   "number", "boolean",
                                                  "date",   "timestamp", "time",   "object",
                                                  "array",  "map",       "vector"};

std::optional<FieldType> ParseLogicalType(std::string_view name) {
  if (name == "string") return FieldType::kString;
  if (name == "integer") return FieldType::kInteger;
  if (name == "number") return FieldType::kNumber;
  if (name == "boolean") return FieldType::kBoolean;
  if (name == "date") return FieldType::kDate;
  if (name == "timestamp") return FieldType::kTimestamp;
  if (name == "time") return FieldType::kTime;
  if (name == "map") return FieldType::kMap;
  if (name == "object") return FieldType::kObject;
  if (name == "array" || name == "vector") return FieldType::kArray;
  return std::nullopt;
}

// The logical type that a physical one implies.
std::optional<FieldType> LogicalTypeOf(Kind kind) {
  switch (kind) {
    case Kind::kText:
    case Kind::kBinary:
      return FieldType::kString;
    case Kind::kInteger:
      return FieldType::kInteger;
    case Kind::kDecimal:
    case Kind::kFloat:
      return FieldType::kNumber;
    case Kind::kBoolean:
      return FieldType::kBoolean;
    case Kind::kDate:
      return FieldType::kDate;
    case Kind::kTimestamp:
    case Kind::kInstant:
    case Kind::kLocalTimestamp:
      return FieldType::kTimestamp;
    case Kind::kObject:
      return FieldType::kObject;
    case Kind::kArray:
      return FieldType::kArray;
    case Kind::kTime:
      return FieldType::kTime;
    case Kind::kMap:
      return FieldType::kMap;
    case Kind::kJson:
      return FieldType::kJson;
    case Kind::kUnknown:
      return std::nullopt;
  }
  return std::nullopt;
}

void SetRange(__int128 min, __int128 max, Field& field) {
  field.minimum = Bound{min, 0, false};
  field.maximum = Bound{max, 0, false};
}

// 64 bits hold all that JSON's numbers are used for; wider integers are refused record by record.
void SetIntegerSize(int32_t bits, bool is_unsigned, Field& field) {
  field.bits = bits + (is_unsigned ? 1 : 0) <= 32 ? 32 : 64;
  if (is_unsigned) {
    SetRange(0, bits < 64 ? (__int128{1} << bits) - 1 : INT64_MAX, field);
  } else if (bits < 32) {
    SetRange(-(__int128{1} << (bits - 1)), (__int128{1} << (bits - 1)) - 1, field);
  }
}

// What physicalType says about one field, beyond its logical type.
class PhysicalTypeReader {
 public:
  // `key`: the one that names the physical type.
  PhysicalTypeReader(const MapReader& property, std::string_view key, const PhysicalType& physical,
                     Field& field)
      : property_(property), key_(key), physical_(physical), field_(field) {}

  // False, with a diagnostic, for a contradiction.
  bool Read() {
    switch (field_.type) {
      case FieldType::kInteger:
        return ReadInteger();
      case FieldType::kNumber:
        ReadNumber();
        return true;
      case FieldType::kString:
        if (physical_.kind == Kind::kBinary || physical_.kind == Kind::kJson) return true;
        break;
      case FieldType::kObject:
        if (physical_.kind == Kind::kMap || physical_.kind == Kind::kJson) return true;
        break;
      case FieldType::kArray:
        if (physical_.kind == Kind::kJson) return true;
        break;
      default:
        break;
    }
    if (LogicalTypeOf(physical_.kind) != field_.type) NoteUnused("the logicalType decides");
    return true;
  }

 private:
  bool ReadInteger();
  void ReadNumber();
  void NoteUnused(const std::string& consequence) const {
    const std::string text = property_.Text(key_).value_or("");
    property_.Note(key_, fmt::format("the {} {} is not used", key_, Quoted(text)), consequence);
  }

  const MapReader& property_;
  const std::string_view key_;
  const PhysicalType& physical_;
  Field& field_;
};

bool PhysicalTypeReader::ReadInteger() {
  if (physical_.kind == Kind::kInteger) {
    SetIntegerSize(physical_.bits, physical_.is_unsigned, field_);
    if (physical_.bits > 64) NoteUnused("the column has 64 bits");
    return true;
  }
  if (physical_.kind != Kind::kDecimal) {
    NoteUnused("the logicalType decides");
    return true;
  }
  if (physical_.scale > 0) {
    property_.Refuse("physicalType",
                     fmt::format("{} has digits after the point, and the logicalType is integer",
                                 Quoted(*property_.Text("physicalType"))),
                     "'logicalType: number', or a scale of 0, was expected");
    return false;
  }
  if (!physical_.precision) return true;
  if (*physical_.precision > kMaxInt64Digits) {
    NoteUnused("the column has 64 bits");
    return true;
  }
  __int128 limit = 1;
  for (int32_t i = 0; i < *physical_.precision; ++i) limit *= 10;
  SetRange(1 - limit, limit - 1, field_);
  return true;
}

void PhysicalTypeReader::ReadNumber() {
  if (physical_.kind == Kind::kFloat) return;
  if (physical_.kind == Kind::kInteger) {
    field_.type = FieldType::kInteger;
    ReadInteger();
  } else if (physical_.kind != Kind::kDecimal) {
    NoteUnused("the logicalType decides");
  } else if (!physical_.precision) {
    NoteUnused("the column is a DOUBLE; a precision and a scale, as in DECIMAL(12,2), make it exact");
  } else if (*physical_.precision > kMaxPrecision) {
    NoteUnused(fmt::format("the column is a DOUBLE: a decimal has at most {} digits", kMaxPrecision));
  } else {
    field_.type = FieldType::kDecimal;
    field_.precision = *physical_.precision;
    field_.scale = physical_.scale;
  }
}

// A logicalType that ODCS does not have, such as long or varchar, is read as a physical type.
std::optional<FieldType> ReadForeignLogicalType(const MapReader& property, const std::string& name,
                                                const PhysicalType& named) {
  const std::string unknown = fmt::format("the logicalType {} is not one of ODCS", Quoted(name));
  const std::optional<FieldType> type = LogicalTypeOf(named.kind);
  if (type) {
    property.Note("logicalType", unknown, fmt::format("it is read as {}", FieldTypeName(*type)));
    return type;
  }
  const std::string_view nearest = NearestName(name, kLogicalTypeNames);
  property.Refuse("logicalType", unknown,
                  nearest.empty() ? JoinOr(kLogicalTypeNames) + " was expected"
                                  : fmt::format("did you mean '{}'?", nearest));
  return std::nullopt;
}

// Returns false for a format that such a field cannot have as a pattern.
bool ReadTimePattern(const std::string& format, Field& field) {
  const std::optional<TimePattern> pattern = TimePattern::Compile(format);
  if (!pattern) return false;
  const bool is_clock = pattern->has_clock() && !pattern->has_date() && !pattern->has_offset();
  if (field.type == FieldType::kTime ? !is_clock : !pattern->has_date()) return false;
  field.time_pattern = format;
  if (!pattern->is_iso()) field.timestamp_format = TimestampFormat::kPattern;
  return true;
}

constexpr std::string_view kTimestampFormats[] = {"rfc3339", "epoch-seconds", "epoch-millis", "epoch-micros",
                                                  "epoch-nanos"};
constexpr std::string_view kDateFormats[] = {"yyyy-MM-dd"};
constexpr std::string_view kTimeFormats[] = {"HH:mm:ss", "HH:mm"};

// Refuses a misspelling of a format that is read, and notes any other.
void NoteOrRefuseFormat(const MapReader& options, const std::string& format,
                        std::span<const std::string_view> known, const char* what,
                        const std::string& consequence) {
  constexpr size_t kMaxDistance = 2;
  const std::string_view nearest = NearestName(format, known, kMaxDistance);
  const bool is_pattern =
      format.find_first_of("yMdHhms%") != std::string::npos && !format.starts_with("epoch");
  if (!nearest.empty() && !is_pattern) {
    options.Refuse("format", fmt::format("the format {} of a {} is unknown", Quoted(format), what),
                   fmt::format("did you mean '{}'?", nearest));
    return;
  }
  options.Note("format", fmt::format("the format {} of a {} is not used", Quoted(format), what), consequence);
}

void ReadTimestampFormat(const MapReader& options, const std::string& format, Field& field) {
  if (format == "rfc3339") {
    field.timestamp_format = TimestampFormat::kRfc3339;
  } else if (format == "epoch-seconds") {
    field.timestamp_format = TimestampFormat::kEpochSeconds;
  } else if (format == "epoch-millis") {
    field.timestamp_format = TimestampFormat::kEpochMillis;
  } else if (format == "epoch-micros") {
    field.timestamp_format = TimestampFormat::kEpochMicros;
  } else if (format == "epoch-nanos") {
    field.timestamp_format = TimestampFormat::kEpochNanos;
  } else if (!ReadTimePattern(format, field)) {
    NoteOrRefuseFormat(options, format, kTimestampFormats, "timestamp",
                       "timestamps are read as without a format");
  }
}

constexpr std::string_view kIntegerFormats[] = {"i8", "i16", "i32", "i64", "i128",
                                                "u8", "u16", "u32", "u64", "u128"};

// The names of Rust's integer types.
void ReadIntegerFormat(const MapReader& options, const std::string& format, bool has_size, Field& field) {
  if (std::find(std::begin(kIntegerFormats), std::end(kIntegerFormats), format) ==
      std::end(kIntegerFormats)) {
    options.Refuse("format", fmt::format("the format {} of an integer is unknown", Quoted(format)),
                   JoinOr(kIntegerFormats) + " was expected");
    return;
  }
  const int32_t bits = std::stoi(format.substr(1));
  Field sized;
  SetIntegerSize(bits, format.front() == 'u', sized);
  if (bits > 64)
    options.Note("format", fmt::format("the format {} is not used", format), "the column has 64 bits");
  if (has_size && sized.bits != field.bits) {
    options.Note(
        "format",
        fmt::format("the format {} and the physicalType differ, which has {} bits", format, field.bits),
        fmt::format("the column has {} bits", sized.bits));
  }
  field.bits = sized.bits;
  field.minimum = sized.minimum;
  field.maximum = sized.maximum;
}

}  // namespace

std::string_view FieldTypeName(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "a string";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kNumber:
      return "a number";
    case FieldType::kDecimal:
      return "a decimal";
    case FieldType::kBoolean:
      return "a boolean";
    case FieldType::kDate:
      return "a date";
    case FieldType::kTime:
      return "a time";
    case FieldType::kTimestamp:
      return "a timestamp";
    case FieldType::kLocalTimestamp:
      return "a local timestamp";
    case FieldType::kObject:
      return "an object";
    case FieldType::kArray:
      return "an array";
    case FieldType::kMap:
      return "a map";
    case FieldType::kJson:
      return "JSON";
  }
  return "";
}

bool IsScalar(FieldType type) {
  return type != FieldType::kObject && type != FieldType::kArray && type != FieldType::kMap &&
         type != FieldType::kJson;
}

PhysicalType PhysicalTypeOf(const MapReader& property) {
  const std::optional<std::string> text = property.Text("physicalType");
  return text ? ParsePhysicalType(*text) : PhysicalType();
}

bool ReadFieldType(const MapReader& property, Field& field) {
  PhysicalType physical = PhysicalTypeOf(property);
  std::string_view physical_key = property.Has("physicalType") ? "physicalType" : "";
  std::optional<FieldType> type = LogicalTypeOf(physical.kind);
  if (property.Has("logicalType") || property.IsMisspelled("logicalType")) {
    const std::optional<std::string> name = property.Text("logicalType");
    if (!name) return false;
    type = ParseLogicalType(*name);
    if (!type) {
      const PhysicalType named = ParsePhysicalType(*name);
      type = ReadForeignLogicalType(property, *name, named);
      if (!type) return false;
      if (physical_key.empty()) {
        physical = named;
        physical_key = "logicalType";
      }
    }
  } else if (!type) {
    property.Note("logicalType", "it has no logicalType", "any value is landed, as JSON text");
    type = FieldType::kJson;
    physical_key = "";
  }
  field.type = *type;
  return physical_key.empty() || PhysicalTypeReader(property, physical_key, physical, field).Read();
}

void ReadFormat(const MapReader& options, const PhysicalType& physical, Field& field) {
  const std::optional<std::string> format = options.Text("format");
  if (!format) return;
  switch (field.type) {
    case FieldType::kTimestamp:
      return ReadTimestampFormat(options, *format, field);
    case FieldType::kInteger:
      return ReadIntegerFormat(options, *format, physical.kind == Kind::kInteger, field);
    case FieldType::kTime:
      if (*format == "HH:mm:ss" || *format == "HH:mm" || ReadTimePattern(*format, field)) return;
      return NoteOrRefuseFormat(options, *format, kTimeFormats, "time", "times are read as HH:mm:ss");
    case FieldType::kDate:
      if (*format == "yyyy-MM-dd" || ReadTimePattern(*format, field)) return;
      return NoteOrRefuseFormat(options, *format, kDateFormats, "date", "dates are read as yyyy-MM-dd");
    case FieldType::kNumber:
    case FieldType::kDecimal:
      if (*format == "f64" || *format == "f32") return;
      return options.Note(
          "format",
          fmt::format("the format {} of {} is not used", Quoted(*format), FieldTypeName(field.type)),
          "physicalType decides");
    case FieldType::kString: {
      const std::optional<TextFormat> known = ParseTextFormat(*format);
      field.format = known.value_or(TextFormat::kAny);
      if (known && (known != TextFormat::kAny)) return;
      return options.Note("format", fmt::format("the format {} is not checked", Quoted(*format)),
                          "a 'pattern' can express such a rule");
    }
    default:
      return;
  }
}

}  // namespace forebay
