// On what two States may ask each other for help on a day: every instrument that binds both, and
// whether a treaty on mutual assistance takes the place of part of one. It says what is in force;
// whether a request fits is for law/assess.hpp.
#pragma once

#include "treaty/status.hpp"
#include "treaty/vocabulary.hpp"

namespace comity::treaty {

/// The registers at hand, one an instrument; an instrument without one binds nobody.
using Registers = std::vector<StatusRegister>;

const StatusRegister* register_of(const Registers& registers, std::string_view instrument);

struct Tie {
  std::string instrument;
  InstrumentKind kind{};
  Instant since;       // the later of the two States' days
  std::string reason;  // a sentence
  bool operator==(const Tie&) const = default;
};

struct LegalBases {
  std::vector<Tie> in_force;              // by code of the instrument
  std::vector<std::string> not_in_force;  // a sentence each, in the same order
  const Tie* tie(std::string_view instrument) const;
};

/// Whether one instrument is a basis between them: its own register and, of a protocol, its
/// parent's.
LegalBasis basis_under(const Instrument& instrument, const Registers& registers, const StateCode& a,
                       const StateCode& b, Instant at);

/// Every instrument in force between two States. A protocol is one only where its parent is.
LegalBases legal_basis(const Treaties& treaties, const Registers& registers, const StateCode& a,
                       const StateCode& b, Instant at);

/// The treaty on mutual assistance whose rules take the place of what `instrument` yields between
/// the two (40(7) and its like), unless both agreed otherwise; nullptr if there is none.
const Instrument* governing(const Treaties& treaties, const Registers& registers,
                            const Instrument& instrument, const StateCode& a, const StateCode& b,
                            Instant at);

}  // namespace comity::treaty
