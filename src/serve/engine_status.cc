#include "serve/engine_status.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "decode/values.h"
#include "report/text_table.h"

namespace forebay::serve {
namespace {

namespace json = boost::json;

std::string Text(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

int64_t Number(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_number() ? static_cast<int64_t>(found->to_number<double>()) : 0;
}

std::string Describe(const json::object& status, int64_t now_ms) {
  std::string text = fmt::format("{} engine: {}", Text(status, "engine"), Text(status, "state"));
  if (Text(status, "state") == "running") text += fmt::format(", process {}", Number(status, "pid"));
  int64_t micros = 0;
  if (ParseRfc3339(Text(status, "updated_at"), &micros)) {
    text += fmt::format(", updated {} ago", AgeText(now_ms - micros / 1000));
  }
  text += "\n";
  if (const std::string error = Text(status, "error"); !error.empty()) {
    text += fmt::format("  {}\n", Preview(error, 500));
  }
  const json::value* const tables = status.if_contains("tables");
  if (tables == nullptr || !tables->is_object()) return text;
  for (const auto& [name, line] : tables->get_object()) {
    const json::object* const batch = line.if_object();
    if (batch == nullptr) continue;
    text += fmt::format("  {}: batch {}, {} records, {} records/s, lag {}\n",
                        Preview(std::string_view(name), 200), Number(*batch, "batch"),
                        Grouped(Number(*batch, "records")), Grouped(Number(*batch, "records_per_second")),
                        Grouped(Number(*batch, "lag")));
  }
  return text;
}

}  // namespace

std::string DefaultEngineStatusFile(const std::string& lake) {
  std::filesystem::path path = std::filesystem::absolute(lake).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.string() + ".spark-status.json";
}

EngineStatus ReadEngineStatus(const std::string& file, int64_t now_ms) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {};
  std::stringstream content;
  content << stream.rdbuf();
  json::error_code error;
  const json::value parsed = json::parse(content.str(), error);
  if (error || !parsed.is_object()) return {fmt::format("{} is not an engine status file\n", file), ""};
  return {Describe(parsed.get_object(), now_ms), json::serialize(parsed)};
}

}  // namespace forebay::serve
