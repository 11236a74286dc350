#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "store/fs.h"

namespace forebay {
namespace {

class PosixFsTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = testing::TempDir() + "/fs_posix_test." + std::to_string(::getpid());
    std::filesystem::create_directory(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  void Put(const std::string& name, const std::string& content) { std::ofstream(Path(name)) << content; }
  std::string Get(const std::string& name) {
    auto file = fs_.OpenForRead(Path(name));
    EXPECT_TRUE(file.ok() && *file != nullptr);
    std::string content(100, '\0');
    content.resize(*(*file)->ReadAt(0, content.data(), content.size()));
    return content;
  }

  Fs& fs_ = PosixFs();
  std::string dir_;
};

TEST_F(PosixFsTest, WritesAFileAndKeepsADescriptor) {
  auto file = fs_.CreateFile(Path("a"));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("hello ", 6).ok());
  ASSERT_TRUE((*file)->Append("world", 5).ok());
  ASSERT_TRUE((*file)->FinishWriting().ok());
  EXPECT_EQ(Get("a"), "hello world");
  EXPECT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(*(*file)->LinkCount(), 1u);
  ASSERT_TRUE(*fs_.Unlink(Path("a")));
  EXPECT_EQ(*(*file)->LinkCount(), 0u);
}

TEST_F(PosixFsTest, CreatesOnlyNewFiles) {
  Put("a", "old");
  const auto file = fs_.CreateFile(Path("a"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), ErrorCode::kIoError);
  EXPECT_THAT(file.error().message(), testing::HasSubstr(Path("a")));
  EXPECT_EQ(Get("a"), "old");
}

TEST_F(PosixFsTest, AWriteThatIsCutShortIsReported) {
  auto file = fs_.CreateFile(Path("a"));
  ASSERT_TRUE(file.ok());
  struct rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit small = {5, before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = (*file)->Append("0123456789", 10);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_DFL);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), testing::HasSubstr("File too large"));
}

TEST_F(PosixFsTest, RenamesWithoutReplacing) {
  Put("a", "A");
  Put("b", "B");
  EXPECT_EQ(*fs_.RenameNoReplace(Path("a"), Path("b")), RenameOutcome::kTargetExists);
  EXPECT_EQ(Get("b"), "B");
  EXPECT_EQ(*fs_.RenameNoReplace(Path("none"), Path("c")), RenameOutcome::kSourceMissing);
  EXPECT_EQ(*fs_.RenameNoReplace(Path("a"), Path("nodir/c")), RenameOutcome::kSourceMissing);
  EXPECT_EQ(*fs_.RenameNoReplace(Path("a"), Path("c")), RenameOutcome::kDone);
  EXPECT_EQ(Get("c"), "A");
}

TEST_F(PosixFsTest, UnlinksAndMakesDirectories) {
  EXPECT_FALSE(*fs_.Unlink(Path("none")));
  EXPECT_TRUE(*fs_.MakeDirectory(Path("d")));
  EXPECT_FALSE(*fs_.MakeDirectory(Path("d")));
  Put("file", "");
  EXPECT_FALSE(fs_.MakeDirectory(Path("file")).ok());
  EXPECT_FALSE(fs_.MakeDirectory(Path("no/d")).ok());
  EXPECT_TRUE(fs_.SyncDirectory(Path("d")).ok());
  EXPECT_FALSE(fs_.SyncDirectory(Path("none")).ok());
  EXPECT_FALSE(fs_.SyncDirectory(Path("file")).ok());
}

TEST_F(PosixFsTest, ListsAndLooks) {
  Put("b", "12345");
  std::filesystem::create_directory(Path("a"));
  std::filesystem::create_directory_symlink(Path("a"), Path("c"));
  const auto entries = fs_.List(dir_);
  ASSERT_TRUE(entries.ok() && entries->has_value());
  EXPECT_EQ(**entries, (std::vector<DirectoryEntry>{{"a", true}, {"b", false}, {"c", true}}));
  EXPECT_FALSE(fs_.List(Path("none"))->has_value());
  EXPECT_FALSE(fs_.List(Path("b")).ok());
  const auto info = fs_.Stat(Path("b"));
  ASSERT_TRUE(info.ok() && info->has_value());
  EXPECT_EQ((*info)->size, 5u);
  EXPECT_FALSE((*info)->is_directory);
  EXPECT_EQ((*info)->device, (*fs_.Stat(dir_))->device);
  EXPECT_FALSE(fs_.Stat(Path("none"))->has_value());
  EXPECT_FALSE(fs_.Stat(Path("b/below"))->has_value());
  EXPECT_GT(*fs_.FreeBytes(dir_), 0u);
}

TEST_F(PosixFsTest, WhatIsNotThereIsNotAnError) {
  EXPECT_EQ(*fs_.OpenForRead(Path("none")), nullptr);
  EXPECT_EQ(*fs_.OpenFinished(Path("none")), nullptr);
}

TEST_F(PosixFsTest, ReadsRegularFilesOnly) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(Path("directory"));
  for (const std::string name : {"pipe", "directory"}) {
    const auto read = fs_.OpenForRead(Path(name));
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_THAT(read.error().message(), testing::HasSubstr(name + " is not a regular file"));
    EXPECT_FALSE(fs_.OpenFinished(Path(name)).ok()) << name;
  }
}

TEST_F(PosixFsTest, OneHolderALock) {
  auto first = fs_.TryLock(Path("lock"));
  ASSERT_TRUE(first.ok() && *first != nullptr);
  EXPECT_EQ(*fs_.TryLock(Path("lock")), nullptr);
  first->reset();
  EXPECT_NE(*fs_.TryLock(Path("lock")), nullptr);
  EXPECT_FALSE(fs_.TryLock(Path("no/lock")).ok());
}

TEST_F(PosixFsTest, ChildrenDoNotInheritDescriptors) {
  auto file = fs_.CreateFile(Path("a"));
  auto lock = fs_.TryLock(Path("lock"));
  ASSERT_TRUE(file.ok() && lock.ok());
  ASSERT_TRUE((*file)->FinishWriting().ok());
  const std::string command = "ls -l /proc/self/fd | grep -q " + dir_;
  EXPECT_NE(::system(command.c_str()), 0);
}

}  // namespace
}  // namespace forebay
