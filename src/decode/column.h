// One column of a row block, in Arrow's memory layout. It is filled value by value or by runs of slots, and
// its memory is reused from block to block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/grow_buffer.h"
#include "decode/slots.h"

namespace forebay {

// Which rows hold a value: Arrow's validity bitmap, allocated only at the first null.
class Validity {
 public:
  void AppendValid() {
    if (null_count_ != 0) [[unlikely]]
      SetBit(size_);
    ++size_;
  }
  void AppendNull() {
    if (null_count_++ == 0) MarkAllValid();
    bits_.resize_zeroed(size_ / 8 + 1);
    ++size_;
  }
  void Append(std::span<const Slot> slots);
  int64_t size() const { return static_cast<int64_t>(size_); }
  int64_t null_count() const { return static_cast<int64_t>(null_count_); }
  // nullptr if there are no nulls.
  const uint8_t* bits() const { return null_count_ == 0 ? nullptr : bits_.data(); }
  bool IsValid(size_t row) const { return null_count_ == 0 || (bits_[row / 8] >> (row % 8) & 1) != 0; }
  void Clear() { size_ = null_count_ = 0; }
  Memory memory() const { return {bits_.memory().held, null_count_ == 0 ? 0 : size_ / 8}; }

 private:
  void SetBit(size_t row) {
    bits_.resize_zeroed(row / 8 + 1);
    bits_[row / 8] = static_cast<uint8_t>(bits_[row / 8] | 1u << (row % 8));
  }
  void MarkAllValid();

  GrowBuffer<uint8_t> bits_;
  size_t size_ = 0;
  size_t null_count_ = 0;
};

// Fixed-width values: 4, 8 or 16 bytes each.
template <typename T>
class FixedColumn {
 public:
  void Append(T value) {
    values_.push_back(value);
    validity_.AppendValid();
  }
  void AppendNull() {
    values_.push_back(T());
    validity_.AppendNull();
  }
  // `value_of` returns the value of a slot; its result for a null slot is never read.
  template <typename ValueOf>
  void Append(std::span<const Slot> slots, const ValueOf& value_of) {
    T* out = values_.extend(slots.size());
    for (const Slot& slot : slots) *out++ = value_of(slot);
    validity_.Append(slots);
  }
  void Clear() {
    values_.clear();
    validity_.Clear();
  }
  const GrowBuffer<T>& values() const { return values_; }
  const Validity& validity() const { return validity_; }
  Memory memory() const { return values_.memory() + validity_.memory(); }

 private:
  GrowBuffer<T> values_;
  Validity validity_;
};

// Strings or binary values, stored either one after the other (plain) or as indexes into distinct values (a
// dictionary, one for the whole block). A column begins with a dictionary and abandons it permanently when
// values hardly repeat; the decision outlives Clear().
class StringColumn {
 public:
  enum class Mode : uint8_t { kAdaptive, kPlain };

  explicit StringColumn(Mode mode = Mode::kAdaptive) : dictionary_(mode == Mode::kAdaptive) {
    offsets_.push_back(0);
  }

  void Append(std::string_view value) {
    validity_.AppendValid();
    if (dictionary_) {
      AppendIndex(value, ProbeOf(value));
    } else {
      AppendPlain(value);
    }
  }
  void AppendNull();
  void Append(std::span<const Slot> slots);
  void Clear();

  bool is_dictionary() const { return dictionary_; }
  // Plain: one more offset than rows. Dictionary: one more offset than distinct values.
  const GrowBuffer<int32_t>& offsets() const { return offsets_; }
  const GrowBuffer<char>& bytes() const { return bytes_; }
  // Dictionary only: one index a row (0 for nulls).
  const GrowBuffer<int32_t>& indexes() const { return indexes_; }
  const Validity& validity() const { return validity_; }
  // `filled` counts the bytes that go into a file, without those that only serve the lookup of distinct
  // values.
  Memory memory() const {
    const size_t lookup = table_.memory().held + words_.memory().held;
    return offsets_.memory() + bytes_.memory() + indexes_.memory() + validity_.memory() + Memory{lookup, 0};
  }

 private:
  // Identifies a distinct value: all bytes of a short one, a hash of a longer one.
  struct Words {
    uint64_t low;
    uint64_t high;
  };
  // Small, so that the table stays in the cache; the words of recent values do anyway.
  struct Entry {
    uint32_t tag;  // the size (31 for longer ones) in the lowest five bits, hash bits above
    int32_t index_plus_one;
  };

  // The lookup key of a value.
  struct Probe {
    Words words;
    uint64_t hash;
  };

  static Words WordsOf(std::string_view value);
  static uint64_t HashOf(const Words& words, size_t size);
  static Probe ProbeOf(std::string_view value);
  size_t SlotOf(uint64_t hash) const { return (hash >> 32) & (table_.size() - 1); }
  // REQUIRES for each of these: validity_ already has the row.
  void AppendNothing() {
    if (dictionary_) {
      indexes_.push_back(0);
    } else {
      offsets_.push_back(static_cast<int32_t>(bytes_.size()));
    }
  }
  void AppendPlain(std::string_view value) {
    bytes_.append(value.data(), value.size());
    offsets_.push_back(static_cast<int32_t>(bytes_.size()));
  }
  void AppendIndex(std::string_view value, const Probe& probe);
  void ComputeProbes(std::span<const Slot> slots, Probe* probes) const;
  int32_t AddDistinct(std::string_view value, const Words& words, uint32_t tag, size_t slot);
  void GrowTable();
  void AbandonDictionary();
  std::string_view Distinct(int32_t index) const {
    const int32_t begin = offsets_[static_cast<size_t>(index)];
    return {bytes_.data() + begin, static_cast<size_t>(offsets_[static_cast<size_t>(index) + 1] - begin)};
  }

  bool dictionary_;
  GrowBuffer<int32_t> offsets_;
  GrowBuffer<char> bytes_;
  GrowBuffer<int32_t> indexes_;
  GrowBuffer<Entry> table_;
  GrowBuffer<Words> words_;  // one for each distinct value
  Validity validity_;
};

}  // namespace forebay
