// How far the bytes of items that move now have come, for those who ask and those who listen.
#pragma once

#include <map>
#include <mutex>

#include "notices.hpp"

namespace comity {

class Progress {
 public:
  explicit Progress(Notices& notices) : notices_(notices) {}

  /// Told to listeners too, at most four times a second for an item. From any thread.
  void set(const ItemId& item, std::uint64_t bytes_done);
  void drop(const ItemId& item);
  std::optional<std::uint64_t> of(const ItemId& item) const;

 private:
  struct State {
    std::uint64_t bytes_done = 0;
    std::chrono::steady_clock::time_point told_at;
  };
  Notices& notices_;
  mutable std::mutex mutex_;
  std::map<ItemId, State> items_;
};

}  // namespace comity
