// The content of the disk after a kill or a power cut.
#include <algorithm>

#include "store/fs_double_inode.h"

namespace forebay {
namespace {

constexpr size_t kSectorBytes = 512;

// What a crash leaves of a file: each sector as it was synced, or as it was last written.
std::string SomeSectors(const std::string& durable, const std::string& current, std::mt19937_64& random) {
  std::string data = random() % 2 == 0 ? durable : current;
  const std::string& other = data == durable ? current : durable;
  for (size_t at = 0; at < std::min(data.size(), other.size()); at += kSectorBytes) {
    if (random() % 2 == 0) continue;
    const size_t size = std::min({kSectorBytes, data.size() - at, other.size() - at});
    data.replace(at, size, other, at, size);
  }
  return data;
}

}  // namespace

void FsDouble::RestartDirectory(Inode& inode, Survival survival, std::mt19937_64& random) {
  if (survival == Survival::kNone) inode.entries = inode.durable_entries;
  if (survival != Survival::kSome) return;
  auto names = inode.entries;
  names.insert(inode.durable_entries.begin(), inode.durable_entries.end());
  std::map<std::string, std::shared_ptr<Inode>> kept;
  for (const auto& [name, child] : names) {
    const auto& from = random() % 2 == 0 ? inode.entries : inode.durable_entries;
    const auto entry = from.find(name);
    if (entry != from.end()) kept.insert(*entry);
  }
  inode.entries = std::move(kept);
}

void FsDouble::CopyDisk(const FsDouble& other) {
  FOREBAY_ASSERT(root_->entries.empty() && operations_ == 0);
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  std::vector<const Inode*> pending;
  const auto copy_of = [&](const std::shared_ptr<Inode>& inode) {
    std::shared_ptr<Inode>& copy = copies[inode.get()];
    if (copy == nullptr) {
      copy = std::make_shared<Inode>(*inode);
      pending.push_back(inode.get());
    }
    return copy;
  };
  root_ = copy_of(other.root_);
  for (const Rename& rename : other.renames_) {
    renames_.push_back(
        {copy_of(rename.inode), copy_of(rename.from), copy_of(rename.to), rename.from_name, rename.to_name});
  }
  while (!pending.empty()) {
    const std::shared_ptr<Inode> copy = copies.at(pending.back());
    pending.pop_back();
    for (auto* entries : {&copy->entries, &copy->durable_entries}) {
      for (auto& [name, child] : *entries) child = copy_of(child);
    }
  }
}

void FsDouble::Restart(Survival survival, uint64_t seed) {
  std::mt19937_64 random(seed);
  // In the order in which they are found, so that a seed repeats what it did.
  std::vector<std::shared_ptr<Inode>> all = {root_};
  std::set<std::shared_ptr<Inode>> found = {root_};
  for (size_t i = 0; i < all.size(); ++i) {
    const std::shared_ptr<Inode> inode = all[i];
    for (const auto* entries : {&inode->entries, &inode->durable_entries}) {
      for (const auto& [name, child] : *entries) {
        if (found.insert(child).second) all.push_back(child);
      }
    }
  }
  for (const std::shared_ptr<Inode>& inode : all) {
    RestartDirectory(*inode, survival, random);
    if (survival == Survival::kNone) inode->data = inode->durable_data;
    if (survival == Survival::kSome) inode->data = SomeSectors(inode->durable_data, inode->data, random);
  }
  for (const Rename& rename : renames_) {
    const auto target = rename.to->entries.find(rename.to_name);
    const bool in_target = target != rename.to->entries.end() && target->second == rename.inode;
    if (survival != Survival::kAll && !in_target)
      rename.from->entries.insert({rename.from_name, rename.inode});
  }
  for (const std::shared_ptr<Inode>& inode : all) inode->links = 0;
  for (const std::shared_ptr<Inode>& inode : all) {
    for (const auto& [name, child] : inode->entries) ++child->links;
    if (survival == Survival::kAll) continue;
    inode->durable_data = inode->data;
    inode->durable_entries = inode->entries;
    inode->lost_writes = false;
  }
  if (survival != Survival::kAll) renames_.clear();
  operations_ = fail_at_ = cut_at_ = interrupt_at_ = 0;
  changing_.clear();
  interruption_ = nullptr;
  locked_.clear();
  ++life_;
}

}  // namespace forebay
