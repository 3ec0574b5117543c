// The officers of all members at their work: they draft, sign with keys of their own and send; they
// err, ask twice, leave things half done and come back to them. They know the API, not the heart.
#pragma once

#include "exchange/situation.hpp"
#include "sim/stage.hpp"

namespace comity::sim {

class Officers {
 public:
  explicit Officers(Stage& stage) : stage_(stage), chance_(stage.options.seed, "officers") {}

  /// Officers are added, entries accepted by two and called back. Before all troubles.
  void settle_in();
  /// Something that an officer somewhere may do now, rightly or wrongly. What it is follows from
  /// the seed and the number alone, so that a run made smaller keeps the other moves.
  void move(std::int64_t number);

  /// A State issues its next entry, under the same keys; its partners accept it when they get to
  /// it. False: its node died on the way, and it is to be done again.
  bool renew(Member& at);
  /// One step of replacing its authority's key, as the run book has them: the new one is announced
  /// beside the old one; it signs; the old one leaves the entry. Not every State waits for
  /// everybody.
  void rotate(Member& at);
  /// Accepts what the others have issued. True: nothing is left to accept.
  bool catch_up();
  /// Whoever holds an open live item closes it.
  void end_live(Member& at);

  /// For a canary: run within the turn that sends, once the act is made.
  std::function<void(Member& at, node::Desk& desk)> after_send;

 private:
  bool accept_next(Member& at);
  bool issue(Member& at, EntryPlan plan);
  bool put_in_force(Member& at, const EntryPlan& plan);
  bool is_accepted_everywhere(const Member& at) const;
  struct Unfinished {
    std::string draft;
    Bytes content;
    Json duties;
    std::string not_by;  // who drafted it, if that officer must not approve it
  };
  using Question = std::function<Result<Json>(node::Desk& desk)>;
  /// Asks the node and waits for the answer. Fault: request…, or node.down when it died.
  Result<Json> ask(Member& at, const Question& question);
  Result<Json> decide(Member& at, const node::Officer& who, const Json& input);
  Result<Json> finish(Member& at, const Unfinished& draft);
  const KeyPair* signer_for(Member& at, const Unfinished& draft, const Json& duty,
                            const std::vector<const KeyPair*>& taken);
  void ask_for_help(Member& at);
  void work_on(Member& at, const node::ExchangeRecord& exchange);
  Json form(const treaty::Measure& of);
  Result<Json> accept(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> refuse(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> supplement(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> open_live(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> seal(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> deliver(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> destroy(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> put_off(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> authorise(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> propose(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> reply(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> tell(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> annul(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> look_up(Member& at);
  static bool has_answer(const node::ExchangeRecord& exchange);
  Result<Json> answer(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> review(Member& at, const node::ExchangeRecord& exchange);
  Result<Json> of_the_whole_life(Member& at, const node::ExchangeRecord& exchange,
                                 const std::string& choice);
  Json some_items(const exchange::Situation& situation);
  const KeyPair& anyone(Member& at) { return *at.officers()[chance_.below(4)]; }
  Json about(const node::ExchangeRecord& exchange, std::string_view type);
  bool happens(std::int64_t in_1000) {
    return stage_.has_troubles && chance_.happens(static_cast<int>(in_1000));
  }
  bool errs() { return happens(stage_.options.wrong_moves); }

  Stage& stage_;
  Chance chance_;
  std::map<StateCode, std::vector<Unfinished>> unfinished_;
  std::map<StateCode, EntryPlan> entries_;                 // the newest of each
  std::map<StateCode, EntryPlan> begun_;                   // to be put in force at its own node
  std::map<StateCode, std::set<StateCode>> not_accepted_;  // whose newest it has not accepted
};

}  // namespace comity::sim
