// Slots hold the values of decoded records until the records are known to be valid and a block appends them.
// Each node of the table's schema has a list of slots.
//
// INVARIANT: a child of an object has as many slots as the object (null slots or placeholders where the
// object is null). The element of an array has as many as all its lists hold together. A top-level field has
// one for each record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forebay {

class Slot {
 public:
  static Slot Null() { return Slot(); }
  // A value of any type, for a required place that no reader sees: zero, an empty string, an empty array.
  static Slot Placeholder() { return Slot(0, 0); }
  static Slot Int(int64_t value) { return Slot(value, 0); }
  static Slot Double(double value) {
    Slot slot(0, 0);
    __builtin_memcpy(&slot.low_, &value, sizeof value);
    return slot;
  }
  static Slot Decimal(__int128 value) {
    return Slot(static_cast<int64_t>(value), static_cast<int64_t>(value >> 64));
  }
  // `code` is the value's position in the field's enum, or -1. The bytes, fewer than 2^32, must stay in place
  // until the record has been appended.
  static Slot String(std::string_view value, int32_t code = -1) {
    Slot slot(0, static_cast<int64_t>(value.size()) | int64_t{code} << 32);
    slot.bytes_ = value.data();
    return slot;
  }
  // An object that is present, or an array with `count` elements.
  static Slot Nested(int64_t count) { return Slot(count, 0); }

  bool is_null() const { return null_; }
  int64_t as_int() const { return low_; }
  int64_t count() const { return low_; }
  double as_double() const {
    double value;
    __builtin_memcpy(&value, &low_, sizeof value);
    return value;
  }
  __int128 as_decimal() const { return static_cast<__int128>(high_) << 64 | static_cast<uint64_t>(low_); }
  std::string_view as_string() const { return {bytes_, static_cast<uint32_t>(high_)}; }
  // Bytes that are equal for equal values of one field that is neither object, array nor map.
  std::string Identity(bool is_text) const {
    if (null_) return "null";
    if (is_text) return std::string("=").append(as_string());
    std::string bytes(1 + 2 * sizeof low_, '#');
    __builtin_memcpy(bytes.data() + 1, &low_, sizeof low_);
    __builtin_memcpy(bytes.data() + 1 + sizeof low_, &high_, sizeof high_);
    return bytes;
  }
  int32_t enum_code() const { return static_cast<int32_t>(high_ >> 32); }

 private:
  Slot() : low_(0), high_(0), null_(true) {}
  Slot(int64_t low, int64_t high) : low_(low), high_(high), null_(false) {}

  // Small, since the slots of many rows are held at a time.
  union {
    int64_t low_;
    const char* bytes_;  // strings
  };
  int64_t high_;  // strings: the size, and above it the code
  bool null_;
};

using SlotList = std::vector<Slot>;

}  // namespace forebay
