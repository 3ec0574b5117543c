// A State's legal profile: how its own law bears on the measures of an instrument. Data of that
// State alone (data/profiles/, or its own file); no node judges by another's profile. Only
// `published` leaves the node.
// It refuses nothing by itself: each rule names the ground of the instrument that it rests on, or
// it is a question to a person.
#pragma once

#include <array>

#include "directory/entry.hpp"
#include "treaty/vocabulary.hpp"

namespace comity::law {

/// An instrument that the State applies, with the declarations and reservations that it has made.
struct Adherence {
  std::string instrument;
  std::vector<std::string> declarations;
};

/// A domestic offence, by the instrument's offence to whose conduct it corresponds.
struct DomesticOffence {
  std::string code;
  treaty::Texts provision;
  std::int64_t max_penalty_years = 0;
};

/// Who must authorise the giving of a category of data. The order is that of independence.
enum class Body { police, prosecutor, independent, court };
inline constexpr std::array<std::string_view, 4> k_bodies = {"police", "prosecutor", "independent",
                                                             "court"};
std::string_view name_of(Body body);

struct Authorisation {
  std::string category;
  Body body{};
  treaty::Texts authority, provision;
};

/// How far another State is trusted with help; with less than full trust, why.
enum class Trust { trusted, limited, suspended };
inline constexpr std::array<std::string_view, 3> k_trusts = {"trusted", "limited", "suspended"};
std::string_view name_of(Trust trust);

struct PartnerRule {
  StateCode state;
  Trust trust{};
  treaty::Texts reasons;
  std::string ground;  // of the instrument; empty: a person must say
};

/// A rule of domestic law that no table can express: a question, with its provision. With a ground,
/// the answer that closes acceptance lets it arise.
struct OwnRule {
  std::string code;
  treaty::Texts question, provision;
  std::string ground;                 // of the instrument; empty: a person must say
  std::vector<std::string> measures;  // that it bears on; empty: all
  treaty::AcceptIf accept_if{};
};

/// Days and hours of domestic law and of policy. Clocks warn by them; nothing ends by itself.
struct ProfileLimits {
  std::int64_t retention_days_max = 0;   // of what is received
  std::int64_t secrecy_days_max = 0;     // without a renewal with reasons
  std::int64_t emergency_hours_max = 0;  // until an emergency disclosure is authorised
  std::int64_t realtime_days_max = 0;    // of a collection or interception
  std::int64_t notice_deferral_days_max = 0;
};

/// Service levels: policy, not law. The treaty has no number for any of them.
struct ServiceLevels {
  std::int64_t acknowledge_hours = 0, complete_days = 0, decide_days = 0, preserve_hours = 0,
               emergency_hours = 0;
};

/// What binds the receiver of personal data (article 36).
struct DataProtection {
  std::vector<treaty::Texts> conditions;
  bool onward_in_writing = false;  // prior authorisation is always asked for; here in writing too
  std::int64_t breach_notice_hours = 0;
  treaty::Texts provision;
};

struct NoticeRule {
  bool required = false;  // the person concerned is told, or the telling is deferred with a date
  treaty::Texts provision;
};

struct Profile {
  std::string instrument;  // the first of `instruments`: what published and offences speak of
  std::optional<StateCode> state;
  bool illustrative = false, fictional = false, exercise = false;
  std::vector<Adherence> instruments;
  std::vector<std::string> languages;  // in which requests are accepted
  directory::Published published;      // what partners may know
  treaty::Texts harm_test;  // asked of a serious crime that is no offence of the instrument
  std::vector<DomesticOffence> offences;
  std::vector<Authorisation> authorisations;
  ProfileLimits limits;
  ServiceLevels service;
  DataProtection data_protection;
  NoticeRule notice;
  std::vector<PartnerRule> partners;
  std::vector<OwnRule> rules;

  const DomesticOffence* offence(std::string_view code) const;
  const Authorisation* authorisation(std::string_view category) const;
  const PartnerRule* partner(const StateCode& state) const;
  bool requires_dual_criminality(const treaty::Measure& measure) const;
  bool offers(std::string_view measure) const;
};

/// Reads a profile against the treaties that it names, strictly. Fault: format.toml with the line.
Result<Profile> load_profile(View toml, const std::string& name, const treaty::Treaties& treaties);

/// Days for which this State preserves, never fewer than the instrument's own number.
std::int64_t preservation_days(const treaty::Instrument& instrument, const Profile& profile);

}  // namespace comity::law
