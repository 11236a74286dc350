#include "decode/column.h"

#include <algorithm>
#include <random>

#include "base/row_hash.h"
#include "decode/short_text.h"

namespace forebay {
namespace {

// Random for each process, so that no producer can choose values that collide. No output depends on it.
const uint64_t kSeed = (uint64_t{std::random_device()()} << 32) | std::random_device()();

}  // namespace

void Validity::MarkAllValid() {
  bits_.clear();
  bits_.resize_zeroed(size_ / 8 + 1);
  std::memset(bits_.data(), 0xFF, size_ / 8);
  bits_[size_ / 8] = static_cast<uint8_t>((1u << (size_ % 8)) - 1);
}

void Validity::Append(std::span<const Slot> slots) {
  size_t nulls = 0;
  for (const Slot& slot : slots) nulls += slot.is_null() ? 1 : 0;
  if (nulls == 0 && null_count_ == 0) {
    size_ += slots.size();
    return;
  }
  if (null_count_ == 0) MarkAllValid();
  null_count_ += nulls;
  bits_.resize_zeroed((size_ + slots.size()) / 8 + 1);
  unsigned byte = bits_[size_ / 8];
  for (const Slot& slot : slots) {
    byte |= (slot.is_null() ? 0u : 1u) << (size_ % 8);
    if (++size_ % 8 != 0) continue;
    bits_[size_ / 8 - 1] = static_cast<uint8_t>(byte);
    byte = 0;
  }
  bits_[size_ / 8] = static_cast<uint8_t>(byte);
}

void StringColumn::AppendNull() {
  validity_.AppendNull();
  AppendNothing();
}

void StringColumn::Clear() {
  offsets_.clear();
  offsets_.push_back(0);
  bytes_.clear();
  indexes_.clear();
  if (!words_.empty()) std::memset(table_.data(), 0, table_.size() * sizeof(Entry));
  words_.clear();
  validity_.Clear();
}

StringColumn::Words StringColumn::WordsOf(std::string_view value) {
  if (value.size() > ShortText::kMax) return {XXH3_64bits_withSeed(value.data(), value.size(), kSeed), 0};
  const ShortText text = ShortText::Of(value);
  return {text.low, text.high};
}

uint64_t StringColumn::HashOf(const Words& words, size_t size) {
  return MixWords(words.low ^ kSeed, words.high ^ (0x9e3779b97f4a7c15ULL + size));
}

StringColumn::Probe StringColumn::ProbeOf(std::string_view value) {
  const Words words = WordsOf(value);
  return {words, HashOf(words, value.size())};
}

void StringColumn::Append(std::span<const Slot> slots) {
  constexpr size_t kAhead = 64;
  Probe probes[kAhead];
  validity_.Append(slots);
  while (!slots.empty()) {
    const std::span<const Slot> some = slots.first(std::min(slots.size(), kAhead));
    if (dictionary_) ComputeProbes(some, probes);
    for (size_t i = 0; i < some.size(); ++i) {
      const Slot& slot = some[i];
      if (slot.is_null()) {
        AppendNothing();
      } else if (dictionary_) {
        AppendIndex(slot.as_string(), probes[i]);
      } else {
        AppendPlain(slot.as_string());
      }
    }
    slots = slots.subspan(some.size());
  }
}

// Computes the probes and prefetches their table entries. The dictionary can exceed the processor's cache:
// prefetching all entries before the first lookup waits for memory once instead of for each value.
void StringColumn::ComputeProbes(std::span<const Slot> slots, Probe* probes) const {
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].is_null()) continue;
    probes[i] = ProbeOf(slots[i].as_string());
    if (!table_.empty()) __builtin_prefetch(&table_[SlotOf(probes[i].hash)]);
  }
  if (table_.empty()) return;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].is_null()) continue;
    const int32_t index = table_[SlotOf(probes[i].hash)].index_plus_one - 1;
    if (index >= 0) __builtin_prefetch(&words_[static_cast<size_t>(index)]);
  }
}

void StringColumn::AppendIndex(std::string_view value, const Probe& probe) {
  if (words_.size() * 2 >= table_.size()) GrowTable();
  const auto& [words, hash] = probe;
  const bool is_short = value.size() <= ShortText::kMax;
  const uint32_t tag = static_cast<uint32_t>(hash) << 5 | static_cast<uint32_t>(is_short ? value.size() : 31);
  const size_t mask = table_.size() - 1;
  size_t slot = SlotOf(hash);
  while (table_[slot].index_plus_one != 0) {
    if (table_[slot].tag == tag) {
      const int32_t index = table_[slot].index_plus_one - 1;
      const Words& known = words_[static_cast<size_t>(index)];
      if (known.low == words.low && known.high == words.high && (is_short || Distinct(index) == value)) {
        indexes_.push_back(index);
        return;
      }
    }
    slot = (slot + 1) & mask;
  }
  indexes_.push_back(AddDistinct(value, words, tag, slot));
  // A dictionary pays off while each value occurs at least four times on average and the dictionary fits a
  // Parquet page.
  constexpr size_t kSmallDictionary = 1024;
  constexpr size_t kMaxDictionaryBytes = 512 * 1024;
  const size_t distinct = words_.size();
  if (distinct > kSmallDictionary &&
      (distinct * 4 > indexes_.size() || bytes_.size() > kMaxDictionaryBytes)) {
    AbandonDictionary();
  }
}

int32_t StringColumn::AddDistinct(std::string_view value, const Words& words, uint32_t tag, size_t slot) {
  const auto index = static_cast<int32_t>(words_.size());
  table_[slot] = {tag, index + 1};
  words_.push_back(words);
  bytes_.append(value.data(), value.size());
  offsets_.push_back(static_cast<int32_t>(bytes_.size()));
  return index;
}

void StringColumn::GrowTable() {
  const size_t slots = table_.empty() ? 16 : table_.size() * 2;
  GrowBuffer<Entry> old;
  old.swap(table_);
  table_.resize_zeroed(slots);
  for (size_t i = 0; i < old.size(); ++i) {
    if (old[i].index_plus_one == 0) continue;
    const int32_t index = old[i].index_plus_one - 1;
    size_t slot = (HashOf(words_[static_cast<size_t>(index)], Distinct(index).size()) >> 32) & (slots - 1);
    while (table_[slot].index_plus_one != 0) slot = (slot + 1) & (slots - 1);
    table_[slot] = old[i];
  }
}

// Replaces the indexes by their values, and continues without a dictionary.
void StringColumn::AbandonDictionary() {
  GrowBuffer<int32_t> offsets;
  GrowBuffer<char> bytes;
  offsets.push_back(0);
  for (size_t row = 0; row < indexes_.size(); ++row) {
    if (validity_.IsValid(row)) {
      const std::string_view value = Distinct(indexes_[row]);
      bytes.append(value.data(), value.size());
    }
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  offsets_ = std::move(offsets);
  bytes_ = std::move(bytes);
  indexes_.reset();
  table_.reset();
  words_.reset();
  dictionary_ = false;
}

}  // namespace forebay
