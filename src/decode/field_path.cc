#include "decode/field_path.h"

namespace forebay {

std::string PathText(const FieldPath* path) {
  if (path == nullptr) return "";
  std::string text = PathText(path->up);
  if (path->index >= 0) return text + "[" + std::to_string(path->index) + "]";
  if (path->up != nullptr) text += '.';
  return text.append(path->name);
}

}  // namespace forebay
