// The rules that no world may break (DESIGN: what must never be; spec/acts.md), checked on what is
// durable at every member and on what leaves it. Each report names the checker it belongs to:
// fault, turn, start: a node failed by itself · log: logs only grow, one root a size · durable:
// nothing is seen that was not durable · receipt · acceptance · conditions · officers · arrival ·
// consultation · destroyed: what was destroyed stays so · once: exactly once in effect · own: a
// member learns its own exchanges alone · identity · agreement: both sides hold the same ·
// converged: all work ends once troubles do.
#pragma once

#include <set>

#include "sim/facts.hpp"
#include "sim/log_watch.hpp"

namespace comity::sim {

class Checks {
 public:
  explicit Checks(Stage& stage) : stage_(stage), logs_(stage) {}

  /// What must hold at any time.
  void look();
  /// What must hold once nothing is under way.
  void look_when_quiet();
  /// An answer to a letter, as it leaves `of`.
  void saw_answer(Member& of, const StateCode& to, View answer);
  bool is_quiet();

 private:
  struct Standing {
    node::ActRecord record;
    const ActFacts* facts;
  };
  std::vector<Standing> standing_acts(Member& at, const ExchangeId& exchange);
  void look_at(Member& at, const node::ExchangeRecord& exchange);
  void check_origin(Member& at, const node::ExchangeRecord& exchange, const Standing& act);
  void check_act(Member& at, const std::vector<Standing>& before, const Standing& act);
  void check_officers(Member& at, const Standing& act);
  void check_receipt(Member& at, const node::ExchangeRecord& exchange, const Standing& act);
  void check_items(Member& at);
  void agree(Member& at, const node::ExchangeRecord& exchange);

  Stage& stage_;
  LogWatch logs_;
  FactReader facts_;
  std::set<std::pair<StateCode, ItemId>> destroyed_;
  std::map<std::string, std::string> receipts_;  // giver and act: the receipt first given
};

}  // namespace comity::sim
