#include "kafka/fetch_size.h"

#include <algorithm>

namespace forebay::kafka {

bool FetchSize::Learn(int64_t packed, int64_t unpacked) {
  constexpr int64_t kFetches = 8;  // so many fetches predict what a larger one brings
  constexpr int64_t kRooms = 4;    // so many rooms of unpacked bytes suffice in any case
  constexpr int64_t kStep = 32;    // limits the growth: later records may differ
  constexpr int64_t kWorthIt = 2;  // a change costs a connection and the queued records
  packed_ += packed;
  unpacked_ += unpacked;
  const bool much = unpacked_ >= kRooms * room_;
  if (!much && (careful_ || packed_ < kFetches * bytes_)) return false;
  const double growth = static_cast<double>(std::max<int64_t>(unpacked_, 1)) /
                        static_cast<double>(std::max<int64_t>(packed_, 1));
  packed_ = unpacked_ = 0;
  const double fits = std::clamp(static_cast<double>(room_) / growth, static_cast<double>(kNarrowest),
                                 static_cast<double>(kWidest));
  const auto wanted = std::min(static_cast<int64_t>(fits), bytes_ * kStep);
  if (wanted > bytes_ / kWorthIt && wanted < bytes_ * kWorthIt) return false;
  careful_ = careful_ || wanted < bytes_;
  bytes_ = wanted;
  return true;
}

}  // namespace forebay::kafka
