#include "treaty/basis.hpp"

#include <algorithm>

namespace comity::treaty {

const StatusRegister* register_of(const Registers& registers, std::string_view instrument) {
  const auto found = std::ranges::find(registers, instrument, &StatusRegister::instrument);
  return found == registers.end() ? nullptr : &*found;
}

// The instrument's own register, and its parent's: what a State must be bound by.
LegalBasis basis_under(const Instrument& instrument, const Registers& registers, const StateCode& a,
                       const StateCode& b, Instant at) {
  const auto* own = register_of(registers, instrument.code);
  if (own == nullptr)
    return {false, in_language(instrument.short_title) + ": no register says who is bound."};
  auto basis = own->legal_basis(a, b, at);
  if (!basis.in_force || instrument.parent.empty()) return basis;
  const auto* parent = register_of(registers, instrument.parent);
  const auto under = parent == nullptr
                         ? LegalBasis{false, instrument.parent + ": no register says who is bound."}
                         : parent->legal_basis(a, b, at);
  return under.in_force
             ? basis
             : LegalBasis{false, "Only parties to its parent are parties to " +
                                     in_language(instrument.short_title) + ". " + under.reason};
}

const Tie* LegalBases::tie(std::string_view instrument) const {
  const auto found = std::ranges::find(in_force, instrument, &Tie::instrument);
  return found == in_force.end() ? nullptr : &*found;
}

LegalBases legal_basis(const Treaties& treaties, const Registers& registers, const StateCode& a,
                       const StateCode& b, Instant at) {
  LegalBases bases;
  for (const auto& instrument : treaties.instruments) {
    auto basis = basis_under(instrument, registers, a, b, at);
    if (!basis.in_force) {
      bases.not_in_force.push_back(std::move(basis.reason));
      continue;
    }
    const auto* own = register_of(registers, instrument.code);
    bases.in_force.push_back({.instrument = instrument.code,
                              .kind = instrument.kind,
                              .since = std::max(*own->binds_from(a), *own->binds_from(b)),
                              .reason = std::move(basis.reason)});
  }
  return bases;
}

const Instrument* governing(const Treaties& treaties, const Registers& registers,
                            const Instrument& instrument, const StateCode& a, const StateCode& b,
                            Instant at) {
  if (!instrument.yields) return nullptr;
  for (const auto& other : treaties.instruments) {
    if (other.kind != InstrumentKind::assistance || other.code == instrument.code) continue;
    const auto* own = register_of(registers, other.code);
    if (own == nullptr || !own->legal_basis(a, b, at).in_force) continue;
    // A protocol's requests run under its parent's rules, and so do agreements about them.
    if (own->have_agreed(a, b, instrument.code, at) ||
        (!instrument.parent.empty() && own->have_agreed(a, b, instrument.parent, at)))
      continue;
    return &other;
  }
  return nullptr;
}

}  // namespace comity::treaty
