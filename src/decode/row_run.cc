#include "decode/row_run.h"

#include <algorithm>
#include <numeric>

namespace forebay {
namespace {

// Slots up to this total size stay in one core's cache.
constexpr size_t kSlotsBytes = 128 * 1024;
constexpr size_t kMaxRows = 128;

void AddIndexes(const SchemaNode& node, std::vector<size_t>* indexes) {
  for (const SchemaNode& child : node.children) {
    indexes->push_back(child.index);
    AddIndexes(child, indexes);
  }
}

}  // namespace

RowRun::RowRun(const SchemaTree& schema)
    : max_rows_(std::clamp<size_t>(kSlotsBytes / (schema.node_count * sizeof(Slot)), 1, kMaxRows)),
      slots_(schema.node_count),
      position_in_nested_(schema.node_count, kTop),
      positions_(max_rows_) {
  for (const SchemaNode& field : schema.root->children) {
    top_.push_back(field.index);
    AddIndexes(field, &nested_);
  }
  nested_begins_.resize(nested_.size());
  for (size_t i = 0; i < nested_.size(); ++i) position_in_nested_[nested_[i]] = static_cast<int32_t>(i);
  std::iota(positions_.begin(), positions_.end(), 0);
}

std::span<const Slot> RowRun::Slots(size_t node, Selection selection) const {
  const SlotList& list = slots_[node];
  if (selection.size() == rows_.size()) return list;
  selected_.clear();
  if (position_in_nested_[node] == kTop) {
    for (const uint32_t row : selection) selected_.push_back(list[row]);
    return selected_;
  }
  const auto& begins = nested_begins_[static_cast<size_t>(position_in_nested_[node])];
  for (const uint32_t row : selection) {
    const size_t end = row + 1 < rows_.size() ? begins[row + 1] : list.size();
    for (size_t i = begins[row]; i < end; ++i) selected_.push_back(list[i]);
  }
  return selected_;
}

void RowRun::DropRow() {
  for (const size_t node : top_) {
    if (slots_[node].size() > rows_.size()) slots_[node].pop_back();
  }
  for (size_t i = 0; i < nested_.size(); ++i) {
    SlotList& list = slots_[nested_[i]];
    list.erase(list.begin() + static_cast<ptrdiff_t>(nested_begins_[i].back()), list.end());
    nested_begins_[i].pop_back();
  }
}

void RowRun::EndRow(const Row& row, std::string_view extra) {
  extra_ += extra;
  rows_.push_back(row);
  rows_.back().extra_end = extra_.size();
}

void RowRun::Clear() {
  rows_.clear();
  extra_.clear();
  bytes_ = 0;
  for (SlotList& list : slots_) list.clear();
  for (auto& begins : nested_begins_) begins.clear();
  if (arenas_.size() > 1 || (!arenas_.empty() && arenas_.front().capacity() > kMaxBytes)) arenas_.clear();
  if (!arenas_.empty()) arenas_.front().clear();
}

}  // namespace forebay
