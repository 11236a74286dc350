#include "scenario/json_edit.h"

#include "base/assert.h"

namespace forebay {
namespace {

// The end of the value at `at`.
size_t ValueEnd(const std::string& record, size_t at) {
  if (record[at] == '"') return record.find('"', at + 1) + 1;
  if (record[at] != '{' && record[at] != '[') return record.find_first_of(",}]", at);
  int depth = 0;
  do {
    depth += record[at] == '{' || record[at] == '[' ? 1 : 0;
    depth -= record[at] == '}' || record[at] == ']' ? 1 : 0;
    ++at;
  } while (depth > 0);
  return at;
}

std::string Name(std::string_view name) {
  std::string text("\"");
  return text.append(name).append("\":");
}

}  // namespace

bool HasMember(const std::string& record, std::string_view name) {
  return record.find(Name(name)) != std::string::npos;
}

MemberPlace FindMember(const std::string& record, std::string_view name) {
  const std::string needle = Name(name);
  const size_t begin = record.find(needle);
  FOREBAY_ASSERT(begin != std::string::npos);
  return {begin, begin + needle.size(), ValueEnd(record, begin + needle.size())};
}

std::string MemberText(const std::string& record, std::string_view name) {
  const MemberPlace place = FindMember(record, name);
  return record.substr(place.begin, place.end - place.begin);
}

void RemoveMember(std::string* record, std::string_view name) {
  MemberPlace place = FindMember(*record, name);
  if ((*record)[place.end] == ',') {
    ++place.end;
  } else if ((*record)[place.begin - 1] == ',') {
    --place.begin;
  }
  record->erase(place.begin, place.end - place.begin);
}

void SetMember(std::string* record, std::string_view name, std::string_view value) {
  if (!HasMember(*record, name)) {
    AppendMember(record, Name(name) + std::string(value));
    return;
  }
  const MemberPlace place = FindMember(*record, name);
  record->replace(place.value_begin, place.end - place.value_begin, value);
}

void AppendMember(std::string* record, std::string_view member) {
  FOREBAY_ASSERT(record->back() == '}');
  record->pop_back();
  *record += ",";
  *record += member;
  *record += "}";
}

void PrependMember(std::string* record, std::string_view member) {
  record->insert(record->begin() + 1, ',');
  record->insert(1, member);
}

}  // namespace forebay
