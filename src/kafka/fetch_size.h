// How much a consumer fetches at once. A fetch is limited in bytes as they lie at the broker, and the client
// unpacks each partition's part of it whole before a record can be taken: JSON of ordinary events grows
// sevenfold, and a batch of texts that repeat one letter five-thousandfold. Only what was read tells. So the
// first fetches are narrow, and become wider while what they bring allows it.
#pragma once

#include <cstdint>

namespace forebay::kafka {

// Thread-safety: one thread at a time.
class FetchSize {
 public:
  // A batch lies at the broker in one piece and is fetched whole, even where it is larger: a narrow fetch
  // brings one batch of an ordinary topic.
  static constexpr int64_t kNarrowest = 4'000;
  static constexpr int64_t kWidest = 2 * 1024 * 1024;

  // `room` is how many unpacked bytes a fetch should bring, at most.
  explicit FetchSize(int64_t room) : room_(room) {}

  // Of all partitions together, in bytes at the broker.
  int64_t bytes() const { return bytes_; }

  // Takes note of what came since the last call: bytes in the broker's answers, and those of the records that
  // were taken. True when bytes() changed.
  bool Learn(int64_t packed, int64_t unpacked);

 private:
  int64_t room_;
  int64_t bytes_ = kNarrowest;
  int64_t packed_ = 0;  // since bytes() was last looked at
  int64_t unpacked_ = 0;
  bool careful_ = false;  // it was too wide once
};

}  // namespace forebay::kafka
