// Writes rows that come again into new staged files: as many rows into each as the ledger says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "ledger/records.h"
#include "store/lake.h"
#include "store/parquet_file.h"

namespace forebay {

// One thread at a time. `lake`, the contract and the files must outlive it.
class ReplacementFiles {
 public:
  // `files` are of one batch, table and directory.
  ReplacementFiles(Lake& lake, const Contract& contract, std::vector<const LedgerFile*> files);
  ~ReplacementFiles();

  // How many rows of `block` still fit into the file at hand; 0: all files are full.
  int64_t room() const;
  // Writes the block as a row group and clears it. REQUIRES: 0 < block.rows() <= room().
  Status Write(Block& block);

  struct Filled {
    ProposedFile file;
    std::unique_ptr<StagedFile> staged;
  };
  // The new files, in the order of the old ones, synced together with staging. kInvalidArgument when rows are
  // missing, or when they are not the records or keys that the ledger has.
  Result<std::vector<Filled>> Finish();
  // Unlinks what was staged.
  void Drop();

 private:
  Status Open(const Block& block);
  Status FinishFile();
  Status CheckSums() const;

  Lake& lake_;
  const Contract& contract_;
  const std::vector<const LedgerFile*> files_;
  std::vector<Filled> filled_;
  std::vector<std::string> staged_names_;
  std::unique_ptr<ParquetFile> open_;
  int64_t written_ = 0;  // rows in the file at hand
};

}  // namespace forebay
