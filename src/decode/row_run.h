// Rows between the decoder and the blocks: up to about a hundred at a time, so that a block appends them
// column by column.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/record.h"
#include "decode/schema_tree.h"
#include "decode/slots.h"

namespace forebay {

// INVARIANT: between calls, the lists of slots hold exactly the rows of rows(). The records' bytes must stay
// in place until the run is cleared: slots are views into them. Not thread-safe, const functions included.
class RowRun {
 public:
  struct Row {
    std::string_view topic;  // of RecordView; it must stay in place as the records' bytes
    PartitionId partition;
    Offset offset;
    int64_t timestamp_ms;                      // Kafka's; -1: none
    uint32_t directory;                        // its number in RecordDecoder::partitions()
    uint64_t key_hash;                         // of the primary key; HashPosition where the table has none
    std::optional<int64_t> event_time_micros;  // where the table has an event time, and the row a value
    size_t bytes;                              // of the record's value
    bool tombstone;                            // the record has no value, and is a row
    size_t extra_end;                          // in the run's extra text
  };
  // Rows of a run by their positions in rows(), ascending.
  using Selection = std::span<const uint32_t>;

  explicit RowRun(const SchemaTree& schema);

  // True when the rows should be handed to blocks, while they still fit a processor's cache.
  bool full() const { return rows_.size() >= max_rows_ || bytes_ >= kMaxBytes; }
  const std::vector<Row>& rows() const { return rows_; }
  // All rows.
  Selection all() const { return Selection(positions_).first(rows_.size()); }
  // The slots of one node, by its index, for the selected rows. Valid until the next call.
  std::span<const Slot> Slots(size_t node, Selection selection) const;
  // The text of one row's ExtraMembers.
  std::string_view extra(size_t row) const {
    const size_t begin = row == 0 ? 0 : rows_[row - 1].extra_end;
    return std::string_view(extra_).substr(begin, rows_[row].extra_end - begin);
  }
  void Clear();

 private:
  friend class RowBuilder;  // fills it

  static constexpr size_t kMaxBytes = 256 * 1024;  // of records
  static constexpr size_t kArenaBytes = 4096;      // at least
  static constexpr int32_t kTop = -1;

  // Called before a record's slots are written. `bytes` is the size of the record.
  void BeginRow(size_t bytes) {
    for (size_t i = 0; i < nested_.size(); ++i) nested_begins_[i].push_back(slots_[nested_[i]].size());
    bytes_ += bytes;
  }
  // See RowBuilder::TextArena.
  std::string* TextArena(size_t bytes) {
    // An arena never grows: that would invalidate the views into it.
    if (arenas_.empty() || arenas_.back().capacity() - arenas_.back().size() < bytes) [[unlikely]]
      arenas_.emplace_back().reserve(std::max(bytes, kArenaBytes));
    return &arenas_.back();
  }
  // Called instead of EndRow when the record is rejected.
  void DropRow();
  void EndRow(const Row& row, std::string_view extra);

  const size_t max_rows_;
  std::vector<SlotList> slots_;  // by node
  std::vector<Row> rows_;
  std::string extra_;
  size_t bytes_ = 0;            // of all records since the last Clear()
  std::vector<size_t> top_;     // the nodes with exactly one slot for each row
  std::vector<size_t> nested_;  // the others
  // The position of each row's first slot, by the node's position in nested_.
  std::vector<std::vector<size_t>> nested_begins_;
  std::vector<int32_t> position_in_nested_;  // by node; kTop for those of top_
  std::vector<uint32_t> positions_;          // 0, 1, 2 ...
  std::vector<std::string> arenas_;
  mutable SlotList selected_;
};

}  // namespace forebay
