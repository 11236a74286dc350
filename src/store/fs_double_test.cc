// The double must lose what a disk may lose, or the tests over it prove nothing.
#include "store/fs_double.h"

#include <gtest/gtest.h>

namespace forebay {
namespace {

using Survival = FsDouble::Survival;

std::unique_ptr<WritableFile> Write(FsDouble& fs, const std::string& path, const std::string& content) {
  auto file = fs.CreateFile(path);
  EXPECT_TRUE(file.ok() && (*file)->Append(content.data(), content.size()).ok());
  return std::move(*file);
}

TEST(FsDouble, WhatIsNotSyncedIsLost) {
  FsDouble fs;
  Write(fs, "/a", "content");
  fs.Restart(Survival::kNone);
  EXPECT_FALSE(fs.Exists("/a"));
}

TEST(FsDouble, ANameWithoutASyncedFileIsEmpty) {
  FsDouble fs;
  Write(fs, "/a", "content");
  ASSERT_TRUE(fs.SyncDirectory("/").ok());
  fs.Restart(Survival::kNone);
  EXPECT_EQ(fs.ContentOf("/a"), "");
}

TEST(FsDouble, ASyncedFileWithoutASyncedNameIsLost) {
  FsDouble fs;
  ASSERT_TRUE(Write(fs, "/a", "content")->Sync().ok());
  fs.Restart(Survival::kNone);
  EXPECT_FALSE(fs.Exists("/a"));
}

TEST(FsDouble, BothSyncedStay) {
  FsDouble fs;
  ASSERT_TRUE(Write(fs, "/a", "content")->Sync().ok());
  ASSERT_TRUE(fs.SyncDirectory("/").ok());
  fs.Restart(Survival::kNone);
  EXPECT_EQ(fs.ContentOf("/a"), "content");
}

TEST(FsDouble, AKilledProcessLosesNothing) {
  FsDouble fs;
  Write(fs, "/a", "content");
  fs.Restart(Survival::kAll);
  EXPECT_EQ(fs.ContentOf("/a"), "content");
}

TEST(FsDouble, AnUnsyncedRenameIsUndoneOrDoneOrBoth) {
  int only_old = 0, only_new = 0, both = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    FsDouble fs;
    fs.PutFile("/from/a", "content");
    fs.PutFile("/to/other", "");
    ASSERT_EQ(*fs.RenameNoReplace("/from/a", "/to/a"), RenameOutcome::kDone);
    fs.Restart(Survival::kSome, seed);
    const bool old_name = fs.Exists("/from/a"), new_name = fs.Exists("/to/a");
    ASSERT_TRUE(old_name || new_name);
    only_old += old_name && !new_name;
    only_new += new_name && !old_name;
    both += old_name && new_name;
  }
  EXPECT_GT(only_old, 0);
  EXPECT_GT(only_new, 0);
  EXPECT_GT(both, 0);
}

TEST(FsDouble, AFailedSyncIsNotMendedByALaterOne) {
  FsDouble fs;
  auto file = Write(fs, "/a", "content");
  ASSERT_TRUE(fs.SyncDirectory("/").ok());
  fs.FailAt(fs.operations() + 1);
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_TRUE(file->Sync().ok());
  fs.Restart(Survival::kNone);
  EXPECT_EQ(fs.ContentOf("/a"), "");
}

TEST(FsDouble, AfterThePowerCutEverythingFails) {
  FsDouble fs;
  fs.CutPowerAt(2);
  EXPECT_TRUE(fs.Stat("/").ok());
  EXPECT_FALSE(fs.CreateFile("/a").ok());
  EXPECT_FALSE(fs.Stat("/").ok());
  fs.Restart(Survival::kNone);
  EXPECT_TRUE(fs.CreateFile("/a").ok());
}

TEST(FsDouble, SectorsSurviveOneByOne) {
  bool mixed = false;
  for (uint64_t seed = 0; seed < 20 && !mixed; ++seed) {
    FsDouble fs;
    fs.PutFile("/a", std::string(4096, 'o'));
    const auto file = fs.OpenRandom("/a", false);
    ASSERT_TRUE(file.ok() && (*file)->WriteAt(0, std::string(4096, 'n').data(), 4096).ok());
    fs.Restart(Survival::kSome, seed);
    const std::string content = *fs.ContentOf("/a");
    mixed = content.find('o') != std::string::npos && content.find('n') != std::string::npos;
  }
  EXPECT_TRUE(mixed);
}

TEST(FsDouble, ACopyOfADiskLosesWhatTheDiskWouldLose) {
  FsDouble fs;
  fs.PutFile("/d/synced", "s");
  ASSERT_TRUE(fs.CreateFile("/d/unsynced").ok());
  fs.PutFile("/e/x", "");
  ASSERT_EQ(*fs.RenameNoReplace("/d/synced", "/e/renamed"), RenameOutcome::kDone);
  FsDouble killed, cut;
  killed.CopyDisk(fs);
  cut.CopyDisk(fs);
  killed.Restart(FsDouble::Survival::kAll);
  cut.Restart(FsDouble::Survival::kNone);
  EXPECT_EQ(killed.AllFiles(), (std::vector<std::string>{"/d/unsynced", "/e/renamed", "/e/x"}));
  EXPECT_EQ(cut.AllFiles(), (std::vector<std::string>{"/d/synced", "/e/x"}));
  EXPECT_EQ(fs.AllFiles(), killed.AllFiles());
}

TEST(FsDouble, CountsTheOperationsThatChangeSomething) {
  FsDouble fs;
  fs.PutFile("/d/x", "");
  ASSERT_TRUE(fs.Stat("/d/x").ok());
  ASSERT_TRUE(fs.Unlink("/d/x").ok());
  ASSERT_TRUE(fs.List("/d").ok());
  ASSERT_TRUE(fs.SyncDirectory("/d").ok());
  EXPECT_EQ(fs.changing_operations(), (std::vector<int64_t>{2, 4}));
}

TEST(FsDouble, LocksEndWithTheirHolderOrTheMachine) {
  FsDouble fs;
  auto lock = fs.TryLock("/lock");
  ASSERT_TRUE(lock.ok() && *lock != nullptr);
  EXPECT_EQ(*fs.TryLock("/lock"), nullptr);
  fs.Restart(Survival::kAll);
  EXPECT_NE(*fs.TryLock("/lock"), nullptr);
}

}  // namespace
}  // namespace forebay
