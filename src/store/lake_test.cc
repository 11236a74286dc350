#include "store/lake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "store/directories.h"
#include "store/fs_double.h"

namespace forebay {
namespace {

using testing::HasSubstr;

constexpr const char* kId = "01234567-89ab-4cde-8fab-0123456789ab";
constexpr const char* kLakeJson = "/lake/_forebay/lake.json";

void ExpectRefused(Fs& fs, const std::string& why, ErrorCode code = ErrorCode::kFailedPrecondition) {
  const auto lake = Lake::Open(fs, "/lake");
  ASSERT_FALSE(lake.ok());
  EXPECT_EQ(lake.error().code(), code);
  EXPECT_THAT(lake.error().message(), HasSubstr(why));
}

TEST(Lake, IsBegunAndOpenedAgain) {
  FsDouble fs;
  {
    const auto lake = Lake::Open(fs, "/lake/");
    ASSERT_TRUE(lake.ok()) << lake.error().message();
    EXPECT_EQ((*lake)->id(), "");
    ASSERT_TRUE((*lake)->Begin(kId).ok());
    EXPECT_EQ((*lake)->id(), kId);
  }
  EXPECT_EQ(fs.ContentOf(kLakeJson), std::string("{\"forebay_lake\": 1, \"lake_id\": \"") + kId + "\"}\n");
  fs.Restart(FsDouble::Survival::kNone);
  const auto lake = Lake::Open(fs, "/lake");
  ASSERT_TRUE(lake.ok()) << lake.error().message();
  EXPECT_EQ((*lake)->id(), kId);
  EXPECT_EQ((*Lake::OpenForReading(fs, "/lake"))->id(), kId);
}

// Without a lock, processes may begin a lake at the same time.
TEST(Lake, OneOfTwoBeginsItAndTheOtherIsToldToStartAgain) {
  for (int64_t at = 1;; ++at) {
    SCOPED_TRACE(at);
    FsDouble fs;
    fs.IgnoreLocks();
    const auto one = Lake::Open(fs, "/lake");
    const auto other = Lake::Open(fs, "/lake");
    ASSERT_TRUE(one.ok() && other.ok());
    std::optional<Status> others;
    fs.InterruptAt(fs.operations() + at, [&] { others = (*other)->Begin(kId); });
    const Status ones = (*one)->Begin(kId);
    if (!others) return;  // it has fewer operations
    EXPECT_NE(ones.ok(), others->ok());
    EXPECT_THAT((ones.ok() ? *others : ones).error().message(), HasSubstr("; start again"));
    fs.Restart(FsDouble::Survival::kNone);
    const auto lake = Lake::OpenForReading(fs, "/lake");
    ASSERT_TRUE(lake.ok()) << lake.error().message();
    EXPECT_EQ((*lake)->id(), kId);
  }
}

TEST(Lake, OneThatStopsWhileItBeginsItLeavesTheOtherAlone) {
  for (int64_t at = 1;; ++at) {
    bool was_interrupted = false;
    bool stopped = true;
    for (int64_t stop = 1; stopped; ++stop) {
      SCOPED_TRACE("before operation " + std::to_string(at) + ", at " + std::to_string(stop));
      FsDouble fs;
      fs.IgnoreLocks();
      const auto one = Lake::Open(fs, "/lake");
      const auto other = Lake::Open(fs, "/lake");
      ASSERT_TRUE(one.ok() && other.ok());
      fs.FailAt(fs.operations() + at + stop);
      bool is_begun = false;
      stopped = false;
      fs.InterruptAt(fs.operations() + at, [&] {
        was_interrupted = true;
        const Status begun = (*other)->Begin(kId);
        stopped = !begun.ok() && begun.error().message().ends_with("an injected failure");
        is_begun = fs.Exists(kLakeJson);
      });
      const Status ones = (*one)->Begin(kId);
      EXPECT_TRUE(ones.ok() || !stopped || is_begun) << ones.error().message();
    }
    if (!was_interrupted) return;  // it has fewer operations
  }
}

// The ledger's own syncs are SQLite's matter: here its file has none for its name.
TEST(Lake, LakeJsonIsNeverThereWithoutWhatItNeeds) {
  for (int64_t cut = 1;; ++cut) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      FsDouble fs;
      const auto lake = Lake::Open(fs, "/lake");
      ASSERT_TRUE(lake.ok());
      ASSERT_TRUE((*(*fs.CreateFile("/lake/_forebay/ledger.db"))).Sync().ok());
      fs.CutPowerAt(fs.operations() + cut);
      if ((*lake)->Begin(kId).ok()) return;
      fs.Restart(FsDouble::Survival::kSome, seed);
      ASSERT_TRUE(!fs.Exists(kLakeJson) || fs.Exists("/lake/_forebay/ledger.db")) << cut << ", " << seed;
    }
  }
}

TEST(Lake, ADirectoryWithSomethingElseIsNotTaken) {
  FsDouble fs;
  fs.PutFile("/lake/thesis.txt", "");
  ExpectRefused(fs, "thesis.txt");
  EXPECT_FALSE(fs.Exists("/lake/_forebay"));
}

TEST(Lake, HiddenFilesDoNotMatter) {
  FsDouble fs;
  fs.PutFile("/lake/.gitkeep", "");
  fs.PutFile("/lake/lost+found/x", "");
  EXPECT_TRUE(Lake::Open(fs, "/lake").ok());
}

TEST(Lake, ADamagedOrNewerLakeJsonIsRefused) {
  for (const char* damaged : {"", "{}", "{\"forebay_lake\": 1, \"lake_id\": \"0123\"}\n"}) {
    FsDouble fs;
    fs.PutFile(kLakeJson, damaged);
    ExpectRefused(fs, "damaged", ErrorCode::kCorruption);
  }
  FsDouble fs;
  fs.PutFile(kLakeJson, "{\"forebay_lake\": 2, \"lake_id\": \"" + std::string(kId) + "\"}\n");
  ExpectRefused(fs, "version");
}

TEST(Lake, DifferentDevicesAreRefused) {
  FsDouble fs;
  fs.PutFile(kLakeJson, "");
  fs.SetDevice("/lake/_forebay/staging", 2);
  ExpectRefused(fs, "different devices");
  FsDouble other;
  other.PutFile(kLakeJson, "");
  other.PutFile("/lake/clicks/x", "");
  other.SetDevice("/lake/clicks", 2);
  ExpectRefused(other, "/lake/clicks");
}

TEST(Lake, AFilesystemThatReplacesIsRefused) {
  FsDouble fs;
  fs.SetRenameSupported(false);
  ExpectRefused(fs, "RENAME_NOREPLACE");
}

TEST(Lake, TheProbeLeavesNothingBehind) {
  FsDouble fs;
  const auto lake = Lake::Open(fs, "/lake");
  ASSERT_TRUE(lake.ok());
  EXPECT_TRUE((*lake)->store().ListStaged()->empty());
}

TEST(Lake, OneLanderAtATime) {
  FsDouble fs;
  const auto first = Lake::Open(fs, "/lake");
  ASSERT_TRUE(first.ok());
  const auto second = Lake::Open(fs, "/lake");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kLockHeld);
  EXPECT_EQ(ExitStatus(second.error()), 4);
}

TEST(Lake, WaitingEndsWhenTheOtherOneDoesOrWhenStopped) {
  FsDouble fs;
  auto first = Lake::Open(fs, "/lake");
  ASSERT_TRUE(first.ok());
  std::atomic<bool> stop{false};
  LakeOptions options;
  options.wait = true;
  options.stop = &stop;
  options.on_waiting = [&] { stop = true; };
  const auto stopped = Lake::Open(fs, "/lake", options);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
  int waited = 0;
  stop = false;
  options.on_waiting = [&] {
    ++waited;
    first->reset();
  };
  EXPECT_TRUE(Lake::Open(fs, "/lake", options).ok());
  EXPECT_EQ(waited, 1);
}

TEST(Lake, ReadingChangesNothing) {
  FsDouble fs;
  fs.PutFile("/lake/clicks/x", "");
  const auto files = fs.AllFiles();
  const auto lake = Lake::OpenForReading(fs, "/lake");
  ASSERT_FALSE(lake.ok());
  EXPECT_THAT(lake.error().message(), HasSubstr("not a lake"));
  EXPECT_EQ(fs.AllFiles(), files);
}

TEST(Lake, ListsTheFilesOfTables) {
  FsDouble fs;
  fs.PutFile(kLakeJson, "{\"forebay_lake\": 1, \"lake_id\": \"" + std::string(kId) + "\"}\n");
  for (const char* file : {"clicks/date=2025-10-30/b00000001-0.parquet", "clicks/stray",
                           "weather/w=rain/date=x/f", "_forebay/staging/x", ".git/config"}) {
    fs.PutFile(std::string("/lake/") + file, "");
  }
  const auto lake = Lake::OpenForReading(fs, "/lake");
  ASSERT_TRUE(lake.ok());
  const auto files = (*lake)->store().ListFiles();
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(*files, (std::vector<FilePlace>{{"clicks", "date=2025-10-30", "b00000001-0.parquet"},
                                            {"clicks", "", "stray"},
                                            {"weather", "w=rain/date=x", "f"}}));
}

TEST(Lake, ReportsTheFreeSpace) {
  FsDouble fs;
  const auto lake = Lake::Open(fs, "/lake");
  ASSERT_TRUE(lake.ok());
  fs.SetFreeBytes(12345);
  EXPECT_EQ(*(*lake)->FreeBytes(), 12345u);
}

TEST(DirectoryMaker, MakesDirectoriesDurableOnce) {
  FsDouble fs;
  fs.PutFile("/lake/_forebay/staging/x", "");
  DirectoryMaker maker(fs, LakePaths("/lake"));
  const std::vector<FilePlace> places = {{"w", "weather=rain/date=a", ""}, {"w", "weather=rain/date=b", ""}};
  ASSERT_TRUE(maker.MakeDurable(places).ok());
  const int64_t before = fs.operations();
  ASSERT_TRUE(maker.MakeDurable(places).ok());
  EXPECT_LE(fs.operations() - before, 8);  // looks, no syncs
  fs.Restart(FsDouble::Survival::kNone);
  EXPECT_TRUE(fs.Exists("/lake/w/weather=rain/date=a"));
  EXPECT_TRUE(fs.Exists("/lake/w/weather=rain/date=b"));
}

TEST(DirectoryMaker, SyncsWhatItFindsToo) {
  FsDouble fs;
  fs.PutFile("/lake/_forebay/staging/x", "");
  ASSERT_TRUE(*fs.MakeDirectory("/lake/w"));  // by a process that was killed
  ASSERT_TRUE(*fs.MakeDirectory("/lake/w/date=a"));
  DirectoryMaker maker(fs, LakePaths("/lake"));
  ASSERT_TRUE(maker.MakeDurable({{"w", "date=a", ""}}).ok());
  fs.Restart(FsDouble::Survival::kNone);
  EXPECT_TRUE(fs.Exists("/lake/w/date=a"));
}

}  // namespace
}  // namespace forebay
