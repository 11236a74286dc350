// Edits the text of a record that this scenario wrote: compact JSON whose strings hold no escapes, quotes or
// brackets. For faults only; the records themselves are written straight.
#pragma once

#include <string>
#include <string_view>

namespace forebay {

// Where `"name":value` stands in a record; the first one, wherever it is nested.
struct MemberPlace {
  size_t begin;  // the quote before the name
  size_t value_begin;
  size_t end;  // behind the value
};

bool HasMember(const std::string& record, std::string_view name);
// REQUIRES: HasMember.
MemberPlace FindMember(const std::string& record, std::string_view name);
std::string MemberText(const std::string& record, std::string_view name);  // "name":value
// REQUIRES: HasMember.
void RemoveMember(std::string* record, std::string_view name);
// Gives the member this JSON text as its value; appends the member to the record where there is none.
void SetMember(std::string* record, std::string_view name, std::string_view value);
// Puts `"name":value` behind all other members of the record. REQUIRES: `record` is an object with members.
void AppendMember(std::string* record, std::string_view member);
// Puts it before all others.
void PrependMember(std::string* record, std::string_view member);

}  // namespace forebay
