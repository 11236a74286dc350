// The fast path of JsonPayloadDecoder, which handles most of a record: members with predicted names, and
// values that the fast-path rules accept. It accepts no others and rejects nothing: the rest goes through
// full validation.
#pragma once

#include "decode/json_node.h"
#include "decode/json_text.h"
#include "decode/member_set.h"
#include "decode/row_builder.h"

namespace forebay {

// Accepts as many members of an object as it can, from a place where a member must follow. `previous` is the
// last known member before that place. Returns true if it has read the object's closing brace; otherwise the
// reader is at a place where a member must follow.
bool AcceptFastMembers(JsonNode& object, JsonReader& reader, int* previous, MemberSet& present,
                       RowBuilder& row);

}  // namespace forebay
