// Bytes that wipe themselves. A Secret can not be printed, compared with == or copied by accident.
#pragma once

#include <utility>

#include "base/bytes.hpp"

namespace comity {

class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::size_t size) : bytes_(size) {}
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  /// A second holder of the same secret, said aloud.
  Secret clone() const { return Secret(bytes_); }
  View view() const { return bytes_; }
  std::span<std::uint8_t> writable() { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  void wipe();
  Bytes bytes_;
};

/// Overwrites memory in a way the compiler does not remove.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace comity
