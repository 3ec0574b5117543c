// Every date that an exchange has set, as a pure function of what is stored and of now: what is
// due, from whom, and how near. A clock warns and does nothing else: where an exchange stands never
// depends on one, so a clock that jumps, or a node that was down, changes no more than a list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/history.hpp"
#include "node/practice.hpp"

namespace comity::node {

enum class Clock {
  acknowledgement,          // a person has to say that it is here (policy)
  decision,                 // a complete request has to be decided (policy, or what was told)
  answer,                   // a query or reminder of the other State (40(16))
  reply,                    // a proposal, or conditions, of the other State (40(28))
  completion,               // a request that came back has to be completed (policy)
  postponement,             // what was put off, or suspended, is looked at again (40(27))
  preservation,             // until when data are held (42(8))
  secrecy,                  // until when it is to be kept secret (40(20))
  authorisation,            // until when what a court allowed may be done (24(2))
  notification,             // until when notice to the person concerned is deferred (24(2))
  retention,                // when what was received has to be deleted (36(1))
  destruction,              // what was annulled has to be destroyed or given back
  emergency_review,         // a second officer looks at what left in an emergency (41(3))
  duty_review,              // another officer looks at what one on call decided alone
  emergency_authorisation,  // what left in an emergency is authorised afterwards (24(2))
  execution,                // what was accepted is done by the day that the request names (40(26))
};
inline constexpr std::size_t k_clocks = 16;
std::string_view name_of(Clock clock);

/// How near: the State's officers are warned three, two and one week before.
enum class Nearness { later, three_weeks, two_weeks, week, overdue };
std::string_view name_of(Nearness nearness);
Nearness nearness_of(Instant at, Instant now);

struct Due {
  Clock clock{};
  Instant at;
  Nearness nearness{};
  Side from{};        // whose act it waits for
  Digest act;         // that set the date
  bool held = false;  // of a preservation: a request for the data keeps it beyond the date
  bool operator==(const Due&) const = default;
};

/// That data are held longer, and the act of another exchange that says so.
struct Extension {
  Instant until;
  Digest act;
  bool operator==(const Extension&) const = default;
};

/// All that the clocks of one exchange are told by.
struct CaseFile {
  Side our_side{};
  bool asks_to_preserve = false, is_emergency = false;  // by its measure
  bool needs_authorisation = false;                     // by our law, for what is asked
  std::optional<Instant> execute_by;  // by the request's form, or the latest answer to it
  exchange::Situation situation;
  std::vector<StandingAct> acts;        // in the order logged here
  std::optional<Instant> secret_until;  // by the request's form
  std::optional<Instant> retention;     // by conditions and consents
  std::vector<ItemId> items_held;       // of the other State's, here and not destroyed
  std::optional<Extension> extended;    // of a preservation, under 42(9)
  bool held = false;                    // another request keeps the preservation
  std::vector<Digest> to_review;        // acts of ours that one officer decided, not yet reviewed
};

/// In the order of their dates.
std::vector<Due> dues_of(const CaseFile& file, const Practice& practice, Instant now);

}  // namespace comity::node
