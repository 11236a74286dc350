// The members of a record that the contract does not know, as the text of one JSON object: the value of the
// column `_extra`.
#pragma once

#include <string>
#include <string_view>

#include "decode/field_path.h"

namespace forebay {

// Not thread-safe.
class ExtraMembers {
 public:
  void Clear() { text_.clear(); }
  // Adds a member of the object at `object` (nullptr: of the record itself). `json` is its value as JSON
  // text, and is copied as it is. Members of nested objects are listed under their JSON Pointer (RFC 6901).
  void Add(const FieldPath* object, std::string_view name, std::string_view json);
  // Closes the object. Called once, after the last Add.
  void Finish() {
    if (!text_.empty()) text_.push_back('}');
  }
  // The size of what was added, and back to it.
  size_t size() const { return text_.size(); }
  void Truncate(size_t size) { text_.resize(size); }
  // The whole object after Finish(); empty if there are no members.
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace forebay
