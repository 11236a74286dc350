#include "contract/physical_type.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "base/trim.h"

namespace forebay {
namespace {

using Kind = PhysicalType::Kind;

struct KnownName {
  std::string_view name;
  Kind kind;
  int32_t bits = 64;
  bool is_unsigned = false;
};

// Names of the SQL standard, of the usual databases and warehouses, of Avro, Arrow, Spark and of languages.
constexpr KnownName kKnownNames[] = {
    {"BIGNUMERIC", Kind::kDecimal},
    {"BIGDECIMAL", Kind::kDecimal},
    {"BIGINT", Kind::kInteger},
    {"BIGINT UNSIGNED", Kind::kInteger, 64, true},
    {"BIGSERIAL", Kind::kInteger},
    {"BINARY", Kind::kBinary},
    {"BINARY VARYING", Kind::kBinary},
    {"BINARY_DOUBLE", Kind::kFloat},
    {"BINARY_FLOAT", Kind::kFloat},
    {"BIT", Kind::kBoolean},
    {"BLOB", Kind::kBinary},
    {"BOOL", Kind::kBoolean},
    {"BOOLEAN", Kind::kBoolean},
    {"BPCHAR", Kind::kText},
    {"BYTEA", Kind::kBinary},
    {"BYTEINT", Kind::kInteger, 8},
    {"BYTES", Kind::kBinary},
    {"CHAR", Kind::kText},
    {"CHAR VARYING", Kind::kText},
    {"CHARACTER", Kind::kText},
    {"CHARACTER VARYING", Kind::kText},
    {"CITEXT", Kind::kText},
    {"CLOB", Kind::kText},
    {"DATE", Kind::kDate},
    {"DATE32", Kind::kDate},
    {"DATETIME", Kind::kLocalTimestamp},
    {"DATETIME2", Kind::kLocalTimestamp},
    {"DATETIME64", Kind::kTimestamp},
    {"DATETIMEOFFSET", Kind::kInstant},
    {"DEC", Kind::kDecimal},
    {"DECIMAL", Kind::kDecimal},
    {"DICT", Kind::kMap},
    {"DICTIONARY", Kind::kMap},
    {"DOUBLE", Kind::kFloat},
    {"DOUBLE PRECISION", Kind::kFloat},
    {"ENUM", Kind::kText},
    {"FIXED", Kind::kBinary},
    {"FIXED_LEN_BYTE_ARRAY", Kind::kBinary},
    {"FIXEDSTRING", Kind::kText},
    {"FLOAT", Kind::kFloat},
    {"FLOAT32", Kind::kFloat},
    {"FLOAT4", Kind::kFloat},
    {"FLOAT64", Kind::kFloat},
    {"FLOAT8", Kind::kFloat},
    {"GEOGRAPHY", Kind::kJson},
    {"GEOMETRY", Kind::kJson},
    {"GUID", Kind::kText},
    {"HALFVEC", Kind::kArray},
    {"IMAGE", Kind::kBinary},
    {"INSTANT", Kind::kInstant},
    {"INT", Kind::kInteger, 32},
    {"INT UNSIGNED", Kind::kInteger, 32, true},
    {"INT128", Kind::kInteger, 128},
    {"INT16", Kind::kInteger, 16},
    {"INT2", Kind::kInteger, 16},
    {"INT256", Kind::kInteger, 256},
    {"INT32", Kind::kInteger, 32},
    {"INT4", Kind::kInteger, 32},
    {"INT64", Kind::kInteger},
    {"INTEGER", Kind::kInteger, 32},
    {"INTEGER UNSIGNED", Kind::kInteger, 32, true},
    {"JSON", Kind::kJson},
    {"JSONB", Kind::kJson},
    {"LIST", Kind::kArray},
    {"ARRAY", Kind::kArray},
    {"LARGEINT", Kind::kInteger, 128},
    {"LOCALDATE", Kind::kDate},
    {"LOCALDATETIME", Kind::kLocalTimestamp},
    {"LOCALTIME", Kind::kTime},
    {"LONG", Kind::kInteger},
    {"LONGTEXT", Kind::kText},
    {"LONGBLOB", Kind::kBinary},
    {"MAP", Kind::kMap},
    {"MEDIUMBLOB", Kind::kBinary},
    {"MEDIUMINT", Kind::kInteger, 32},
    {"MEDIUMTEXT", Kind::kText},
    {"NATIONAL CHARACTER VARYING", Kind::kText},
    {"NCHAR", Kind::kText},
    {"NCLOB", Kind::kText},
    {"NESTED", Kind::kArray},
    {"NTEXT", Kind::kText},
    {"NUMBER", Kind::kDecimal},
    {"NUMERIC", Kind::kDecimal},
    {"NVARCHAR", Kind::kText},
    {"NVARCHAR2", Kind::kText},
    {"OBJECT", Kind::kObject},
    {"OFFSETDATETIME", Kind::kInstant},
    {"RAW", Kind::kBinary},
    {"REAL", Kind::kFloat},
    {"RECORD", Kind::kObject},
    {"REPEATED", Kind::kArray},
    {"ROW", Kind::kObject},
    {"SERIAL", Kind::kInteger, 32},
    {"SET", Kind::kText},
    {"SHORT", Kind::kInteger, 16},
    {"SMALLDATETIME", Kind::kLocalTimestamp},
    {"SMALLINT", Kind::kInteger, 16},
    {"SMALLINT UNSIGNED", Kind::kInteger, 16, true},
    {"STR", Kind::kText},
    {"STRING", Kind::kText},
    {"STRUCT", Kind::kObject},
    {"SUPER", Kind::kJson},
    {"TEXT", Kind::kText},
    {"TIME", Kind::kTime},
    {"TIME WITHOUT TIME ZONE", Kind::kTime},
    {"TIMESTAMP", Kind::kTimestamp},
    {"TIMESTAMP WITH LOCAL TIME ZONE", Kind::kInstant},
    {"TIMESTAMP WITH TIME ZONE", Kind::kInstant},
    {"TIMESTAMP WITHOUT TIME ZONE", Kind::kLocalTimestamp},
    {"TIMESTAMP_LTZ", Kind::kInstant},
    {"TIMESTAMP_NTZ", Kind::kLocalTimestamp},
    {"TIMESTAMP_TZ", Kind::kInstant},
    {"TIMESTAMPLTZ", Kind::kInstant},
    {"TIMESTAMPNTZ", Kind::kLocalTimestamp},
    {"TIMESTAMPTZ", Kind::kInstant},
    {"TINYBLOB", Kind::kBinary},
    {"TINYTEXT", Kind::kText},
    {"TUPLE", Kind::kObject},
    {"UINT16", Kind::kInteger, 16, true},
    {"UINT32", Kind::kInteger, 32, true},
    {"UINT64", Kind::kInteger, 64, true},
    {"UINT8", Kind::kInteger, 8, true},
    {"UNIQUEIDENTIFIER", Kind::kText},
    {"UUID", Kind::kText},
    {"VARBINARY", Kind::kBinary},
    {"VARCHAR", Kind::kText},
    {"VARCHAR2", Kind::kText},
    {"VARIANT", Kind::kJson},
    {"VECTOR", Kind::kArray},
    {"XML", Kind::kText},
    {"ZONEDDATETIME", Kind::kInstant},
};

// "timestamp(6) with time zone" in its parts: TIMESTAMP WITH TIME ZONE, and "6" in parentheses.
struct Parts {
  std::string name;                          // upper case, single blanks
  std::vector<std::string_view> parameters;  // of the first parentheses
  bool has_suffix_array = false;             // "text[]"
};

char UpperCase(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::vector<std::string_view> SplitParameters(std::string_view text) {
  std::vector<std::string_view> parameters;
  while (true) {
    const size_t comma = text.find(',');
    parameters.push_back(Trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parameters;
    text.remove_prefix(comma + 1);
  }
}

// Leaves out what is in angle brackets or parentheses; keeps the parameters of the first parentheses. Text
// whose parentheses are not closed has no name.
Parts Split(std::string_view text) {
  Parts parts;
  text = Trim(text);
  if (text.ends_with("[]")) {
    parts.has_suffix_array = true;
    return parts;
  }
  int depth = 0;
  size_t opened = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '<') {
      if (depth++ == 0) opened = i;
    } else if ((c == ')' || c == '>') && depth > 0) {
      if (--depth == 0 && c == ')' && parts.parameters.empty()) {
        parts.parameters = SplitParameters(text.substr(opened + 1, i - opened - 1));
      }
    } else if (depth == 0 && c != ' ') {
      const bool begins_word = i > 0 && (text[i - 1] == ' ' || text[i - 1] == ')' || text[i - 1] == '>');
      if (begins_word && !parts.name.empty()) parts.name += ' ';
      parts.name += UpperCase(c);
    }
  }
  if (depth != 0) parts.name.clear();
  return parts;
}

// ClickHouse's wrappers: "Nullable(Int32)".
std::string_view Unwrapped(std::string_view text) {
  for (const std::string_view wrapper : {"Nullable(", "LowCardinality("}) {
    if (text.starts_with(wrapper) && text.ends_with(")")) {
      return Unwrapped(text.substr(wrapper.size(), text.size() - wrapper.size() - 1));
    }
  }
  return text;
}

// The number that the parameter begins with: "20" and "20 CHAR" are 20, "max" is none.
std::optional<int32_t> ParseParameter(std::string_view text) {
  int32_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool ends = rest == text.data() + text.size() || *rest == ' ';
  return error == std::errc() && ends ? std::optional(value) : std::nullopt;
}

// ClickHouse's Decimal32(S) to Decimal256(S).
std::optional<int32_t> PrecisionOfWidth(std::string_view name) {
  if (name == "DECIMAL32") return 9;
  if (name == "DECIMAL64") return 18;
  if (name == "DECIMAL128") return 38;
  if (name == "DECIMAL256") return 76;
  return std::nullopt;
}

// A scale may be negative (5,-2: tens of thousands in hundreds), or above the precision (3,5: 0.00123).
void SetDecimal(std::optional<int32_t> precision, int32_t scale, PhysicalType* type) {
  type->kind = Kind::kDecimal;
  if (!precision || *precision < 1) return;
  type->scale = std::max(scale, 0);
  type->precision = std::max(*precision + std::max(-scale, 0), type->scale);
}

}  // namespace

PhysicalType ParsePhysicalType(std::string_view text) {
  const Parts parts = Split(Unwrapped(Trim(text)));
  PhysicalType type;
  if (parts.has_suffix_array) {
    type.kind = Kind::kArray;
    return type;
  }
  const auto parameter = [&](size_t i) {
    return i < parts.parameters.size() ? ParseParameter(parts.parameters[i]) : std::nullopt;
  };
  if (const std::optional<int32_t> precision = PrecisionOfWidth(parts.name)) {
    SetDecimal(precision, parameter(0).value_or(0), &type);
    return type;
  }
  // TINYINT(1), INT(11): the parameter is a width for display. MySQL's and others' TINYINT differ in sign.
  if (parts.name.starts_with("TINYINT")) {
    type.kind = Kind::kInteger;
    type.bits = 16;
    return type;
  }
  const auto known = std::find_if(std::begin(kKnownNames), std::end(kKnownNames),
                                  [&](const KnownName& k) { return k.name == parts.name; });
  if (known == std::end(kKnownNames)) return type;
  type.kind = known->kind;
  type.bits = known->bits;
  type.is_unsigned = known->is_unsigned;
  if (type.kind == Kind::kText && parts.parameters.size() == 1) type.length = parameter(0);
  if (type.kind == Kind::kDecimal) SetDecimal(parameter(0), parameter(1).value_or(0), &type);
  return type;
}

}  // namespace forebay
