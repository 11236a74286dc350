// The part of RecordDecoder that turns one JSON value into a slot and checks it against the field's rules.
#include "base/quoted.h"
#include "base/time.h"
#include "base/utf8.h"
#include "decode/record_decoder.h"
#include "decode/values.h"

namespace forebay {
namespace {

std::string_view TypeWords(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return "a string";
    case FieldType::kInteger:
      return "an integer";
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return "a number";
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kDate:
      return "a date in a string";
    case FieldType::kTimestamp:
      return "a timestamp";
    case FieldType::kObject:
      return "an object";
    case FieldType::kArray:
      return "an array";
  }
  return "";
}

bool FieldTakes(const Field& field, JsonType type) {
  switch (field.type) {
    case FieldType::kString:
    case FieldType::kDate:
      return type == JsonType::kString;
    case FieldType::kTimestamp:
      return type ==
             (field.timestamp_format == TimestampFormat::kRfc3339 ? JsonType::kString : JsonType::kNumber);
    case FieldType::kInteger:
    case FieldType::kNumber:
    case FieldType::kDecimal:
      return type == JsonType::kNumber;
    case FieldType::kBoolean:
      return type == JsonType::kTrue || type == JsonType::kFalse;
    case FieldType::kObject:
      return type == JsonType::kObject;
    case FieldType::kArray:
      return type == JsonType::kArray;
  }
  return false;
}

}  // namespace

JsonError RecordDecoder::DecodeValue(SchemaNode& node, int depth, const Path* path) {
  const Field& field = *node.field;
  const JsonType type = reader_.Peek();
  if (!FieldTakes(field, type)) {
    if (type == JsonType::kNone) return JsonError::kSyntax;
    if (type == JsonType::kNull) {
      if (field.required) {
        FieldError(Reason::kMissingField, path, "required, and null");
      } else {
        PushNull(node);
      }
    } else {
      FieldError(
          Reason::kWrongType, path,
          "expected " + std::string(TypeWords(field.type)) + ", got " + std::string(JsonTypeName(type)));
    }
    return reader_.Skip(depth, nullptr);
  }
  switch (type) {
    case JsonType::kString:
      return DecodeString(node, path);
    case JsonType::kNumber:
      return DecodeNumber(node, path);
    case JsonType::kObject:
      return DecodeObject(node, depth, path);
    case JsonType::kArray:
      return DecodeArray(node, depth, path);
    default:
      Push(node, Slot::Int(type == JsonType::kTrue ? 1 : 0));
      return reader_.ReadLiteral(type);
  }
}

JsonError RecordDecoder::DecodeArray(SchemaNode& node, int depth, const Path* path) {
  if (depth >= limits_.max_depth) return JsonError::kTooDeep;
  reader_.set_position(reader_.position() + 1);  // '['
  const size_t slot = rows_->slots_[node.index].size();
  Push(node, Slot::Nested(0));
  int64_t count = 0;
  if (!reader_.Consume(']')) {
    do {
      const Path here{path, {}, count};
      const JsonError error = DecodeValue(node.children.front(), depth + 1, &here);
      if (error != JsonError::kNone) return error;
      ++count;
    } while (reader_.Consume(','));
    if (!reader_.Consume(']')) return JsonError::kSyntax;
  }
  rows_->slots_[node.index][slot] = Slot::Nested(count);
  return JsonError::kNone;
}

JsonError RecordDecoder::DecodeString(SchemaNode& node, const Path* path) {
  std::string_view text;
  const JsonError error = reader_.ReadString(&text);
  if (error != JsonError::kNone) return error;
  if (node.field->type == FieldType::kString) {
    TakeString(node, text, path);
  } else {
    TakeTime(node, text, path);
  }
  return JsonError::kNone;
}

void RecordDecoder::TakeString(SchemaNode& node, std::string_view text, const Path* path) {
  const Field& field = *node.field;
  if (node.accepted) {
    if (const auto known = node.accepted->Find(text)) {
      Push(node, Slot::String(text, *known));
      return;
    }
  }
  int32_t code = -1;
  if (!field.enum_values.empty()) {
    const auto& values = field.enum_values;
    for (size_t i = 0; i < values.size() && code < 0; ++i)
      code = values[i] == text ? static_cast<int32_t>(i) : -1;
    if (code < 0)
      return FieldError(Reason::kNotInEnum, path, Quoted(text) + " is not one of the listed values");
  }
  if (field.min_length || field.max_length) {
    // A text of n bytes has at most n and at least n/4 code points, so that most texts need no counting.
    const auto bytes = static_cast<int64_t>(text.size());
    const bool clear =
        bytes <= field.max_length.value_or(INT64_MAX) && bytes / 4 >= field.min_length.value_or(0);
    const int64_t length = clear ? 0 : CountCodePoints(text);
    if (!clear && (length < field.min_length.value_or(0) || length > field.max_length.value_or(INT64_MAX))) {
      return FieldError(Reason::kBadLength, path,
                        Quoted(text) + " has " + std::to_string(length) + " characters, the contract wants " +
                            std::to_string(field.min_length.value_or(0)) + " to " +
                            (field.max_length ? std::to_string(*field.max_length) : "any number"));
    }
  }
  if (node.pattern && !node.pattern->Matches(text)) {
    return FieldError(Reason::kPatternMismatch, path, Quoted(text) + " does not match " + field.pattern);
  }
  if (node.accepted) node.accepted->Remember(text, code);
  Push(node, Slot::String(text, code));
}

void RecordDecoder::TakeTime(const SchemaNode& node, std::string_view text, const Path* path) {
  int64_t value = 0;
  if (node.field->type == FieldType::kDate) {
    const auto day = ParseDate(text);
    if (!day) return FieldError(Reason::kBadTimestamp, path, Quoted(text) + " is not a date (YYYY-MM-DD)");
    value = *day;
  } else if (!ParseRfc3339(text, &value)) {
    return FieldError(Reason::kBadTimestamp, path,
                      Quoted(text) + " is not an RFC 3339 timestamp with an offset, on a day that exists");
  }
  if (CheckBounds(node, value, text, path)) Push(node, Slot::Int(value));
}

JsonError RecordDecoder::DecodeNumber(SchemaNode& node, const Path* path) {
  JsonNumber number;
  const JsonError error = reader_.ReadNumber(&number);
  if (error != JsonError::kNone) return error;
  switch (node.field->type) {
    case FieldType::kInteger:
      TakeInteger(node, number, path);
      break;
    case FieldType::kDecimal:
      TakeDecimal(node, number.text, path);
      break;
    case FieldType::kTimestamp:
      TakeEpoch(node, number.text, path);
      break;
    default:
      TakeDouble(node, number.text, path);
      break;
  }
  return JsonError::kNone;
}

void RecordDecoder::TakeInteger(const SchemaNode& node, const JsonNumber& number, const Path* path) {
  __int128 value = number.mantissa;
  if (!number.plain || number.fraction_digits > 0) {
    const ParsedAs parsed = ParseScaled(number.text, 0, &value);
    if (parsed == ParsedAs::kInexact) {
      return FieldError(Reason::kWrongType, path, "expected an integer, got " + Quoted(number.text));
    }
    if (parsed == ParsedAs::kOverflow || value > INT64_MAX || value < INT64_MIN) {
      return FieldError(Reason::kOutOfRange, path, Quoted(number.text) + " does not fit 64 bits");
    }
  }
  if (node.field->bits == 32 && (value > INT32_MAX || value < INT32_MIN)) {
    return FieldError(Reason::kOutOfRange, path, Quoted(number.text) + " does not fit 32 bits");
  }
  if (CheckBounds(node, value, number.text, path)) {
    Push(node, Slot::Int(static_cast<int64_t>(value)));
  }
}

void RecordDecoder::TakeDecimal(const SchemaNode& node, std::string_view text, const Path* path) {
  const Field& field = *node.field;
  __int128 value = 0;
  const ParsedAs parsed = ParseScaled(text, field.scale, &value);
  if (parsed == ParsedAs::kInexact) {
    return FieldError(
        Reason::kOutOfRange, path,
        Quoted(text) + " has more than " + std::to_string(field.scale) + " digits behind the point");
  }
  if (parsed == ParsedAs::kOverflow || !FitsPrecision(value, field.precision)) {
    return FieldError(Reason::kOutOfRange, path,
                      Quoted(text) + " has more than " + std::to_string(field.precision - field.scale) +
                          " digits" + (field.scale > 0 ? " before the point" : ""));
  }
  if (CheckBounds(node, value, text, path)) Push(node, Slot::Decimal(value));
}

void RecordDecoder::TakeEpoch(const SchemaNode& node, std::string_view text, const Path* path) {
  int64_t micros = 0;
  if (!ParseEpoch(text, node.field->timestamp_format, &micros)) {
    return FieldError(Reason::kBadTimestamp, path,
                      Quoted(text) + " is not a time within the years 0000 to 9999");
  }
  if (CheckBounds(node, micros, text, path)) Push(node, Slot::Int(micros));
}

void RecordDecoder::TakeDouble(const SchemaNode& node, std::string_view text, const Path* path) {
  const Field& field = *node.field;
  double value = 0;
  if (ParseDouble(text, &value) == ParsedAs::kOverflow) {
    return FieldError(Reason::kOutOfRange, path, Quoted(text) + " does not fit a double");
  }
  const auto below = [&](const Bound& bound) {
    return bound.exclusive ? value <= bound.number : value < bound.number;
  };
  const auto above = [&](const Bound& bound) {
    return bound.exclusive ? value >= bound.number : value > bound.number;
  };
  if ((field.minimum && below(*field.minimum)) || (field.maximum && above(*field.maximum))) {
    return FieldError(Reason::kOutOfRange, path, Quoted(text) + " is outside what the contract allows");
  }
  Push(node, Slot::Double(value));
}

bool RecordDecoder::CheckBounds(const SchemaNode& node, __int128 value, std::string_view text,
                                const Path* path) {
  const Field& field = *node.field;
  const bool below = field.minimum && (field.minimum->exclusive ? value <= field.minimum->exact
                                                                : value < field.minimum->exact);
  const bool above = field.maximum && (field.maximum->exclusive ? value >= field.maximum->exact
                                                                : value > field.maximum->exact);
  if (!below && !above) [[likely]]
    return true;
  FieldError(Reason::kOutOfRange, path, Quoted(text) + " is outside what the contract allows");
  return false;
}

}  // namespace forebay
