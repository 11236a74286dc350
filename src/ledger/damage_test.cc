// A ledger that is damaged where opening it would not look.
#include <gtest/gtest.h>

#include <string>

#include "lake/fs_double.h"
#include "ledger/ledger.h"
#include "ledger/vfs_double.h"

namespace forebay {
namespace {

TEST(LedgerDamage, AnyDamagedPageIsFoundAtTheStart) {
  constexpr size_t kPage = 4096;
  FsDouble fs;
  const VfsDouble vfs(fs);
  const std::string path = "/ledger.db";
  ASSERT_TRUE(Ledger::Create(path, "01234567-89ab-4cde-8fab-0123456789ab", {0, vfs.name()}).ok());
  const std::string whole = *fs.ContentOf(path);
  ASSERT_GT(whole.size(), 10 * kPage);
  for (size_t at = kPage; at < whole.size(); at += kPage) {
    std::string damaged = whole;
    damaged[at] = '\x7f';  // the page's type
    fs.PutFile(path, damaged);
    const auto ledger = Ledger::Open(path, {0, vfs.name()});
    ASSERT_FALSE(ledger.ok()) << "page " << at / kPage;
    EXPECT_EQ(ledger.error().code(), ErrorCode::kUsage) << ledger.error().message();
  }
}

}  // namespace
}  // namespace forebay
