// The rules that no world may break (DESIGN: what must never be; spec/acts.md), checked on what is
// durable at every member and on what leaves it. Each report names the checker it belongs to:
// fault, stopped: a node failed by itself · lasting: what was durable is there at the next start ·
// damage: no start on rows that something turned over · stale: a disk older than what its node told
// others is noticed at the first contact that shows it · log: logs only grow, one root a size ·
// durable: nothing is seen that was not durable · receipt · acceptance: nothing is given before it,
// while transfer is suspended, or under an authorisation that is none · conditions · officers ·
// arrival · consultation · destroyed: what was destroyed stays so, no key is left that opens it,
// and only what was delivered is said to be gone · once: exactly once in effect · own: a member
// learns its own exchanges alone · identity · agreement: both sides hold the same · denied: what
// was receipted stays so · fork: nobody believes two pasts of one log · converged: all work ends
// once troubles do.
#pragma once

#include <set>

#include "sim/facts.hpp"
#include "sim/log_watch.hpp"

namespace comity::sim {

class Checks {
 public:
  explicit Checks(Stage& stage) : stage_(stage), logs_(stage), facts_(stage.signatures) {}

  /// What must hold at any time.
  void look();
  /// What must hold once nothing is under way.
  void look_when_quiet();
  /// An answer to a letter, as it leaves `of`.
  void saw_answer(Member& of, const StateCode& to, View answer);
  bool is_quiet();
  /// A letter, before `to` takes it. What must follow if its rows are older than what it told.
  void saw_letter(Member& to, const StateCode& from, View body);

 private:
  struct Standing {
    node::ActRecord record;
    const ActFacts* facts;
  };
  std::vector<Standing> standing_acts(Member& at, const ExchangeId& exchange);
  void look_at(Member& at, const node::ExchangeRecord& exchange);
  void check_origin(Member& at, const node::ExchangeRecord& exchange, const Standing& act);
  void check_act(Member& at, const std::vector<Standing>& before, const Standing& act);
  void check_life(const std::string& name, const std::vector<Standing>& before,
                  const Standing& act);
  void check_officers(Member& at, const Standing& act);
  void check_receipt(Member& at, const node::ExchangeRecord& exchange, const Standing& act);
  static bool fell(const std::vector<Standing>& acts, const ItemId& item);
  void check_items(Member& at);
  bool knows(Member& at, const StateCode& partner);
  void count_rejection(std::string_view p7m);
  std::size_t waiting_for_sound(Member& at);
  void check_branch(Member& at, Member& liar, const std::string& receipt);
  bool is_awaited(Member& at, const node::ItemRecord& item);
  void check_destroyed_key(Member& at, const node::ItemRecord& item);
  void agree(Member& at, const node::ExchangeRecord& exchange);

  Stage& stage_;
  LogWatch logs_;
  FactReader facts_;
  std::set<std::pair<StateCode, ItemId>> destroyed_;
  std::set<std::pair<StateCode, Digest>> receipted_;
  struct Branches {
    std::uint64_t first_other = ~std::uint64_t{0};  // of the forks whose receipts are kept
    std::uint64_t honest_size = 0;                  // the largest, of the others
  };
  std::map<std::pair<StateCode, StateCode>, Branches> branches_;
  std::map<std::string, std::string> receipts_;  // giver and act: the receipt first given
};

}  // namespace comity::sim
