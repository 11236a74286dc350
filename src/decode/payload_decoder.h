// The seam between the formats of records and everything behind them.
#pragma once

#include "base/result.h"
#include "decode/record.h"
#include "decode/row_builder.h"

namespace forebay {

// Decodes the bytes of one record into the slots of a row; one implementation for each format. Behind it, the
// same for all formats: FieldRules checks the values, RowBuilder the members of objects and the precedence of
// rejections, RowFinisher the row as a whole. An implementation is made for one SchemaTree, compiles what it
// needs against that tree's nodes beforehand, and addresses fields by index afterwards.
//
// Not thread-safe: one for each thread.
class PayloadDecoder {
 public:
  virtual ~PayloadDecoder() = default;

  // Pushes the row's slots, or rejects the record (RowBuilder::Reject or RejectField, or FieldRules by them).
  // Reads a record to its end even when a field has been rejected, since a malformed record takes precedence.
  //
  // An error is never about the record: the decoder could not decide, for instance because the schema
  // registry did not respond (kUnavailable). The same record may be decoded again.
  //
  // REQUIRES: record.value has a value.
  virtual Status Decode(const RecordView& record, RowBuilder& row) = 0;
};

}  // namespace forebay
