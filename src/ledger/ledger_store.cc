#include "ledger/ledger_store.h"

#include <string>

namespace forebay {

Error TooManyLostRaces() {
  return Error(ErrorCode::kConflict, "ledger changed by other processes " + std::to_string(kMaxLostRaces) +
                                         " times before this change could be committed; try again");
}

Status ApplyChange(LedgerStore& store, const std::function<Result<bool>(Sqlite&)>& change) {
  for (int attempt = 0; attempt < kMaxLostRaces; ++attempt) {
    FOREBAY_ASSIGN(OpenChange open, OpenChange::Begin(store));
    FOREBAY_ASSIGN(const bool changed, change(open.db()));
    if (!changed) return Ok();
    FOREBAY_ASSIGN(const bool appended, store.AppendChange());
    if (appended) return Ok();
  }
  return TooManyLostRaces();
}

}  // namespace forebay
