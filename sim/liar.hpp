// A State that lies to the others, with its real keys and officers, though never with anybody
// else's: it withholds, replays, forks its numbers, forges, denies, and keeps two logs. Its heart
// is honest; what leaves it is not. Nothing that it says may change what honest members hold
// against the rules, stop them, or keep them from one another.
#pragma once

#include "sim/stage.hpp"

namespace comity::sim {

class Liar {
 public:
  explicit Liar(Stage& stage) : stage_(stage), chance_(stage.options.seed, "liar") {}

  /// What goes out in place of a letter of the liar's. Nothing: it is withheld.
  std::optional<node::Letter> letter(Member& liar, node::Letter honest);
  /// The same for an answer to `to`.
  std::optional<Bytes> answer(Member& liar, const StateCode& to, const Bytes& honest);
  /// An act of a letter with another content, which its authority signs, and its officers if asked.
  Json edited(Member& liar, Json act, const std::function<void(Json&)>& change, bool by_officers);

 private:
  Json other_act(Member& liar, Json act);
  /// A receipt for the act in a log whose past is another.
  std::optional<std::string> forked_receipt(Member& liar, const StateCode& to, const Digest& act);
  std::optional<Bytes> rejection(Member& liar, const StateCode& to, const Digest& act);

  Stage& stage_;
  Chance chance_;
  std::vector<Bytes> letters_;  // said before, to whomever
  std::vector<std::string> receipts_;
};

}  // namespace comity::sim
