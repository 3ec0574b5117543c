#include "node/intake.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/body.hpp"
#include "exchange/duty.hpp"
#include "formats/age_keys.hpp"
#include "formats/sight.hpp"
#include "node/answer.hpp"
#include "node/footing.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

constexpr std::int64_t k_clock_tolerance_s = 300;  // spec/limits.md: clock.tolerance

Result<void> check_addressing(const Charter& charter, const StateCode& partner,
                              const directory::Authority& author,
                              const exchange::Substance& substance) {
  if (substance.from != partner || substance.from_authority != author.code)
    return fault(
        FaultCode::act_signature,
        fmt::format("it names {} of {} and is signed by {} of {}", substance.from_authority,
                    substance.from.text(), author.code, partner.text()));
  if (substance.to != charter.state || substance.to_authority != charter.authority_code)
    return fault(FaultCode::act_addressee,
                 fmt::format("{} of {}", substance.to_authority, substance.to.text()));
  if (substance.exercise != charter.exercise)
    return fault(FaultCode::act_exercise, substance.exercise ? "an exercise act at a real node"
                                                             : "a real act at an exercise node");
  return {};
}

Result<void> check_time(const exchange::Order& order, Instant now) {
  if (order.made_at > now.plus_s(k_clock_tolerance_s))
    return fault(FaultCode::act_time,
                 fmt::format("made at {}, it is {} here", to_text(order.made_at), to_text(now)));
  if (order.expires_at <= now)
    return fault(FaultCode::act_expired, "since " + to_text(order.expires_at));
  return {};
}

Result<void> check_law(const Charter& charter, const directory::Published& partner,
                       const exchange::Substance& substance, Instant at) {
  TRY(need_measure(charter, substance.instrument, substance.measure));
  if (substance.type != ActType::request) return {};
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
  return check_footing(charter, partner, substance, body.without_treaty, at);
}

/// When it was made, its author says; when it came, we know: a key that was revoked since must not
/// sign its way back into the time before. An act that waited while its State's entry was renewed
/// was made under the entry before, which says who spoke for that State then.
Result<void> stood(Turn& turn, const directory::Accepted& partner, Instant made_at,
                   const std::function<Result<void>(const directory::Accepted&, Instant)>& judge) {
  TRY(judge(partner, turn.now));
  const auto then = judge(partner, made_at);
  if (then || made_at >= partner.entry.valid_from) return then;
  TRY_LET(const auto entries, entries_of_state(turn, partner.entry.state));
  for (const auto& entry : entries)
    if (entry.serial < partner.entry.serial && judge({.entry = entry}, made_at)) return {};
  return then;
}

/// Whether this certificate was an authority of this State under an entry that was followed.
Result<bool> was_authority(Turn& turn, const StateCode& partner,
                           const crypto::Certificate& signer) {
  TRY_LET(const auto entries, entries_of_state(turn, partner));
  return std::ranges::any_of(entries, [&](const auto& entry) {
    return std::ranges::find(entry.authorities, signer, &directory::Authority::certificate) !=
           entry.authorities.end();
  });
}

Result<void> check_officers(Turn& turn, const directory::Accepted& partner,
                            const exchange::Act& act) {
  const auto content = exchange::substance_content(act.substance);
  std::vector<exchange::Signer> signers;
  for (const auto& officer : act.officers) {
    const auto certificate = turn.office.ports.opener.open_detached(officer.signature, content);
    if (!certificate) return fault(FaultCode::act_officer, certificate.error().detail);
    const auto usable =
        stood(turn, partner, act.order.made_at, [&](const auto& accepted, Instant at) {
          return directory::usable_at(accepted, *certificate, crypto::Usage::officer, at);
        });
    if (!usable) return fault(FaultCode::act_officer, usable.error().detail);
    signers.push_back(exchange::signer_of(officer.duty, *certificate));
  }
  const auto duties = exchange::check_duties(act.substance, signers);
  if (!duties) return fault(FaultCode::act_officer, duties.error().detail);
  const auto* measure = measure_of(turn.charter(), act.substance.instrument, act.substance.measure);
  if (exchange::haste_of(act.substance) == exchange::Haste::emergency &&
      (measure == nullptr || !measure->emergency))
    return fault(FaultCode::act_officer, act.substance.measure + " knows no emergency");
  return {};
}

/// What officers read as words shows nothing else than was signed. A request's words are judged
/// with its form.
Result<void> check_words(const std::vector<exchange::Part>& parts) {
  for (const auto& part : parts) {
    const bool is_text = part.media_type.starts_with("text/");
    if (!is_text && (part.name == "text" || part.name == "reasons"))
      return fault(FaultCode::act_form, "part '" + part.name + "' must be text");
    if (!is_text) continue;
    if (const auto flaw = formats::text_flaw(as_text(part.bytes), true))
      return fault(FaultCode::act_form, "part '" + part.name + "' " + *flaw);
  }
  return {};
}

/// A request must be complete under the form, at the receiver as at the sender.
Result<void> check_form(const Charter& charter, const exchange::Substance& substance,
                        const std::vector<exchange::Part>& parts) {
  if (substance.type != ActType::request) return check_words(parts);
  const auto& measure = *measure_of(charter, substance.instrument, substance.measure);
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
  std::vector<treaty::PartValue> values;
  for (const auto& part : parts) values.push_back({part.name, part.media_type, part.bytes});
  TRY_LET(const Json fields, treaty::join(measure, body.fields, values));
  const auto gaps = treaty::gaps(measure, fields);
  if (!gaps.empty()) return fault(FaultCode::act_incomplete, treaty::to_text(gaps));
  if (body.recipient.has_value() != measure.delivers)
    return fault(FaultCode::act_form,
                 "a recipient belongs to a measure that delivers, and to no other");
  if (body.recipient) TRY(formats::AgeRecipient::from_text(*body.recipient));
  return {};
}

Result<Described> described_by(const exchange::Substance& substance,
                               const std::vector<exchange::Part>& parts) {
  TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(substance));
  for (const auto& part : parts) {
    if (part.name != body.manifest) continue;
    TRY_LET(auto manifest, describe(part.bytes));
    if (manifest.item != body.item || manifest.exchange != substance.exchange)
      return fault(FaultCode::format_manifest,
                   "it describes another item or exchange than the act");
    return manifest;
  }
  return fault(FaultCode::act_part, "the manifest " + body.manifest + " is not there");
}

/// What is sealed to others only would count as delivered and never be opened.
Result<void> check_sealed_to_us(Turn& turn, const Described& manifest) {
  TRY_LET(const auto request, request_of(turn, manifest.exchange));
  TRY_LET(const auto asked, exchange::body_as<exchange::RequestBody>(request.act.substance));
  if (!asked.recipient) return {};
  TRY_LET(const auto recipient, formats::AgeRecipient::from_text(*asked.recipient));
  if (std::ranges::find(manifest.recipients, recipient.id()) == manifest.recipients.end())
    return fault(FaultCode::format_manifest, "it is not sealed to the recipient of the request");
  return {};
}

Result<void> check_arrival(Turn& turn, const exchange::Substance& substance) {
  TRY_LET(const auto body, exchange::body_as<exchange::ArrivalBody>(substance));
  TRY_LET(const auto item, turn.store().item(body.item));
  if (!item || !item->ours)
    return fault(FaultCode::act_form, "no item of ours: " + body.item.hex());
  if (evidence::is_opening(item->manifest))
    return fault(FaultCode::act_form, "this live item is not closed yet");
  TRY_LET(const auto manifest, evidence::read_manifest(item->manifest));
  if (manifest.sealed.chunk_root != body.chunk_root)
    return fault(FaultCode::act_form, "it arrived under another root than was signed");
  return {};
}

Result<Loaded> exchange_for(Turn& turn, const StateCode& partner, const exchange::Act& act,
                            bool& is_new) {
  const auto& substance = act.substance;
  TRY_LET(auto record, turn.store().exchange(substance.exchange));
  if (record) {
    if (record->partner != partner)
      return fault(FaultCode::act_illegal, "this exchange is with another State");
    TRY_LET(auto life, exchange::Life::from_text(record->life));
    return Loaded{*std::move(record), std::move(life)};
  }
  if (substance.type != ActType::request || act.order.sequence != 1)
    return fault(FaultCode::act_gap, "its request has not arrived");
  TRY_LET(const auto body, exchange::body_as<exchange::RequestBody>(substance));
  is_new = true;
  return Loaded{{.id = substance.exchange,
                 .partner = partner,
                 .our_side = Side::requested,
                 .instrument = substance.instrument,
                 .measure = substance.measure,
                 .opened_at = turn.now,
                 .changed_at = turn.now,
                 .linked = body.linked},
                {}};
}

/// Everything after it is certain whose act it is. A fault becomes a rejection, but for act.gap.
Result<Taken> judge_attributed(Turn& turn, const directory::Accepted& partner,
                               const directory::Authority& author, exchange::Act act,
                               const Digest& id, const std::vector<exchange::Part>& parts) {
  const auto& charter = turn.charter();
  const auto& substance = act.substance;
  TRY(check_addressing(charter, partner.entry.state, author, substance));
  TRY(check_time(act.order, turn.now));
  TRY(check_law(charter, partner.entry.published, substance, act.order.made_at));
  const auto& roles = measure_of(charter, substance.instrument, substance.measure)->roles;
  TRY(stood(turn, partner, act.order.made_at,
            [&](const auto& accepted, Instant at) -> Result<void> {
              TRY(directory::authority_for(accepted, author.certificate, roles, at));
              return {};
            }));
  TRY(check_officers(turn, partner, act));
  TRY(exchange::check_parts(substance.parts, parts));
  TRY(check_form(charter, substance, parts));

  bool is_new = false;
  TRY_LET(auto loaded, exchange_for(turn, partner.entry.state, act, is_new));
  if (substance.instrument != loaded.record.instrument ||
      substance.measure != loaded.record.measure)
    return fault(FaultCode::act_illegal, "this exchange is about " + loaded.record.measure);
  const auto side = is_new ? Side::requester : exchange::other(loaded.record.our_side);
  TRY(check_answer(charter, substance, parts, side));
  const auto step = exchange::step_of(act, id, side);
  const auto judgement = loaded.life.judge(step);
  if (!judgement.takes())
    return std::unexpected(judgement.verdict == exchange::Verdict::duplicate
                               ? Fault{FaultCode::act_fork, "its number is taken"}
                               : judgement.why);
  TRY_LET(const bool used, turn.store().draft_used(substance.exchange, substance.draft));
  if (used) return fault(FaultCode::act_replay, "draft " + substance.draft.hex());

  Taken taken{
      .id = id, .side = side, .loaded = std::move(loaded), .step = step, .is_new_exchange = is_new};
  if (substance.type == ActType::delivery) {
    TRY_LET(taken.delivered, described_by(substance, parts));
    TRY(check_sealed_to_us(turn, *taken.delivered));
    if (taken.delivered->opening) TRY(check_opening(turn, *taken.delivered->opening));
    TRY_LET(const auto there, turn.store().item(taken.delivered->item));
    if (there) return fault(FaultCode::act_illegal, "an item of this number is here already");
  }
  if (substance.type == ActType::arrival) TRY(check_arrival(turn, substance));
  TRY_LET(taken.completed, completion_of(turn, substance, parts));
  taken.act = std::move(act);
  return taken;
}

/// Signed by nobody whom an entry accepted here ever named. One that is still to be accepted may
/// name him: until then the act waits at its sender, but not beyond its own end.
Result<Judged> judge_stranger(Turn& turn, const directory::Accepted& partner,
                              const OpenedSignature& opened) {
  const auto act = exchange::read_act(opened.content);
  if (act && act->order.expires_at <= turn.now &&
      turn.office.ports.opener.verify_issued(opened.signer, partner.entry.root,
                                             crypto::Usage::authority, turn.now))
    return Judged(NotTaken{{FaultCode::act_expired, "since " + to_text(act->order.expires_at)},
                           act->substance.exchange});
  return fault(FaultCode::act_signature, "no authority of the accepted entry signed it");
}

}  // namespace

Result<Judged> judge_arrival(Turn& turn, const directory::Accepted& partner, View p7m,
                             const std::vector<exchange::Part>& parts) {
  TRY_LET(const auto opened, turn.office.ports.opener.open(p7m));
  const auto author = std::ranges::find_if(partner.entry.authorities, [&](const auto& authority) {
    return authority.certificate == opened.signer;
  });
  const bool is_author = author != partner.entry.authorities.end();
  if (!is_author) {
    TRY_LET(const bool was_author, was_authority(turn, partner.entry.state, opened.signer));
    if (!was_author) return judge_stranger(turn, partner, opened);
  }

  const auto id = exchange::act_id(opened.content);
  TRY_LET(auto known, turn.store().act(id));
  // Only what was taken from this partner is known; our own content in the partner's envelope, or
  // another State's, is an act that names the wrong author, and is judged as such.
  if (known && !known->receipt.empty() && known->standing == Standing::logged) {
    TRY_LET(const auto exchange, turn.store().exchange(known->exchange));
    if (exchange && exchange->partner == partner.entry.state && exchange->our_side != known->side)
      return Judged(Known{*std::move(known)});
  }
  // The same act twice in one turn: its receipt is not made yet, so the second one waits.
  if (known) return fault(FaultCode::act_gap, "it is being taken");
  // What was rejected once stays rejected, though it might pass by now (a clock that was put
  // right): its author may have made it void on our signed word.
  TRY_LET(const auto rejected, turn.store().setting("rejection/" + id.hex()));
  if (rejected) return Judged(NotTaken{{FaultCode::act_rejected, "before"}, std::nullopt});

  auto act = exchange::read_act(opened.content);
  // Once an authority of that State, and not in its entry any more: the act will never be taken.
  // Its sender is told so by a rejection, or it would wait for ever.
  if (!is_author)
    return Judged(
        NotTaken{{FaultCode::act_signature,
                  "its authority's certificate is no longer in the entry that is in force here"},
                 act ? std::optional(act->substance.exchange) : std::nullopt});
  if (!act) return Judged(NotTaken{act.error(), std::nullopt});
  const auto exchange = act->substance.exchange;
  auto taken = judge_attributed(turn, partner, *author, *std::move(act), id, parts);
  if (taken) return Judged(*std::move(taken));
  // A gap is nobody's fault: what is missing is on its way, and the sender repeats (at least once).
  if (taken.error().code == FaultCode::act_gap) return std::unexpected(taken.error());
  return Judged(NotTaken{taken.error(), exchange});
}

}  // namespace comity::node
