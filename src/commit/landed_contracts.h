// The contracts that a lake was landed with, read from its ledger.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "contract/contract.h"
#include "contract/evolution.h"
#include "ledger/ledger.h"

namespace arrow {
class Schema;
}

namespace forebay {

// By the batches up to `until`. Leaves out contracts that this version cannot read, with a warning.
Result<LandedForms> LoadLandedForms(Ledger& ledger, BatchId until = kNewestBatch);

// Nullopt before the first batch. kInvalidArgument: this version cannot read the newest contract.
Result<std::optional<LandedContracts>> LoadLandedContracts(Ledger& ledger);

// What changes in the lake with this contract: CompareContracts, and columns that transforms have added to
// the files.
Result<std::vector<ContractChange>> CompareWithLake(const LandedContracts& landed, const Contract& after,
                                                    Ledger& ledger);

// The columns of the table's new files: TableSchema, with the columns that files have from earlier contracts.
std::shared_ptr<arrow::Schema> FileSchema(const Table& table, const LandedForms& landed);

}  // namespace forebay
