// The net between the members: it loses, repeats, delays and so reorders letters, and loses
// answers. Once the troubles end it is perfect.
#pragma once

#include "sim/stage.hpp"

namespace comity::sim {

class Network {
 public:
  /// `saw_answer`: told of each answer that left a node, and whose it is.
  using SawAnswer = std::function<void(Member& of, const StateCode& to, View answer)>;
  Network(Stage& stage, SawAnswer saw_answer) : stage_(stage), saw_answer_(std::move(saw_answer)) {}

  /// Lets a member write what is due and fetch what was announced.
  void post(Member& member);
  void send(Member& from, const node::Letter& letter);

 private:
  struct Flight;
  void arrive(const std::shared_ptr<Flight>& flight, bool is_first);
  void conclude(const std::shared_ptr<Flight>& flight, const Result<Bytes>& answer);
  void fetch(Member& by, const node::FetchOrder& order);
  void fetched(Member& by, int life, const ItemId& item, const Result<void>& outcome);
  std::int64_t delay_ms();
  bool trouble(int in_1000);

  Stage& stage_;
  SawAnswer saw_answer_;
};

}  // namespace comity::sim
