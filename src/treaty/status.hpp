// Who has joined an instrument, and since when it binds whom. Dates of entry into force are
// computed from deposits by the instrument's own rule; a register can not simply state them, unless
// it is fictional and for exercises.
#pragma once

#include "base/id.hpp"
#include "treaty/instrument.hpp"

namespace comity::treaty {

/// What one State, or organization of States, has done.
struct Standing {
  StateCode state;
  std::string kind;                     // ratification, acceptance, approval, accession
  bool counts = true;                   // false: an organization, beside its members
  std::optional<Instant> signed_on;     // days, as midnight UTC
  std::optional<Instant> deposited_on;  // absent: not deposited, or the day is not known
  std::string deposit_reported;         // a deposit known by report only; it never counts
  std::optional<Instant> denounced_on;  // receipt of the notice
  std::vector<std::string> declarations;
  bool verified = false;
  std::string source;
};

/// Whether an instrument is a basis between two States on a day, with the reason in a sentence.
struct LegalBasis {
  bool in_force = false;
  std::string reason;
};

/// Two States agree that another instrument's own rules apply between them, and not those of the
/// treaty on mutual assistance whose register this is (40(7) and its like).
struct Agreement {
  StateCode a, b;
  std::string instrument;  // whose rules apply
  Instant since;
  std::optional<Instant> until;
  std::string source;
};

/// A register as loaded. Pure: the day is always given.
class StatusRegister {
 public:
  StatusRegister(const Instrument& instrument, bool fictional, bool exercise, Instant as_of,
                 std::optional<Instant> declared_in_force_on, std::vector<Standing> standings,
                 std::vector<Agreement> agreements = {});

  const std::string& instrument() const { return instrument_; }
  bool fictional() const { return fictional_; }
  bool exercise() const { return exercise_; }
  Instant as_of() const { return as_of_; }
  /// By State.
  const std::vector<Standing>& standings() const { return standings_; }
  const Standing* standing(const StateCode& state) const;

  /// Deposits with a known day that count towards entry into force.
  std::int64_t counted() const;
  /// The day on which the instrument enters into force, once that is determined.
  std::optional<Instant> enters_into_force_on() const { return in_force_on_; }
  /// The day from which it binds this State; nullopt while that is not determined.
  std::optional<Instant> binds_from(const StateCode& state) const;
  /// True from binds_from until a denunciation takes effect.
  bool in_force(const StateCode& state, Instant at) const;
  LegalBasis legal_basis(const StateCode& a, const StateCode& b, Instant at) const;
  bool has_declared(const StateCode& state, std::string_view declaration) const;
  bool have_agreed(const StateCode& a, const StateCode& b, std::string_view instrument,
                   Instant at) const;

 private:
  std::optional<Instant> denounced_from(const Standing& standing) const;

  std::string instrument_, title_;
  EntryIntoForce rule_;
  bool fictional_, exercise_;
  Instant as_of_;
  std::vector<Standing> standings_;
  std::vector<Agreement> agreements_;
  std::optional<Instant> completed_on_;  // the day of the last instrument that was needed
  std::optional<Instant> in_force_on_;
};

/// Reads one file of data/status/ against its instrument, strictly. Fault: format.toml with the
/// line.
Result<StatusRegister> load_status(View toml, const std::string& name,
                                   const Instrument& instrument);

}  // namespace comity::treaty
