// Flaws planted on purpose: a checker that never reported anything has proved nothing.
#pragma once

#include "sim/network.hpp"
#include "sim/officers.hpp"

namespace comity::sim {

/// The checker that a canary's flaw belongs to.
std::string_view checker_of(Canary canary);

class Planter {
 public:
  Planter(Stage& stage, Network& network, Officers& officers)
      : stage_(stage), network_(network), officers_(officers) {}

  /// Plants the flaw as soon as the world offers a place for it. True once it is planted.
  bool plant();

 private:
  bool plant_in(Member& at, const node::ExchangeRecord& exchange);
  bool plant_in_log(Member& at);
  bool plant_in_tiles(Member& at);
  bool plant_old_disk(Member& at);
  std::optional<Json> body_of(const node::ActRecord& act);
  void arm_early_letter();
  /// Signs changed content as no honest node would, and keeps it in the act's place.
  bool forge(Member& at, node::ActRecord act, const std::function<void(Json&)>& change);

  Stage& stage_;
  Network& network_;
  Officers& officers_;
  struct OldDisk {
    std::map<std::string, Bytes> image;
    std::map<std::string, std::uint64_t> sizes;  // of its logs
  };
  std::map<StateCode, OldDisk> old_disks_;
  bool is_planted_ = false;
};

}  // namespace comity::sim
