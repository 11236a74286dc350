#include "ledger/schema.h"

#include <string>

#include "testhooks/safeguard.h"

namespace forebay {

Error UnknownVersion(const std::string& path, int64_t version) {
  return FailedPreconditionError("ledger " + path + " is of version " + std::to_string(version) +
                                 "; this program supports versions up to " + std::to_string(kLedgerVersion) +
                                 "; use the version of Forebay that wrote it, or a newer one");
}

Result<int64_t> SchemaVersion(Sqlite& db) {
  FOREBAY_ASSIGN(const int64_t application, db.QueryInt64("PRAGMA application_id"));
  FOREBAY_ASSIGN(const int64_t version, db.QueryInt64("PRAGMA user_version"));
  FOREBAY_ASSIGN(const int64_t objects, db.QueryInt64("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return int64_t{0};
  if (application != kLedgerApplicationId)
    return CorruptionError("not Forebay's ledger: " + db.path() + " is another program's database");
  if ((version < 1 || version > kLedgerVersion) && FOREBAY_SAFEGUARD("start:ledger_version"))
    return UnknownVersion(db.path(), version);
  return version;
}

Status UpgradeSchema(Sqlite& db, int64_t from, int64_t to) {
  FOREBAY_ASSERT(from >= 0 && from <= to && to <= kLedgerVersion);
  if (from == 0 && to > 0) {
    FOREBAY_TRY(db.Execute(kLedgerSchema));
    FOREBAY_TRY(db.Execute(("PRAGMA application_id=" + std::to_string(kLedgerApplicationId)).c_str()));
    from = 1;
  }
  for (; from < to; ++from) FOREBAY_TRY(db.Execute(kLedgerUpgrades[from - 1]));
  return db.Execute(("PRAGMA user_version=" + std::to_string(to)).c_str());
}

}  // namespace forebay
