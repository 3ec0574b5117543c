// Chance as the world uses it: one seed, the same draws on every machine. Each use has a stream of
// its own, so that a draw more in one place changes nothing in another. Never for a real key.
#pragma once

#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "base/random.hpp"

namespace comity::sim {

class Chance final : public Random {
 public:
  Chance(std::uint64_t seed, std::string_view stream) : state_(seed) {
    for (const char letter : stream)
      state_ = mixed() ^ static_cast<std::uint64_t>(static_cast<unsigned char>(letter));
  }

  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(mixed() >> 56);
  }
  /// From 0 to `bound` - 1.
  std::size_t below(std::size_t bound) {
    CHECK(bound > 0);
    return static_cast<std::size_t>(mixed() % bound);
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool happens(int in_1000) { return static_cast<int>(below(1000)) < in_1000; }
  template <typename T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t mixed() {  // splitmix64
    auto value = state_ += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

}  // namespace comity::sim
