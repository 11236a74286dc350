// Fields of a record's key that is no field of the value: whole, or by its members where it is JSON.
#pragma once

#include <string>
#include <vector>

#include "decode/record.h"
#include "infer/proposal.h"
#include "infer/typing.h"

namespace forebay::infer {

// Their names are suggestions, the fields those of the record itself. Empty if no record has a key, or a key
// is not UTF-8; the remarks then say so.
TypedFields ProposeKeyFields(const std::vector<const RecordView*>& records, const TypingOptions& options);

}  // namespace forebay::infer
