// The Random port: where unpredictable bytes come from. A simulation gives a seeded one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace comity {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  template <std::size_t N>
  std::array<std::uint8_t, N> draw() {
    std::array<std::uint8_t, N> bytes;
    fill(bytes);
    return bytes;
  }
};

/// The kernel's generator (getrandom). Used by mains and tools; aborts if it fails.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace comity
