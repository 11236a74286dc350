// The contract's rules for the values of one field, whatever the format of the record.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "contract/contract.h"
#include "contract/pattern.h"
#include "contract/time_pattern.h"
#include "decode/accepted_texts.h"
#include "decode/row_builder.h"
#include "decode/schema_tree.h"
#include "decode/timestamp_text.h"

namespace forebay {

// The source of a value, for the message that rejects it.
struct ValueSource {
  const FieldPath* path;
  // The value as written. Empty: the format has no text, and the value is formatted for the message.
  std::string_view text = {};
};

// An integer, or a decimal at its field's scale.
struct ScaledNumber {
  __int128 value = 0;
  bool exact = true;  // false: digits beyond the scale that are not zero were cut off
};

// Bounds of a value, both inclusive; empty if min > max.
template <typename T>
struct ValueRange {
  T min;
  T max;
  // False for a NaN.
  bool Contains(T value) const { return value >= min && value <= max; }
};

// Each Accept function pushes the value's slot, or rejects the field in the row. Not thread-safe. The schema
// must outlive it.
class FieldRules {
 public:
  // Returns kInvalidArgument for a pattern that does not compile, and kFailedPrecondition if this machine
  // does not know the field's default time zone.
  static Result<FieldRules> Compile(const SchemaNode& node);

  const Field& field() const { return *node_->field; }

  void AcceptNull(const FieldPath* path, RowBuilder& row) const;
  // REQUIRES: valid UTF-8, whose bytes stay in place until the run of rows is cleared.
  void AcceptString(std::string_view text, const FieldPath* path, RowBuilder& row);
  // A value of any type but null, as JSON text. REQUIRES: as for AcceptString.
  void AcceptJson(std::string_view json, RowBuilder& row) const;
  void AcceptInteger(const ScaledNumber& number, const ValueSource& source, RowBuilder& row) const;
  void AcceptDecimal(const ScaledNumber& number, const ValueSource& source, RowBuilder& row) const;
  void AcceptDouble(double value, const ValueSource& source, RowBuilder& row) const;
  // Ends an array whose elements have been pushed.
  void AcceptArray(int64_t count, const FieldPath* path, RowBuilder& row) const;
  void AcceptBoolean(bool value, RowBuilder& row) const { row.Push(node_->index, Slot::Int(value ? 1 : 0)); }
  // Days or microseconds since 1970-01-01; of a time, microseconds since midnight.
  void AcceptTime(__int128 value, const ValueSource& source, RowBuilder& row) const;
  // An epoch number whose unit its size tells. REQUIRES: a number token.
  void AcceptEpoch(std::string_view number, const FieldPath* path, RowBuilder& row) const;
  // A date, time or timestamp as the field's format says: by default a date as YYYY-MM-DD, a time as
  // HH:MM:SS.
  void AcceptTimeText(std::string_view text, const FieldPath* path, RowBuilder& row) const;
  // `found`: the type of the value, as a noun: "a string".
  void RejectType(std::string_view found, const FieldPath* path, RowBuilder& row) const;

  // The part of the range that 64 bits can hold: integers, decimals, dates and timestamps within it keep all
  // rules. In the units of Bound::exact.
  ValueRange<int64_t> int64_range() const;
  // The texts that the enum or pattern accepted recently, with their codes; nullptr for other fields.
  AcceptedTexts* accepted_texts() const { return accepted_.get(); }

 private:
  explicit FieldRules(const SchemaNode& node);

  bool CheckRange(__int128 value, const ValueSource& source, RowBuilder& row) const;
  void AcceptWritten(const WrittenTime& time, const ValueSource& source, RowBuilder& row) const;
  void AcceptReading(TimestampReading reading, int64_t micros, const ValueSource& source,
                     RowBuilder& row) const;
  void RejectTimestamp(const ValueSource& source, std::string_view why, RowBuilder& row) const;
  // A text that is no date or time, or not one of the contract's format.
  void RejectTimeText(std::string_view text, const FieldPath* path, RowBuilder& row) const;
  bool CheckNumber(__int128 value, const ValueSource& source, RowBuilder& row) const;
  bool AreUnique(int64_t count, const RowBuilder& row) const;
  bool CheckLength(std::string_view text, const FieldPath* path, RowBuilder& row) const;
  std::string Misfit() const;
  std::string TextOf(__int128 value, const ValueSource& source) const;

  const SchemaNode* node_;
  // INVARIANT: range_ is a part of type_range_.
  ValueRange<__int128> type_range_;  // the values that the type can hold
  ValueRange<__int128> range_;       // those within the contract's bounds
  ValueRange<double> number_range_;  // numbers only
  std::optional<Pattern> pattern_;
  std::optional<TimePattern> time_pattern_;
  std::optional<TimeZone> default_zone_;  // of timestamps without an offset
  std::unique_ptr<AcceptedTexts> accepted_;
};

// The rules of all fields, by node index.
Result<std::vector<FieldRules>> CompileRules(const SchemaTree& schema);

}  // namespace forebay
