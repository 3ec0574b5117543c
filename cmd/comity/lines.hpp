// The lines to all partners, both ways: whoever moves evidence asks here, and nowhere else, whether
// it may go on. Acts do not come here; they never wait for evidence.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>

#include "base/id.hpp"
#include "node/line.hpp"
#include "store/settings.hpp"

namespace comity {

enum class Way { out, in };

class Lines {
 public:
  Lines(Clock& clock, const std::vector<store::LineSettings>& settings);

  /// One item on its way, until it is dropped. From any thread; one at a time.
  class Passage {
   public:
    Passage(Lines& lines, node::Line& line, const node::Cargo& cargo);
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;
    ~Passage();

    /// Milliseconds until it asks again; 0: so many bytes more may move. An officer's word, or its
    /// end, counts from here on. Fault: limit.busy outside the hours that the settings give.
    Result<std::int64_t> ask(std::uint64_t bytes);
    /// Waits until they may. Fault: also evidence.incomplete after a stop.
    Result<void> pass(std::uint64_t bytes, const std::stop_token& stop);

   private:
    Lines& lines_;
    node::Line& line_;
    const node::Cargo cargo_;
    const node::Line::Flow flow_;
  };
  std::shared_ptr<Passage> enter(const StateCode& partner, Way way, const node::Cargo& cargo);

  /// Seconds until that item may move; 0: it may now.
  std::int64_t opens_in_s(const StateCode& partner, const node::Cargo& cargo);
  node::Precedence precedence_of(const node::Cargo& cargo);

  /// All that goes first by an officer's word, from now on; what is under way too.
  void put_first(std::set<ItemId> items);

 private:
  // With mutex_ held.
  node::Line& line(const StateCode& partner, Way way);
  node::Precedence rank(const node::Cargo& cargo) const;

  Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::map<StateCode, node::LineRules> rules_;
  std::set<ItemId> first_;
  std::map<std::pair<StateCode, Way>, node::Line> lines_;
};

}  // namespace comity
