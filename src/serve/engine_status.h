// The status that an external engine reports while it runs: a file beside the lake (docs/spark.md describes
// its contents).
#pragma once

#include <cstdint>
#include <string>

namespace forebay::serve {

// "LAKE.spark-status.json".
std::string DefaultEngineStatusFile(const std::string& lake);

// Both members are empty if there is no such file.
struct EngineStatus {
  std::string text;  // lines of text, each terminated
  std::string json;  // the content of the file, on one line
};

// Never fails: reports a malformed file as such.
EngineStatus ReadEngineStatus(const std::string& file, int64_t now_ms);

}  // namespace forebay::serve
