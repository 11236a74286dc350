#include "sample/json_values.h"

namespace forebay {

Result<std::unique_ptr<JsonValues>> JsonValues::Open(const std::string& path, std::string_view flag) {
  FOREBAY_ASSIGN(std::unique_ptr<InputBytes> input, InputBytes::Open(path, flag));
  return std::unique_ptr<JsonValues>(new JsonValues(std::move(input)));
}

Result<JsonValues::Step> JsonValues::Next(int wait_ms) {
  while (true) {
    FOREBAY_ASSIGN(const JsonSplitter::Step step, splitter_.Next());
    if (step == JsonSplitter::Step::kValue) return Step::kValue;
    if (step == JsonSplitter::Step::kEnd) return Step::kEnd;
    FOREBAY_ASSIGN(const InputBytes::Step read, input_->Read(wait_ms));
    if (read == InputBytes::Step::kNothingYet) return Step::kNothingYet;
    if (read == InputBytes::Step::kEnd) {
      splitter_.Finish();
    } else {
      splitter_.Append(input_->bytes());
    }
  }
}

}  // namespace forebay
