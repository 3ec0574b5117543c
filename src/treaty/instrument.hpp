// A treaty as data: its clauses, measures, forms, grounds and the order in which a request is
// examined. Everything here is loaded from data/instruments/ and nothing is decided here: the code
// that reads these values knows kinds of rules, never rules (DESIGN.md, "law is data").
#pragma once

#include "base/time.hpp"
#include "treaty/texts.hpp"

namespace comity::treaty {

using formats::Json;

/// One clause, cited by its key: "42(3)(b)". The gist is in our own words. Until somebody has
/// compared it with the certified text, text_verified is false, and every output says so.
struct Clause {
  std::string instrument;  // code of the instrument
  std::string article;     // "42"
  std::string paragraph;   // "(3)(b)"; empty: the whole article
  Texts gist;
  bool text_verified = false;
  bool number_verified = true;  // false: the paragraph's number is reconstructed
  std::string seen_in;          // where the clause was read, or "general knowledge"
  std::string verified_on, verified_by;

  std::string cite() const { return article + paragraph; }
};

struct Code {
  std::string code;
  Texts label;
};

/// An offence of the catalogue. `scope` says by what it is within the scope of cooperation: as one
/// of the instrument's core offences, as another that it establishes, or by its penalty alone.
enum class Scope { core, convention, serious_crime };
std::string_view name_of(Scope scope);
Result<Scope> scope_from(std::string_view name);

struct Offence {
  std::string code;
  Scope scope{};
  std::string clause;
  Texts label;
  bool attempt = false;        // a State may punish the attempt
  std::vector<Code> elements;  // that a State may require on top of the offence's own
};

enum class FieldKind {
  text,       // one line
  long_text,  // lines
  code,       // one of `codes`
  codes,      // an array of them, none twice, at least one
  date_time,  // 2026-01-31T23:59:59Z
  period,     // { from, to }, both as date_time, from before to
  integer,    // from min to max
  boolean,
  state,      // ISO 3166-1 alpha-3
  reference,  // an exchange, 32 lower-case hex digits
  rows,       // an array of objects with the columns given, at least one
};
std::string_view name_of(FieldKind kind);

enum class Requirement { always, when, where_available, as_appropriate, optional };
std::string_view name_of(Requirement requirement);

/// Who asks for it: the treaty, or the nodes for the sake of the clause cited.
enum class Basis { treaty, policy };
std::string_view name_of(Basis basis);

/// Where the value travels: in the signed act for ever, or in a part that can be withheld or
/// erased.
enum class Place { body, part };
std::string_view name_of(Place place);

/// A field is required when another is present (`is` empty) or has one of these values.
struct Condition {
  std::string field;
  std::vector<Json> is;
};

/// A column of a field of rows. Its kind is text, code or state.
struct Column {
  std::string code;
  FieldKind kind{};
  bool required = false;
  Texts label;
  std::string list;  // that `codes` were drawn from
  std::vector<Code> codes;
};

struct Field {
  std::string code;  // [a-z0-9_]{1,64}; also the name of its part
  FieldKind kind{};
  Requirement requirement{};
  std::optional<Condition> when;  // of Requirement::when
  Basis basis{};
  std::string clause;
  Place place{};
  Texts label, help;
  Json example;
  std::size_t bytes_max = 0;      // of text and long_text
  std::int64_t min = 0, max = 0;  // of integer
  std::optional<bool> must_be;    // of boolean
  std::string list;               // that `codes` were drawn from
  std::vector<Code> codes;        // of code and codes
  std::vector<Column> columns;    // of rows
};

/// What a refusal can rest on.
struct Ground {
  std::string code;  // "R21B"
  std::string clause;
  Texts label;
};

/// A ground that a measure knows; with `declaration`, only for a State that has made it.
struct AllowedGround {
  std::string code;
  std::string clause;  // why the measure knows it
  std::string declaration;
};

struct Duty {
  std::string code;
  std::string time;  // the treaty's own time word: "promptly"
  std::string clause;
  Texts text;
};

/// Kinds of questions that law/assess.hpp can evaluate.
enum class CheckKind {
  authority,         // does the authority hold a role that covers the measure?
  in_force,          // does the instrument bind both States, or do their profiles do without?
  scope,             // fields: offences, penalty in years; number: the least penalty
  language,          // field: language
  complete,          // no gap in the form
  dual_criminality,  // field: offences
  categories,        // field: categories of data, or none where the measure determines them
  reservation,       // field: offences; declaration
  offered,           // does the requested State's profile offer the measure at all?
  partner,           // does its profile trust the requesting State?
  screen,            // do these fields speak of a protected activity?
  rules,             // the profile's own grounds and questions, a finding each
  authorisation,     // field: categories of data, or none: who must authorise it at home
  human,             // only a named person can say
};
std::string_view name_of(CheckKind kind);

/// What follows when a check is not met.
enum class NotMet {
  ask,        // more is asked for; a person may accept all the same, with reasons
  ask_first,  // more is asked for, and acceptance is not open before it has come
  refuse,     // a ground of refusal arises; acceptance is open if the check's question allows it
  block,      // acceptance is not open
};
std::string_view name_of(NotMet not_met);

/// When a second legal reviewer must look at the matter because of this check.
enum class SecondReview {
  never,
  if_marked,   // the screen found a mark
  if_closing,  // the answer to the question closes acceptance
};
std::string_view name_of(SecondReview second_review);

/// Which answer to a check's question leaves acceptance open.
enum class AcceptIf { yes, no, any };
std::string_view name_of(AcceptIf accept_if);

struct Check {
  std::string code;
  CheckKind kind{};
  std::vector<std::string> fields;  // what a person looks at; evaluators take them in this order
  std::vector<std::string> clauses;
  std::vector<std::string> grounds;  // of refusal, that arise here
  NotMet not_met = NotMet::ask;
  AcceptIf accept_if = AcceptIf::any;
  SecondReview second_review = SecondReview::never;
  std::int64_t number = 0;              // the value of the limit named in the data
  std::vector<std::string> categories;  // of data, where the measure itself determines them
  std::string declaration;
  Texts title, reason_met, reason_not_met, reason_human, question;
};

struct Measure {
  std::string instrument, code, clause;
  Texts title;
  bool delivers = false;           // evidence may follow an acceptance
  std::vector<std::string> live;   // kinds of records that may be sent as they come; empty: none
  std::string live_period;         // the field of the form that bounds them in time; not of bytes
  std::string execute_by;          // the field of form or answer that says by when; empty: none
  bool preserves = false;          // an acceptance secures data until a day
  bool coercive = false;           // it is carried out by compulsion
  bool court_authorised = false;   // by a court of the requested State, or not at all
  bool offers = false;             // its author gives; the addressee accepts what is given
  bool not_evidence = false;       // what comes of it is no evidence
  bool emergency = false;          // authorisation may follow, within the profile's hours
  std::vector<std::string> roles;  // of an authority that may send or take it
  std::vector<AllowedGround> grounds;
  std::vector<Duty> duties;
  std::vector<Field> fields;  // in the order of the form
  std::vector<Field> answer;  // the form of what is given, where the instrument bounds it
  std::vector<Check> checks;  // in the order of examination

  const Field* field(std::string_view field_code) const;
  const AllowedGround* ground(std::string_view ground_code) const;
  const Check* check(std::string_view check_code) const;
};

/// What people do that a rights screen looks for, as lower-case beginnings of words in several
/// languages. A mark decides nothing: it brings a second reviewer.
struct Activity {
  std::string code;
  Texts label;
  std::vector<std::string> marks;
};

struct Declaration {
  std::string code, clause;
  Texts label;
};

struct Role {
  std::string code, clause;
  Texts label;
};

/// A time as final clauses count it. Months: the first day of the month after so many have passed.
struct Span {
  std::int64_t days = 0, months = 0, years = 0;  // one of them
  Instant after(Instant day) const;              // midnight to midnight
};

struct EntryIntoForce {
  std::int64_t instruments = 0;
  Span after_last, after_own, denunciation;
  std::vector<std::string> clauses;
};

enum class InstrumentKind {
  convention,
  protocol,    // has all that its parent has, and adds to it
  assistance,  // a treaty on mutual assistance: its rules replace what its partners' other ones
               // yield
};
std::string_view name_of(InstrumentKind kind);

/// What gives way to a treaty on mutual assistance: paragraphs of one article, first to last.
struct Yields {
  std::string clause, article;
  std::int64_t from = 0, to = 0;
};

struct Limit {
  std::int64_t value = 0;
  std::string clause;
};

struct Instrument {
  std::string code, reference;
  InstrumentKind kind{};
  std::string parent;         // of a protocol
  bool example = false;       // of no two States: made to show what data can say
  std::int64_t revision = 0;  // of the data file
  Instant adopted_on;         // midnight UTC
  Texts title, short_title;
  EntryIntoForce entry_into_force;
  std::optional<Yields> yields;
  std::map<std::string, Texts, std::less<>> articles;  // number → title
  std::map<std::string, Clause, std::less<>> clauses;  // cite() → clause
  std::map<std::string, Limit, std::less<>> limits;
  std::vector<Declaration> declarations;
  std::vector<Offence> offences;
  std::map<std::string, std::vector<Code>, std::less<>> lists;
  std::vector<Role> roles;
  std::vector<Ground> grounds;
  std::vector<Measure> measures;
  std::vector<Activity> activities;  // from the vocabulary

  const Measure* measure(std::string_view measure_code) const;
  const Clause* clause(std::string_view cite) const;
  const Offence* offence(std::string_view offence_code) const;
  const Ground* ground(std::string_view ground_code) const;
  bool has_declaration(std::string_view declaration_code) const;
  bool has_role(std::string_view role_code) const;
  /// True if the clause cited gives way to a treaty on mutual assistance.
  bool yields_at(std::string_view cite) const;
};

struct Vocabulary;

/// Reads one file of data/instruments/, strictly: an unknown key, a missing citation or a code that
/// leads nowhere refuses the whole file. Fields of forms start from the vocabulary's; a protocol
/// starts from its parent, which is among `parents`. `name` is for messages. Fault: format.toml,
/// "NAME:LINE: …".
Result<Instrument> load_instrument(View toml, const std::string& name, const Vocabulary& vocabulary,
                                   const std::vector<Instrument>& parents = {});

}  // namespace comity::treaty
