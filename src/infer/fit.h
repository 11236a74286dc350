// Holds a proposal against the records that it was made from, with the decoder that will land them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "decode/record.h"
#include "infer/proposal.h"

namespace forebay::infer {

// Decodes the records with the proposal's fields. A field that refuses a value becomes an optional one of any
// JSON value. Returns a sentence for each; there are none unless typing has a bug.
Result<std::vector<std::string>> LoosenToFit(const std::vector<const RecordView*>& records,
                                             std::vector<ProposedField>& fields);

// kFailedPrecondition if the table refuses a record; the message names the first one's reason.
Status CheckFit(const Table& table, const std::vector<const RecordView*>& records, int64_t now_ms);

}  // namespace forebay::infer
