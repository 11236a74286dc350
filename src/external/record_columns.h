// Reads Kafka records one by one from the columns of an Arrow batch.
#pragma once

#include <arrow/array.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "decode/record.h"

namespace arrow {
class RecordBatch;
}

namespace forebay {

class RecordColumns {
 public:
  // `records` is as for BatchDecoder::Decode, and fails likewise. `has_topics`: it has the column topic.
  static Result<RecordColumns> Make(const arrow::RecordBatch& records, bool has_topics);

  int64_t rows() const { return offset_->length(); }
  // Returns views into the batch's memory, or into columns that live as long as this object.
  RecordView At(int64_t row) const;
  // Sets the record's headers; they are in `buffer` until it changes. None without a column of headers.
  void SetHeaders(int64_t row, std::vector<RecordHeader>* buffer, RecordView* record) const;
  bool has_headers() const { return headers_ != nullptr; }

 private:
  std::shared_ptr<arrow::StringArray> topic_;  // null: without
  std::shared_ptr<arrow::Int32Array> partition_;
  std::shared_ptr<arrow::Int64Array> offset_;
  std::shared_ptr<arrow::Int64Array>
      timestamp_;  // a millisecond is `per_ms_` units, or a unit is `ms_per_` milliseconds
  int64_t per_ms_ = 1;
  int64_t ms_per_ = 1;
  std::shared_ptr<arrow::BinaryArray> key_;
  std::shared_ptr<arrow::BinaryArray> value_;
  std::shared_ptr<arrow::ListArray> headers_;  // of objects of name and value; nullptr: none are known
};

}  // namespace forebay
