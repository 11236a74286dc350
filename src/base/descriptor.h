// An owned file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace forebay {

// Closes its descriptor; errors of that close are ignored.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // The caller becomes the owner.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace forebay
