// What a seed draws before anything happens: how many States there are, and which troubles this
// world knows. Drawn apart, so that some worlds have all troubles and some only one (swarm
// testing): a flaw that one trouble hides from another is still met.
#pragma once

#include <cstdint>
#include <string>

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
};

struct Options {
  std::uint64_t seed = 0;
  int states = 2;
  int moves = 100;  // of officers
  // In a thousand.
  int loss = 0, answer_loss = 0, duplication = 0, crashes = 0, wrong_moves = 0;
  std::int64_t delay_max_ms = 50;
  std::int64_t skew_max_ms = 0;  // of each State's clock; beyond 150,000 acts are rejected for it
  bool power_loss = false;       // a crash takes what was not synced
  bool group_commit = false;     // jobs wait for one another
  int pauses = 0;                // long times in which acts lapse
  Canary canary = Canary::none;
};

Options draw_options(std::uint64_t seed);
std::string to_text(const Options& options);

}  // namespace comity::sim
