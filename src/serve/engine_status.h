// What an engine that is not the native one says of itself while it runs: the status file beside the lake
// (docs/spark.md says what is in it).
#pragma once

#include <cstdint>
#include <string>

namespace forebay::serve {

// "LAKE.spark-status.json".
std::string DefaultEngineStatusFile(const std::string& lake);

// Both empty when there is no such file.
struct EngineStatus {
  std::string text;  // lines for people, each ended
  std::string json;  // the file's content, on one line
};

// Never fails: a file that can't be understood is said to be one.
EngineStatus ReadEngineStatus(const std::string& file, int64_t now_ms);

}  // namespace forebay::serve
