// Bytes that have come in by a stream and are not yet understood.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "wire/limits.hpp"

namespace comity::wire {

class Inbox {
 public:
  View view() const { return View(bytes_).subspan(begin_, end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t size) {
    CHECK(size <= end_ - begin_);
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Space for more, up to `capacity` bytes held in all; empty when so many are held.
  std::span<std::uint8_t> room(std::size_t capacity) {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.size() < capacity) bytes_.resize(capacity);
    return end_ < capacity ? std::span(bytes_).subspan(end_, capacity - end_)
                           : std::span<std::uint8_t>();
  }
  void filled(std::size_t size) { end_ += size; }
  /// Gives back the memory of a bulk body while the connection idles.
  void rest() {
    if (empty() && bytes_.size() > 2 * k_head_bytes_max) bytes_ = {};
  }

 private:
  Bytes bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace comity::wire
