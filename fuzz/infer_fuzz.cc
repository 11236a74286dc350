// Input: arbitrary lines as the records of a topic, a tab between key and value; or, after a first line
// "schema", a JSON Schema or Avro schema. Must not crash. A contract that is inferred must be valid without
// loosening, and land every JSON object.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "infer/infer.h"

namespace {

using namespace forebay;  // NOLINT: one program

constexpr std::string_view kSchema = "schema\n";
constexpr int64_t kKafkaMs = 1'761'825'600'000;

void Check(const Result<infer::InferredContract>& inferred) {
  if (!inferred.ok()) {
    const bool invalid = inferred.error().message().starts_with("the inferred contract");
    if (invalid || inferred.error().code() == ErrorCode::kFailedPrecondition) std::abort();
    return;
  }
  for (const std::string& remark : inferred->remarks) {
    if (remark.find("this is a bug") != std::string::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  infer::InferOptions options;
  options.table = options.topic.name = options.source = "fuzz";
  options.now_ms = kKafkaMs;
  options.typing.enums = size % 2 == 0;
  options.typing.time_zone = size % 3 == 0 ? "Europe/Berlin" : "";
  options.lenient = size % 5 == 0;
  if (text.starts_with(kSchema)) {
    Check(infer::InferFromSchema(text.substr(kSchema.size()), options));
    return 0;
  }
  infer::Sample sample;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t tab = line.find('\t');
    RecordView record;
    record.timestamp_ms = kKafkaMs;
    if (tab != std::string_view::npos) record.key = line.substr(0, tab);
    record.value = line.substr(tab == std::string_view::npos ? 0 : tab + 1);
    sample.Add(record);
  }
  Check(infer::Infer(sample, options));
  return 0;
}
