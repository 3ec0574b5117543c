// What the law says of a request, finding by finding, each with its article: pure judgment under
// one State's profile, in the order that the instrument gives. It only proposes. It never accepts,
// refuses or executes: whatever a machine can not know is a question to a named person.
#pragma once

#include "law/profile.hpp"
#include "treaty/form.hpp"
#include "treaty/status.hpp"

namespace comity::law {

using formats::Json;

/// A request and all that it is judged by. Everything is borrowed for the call.
struct Matter {
  const treaty::Instrument& instrument;
  const treaty::Measure& measure;
  const treaty::StatusRegister& status;
  const Profile& profile;  // of the requested State
  StateCode requesting, requested;
  std::vector<std::string> sender_roles;  // of the authority that signed, by its accepted entry;
                                          // empty when it is none's authority
  const Json& fields;                     // the form, joined from the body and the parts at hand
  std::vector<std::string> absent;        // codes of parts that were withheld or erased
  bool exercise = false;                  // of the request
  Instant on;                             // when the request was made
  std::string language = "en";            // of the words for people
  // What follows may be left out.
  const treaty::StatusRegister* parent_status = nullptr;  // of a protocol: the parent's register
  const treaty::Instrument* governing =
      nullptr;  // treaty::governing; its rules replace what yields
  std::vector<std::string> requesting_without_treaty;  // published by the requesting State
};

enum class Verdict { met, not_met, human_must_say };
std::string_view name_of(Verdict verdict);

struct Finding {
  std::string code, title;
  Verdict verdict{};
  std::vector<std::string> articles;  // citations: "42(3)(b)"
  bool text_verified = false;         // every clause cited was compared with the certified text
  std::string reason;                 // a sentence, from the instrument
  std::string detail;                 // the codes, numbers and gaps behind it; may be empty
  std::vector<std::string> fields;    // what a person looks at
  std::vector<std::string> grounds;   // of refusal, that would arise
  treaty::NotMet not_met{};           // what follows if the verdict is not_met
  std::string national;               // provisions of the requested State's own law; may be empty
  bool operator==(const Finding&) const = default;
};

/// To be answered with yes or no and reasons, by a named person, before acceptance.
struct Question {
  std::string code;  // of the finding that raises it
  std::string text;
  std::vector<std::string> articles, grounds;
  treaty::AcceptIf accept_if{};
  bool second_review_if_closing =
      false;  // an answer that closes acceptance is reviewed by a second
  bool operator==(const Question&) const = default;
};

enum class ProposalKind {
  may_accept_after_answers,
  ask,            // for what is missing
  may_refuse_on,  // the grounds named; consultation comes first
  outside,        // it can not be dealt with under this instrument: return it with the reason
};
std::string_view name_of(ProposalKind kind);

struct Proposal {
  ProposalKind kind{};
  std::vector<std::string> grounds;
  bool operator==(const Proposal&) const = default;
};

struct Assessment {
  std::string instrument, measure;
  std::int64_t revision = 0;  // of the instrument's data
  StateCode requesting, requested;
  bool exercise = false;
  Instant on;
  std::vector<Finding> findings;    // in the instrument's order, all of them
  std::vector<Question> questions;  // in the same order
  Proposal proposal;
  bool acceptance_open = false;              // once the questions are answered
  std::vector<std::string> refusal_grounds;  // that this measure knows between these two States
  std::vector<std::string> marked;           // findings whose marks bring a second legal reviewer
  std::string governing;  // the treaty on mutual assistance whose rules replace some; may be empty
  bool without_treaty =
      false;  // no treaty binds both: reciprocity or domestic law, if a person says
  bool operator==(const Assessment&) const = default;
};

/// The same matter always gives the same assessment.
Assessment assess(const Matter& matter);

/// For the log and as an attachment; `canonical` of it is the same bytes for the same assessment.
Json to_json(const Assessment& assessment);

}  // namespace comity::law
