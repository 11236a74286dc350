// Writes rebuilt rows into new staged files, with as many rows in each as the ledger records.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/contract.h"
#include "ledger/records.h"
#include "store/parquet_file.h"
#include "store/table_store.h"

namespace forebay {

// Thread-compatible. `store`, the contract and the files must outlive it.
class ReplacementFiles {
 public:
  // `files` belong to one batch, table and directory; `table` describes the table, and is null for
  // quarantine.
  ReplacementFiles(TableStore& store, const Contract& contract, const Table* table,
                   std::vector<const LedgerFile*> files);
  ~ReplacementFiles();

  // Number of further rows that fit into the current file; 0: all files are full.
  int64_t room() const;
  // Writes the block as a row group and clears it. REQUIRES: 0 < block.rows() <= room().
  Status Write(ColumnBlock& block);

  // The new files, in the order of the old ones.
  struct Filled {
    std::vector<ProposedFile> files;
    std::vector<std::unique_ptr<StagedFile>> staged;
  };
  // Returns the new files, durable. kFailedPrecondition if rows are missing, or if they are not the records
  // or keys in the ledger.
  Result<Filled> Finish();
  // Removes the staged files.
  void Drop();

 private:
  Status Open(const ColumnBlock& block);
  Status FinishFile();
  Status CheckSums() const;

  TableStore& store_;
  const Contract& contract_;
  const Table* const table_;
  const std::vector<const LedgerFile*> files_;
  Filled filled_;
  std::vector<std::string> staged_names_;
  std::unique_ptr<ParquetFile> open_;
  int64_t written_ = 0;  // rows in the current file
};

}  // namespace forebay
