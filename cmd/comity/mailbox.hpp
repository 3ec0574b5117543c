// The one way to the heart's thread: a bounded queue of jobs, and one of letters for each State, of
// which a turn takes the first. So a turn is as long as what all States together may ask at once,
// and no State makes it longer by asking more often.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "api/ports.hpp"

namespace comity {

inline constexpr std::size_t k_jobs_waiting_max = 4096;
/// Of one State.
inline constexpr std::size_t k_letters_a_turn = 1;

class HeartMailbox final : public api::Mailbox {
 public:
  Result<void> post(node::Job job) override;
  Result<void> post_letter(const StateCode& from, node::Job job) override;
  void finish(node::Job job) override;

  /// All that waits, but of each State one letter; blocks until there is something, `until` has
  /// come, or the box is closed. Nothing for good once it is closed and empty.
  std::optional<std::vector<node::Job>> take(std::chrono::steady_clock::time_point until);
  /// Nothing more is posted; what finishes work under way is still taken.
  void close();
  /// After the last of such work; then take() comes to its end.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable wakes_;
  Result<void> add(node::Job job, const std::optional<StateCode>& lane);
  bool is_empty() const { return jobs_.empty() && letters_.empty(); }

  std::vector<node::Job> jobs_;
  std::map<StateCode, std::deque<node::Job>> letters_;  // of those who have one waiting
  std::size_t letters_waiting_ = 0;
  bool is_closed_ = false, is_ended_ = false;
};

}  // namespace comity
