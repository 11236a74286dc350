// The contract of TableStore, checked on each of its implementations.
#include "store/table_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "store/fs_double.h"
#include "store/memory_table_store.h"
#include "store/posix_table_store.h"

namespace forebay {
namespace {

// One store, and a way to put a foreign file into it.
class World {
 public:
  virtual ~World() = default;
  virtual TableStore& store() = 0;
  virtual void Put(const FilePlace& place, const std::string& content) = 0;
};

class MemoryWorld final : public World {
 public:
  TableStore& store() override { return store_; }
  void Put(const FilePlace& place, const std::string& content) override { store_.PutFile(place, content); }

 private:
  MemoryTableStore store_;
};

// The POSIX store on a simulated disk.
class SimulatedWorld final : public World {
 public:
  SimulatedWorld() { fs_.PutFile("/lake/_forebay/staging/notes.txt", ""); }
  TableStore& store() override { return store_; }
  void Put(const FilePlace& place, const std::string& content) override {
    fs_.PutFile(LakePaths("/lake").File(place), content);
  }

 private:
  FsDouble fs_;
  PosixTableStore store_{fs_, LakePaths("/lake")};
};

// The POSIX store in a real directory.
class DiskWorld final : public World {
 public:
  DiskWorld() : dir_(testing::TempDir() + "/table_store_test." + std::to_string(::getpid())) {
    std::filesystem::create_directories(dir_ + "/_forebay/staging");
  }
  ~DiskWorld() override { std::filesystem::remove_all(dir_); }
  TableStore& store() override { return store_; }
  void Put(const FilePlace& place, const std::string& content) override {
    const std::string path = LakePaths(dir_).File(place);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << content;
  }

 private:
  std::string dir_;
  PosixTableStore store_{PosixFs(), LakePaths(dir_)};
};

template <typename T>
class TableStoreTest : public testing::Test {
 protected:
  TableStore& store() { return world_.store(); }

  // A finished and durable staged file of this content.
  StagedPlace Stage(const FilePlace& place, const std::string& content) {
    auto writer = store().CreateStaged(place);
    EXPECT_TRUE(writer.ok());
    EXPECT_TRUE((*writer)->Append(content.data(), content.size()).ok());
    auto finished = (*writer)->Finish();
    EXPECT_TRUE(finished.ok());
    std::vector<std::unique_ptr<StagedFile>> files;
    files.push_back(std::move(finished->file));
    EXPECT_TRUE(MakeDurable(store(), files).ok());
    return {files[0]->name(), place, finished->content};
  }
  std::vector<PublishOutcome> Publish(const std::vector<StagedPlace>& files) {
    const auto outcomes = store().Publish(files);
    EXPECT_TRUE(outcomes.ok()) << outcomes.error().message();
    return *outcomes;
  }
  std::vector<PublishOutcome> Replace(const std::vector<StagedPlace>& files) {
    const auto outcomes = store().Replace(files);
    EXPECT_TRUE(outcomes.ok()) << outcomes.error().message();
    return *outcomes;
  }
  // Read in pieces of three bytes.
  std::string Content(const FilePlace& place) {
    const auto file = store().OpenForRead(place);
    EXPECT_TRUE(file.ok() && *file != nullptr);
    std::string content;
    char piece[3];
    while (const size_t got = *(*file)->ReadAt(content.size(), piece, sizeof piece))
      content.append(piece, got);
    EXPECT_EQ(*(*file)->Size(), content.size());
    return content;
  }

  T world_;
  const FilePlace place_ = NewPlace("clicks", "country=DE/date=2025-10-30");
};

using Worlds = testing::Types<MemoryWorld, SimulatedWorld, DiskWorld>;
TYPED_TEST_SUITE(TableStoreTest, Worlds);

using Outcomes = std::vector<PublishOutcome>;

TYPED_TEST(TableStoreTest, AStagedFileIsInvisibleUntilItIsPublished) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  EXPECT_TRUE(this->store().ListFiles()->empty());
  EXPECT_EQ(*this->store().ListStaged(), std::vector<std::string>{file.staged_name});
  EXPECT_EQ(*SummarizeStaged(this->store(), file.staged_name), file.content);
  EXPECT_EQ(*SummarizeFile(this->store(), file.place), std::nullopt);
  EXPECT_EQ(this->Publish({file}), Outcomes{PublishOutcome::kPublished});
  EXPECT_EQ(*this->store().ListFiles(), std::vector<FilePlace>{file.place});
  EXPECT_TRUE(this->store().ListStaged()->empty());
  EXPECT_EQ(this->Content(file.place), "rows");
}

TYPED_TEST(TableStoreTest, PublishingIsIdempotent) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  const StagedPlace other = this->Stage(NewPlace("orders", "date=2025-10-30"), "more rows");
  EXPECT_EQ(this->Publish({file}), Outcomes{PublishOutcome::kPublished});
  EXPECT_EQ(this->Publish({file, other}), (Outcomes{PublishOutcome::kPublished, PublishOutcome::kPublished}));
  EXPECT_EQ(this->Content(other.place), "more rows");
}

TYPED_TEST(TableStoreTest, PublishingNeverReplacesAFile) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  const StagedPlace other = this->Stage(NewPlace("clicks", "date=2025-10-31"), "more rows");
  this->world_.Put(file.place, "other content");
  EXPECT_EQ(this->Publish({file, other}), (Outcomes{PublishOutcome::kConflict, PublishOutcome::kPublished}));
  EXPECT_EQ(this->Content(file.place), "other content");
  EXPECT_EQ(*this->store().ListStaged(), std::vector<std::string>{file.staged_name});
}

TYPED_TEST(TableStoreTest, ASecondCopyIsNotLeftInStaging) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  this->world_.Put(file.place, "rows");
  EXPECT_EQ(this->Publish({file}), Outcomes{PublishOutcome::kPublished});
  EXPECT_TRUE(this->store().ListStaged()->empty());
}

TYPED_TEST(TableStoreTest, AnAbortedFileIsMissing) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  const auto opened = this->store().OpenStaged(file.staged_name, file.place);
  ASSERT_TRUE(opened.ok() && *opened != nullptr);
  EXPECT_EQ(*(*opened)->Size(), 4u);
  EXPECT_TRUE(*(*opened)->Exists());
  EXPECT_TRUE(this->store().Abort(file.staged_name).ok());
  EXPECT_TRUE(this->store().Abort(file.staged_name).ok());
  EXPECT_FALSE(*(*opened)->Exists());
  EXPECT_EQ(*this->store().OpenStaged(file.staged_name, file.place), nullptr);
  EXPECT_EQ(*this->store().ReadStaged(file.staged_name), nullptr);
  EXPECT_EQ(this->Publish({file}), Outcomes{PublishOutcome::kMissing});
  EXPECT_EQ(this->Replace({file}), Outcomes{PublishOutcome::kMissing});
}

TYPED_TEST(TableStoreTest, ReplacingPutsTheNewContentInPlace) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  this->Publish({file});
  const StagedPlace again = this->Stage(this->place_, "rebuilt");
  EXPECT_TRUE(this->store().CheckReplaceable(this->place_).ok());
  EXPECT_EQ(this->Replace({again}), Outcomes{PublishOutcome::kPublished});
  EXPECT_EQ(this->Replace({again}), Outcomes{PublishOutcome::kPublished});
  EXPECT_EQ(this->Content(this->place_), "rebuilt");
  EXPECT_EQ(this->Replace({file}), Outcomes{PublishOutcome::kMissing});  // replaced since
  EXPECT_EQ(this->Content(this->place_), "rebuilt");
}

TYPED_TEST(TableStoreTest, RemovedFilesAreGone) {
  const StagedPlace file = this->Stage(this->place_, "rows");
  const StagedPlace other = this->Stage(NewPlace("clicks", "date=2025-10-31"), "more rows");
  this->Publish({file, other});
  EXPECT_TRUE(this->store().Remove({file.place}).ok());
  EXPECT_TRUE(this->store().Remove({file.place, NewPlace("weather", "date=2025-10-31")}).ok());
  EXPECT_EQ(*this->store().ListFiles(), std::vector<FilePlace>{other.place});
  EXPECT_EQ(*this->store().OpenForRead(file.place), nullptr);
}

TYPED_TEST(TableStoreTest, ListsForeignFiles) {
  const FilePlace foreign = {"clicks", "country=DE", "notes.txt"};
  this->world_.Put(foreign, "");
  EXPECT_EQ(*this->store().ListFiles(), std::vector<FilePlace>{foreign});
}

TEST(PosixTableStore, ADirectoryIsNotReplaced) {
  DiskWorld world;
  const FilePlace place = NewPlace("clicks", "date=2025-10-30");
  world.Put({"clicks", place.partition_dir + "/" + place.file_name, "x"}, "");
  const Status replaceable = world.store().CheckReplaceable(place);
  ASSERT_FALSE(replaceable.ok());
  EXPECT_EQ(replaceable.error().code(), ErrorCode::kFailedPrecondition);
}

// Whatever unsynced entries a power cut brings back, a removed file stays removed: also where another process
// removed its directory.
TEST(PosixTableStore, ARemovalSurvivesAPowerCut) {
  FsDouble fs;
  fs.PutFile("/lake/_forebay/staging/notes.txt", "");
  PosixTableStore store(fs, LakePaths("/lake"));
  const FilePlace file = NewPlace("clicks", "date=2025-10-30");
  fs.PutFile(LakePaths("/lake").File(file), "rows");
  ASSERT_TRUE(store.Remove({file, NewPlace("clicks", "date=2025-10-31")}).ok());
  fs.Restart(FsDouble::Survival::kNone);
  EXPECT_FALSE(fs.Exists(LakePaths("/lake").File(file)));
}

}  // namespace
}  // namespace forebay
