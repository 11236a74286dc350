// Input: arbitrary bytes as ledger.db, or a valid ledger with bytes changed or cut off. Opening, reading,
// recovery and deciding must not crash, results must be well formed, and no file may be unlinked that the
// ledger has not named.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "commit/commit.h"
#include "ledger/open_lake.h"

namespace {

using namespace forebay;  // NOLINT: one program

void Require(bool holds) {
  if (!holds) std::abort();
}

const TopicPartition kPartition = {TopicId("AAAAAAAAAAAAAAAAAAAAAQ"), PartitionId(0)};

// Ten records of that partition, of which one is a row.
BatchProposal Proposal(int64_t from) {
  BatchProposal proposal;
  proposal.contract_yaml = "a contract\n";
  proposal.engine = proposal.engine_version = "fuzz";
  proposal.ranges = {{kPartition, {Offset(from), Offset(from + 10)}, 1, 0, 0, 5, std::nullopt}};
  proposal.files = {
      {"events", "date=2025-10-30", NewPlace("", "").file_name, RandomStagedName(), 1, 5, 6, 7, 8, 5, 5}};
  return proposal;
}

// A directory with a lake of one published and one decided batch, and its ledger's bytes.
struct Harness {
  std::string dir;
  std::string ledger;
  std::string sound;

  Harness() {
    char name[] = "/dev/shm/forebay_ledger_fuzz.XXXXXX";
    Require(::mkdtemp(name) != nullptr);
    dir = name;
    ledger = dir + "/_forebay/ledger.db";
    {
      auto opened = OpenLake(PosixFs(), dir);
      Require(opened.ok());
      Require(opened->ledger->CommitBeginnings({{"events", "events", kPartition, Offset(0)}}).ok());
      for (int64_t from : {0, 10}) {
        Require(opened->ledger->Decide(Proposal(from), [] { return Ok(); }).ok());
        if (from == 0) Require(opened->ledger->MarkPublished(BatchId(1)).ok());
      }
    }
    std::ifstream file(ledger, std::ios::binary);
    sound.assign(std::istreambuf_iterator<char>(file), {});
  }
  ~Harness() { std::filesystem::remove_all(dir); }

  // The first byte selects the mode: either all bytes are the ledger, or up to 30 groups of three bytes each
  // change a byte of a valid ledger (two bytes of place, one of value). One mode then truncates the ledger.
  std::string Bytes(const uint8_t* data, size_t size) const {
    if (size == 0 || data[0] % 4 == 0) return std::string(reinterpret_cast<const char*>(data), size);
    std::string bytes = sound;
    size_t at = 1;
    for (; at + 3 <= size && at < 90; at += 3) {
      bytes[(data[at] * 256 + data[at + 1]) % bytes.size()] = static_cast<char>(data[at + 2]);
    }
    if (data[0] % 4 == 1) bytes.resize(bytes.size() - (data[0] * 131) % bytes.size());
    return bytes;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Harness harness;
  const std::string bytes = harness.Bytes(data, size);
  std::filesystem::remove(harness.ledger + "-journal");
  std::ofstream(harness.ledger, std::ios::binary | std::ios::trunc) << bytes;
  {
    const auto reading = OpenLakeForReading(PosixFs(), harness.dir);
    if (reading.ok()) {
      const auto snapshot = reading->ledger->Snapshot();
      if (!snapshot.ok()) Require(!snapshot.error().message().empty());
      (void)reading->ledger->CheckIntegrity().ok();
    }
  }
  auto opened = OpenLake(PosixFs(), harness.dir);
  if (!opened.ok()) {
    Require(!opened.error().message().empty());
    return 0;
  }
  Committer committer(opened->lake->store(), *opened->ledger);
  const auto report = committer.Recover();
  if (!report.ok()) Require(!report.error().message().empty());
  const auto decided = opened->ledger->Decide(Proposal(20), [] { return Ok(); });
  if (!decided.ok()) Require(!decided.error().message().empty());
  return 0;
}
