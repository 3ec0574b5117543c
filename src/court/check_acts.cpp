// What was said, by whom, and was it open to them: each act's signature, authority, officers and
// parts, its place in the order, and the one history that follows from all.
#include <algorithm>

#include "court/examination.hpp"
#include "court/parts_list.hpp"
#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "exchange/duty.hpp"
#include "exchange/life.hpp"

namespace comity::court {
namespace {

using exchange::Side;

std::unexpected<Fault> refuse(FaultCode code, std::string why) {
  return fault(code, std::move(why));
}

Result<KnownAct> open_act(const Place& place, View p7m) {
  TRY_LET(auto opened, crypto::cms_open(p7m));
  TRY_LET(auto act, exchange::read_act(opened.content));
  if (name_of(act.substance.type) != place.name)
    return refuse(FaultCode::act_form, "it is a " + std::string(name_of(act.substance.type)));
  return KnownAct{.number = place.number,
                  .path = path_of(place),
                  .act = std::move(act),
                  .id = exchange::act_id(opened.content),
                  .p7m = crypto::sha256(p7m),
                  .signer = std::move(opened.signer),
                  .signed_at = opened.signing_time};
}

const treaty::Measure* find_measure(const Examination& exam, const exchange::Substance& substance) {
  for (const auto& instrument : exam.instruments)
    if (instrument.code == substance.instrument) return instrument.measure(substance.measure);
  return nullptr;
}

Result<void> check_envelope(const Examination& exam, const KnownAct& act) {
  const auto& substance = act.act.substance;
  if (substance.exercise != exam.index.exercise)
    return refuse(FaultCode::act_exercise, "act and index are not of one kind");
  if (substance.exchange != exam.index.exchange)
    return refuse(FaultCode::act_form, "it belongs to another exchange");
  if (exam.state(substance.from) == nullptr || exam.state(substance.to) == nullptr)
    return refuse(FaultCode::act_addressee, "it is between other States");
  const auto& first = exam.acts.front().act.substance;
  if (substance.instrument != first.instrument || substance.measure != first.measure)
    return refuse(FaultCode::act_measure, "it names another measure than the first act");
  return {};
}

/// Revocation is judged at the time at which the other State logged the act: what was logged before
/// stays valid (spec/directory.md, section 4).
Result<const directory::Accepted*> relied_on(const KnownState& state, const KnownAct& act,
                                             const crypto::Certificate& certificate,
                                             crypto::Usage usage, Instant signed_at) {
  TRY_LET(const auto* accepted, state.entry_for(certificate, usage, signed_at));
  TRY(directory::unrevoked_at(state.entries, certificate.fingerprint(),
                              act.logged_at.value_or(signed_at)));
  return accepted;
}

Result<void> check_author(const Examination& exam, const KnownAct& act) {
  const auto& author = *exam.state(act.author());
  TRY_LET(const auto* accepted,
          relied_on(author, act, act.signer, crypto::Usage::authority, act.signed_at));
  const auto& authorities = accepted->entry.authorities;
  const auto found = std::ranges::find(authorities, act.signer, &directory::Authority::certificate);
  if (found == authorities.end() || found->code != act.act.substance.from_authority)
    return refuse(FaultCode::act_signature, "the signer is not the authority that the act names");
  return {};
}

bool holds_role(const directory::Authority& authority, const treaty::Measure& measure) {
  return std::ranges::any_of(measure.roles, [&](const std::string& role) {
    return std::ranges::find(authority.roles, role) != authority.roles.end();
  });
}

/// That an authority of that code held a role for the measure under some entry in force then.
Result<void> check_competence(const KnownState& state, const std::string& code,
                              const treaty::Measure& measure, Instant at) {
  for (const auto& accepted : state.entries) {
    const auto& entry = accepted.entry;
    if (at < entry.valid_from || at >= entry.valid_to) continue;
    const auto found = std::ranges::find(entry.authorities, code, &directory::Authority::code);
    if (found != entry.authorities.end() && holds_role(*found, measure)) return {};
  }
  return refuse(FaultCode::directory_role, state.code.text() + ": " + code);
}

void check_roles(Examination& exam, const KnownAct& act) {
  const auto& substance = act.act.substance;
  const auto* measure = find_measure(exam, substance);
  if (measure == nullptr) {
    exam.report.add("act.role", act.path, Verdict::not_checked,
                    "the measure " + substance.measure + " of " + substance.instrument +
                        " is not known to this program");
    return;
  }
  const auto judge = [&]() -> Result<void> {
    TRY(check_competence(*exam.state(substance.from), substance.from_authority, *measure,
                         act.signed_at));
    return check_competence(*exam.state(substance.to), substance.to_authority, *measure,
                            act.signed_at);
  };
  exam.report.outcome("act.role", act.path, judge(),
                      substance.from_authority + " and " + substance.to_authority +
                          " are competent for " + substance.measure);
}

Result<std::string> check_officers(const Examination& exam, const KnownAct& act) {
  const auto content = exchange::substance_content(act.act.substance);
  std::vector<exchange::Signer> signers;
  std::string words;
  for (const auto& officer : act.act.officers) {
    TRY_LET(const auto opened, crypto::cms_open_detached(officer.signature, content));
    TRY(relied_on(*exam.state(act.author()), act, opened.signer, crypto::Usage::officer,
                  opened.signing_time));
    signers.push_back(exchange::signer_of(officer.duty, opened.signer));
    words += (words.empty() ? "" : ", ") + officer.duty + ": " + signers.back().name;
  }
  TRY(exchange::check_duties(act.act.substance, signers));
  return words.empty() ? "made by the node; states only what it verified" : words;
}

/// One part as listed, against its binding. Gives whether it is here.
Result<bool> check_part(Examination& exam, const Place& place, const exchange::PartBinding& binding,
                        const ListedPart& listed) {
  const auto refuse_part = [&](const char* why) {
    return refuse(FaultCode::act_part, binding.name + " " + why);
  };
  if (listed.name != binding.name || listed.media_type != binding.media_type)
    return refuse_part("is not listed in its place");
  const auto path = path_of(place);
  if (!listed.present()) {
    const bool said = std::ranges::binary_search(exam.index.absent, path, {}, &IndexAbsent::path);
    if (!said || exam.row(path) != nullptr) return refuse_part("is listed and indexed differently");
    return false;
  }
  auto bytes = exam.read(path);
  if (!bytes) return refuse_part("can not be read");
  const exchange::Part part{listed.name, listed.media_type, *listed.salt, *std::move(bytes)};
  if (part.binding() != binding) return refuse_part("is not the one that was signed");
  return true;
}

Result<std::string> check_parts(Examination& exam, KnownAct& act) {
  const auto& bindings = act.act.substance.parts;
  if (bindings.empty()) return "binds none";
  Place place = *place_of(act.path);
  place.role = Role::parts;
  const auto bytes = exam.read(place);
  if (!bytes) return refuse(FaultCode::act_part, "the list of parts can not be read");
  TRY_LET(const auto list, read_parts_list(*bytes));
  if (list.size() != bindings.size())
    return refuse(FaultCode::act_part, "not as many are listed as are bound");
  std::string absent;
  place.role = Role::part;
  for (std::size_t i = 0; i < list.size(); ++i) {
    place.part = bindings[i].name;
    TRY_LET(const bool here, check_part(exam, place, bindings[i], list[i]));
    if (here)
      act.bound.insert(bindings[i].name);
    else
      absent += (absent.empty() ? "; absent: " : ", ") + bindings[i].name;
  }
  return std::to_string(act.bound.size()) + " of " + std::to_string(bindings.size()) + " bind" +
         absent;
}

Result<std::string> check_rejection(Examination& exam, const KnownAct& act, View p7m) {
  TRY_LET(const auto opened, crypto::cms_open(p7m));
  TRY_LET(const auto rejection, exchange::read_rejection(opened.content));
  const auto& substance = act.act.substance;
  if (rejection.act != act.id || rejection.exchange != substance.exchange ||
      rejection.from != substance.to || rejection.to != substance.from ||
      rejection.exercise != substance.exercise)
    return refuse(FaultCode::act_form, "it rejects something else");
  const auto& state = *exam.state(rejection.from);
  TRY_LET(const auto* accepted,
          state.entry_for(opened.signer, crypto::Usage::authority, opened.signing_time));
  const auto& authorities = accepted->entry.authorities;
  if (std::ranges::find(authorities, opened.signer, &directory::Authority::certificate) ==
      authorities.end())
    return refuse(FaultCode::act_signature, "the signer is no authority of that State");
  return rejection.from.text() +
         " did not take the act: " + std::string(row_of(rejection.code).name) + " " +
         rejection.detail;
}

template <typename Words>
void tell(Examination& exam, const char* name, const std::string& path, const Words& words) {
  if (words)
    exam.report.holds(name, path, *words);
  else
    exam.report.fails(name, path, words.error());
}

/// An act that was rejected, and whatever its author built upon it, counts as never made.
void find_void(Examination& exam, KnownAct& act, const std::set<Digest>& void_acts) {
  Place place = *place_of(act.path);
  place.role = Role::rejection;
  if (exam.row(place) != nullptr) {
    act.is_void = true;
    if (const auto p7m = exam.read(place))
      tell(exam, "act.rejection", path_of(place), check_rejection(exam, act, *p7m));
  } else if (void_acts.contains(act.act.order.previous)) {
    act.is_void = true;
    exam.report.holds("act.rejection", act.path, "void: it follows an act that was rejected");
  }
}

void check_index_row(Examination& exam, const KnownAct& act) {
  const auto found = std::ranges::lower_bound(exam.index.acts, act.path, {}, &IndexAct::path);
  if (found == exam.index.acts.end() || found->path != act.path || found->author != act.author() ||
      found->check_at != act.signed_at)
    exam.report.fails("act", act.path, "the index names another author or time for it");
}

class History {
 public:
  explicit History(Examination& exam) : exam_(exam), requester_(exam.acts.front().author()) {
    if (exam.acts.front().act.substance.type != exchange::ActType::request)
      exam.report.fails("act.order", exam.acts.front().path, "an exchange begins with a request");
  }

  void add(const KnownAct& act) {
    const auto side = act.author() == requester_ ? Side::requester : Side::requested;
    const auto step = exchange::step_of(act.act, act.id, side);
    const auto judgement = life_.judge(step);
    if (judgement.verdict == exchange::Verdict::duplicate) {
      exam_.report.fails("act.order", act.path, "it is here twice");
    } else if (!judgement.takes()) {
      exam_.report.fails("act.order", act.path, judgement.why);
    } else if (!drafts_.insert(act.act.substance.draft).second) {
      exam_.report.fails("act.order", act.path, Fault{FaultCode::act_replay, {}});
    } else {
      life_.add(step);
      exam_.report.holds("act.order", act.path,
                         "act " + std::to_string(step.sequence) + " of the " +
                             std::string(name_of(side)) + " " + act.author().text() +
                             ", open to it in what it had seen");
    }
  }
  void conclude() const {
    const auto now = life_.now();
    exam_.report.holds("exchange", exam_.index.exchange.hex(),
                       std::string("these acts leave it ") + std::string(name_of(now.phase)) +
                           (now.moot.empty() ? ""
                                             : "; acts left without effect by a crossing: " +
                                                   std::to_string(now.moot.size())));
  }

 private:
  Examination& exam_;
  StateCode requester_;
  exchange::Life life_;
  std::set<DraftId> drafts_;
};

}  // namespace

void read_acts(Examination& exam) {
  std::uint64_t expected = 1;
  for (const auto* row : exam.rows(Role::act)) {
    const auto place = *place_of(row->path);
    if (place.number != expected++) {
      exam.report.fails("act", row->path, "the acts are not numbered without gaps");
      expected = place.number + 1;
    }
    const auto p7m = exam.read(row->path);
    if (!p7m) continue;
    auto act = open_act(place, *p7m);
    if (act)
      exam.acts.push_back(*std::move(act));
    else
      exam.report.fails("act.signature", row->path, act.error());
  }
  if (exam.acts.empty()) exam.report.fails("act", "acts", "no act here can be read");
  if (exam.index.acts.size() != exam.rows(Role::act).size())
    exam.report.fails("act", "acts", "the index tells of more or fewer acts than there are");
}

void check_acts(Examination& exam) {
  if (exam.acts.empty()) return;
  History history(exam);
  std::set<Digest> void_acts;
  for (auto& act : exam.acts) {
    check_index_row(exam, act);
    if (!exam.report.outcome("act.form", act.path, check_envelope(exam, act),
                             act.author().text() + " to " + act.act.substance.to.text() +
                                 ", made at " + to_text(act.act.order.made_at)))
      continue;
    exam.report.outcome("act.signature", act.path, check_author(exam, act),
                        act.act.substance.from_authority + " of " + act.author().text());
    check_roles(exam, act);
    tell(exam, "act.officers", act.path, check_officers(exam, act));
    tell(exam, "act.parts", act.path, check_parts(exam, act));
    find_void(exam, act, void_acts);
    if (act.is_void)
      void_acts.insert(act.id);
    else
      history.add(act);
  }
  history.conclude();
}

}  // namespace comity::court
