// What a seed draws before anything happens: how many States there are, and which troubles this
// world knows. Drawn apart, so that some worlds have all troubles and some only one (swarm
// testing): a flaw that one trouble hides from another is still met.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace comity::sim {

/// A flaw planted by the world itself, to see that the checker it belongs to reports it.
enum class Canary {
  none,
  early_letter,        // a letter leaves before its turn is durable
  flipped_receipt,     // a receipt kept is not the one given
  dropped_act,         // one side loses an act of its history
  lone_officer,        // a delivery bears one officer's signature only
  unaccepted,          // a delivery stands on an acceptance that does not
  stray_arrival,       // an arrival stands without its delivery
  hasty_refusal,       // a refusal without consultation or a reason for none
  rewritten_log,       // an entry of a log is another than before
  shortened_log,       // a log is smaller than before
  foreign_exchange,    // a State holds an exchange between two others
  undone_destruction,  // an item comes back that was destroyed
  stuck_act,           // an act waits for ever
  twice_taken,         // one decision stands as two acts
  denied_act,          // an act that was receipted is rejected
  forked_log,          // a member holds receipts from two pasts of one log
  silent_damage,       // a page changes while the node is down, and it starts on it
  unseen_damage,       // the same on a disk that was seen to be damaged
  deaf_to_loss,        // an old disk is put back, and its node hears nothing of what it forgot
  unmet_condition,     // a delivery stands before its conditions were accepted
  garbled_act,         // the bytes of an act are others than were signed
  unreadable_item,     // the manifest of an item to be fetched is none
  changed_tile,  // a tile of a log changes while the node is down, and nothing befell its disk
};

/// Whole numbers, so that a replay line can name each and a failing run can be made smaller.
/// `…` in a thousand unless said otherwise; 0 is always the quiet world.
struct Options {
  std::uint64_t seed = 0;
  std::int64_t states = 2;
  std::int64_t moves = 100;  // of officers
  std::int64_t loss = 0, answer_loss = 0, duplication = 0;
  std::int64_t delay_max_ms = 50;
  std::int64_t partitions = 0;  // of moves: two States can not reach each other for a while
  std::int64_t one_way = 0;     // of these, how many in one direction only
  std::int64_t wrong_moves = 0;
  std::int64_t late_moves = 30;   // left lying, finished when the world moved on
  std::int64_t crashes = 0;       // of turns
  std::int64_t power_losses = 0;  // of deaths
  std::int64_t disk_errors = 0;   // of turns: a change fails, though it may have been made
  std::int64_t disk_full = 0;     // of turns: it stays so for a while
  std::int64_t lost_syncs = 0;    // of syncs: the disk lies
  std::int64_t spoiled = 0;       // of deaths: a bit or a sector turns while the node is down
  std::int64_t old_backups = 0;   // of deaths: a disk of some time ago is put back
  std::int64_t lies = 0;          // of the letters and answers of one State
  std::int64_t skew_max_ms = 0;   // of each State's clock; beyond 150,000 acts are rejected for it
  std::int64_t renewals = 0;      // of moves: a State issues its next entry, others accept it later
  std::int64_t entry_days = 0;    // how long the first entries are valid; 0: longer than any run
  std::int64_t rotations = 0;     // of moves: one step of replacing an authority's key
  std::int64_t clock_steps = 0;   // of moves: a clock is set to another time, or stands still
  std::int64_t pauses = 0;        // long times in which acts lapse
  std::int64_t group_commit = 0;  // 1: jobs wait for one another
  std::int64_t real_signatures = 0;  // 1: every signature is the product's own CMS
  Canary canary = Canary::none;
  std::set<std::int64_t> skipped;  // moves that are left out of a run made smaller

  /// Calls `with(name, value)` for each number above but the seed.
  template <typename Self, typename With>
  static void each(Self& self, With&& with) {
    with("states", self.states);
    with("moves", self.moves);
    with("loss", self.loss);
    with("answer_loss", self.answer_loss);
    with("duplication", self.duplication);
    with("delay_max_ms", self.delay_max_ms);
    with("partitions", self.partitions);
    with("one_way", self.one_way);
    with("wrong_moves", self.wrong_moves);
    with("late_moves", self.late_moves);
    with("crashes", self.crashes);
    with("power_losses", self.power_losses);
    with("disk_errors", self.disk_errors);
    with("disk_full", self.disk_full);
    with("lost_syncs", self.lost_syncs);
    with("spoiled", self.spoiled);
    with("old_backups", self.old_backups);
    with("lies", self.lies);
    with("skew_max_ms", self.skew_max_ms);
    with("renewals", self.renewals);
    with("entry_days", self.entry_days);
    with("rotations", self.rotations);
    with("clock_steps", self.clock_steps);
    with("pauses", self.pauses);
    with("group_commit", self.group_commit);
    with("real_signatures", self.real_signatures);
  }
};

Options draw_options(std::uint64_t seed);
/// "states=3,moves=80,…": what is not 0.
std::string to_text(const Options& options);
/// Sets what `text` names, in the same form; "skipped=3+4+9" too. Fault: format.field.
Result<void> set_options(Options& options, std::string_view text);

}  // namespace comity::sim
