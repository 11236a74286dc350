#include "decode/extra_members.h"

#include "base/json_quote.h"

namespace forebay {
namespace {

// RFC 6901: "~" is "~0", "/" is "~1".
void AppendToken(std::string_view name, std::string* pointer) {
  pointer->push_back('/');
  for (const char c : name) {
    if (c == '~') {
      pointer->append("~0");
    } else if (c == '/') {
      pointer->append("~1");
    } else {
      pointer->push_back(c);
    }
  }
}

void AppendPointer(const FieldPath* path, std::string* pointer) {
  if (path == nullptr) return;
  AppendPointer(path->up, pointer);
  AppendToken(path->index >= 0 ? std::to_string(path->index) : std::string(path->name), pointer);
}

}  // namespace

void ExtraMembers::Add(const FieldPath* object, std::string_view name, std::string_view json) {
  text_.push_back(text_.empty() ? '{' : ',');
  // A name of the record itself that begins with a slash would read as a pointer.
  if (object == nullptr && !name.starts_with('/')) {
    text_ += QuoteJson(name);
  } else {
    std::string pointer;
    AppendPointer(object, &pointer);
    AppendToken(name, &pointer);
    text_ += QuoteJson(pointer);
  }
  text_.push_back(':');
  text_.append(json);
}

}  // namespace forebay
