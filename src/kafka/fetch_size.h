// Adapts the fetch size of a consumer. The broker limits a fetch in bytes as stored, and the client unpacks
// each partition's part whole before it returns a record. JSON of ordinary events grows sevenfold, a batch of
// texts that repeat one letter five-thousandfold. Only records already read reveal the ratio. So the first
// fetches are small, and grow while the unpacked size allows it.
#pragma once

#include <cstdint>

namespace forebay::kafka {

// Thread-safety: one thread at a time.
class FetchSize {
 public:
  // A batch is stored in one piece at the broker and fetched whole, even if it is larger than the limit. So a
  // fetch of this size brings one batch of an ordinary topic.
  static constexpr int64_t kNarrowest = 4'000;
  static constexpr int64_t kWidest = 2 * 1024 * 1024;

  // `room` is the most unpacked bytes that a fetch should bring.
  explicit FetchSize(int64_t room) : room_(room) {}

  // Fetch size for all partitions together, in bytes as stored at the broker.
  int64_t bytes() const { return bytes_; }

  // Records the bytes since the last call: those of the broker's answers, and those of the records accepted
  // from them. Returns true when bytes() changed.
  bool Learn(int64_t packed, int64_t unpacked);

 private:
  int64_t room_;
  int64_t bytes_ = kNarrowest;
  int64_t packed_ = 0;  // since bytes() was last reconsidered
  int64_t unpacked_ = 0;
  bool careful_ = false;  // a fetch was too large once
};

}  // namespace forebay::kafka
