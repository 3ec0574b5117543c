#include "sim/shrink.hpp"

#include <algorithm>
#include <vector>

namespace comity::sim {
namespace {

class Shrinking {
 public:
  Shrinking(Options failing, const Fails& fails, int tries)
      : best_(std::move(failing)), fails_(fails), tries_(tries) {}

  Options run() {
    for (bool is_smaller = true; is_smaller && tries_ > 0;) is_smaller = reduce_options();
    leave_out_moves();
    reduce_options();
    return best_;
  }

 private:
  bool attempt(const Options& smaller) {
    if (tries_-- <= 0 || !fails_(smaller)) return false;
    best_ = smaller;
    return true;
  }

  static std::int64_t least(std::string_view name) {
    return name == "states" ? 2 : name == "moves" || name == "delay_max_ms" ? 1 : 0;
  }

  /// Each number to its least value, else to half of what it is.
  bool reduce_options() {
    std::vector<std::string> names;
    Options::each(best_, [&](std::string_view name, std::int64_t) { names.emplace_back(name); });
    bool is_smaller = false;
    for (const auto& name : names)
      for (const bool at_once : {true, false})
        for (bool again = true; again;) {
          auto smaller = best_;
          bool is_other = false;
          Options::each(smaller, [&](std::string_view known, std::int64_t& value) {
            if (known != name) return;
            const auto next = at_once ? least(name) : std::max(least(name), value / 2);
            is_other = next < value;
            value = next;
          });
          again = is_other && attempt(smaller);
          is_smaller |= again;
        }
    return is_smaller;
  }

  /// Half of them, a quarter, an eighth, … down to single ones.
  void leave_out_moves() {
    for (auto length = best_.moves / 2; length >= 1; length /= 2)
      for (std::int64_t first = 0; first < best_.moves && tries_ > 0; first += length) {
        auto smaller = best_;
        for (auto move = first; move < std::min(first + length, best_.moves); ++move)
          smaller.skipped.insert(move);
        if (smaller.skipped.size() > best_.skipped.size()) attempt(smaller);
      }
  }

  Options best_;
  const Fails& fails_;
  int tries_;
};

}  // namespace

Options shrink(Options failing, const Fails& fails, int tries) {
  return Shrinking(std::move(failing), fails, tries).run();
}

}  // namespace comity::sim
