// One entry of a ledger log (ledger_log.h), and its encoding:
//
//   8 bytes     "FrbyLog" and the version of this format, '1'
//   4 x 8       number, kind, schema_from, schema_to: little-endian signed integers
//   4 x 16      previous, writer, nonce, digest
//   ...         changes
//   16 bytes    XXH3-128, in canonical form, of all bytes before: the entry's hash
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/sqlite.h"

namespace forebay {

using Bits128 = std::array<unsigned char, 16>;

// INVARIANTS: number >= 1; a fence changes nothing.
struct LedgerEntry {
  enum class Kind : int64_t {
    kChange = 1,  // a transaction
    kFence = 2,   // from here on, writers that opened the ledger before must not decide on staged files
  };

  int64_t number = 0;
  Kind kind = Kind::kChange;
  int64_t schema_from = 0;  // the schema's version before the entry, and after it: UpgradeSchema first,
  int64_t schema_to = 0;    // then `changes`
  Bits128 previous{};       // the hash of the entry before; zeros for the first
  Bits128 writer{};         // the store that appended it
  Bits128 nonce{};          // unique to the entry
  Bits128 digest{};         // LedgerDigest after the entry
  std::string changes;      // a changeset (changeset.h)
};

std::string EncodeEntry(const LedgerEntry& entry);
// `name` is the log's. kCorruption: damaged. kFailedPrecondition: of an unknown version, of the format or of
// the schema.
Result<LedgerEntry> DecodeEntry(const std::string& name, std::string_view bytes);
// REQUIRES: at least 16 bytes.
Bits128 EntryHash(std::string_view bytes);

// XXH3-128 over the topics, the partitions' positions and the last batch: the state that the rules check.
Result<Bits128> LedgerDigest(Sqlite& db);

}  // namespace forebay
