// Edits the text of a record that this scenario wrote: compact JSON whose strings contain no escapes, quotes
// or brackets. Used for faults only; good records are written directly.
#pragma once

#include <string>
#include <string_view>

namespace forebay {

// Position of `"name":value` in a record: the first match, at any nesting.
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
// Sets the member's value to this JSON text; appends the member if the record has none.
void SetMember(std::string* record, std::string_view name, std::string_view value);
// Appends `"name":value` after all other members of the record. REQUIRES: `record` is an object with members.
void AppendMember(std::string* record, std::string_view member);
// Inserts it before all others.
void PrependMember(std::string* record, std::string_view member);

}  // namespace forebay
