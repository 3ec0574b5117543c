// Memory for bulk bytes, which begins where a page does. Between a file's page and memory that
// begins sixteen bytes into one, as large blocks of the allocator do, some processors copy at a
// third of their speed (docs/decisions/021).
#pragma once

#include <cstdlib>
#include <memory>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace comity {

/// Of a fixed size; its bytes are whatever was there. Movable only.
class PageBuffer {
 public:
  explicit PageBuffer(std::size_t size)
      : size_(size),
        bytes_(static_cast<std::uint8_t*>(
            std::aligned_alloc(k_page, (size + k_page - 1) / k_page * k_page))) {
    CHECK(bytes_ != nullptr || size == 0);
  }

  std::size_t size() const { return size_; }
  std::uint8_t* data() { return bytes_.get(); }
  const std::uint8_t* data() const { return bytes_.get(); }
  std::span<std::uint8_t> span() { return {bytes_.get(), size_}; }
  View view() const { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t k_page = 4096;
  struct Free {
    void operator()(std::uint8_t* bytes) const { std::free(bytes); }
  };

  std::size_t size_;
  std::unique_ptr<std::uint8_t, Free> bytes_;
};

}  // namespace comity
