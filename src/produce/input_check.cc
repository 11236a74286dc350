#include "produce/input_check.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/time.h"
#include "decode/record_decoder.h"
#include "report/text_table.h"
#include "sample/json_values.h"

namespace forebay::produce {
namespace {

constexpr int kPollMs = 100;
constexpr size_t kGroupsShown = 10;
constexpr size_t kSamples = 1;                        // of each group
constexpr int64_t kNotableBytes = 256 * 1024 * 1024;  // reading them takes seconds
constexpr size_t kMaxDirectories = 10'000;            // limit of the decoder's cache

Status ReadAll(JsonValues& values, const Table& table, const std::atomic<bool>* stop, InputCheck* check) {
  FOREBAY_ASSIGN(const auto decoder, RecordDecoder::Create(table));
  while (true) {
    if (stop != nullptr && stop->load()) return CancelledError("stopped before anything was sent");
    FOREBAY_ASSIGN(const JsonValues::Step step, values.Next(kPollMs));
    if (step == JsonValues::Step::kEnd) return Ok();
    if (step == JsonValues::Step::kNothingYet) continue;
    if (decoder->partitions().size() > kMaxDirectories) decoder->partitions().Clear();
    RecordView record;
    record.timestamp_ms = WallClockMillis();
    record.value = values.value();
    FOREBAY_ASSIGN(const Outcome outcome, decoder->Decode(record, record.timestamp_ms));
    ++check->records;
    if (outcome == Outcome::kRow) continue;
    ++check->rejected;
    const Rejection& rejection = decoder->rejection();
    check->rejects.Add({.table = table.name,
                        .reason = ReasonName(rejection.reason),
                        .field = rejection.field,
                        .detail = rejection.detail,
                        .value = values.value(),
                        .in_file = values.position()});
  }
}

}  // namespace

Result<std::optional<InputCheck>> CheckInput(const std::string& path, const Table& table,
                                             const std::atomic<bool>* stop) {
  const bool is_standard_input = path == "-";
  struct stat info = {};
  const int found = is_standard_input ? fstat(STDIN_FILENO, &info) : stat(path.c_str(), &info);
  if (found == 0 && !S_ISREG(info.st_mode)) return std::optional<InputCheck>();
  const off_t begin = is_standard_input ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
  FOREBAY_ASSIGN(const auto values, JsonValues::Open(path, "--from"));
  InputCheck check{.name = values->name(), .rejects = RejectGroups(kSamples)};
  if (info.st_size >= kNotableBytes)
    spdlog::info("checking {} ({}) before it is sent", check.name,
                 BytesText(static_cast<uint64_t>(info.st_size)));
  FOREBAY_TRY(ReadAll(*values, table, stop, &check));
  if (is_standard_input && lseek(STDIN_FILENO, begin, SEEK_SET) != begin)
    return IoError("standard input cannot be read from its beginning again; pass --from a file");
  return std::optional(std::move(check));
}

std::string RejectsText(const InputCheck& check) {
  if (check.rejected == 0) return "";
  std::string text = fmt::format("{} of {} of {} will be rejected into quarantine, by field and reason:\n{}",
                                 Grouped(check.rejected), Counted(check.records, "record"), check.name,
                                 RejectGroupsText(check.rejects.Largest(), 2, kGroupsShown));
  text.pop_back();
  return text;
}

}  // namespace forebay::produce
