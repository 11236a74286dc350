// Input: a byte that gives the size of the pieces, then arbitrary bytes as a file of JSON. Must not crash;
// the size of the pieces makes no difference, and each value is the same value when it is read by itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sample/json_splitter.h"

namespace {

using forebay::JsonSplitter;

struct Split {
  std::vector<std::string> values;
  std::string error;
  bool operator==(const Split&) const = default;
};

Split SplitText(std::string_view text, size_t piece) {
  JsonSplitter splitter("fuzz");
  Split split;
  while (true) {
    const auto step = splitter.Next();
    if (!step.ok()) {
      split.error = step.error().message();
      if (split.error.empty()) std::abort();
      return split;
    }
    if (*step == JsonSplitter::Step::kEnd) return split;
    if (*step == JsonSplitter::Step::kValue) {
      split.values.emplace_back(splitter.value());
    } else if (text.empty()) {
      splitter.Finish();
    } else {
      splitter.Append(text.substr(0, piece));
      text.remove_prefix(std::min(piece, text.size()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const Split whole = SplitText(text, SIZE_MAX);
  const Split pieces = SplitText(text, size_t{data[0]} + 1);
  if (pieces.values != whole.values || pieces.error.empty() != whole.error.empty()) std::abort();
  for (const std::string& value : whole.values) {
    if (SplitText("[" + value + "]", SIZE_MAX) != Split{{value}, ""}) std::abort();
  }
  return 0;
}
