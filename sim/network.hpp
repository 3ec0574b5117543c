// The net between the members: it loses, repeats, delays and so reorders letters, and loses
// answers. Once the troubles end it is perfect.
#pragma once

#include "sim/checks.hpp"
#include "sim/liar.hpp"

namespace comity::sim {

class Network {
 public:
  Network(Stage& stage, Checks& checks) : stage_(stage), checks_(checks), liar_(stage) {}

  /// Lets a member write what is due and fetch what was announced.
  void post(Member& member);
  void send(Member& from, const node::Letter& letter);
  /// Nothing goes from one to the other for a while; nor back, unless it is one way.
  void part(Member& one, Member& other, std::int64_t duration_ms, bool is_one_way);
  /// For a canary: what others hold of this member never reaches it, as if it did not listen.
  void deafen(const Member& member) { deaf_.insert(member.state()); }

 private:
  struct Flight;
  void arrive(const std::shared_ptr<Flight>& flight, bool is_first);
  void conclude(const std::shared_ptr<Flight>& flight, const Result<Bytes>& answer);
  void close_live(Member& at, const node::LiveOrder& order);
  void fetch(Member& by, const node::FetchOrder& order);
  void fetched(Member& by, int life, const ItemId& item, const Result<void>& outcome);
  std::int64_t delay_ms();
  bool trouble(std::int64_t in_1000);
  bool is_down(const StateCode& from, const StateCode& to) const;

  Stage& stage_;
  Checks& checks_;
  Liar liar_;
  std::map<std::pair<StateCode, StateCode>, Instant> down_until_;
  std::set<StateCode> deaf_;
};

}  // namespace comity::sim
