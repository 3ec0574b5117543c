// The kinds of proposals and notices: one table says for each who may make it, when, and which
// members of the body it fills. A new duty to inform is a row here, not a new type of act.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "exchange/act.hpp"

namespace comity::exchange {

/// What one State asks the other to decide.
enum class ProposalKind {
  secrecy,          // requested: it can not be kept as asked; execute nevertheless? (40(20))
  securing,         // requested: preservation would not secure the data, or do harm (42(7))
  costs,            // requested: substantial or extraordinary ones (40(30))
  other_use,        // requester: use in a proceeding other than those stated (40(19))
  onward_transfer,  // requester: handing on to a third State or an organization (36(3))
  retention,        // requester: keeping longer than the condition says (36(1))
};
inline constexpr std::size_t k_proposal_kinds = 6;
std::string_view name_of(ProposalKind kind);
Result<ProposalKind> proposal_kind(std::string_view name);

/// What one State tells the other. It asks for nothing.
enum class NoticeKind {
  acknowledgement,         // requested: a person has it; perhaps by when to expect a decision
  forwarding,              // requested: passed to the authority that is competent for it
  delay,                   // requested: not by the time that was told, but by this one
  preservation_renewed,    // requested: held until this time, for the reasons given (42(9))
  preservation_ending,     // requested: released then, unless a request for the data comes (42(8))
  secrecy_renewed,         // requester: to be kept secret until this time, for the reasons given
  secrecy_ending,          // requested: no longer kept secret from this time on (40(20))
  person_notified,         // requested: the person concerned was told (24(2))
  notification_deferred,   // requested: that person is told only then, for the reasons given
  exculpatory_disclosure,  // requester: shown to an accused person (40(19))
  use_report,              // requester: to what use the evidence was put
  deletion,                // requester: keys and bytes of these items are gone
  breach,                  // either: a condition was broken, or data went astray
  complaint,               // either: for the other State's oversight
};
inline constexpr std::size_t k_notice_kinds = 14;
std::string_view name_of(NoticeKind kind);
Result<NoticeKind> notice_kind(std::string_view name);

/// Whether a member of the body must be there, may be, or must be null (empty, of items).
enum class Need { never, may, must };

struct ProposalRow {
  Side by{};
  bool blocks = false;  // until the other State agrees, nothing is accepted or delivered
  Need proceeding{}, state{}, until{}, items{};
};
const ProposalRow& row_of(ProposalKind kind);

/// When a notice is open.
enum class NoticeTime {
  in_work,    // while the request is asked, put off or executed
  preserved,  // while a preservation stands
  held,       // once items have come to the requester, also after the end
  any,        // once there is a request
};

struct NoticeRow {
  std::optional<Side> by;  // nothing: either
  NoticeTime time{};
  Need until{}, authority{}, items{};
};
const NoticeRow& row_of(NoticeKind kind);

}  // namespace comity::exchange
