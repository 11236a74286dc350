// A growing array of plain values that keeps its memory when cleared: the page faults of buffers that are
// freed and grown again cost more than the copying.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace forebay {

// Bytes that buffers hold, and how many of them are filled. Cleared bytes stay held for the next values.
struct Memory {
  size_t held = 0;
  size_t filled = 0;

  Memory& operator+=(const Memory& other) {
    held += other.held;
    filled += other.filled;
    return *this;
  }
  friend Memory operator+(Memory one, const Memory& other) { return one += other; }
};

template <typename T>
class GrowBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowBuffer() = default;
  GrowBuffer(GrowBuffer&& other) noexcept { *this = std::move(other); }
  GrowBuffer& operator=(GrowBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~GrowBuffer() { std::free(data_); }

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]]
      Grow(size_ + 1);
    data_[size_++] = value;
  }
  void append(const T* values, size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      Grow(size_ + count);
    // Most appended values are short strings: copying up to 16 bytes inline beats a call.
    if constexpr (sizeof(T) == 1) {
      if (count <= 16 && capacity_ - size_ >= 16) {
        CopyShort(values, count);
        size_ += count;
        return;
      }
    }
    if (count != 0) std::memcpy(data_ + size_, values, count * sizeof(T));
    size_ += count;
  }
  // Adds `count` uninitialized values and returns the first; the caller must write them.
  T* extend(size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      Grow(size_ + count);
    size_ += count;
    return data_ + size_ - count;
  }
  // Sets the size; new elements are zero.
  void resize_zeroed(size_t size) {
    if (size > capacity_) Grow(size);
    if (size > size_) std::memset(data_ + size_, 0, (size - size_) * sizeof(T));
    size_ = size;
  }
  void clear() { size_ = 0; }
  // Clears the buffer and frees its memory.
  void reset() { GrowBuffer().swap(*this); }
  void swap(GrowBuffer& other) noexcept { *this = std::move(other); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  Memory memory() const { return {capacity_ * sizeof(T), size_ * sizeof(T)}; }

 private:
  // Overlapping loads and stores of 8, 4 or single bytes; never touches bytes outside [values, values +
  // count).
  void CopyShort(const T* values, size_t count) {
    T* const to = data_ + size_;
    if (count >= 8) {
      std::memcpy(to, values, 8);
      std::memcpy(to + count - 8, values + count - 8, 8);
    } else if (count >= 4) {
      std::memcpy(to, values, 4);
      std::memcpy(to + count - 4, values + count - 4, 4);
    } else {
      for (size_t i = 0; i < count; ++i) to[i] = values[i];
    }
  }
  void Grow(size_t at_least) {
    size_t capacity = capacity_ == 0 ? 64 / sizeof(T) + 1 : capacity_ * 2;
    if (capacity < at_least) capacity = at_least;
    void* const grown = std::realloc(data_, capacity * sizeof(T));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(grown);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace forebay
