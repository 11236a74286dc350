#include "ledger/ledger_entry.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/row_hash.h"
#include "ledger/rows.h"
#include "ledger/schema.h"
#include "testhooks/safeguard.h"

namespace forebay {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "FrbyLog1";
constexpr size_t kHeaderBytes = kMagic.size() + 4 * sizeof(int64_t) + 4 * sizeof(Bits128);

Bits128 Hash(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return std::to_array(canonical.digest);
}

void Append(std::string& bytes, int64_t value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Append(std::string& bytes, const Bits128& value) {
  bytes.append(reinterpret_cast<const char*>(value.data()), value.size());
}

// With its length, so that no two lists of texts have the same bytes.
void Append(std::string& bytes, const std::string& text) {
  Append(bytes, static_cast<int64_t>(text.size()));
  bytes += text;
}

template <typename Value>
void Take(std::string_view& bytes, Value& value) {
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
}

}  // namespace

std::string EncodeEntry(const LedgerEntry& entry) {
  std::string bytes(kMagic);
  bytes.reserve(kHeaderBytes + entry.changes.size() + sizeof(Bits128));
  for (const int64_t value :
       {entry.number, static_cast<int64_t>(entry.kind), entry.schema_from, entry.schema_to}) {
    Append(bytes, value);
  }
  for (const Bits128* value : {&entry.previous, &entry.writer, &entry.nonce, &entry.digest})
    Append(bytes, *value);
  bytes += entry.changes;
  Append(bytes, Hash(bytes));
  return bytes;
}

Bits128 EntryHash(std::string_view bytes) {
  Bits128 hash{};
  FOREBAY_ASSERT(bytes.size() >= sizeof hash);
  std::memcpy(hash.data(), bytes.data() + bytes.size() - sizeof hash, sizeof hash);
  return hash;
}

Result<LedgerEntry> DecodeEntry(const std::string& name, std::string_view bytes) {
  constexpr size_t kFamilyBytes = kMagic.size() - 1;
  const bool is_entry = bytes.size() >= kHeaderBytes + sizeof(Bits128) &&
                        bytes.substr(0, kFamilyBytes) == kMagic.substr(0, kFamilyBytes);
  if (is_entry && !bytes.starts_with(kMagic)) {
    return FailedPreconditionError("ledger log " + name +
                                   " has an entry of an unknown format; use the version "
                                   "of Forebay that wrote it, or a newer one");
  }
  if (!is_entry || EntryHash(bytes) != Hash(bytes.substr(0, bytes.size() - sizeof(Bits128))))
    return CorruptionError("ledger log " + name + " has a damaged entry; restore it from a backup");
  bytes.remove_suffix(sizeof(Bits128));
  bytes.remove_prefix(kMagic.size());
  LedgerEntry entry;
  int64_t kind = 0;
  for (int64_t* value : {&entry.number, &kind, &entry.schema_from, &entry.schema_to}) Take(bytes, *value);
  entry.kind = static_cast<LedgerEntry::Kind>(kind);
  for (Bits128* value : {&entry.previous, &entry.writer, &entry.nonce, &entry.digest}) Take(bytes, *value);
  entry.changes = bytes;
  if (entry.schema_to > kLedgerVersion && FOREBAY_SAFEGUARD("log:schema_version"))
    return UnknownVersion(name, entry.schema_to);
  if (entry.kind != LedgerEntry::Kind::kChange && entry.kind != LedgerEntry::Kind::kFence) {
    return FailedPreconditionError("ledger log " + name +
                                   " has an entry of an unknown kind; use the version "
                                   "of Forebay that wrote it, or a newer one");
  }
  return entry;
}

Result<Bits128> LedgerDigest(Sqlite& db) {
  // A log may begin with entries of an older version.
  FOREBAY_ASSIGN(const int64_t version, db.QueryInt64("PRAGMA user_version"));
  FOREBAY_ASSIGN(const LedgerState state, LoadState(db, version));
  std::string bytes;
  Append(bytes, state.last_batch.value());
  Append(bytes, static_cast<int64_t>(state.topics.size()));
  for (const auto& [id, topic] : state.topics) {
    for (const std::string* text : {&id.base64(), &topic.topic, &topic.table}) Append(bytes, *text);
    Append(bytes, int64_t{topic.current});
  }
  for (const auto& [partition, progress] : state.partitions) {
    Append(bytes, partition.topic_id.base64());
    for (const int64_t value : {int64_t{partition.partition.value()}, int64_t{partition.incarnation.value()},
                                progress.beginning.value(), progress.next.value()}) {
      Append(bytes, value);
    }
  }
  return Hash(bytes);
}

}  // namespace forebay
