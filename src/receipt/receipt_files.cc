#include "receipt/receipt_files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

namespace forebay {
namespace {

Status AppendFiles(const std::string& path, std::vector<std::string>* files) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return InvalidArgumentError("receipt not found: " + path);
  if (!std::filesystem::is_directory(path, error)) {
    files->push_back(path);
    return Ok();
  }
  std::vector<std::string> found;
  for (auto entry = std::filesystem::directory_iterator(path, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".json") found.push_back(entry->path().string());
  }
  if (error) return IoError("cannot list the receipts in " + path + ": " + error.message());
  if (found.empty()) return InvalidArgumentError("no receipts (*.json) in " + path);
  std::sort(found.begin(), found.end());
  files->insert(files->end(), found.begin(), found.end());
  return Ok();
}

}  // namespace

Result<std::vector<NamedReceipt>> ReadReceipts(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) FOREBAY_TRY(AppendFiles(path, &files));
  // The newest receipt of a run, and any equally new one that contradicts it. The audit then finds that both
  // claim the same offsets.
  std::map<std::string, std::vector<NamedReceipt>> by_run;
  for (const std::string& file : files) {
    FOREBAY_ASSIGN(Receipt receipt, ReadReceipt(file));
    std::vector<NamedReceipt>& kept = by_run[receipt.run];
    if (!kept.empty() && kept.front().receipt.updated_ms > receipt.updated_ms) continue;
    if (!kept.empty() && kept.front().receipt.updated_ms < receipt.updated_ms) kept.clear();
    const auto is_same = [&](const NamedReceipt& other) { return other.receipt == receipt; };
    if (std::none_of(kept.begin(), kept.end(), is_same)) kept.push_back({file, std::move(receipt)});
  }
  std::vector<NamedReceipt> receipts;
  for (auto& [run, kept] : by_run) std::move(kept.begin(), kept.end(), std::back_inserter(receipts));
  std::sort(receipts.begin(), receipts.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  return receipts;
}

}  // namespace forebay
