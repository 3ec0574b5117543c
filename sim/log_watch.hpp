// A memory of every custody log, entry by entry and root by root, that outlives every death: logs
// only grow, no size ever has two roots, and nothing is shown that is not in the rows.
#pragma once

#include "custody/entry.hpp"
#include "sim/stage.hpp"

namespace comity::sim {

class LogWatch {
 public:
  explicit LogWatch(Stage& stage) : stage_(stage) {}

  /// Reads all logs of a member and compares them with what was there before.
  void look(Member& at);
  /// A signed checkpoint of a log of `of` that somebody was given. Looks first.
  void shown(Member& of, const std::string& log, std::string_view note);
  /// What a receipt proves, checked against the entry as it stood: nothing, or what is wrong.
  std::optional<std::string> flaw_of_receipt(Member& by, const std::string& log, const Digest& act,
                                             const std::string& receipt);

 private:
  struct Golden {
    std::vector<Bytes> entries;
    formats::Edge edge;
    std::vector<Digest> roots{formats::empty_root()};  // by size
    std::map<std::string, std::uint64_t> taken;        // act in hex: how often taken or sent
    std::string good_note;                             // the last checkpoint found right
  };
  using Key = std::pair<StateCode, std::string>;
  void grow(const Key& key, Golden& golden, Bytes entry);
  void check_note(Member& of, const std::string& log, std::string_view note);

  Stage& stage_;
  std::map<Key, Golden> logs_;
  std::map<std::string, bool> good_receipts_;
};

}  // namespace comity::sim
