// A fictional exchange, one act of each type: what the tests of this room, and of those above,
// read.
#pragma once

#include "exchange/body.hpp"
#include "exchange/life.hpp"

namespace comity::exchange::sample {

inline constexpr Instant k_made_at{1'772'366'400'123};  // 2026-03-01T12:00:00.123Z
inline constexpr std::string_view k_recipient =
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

template <typename T>
T id(std::uint8_t byte) {
  T value;
  value.bytes.fill(byte);
  return value;
}

inline StateCode state(std::string_view code) {
  return *StateCode::from_text(code);
}

inline Part part(std::string name, std::string_view text) {
  Part part{.name = std::move(name), .media_type = "text/plain; charset=utf-8"};
  part.salt.fill(7);
  part.bytes = to_bytes(text);
  return part;
}

/// An act by the side whose turn it is for that body, with the parts that it needs.
inline Act act(const Body& body, Side side, std::uint64_t sequence = 1) {
  Act act;
  auto& substance = act.substance;
  substance.exercise = true;
  substance.exchange = id<ExchangeId>(1);
  substance.draft = id<DraftId>(static_cast<std::uint8_t>(100 + body.index()));
  substance.type = type_of(body);
  const bool asks = side == Side::requester;
  substance.from = state(asks ? "BFA" : "KGZ");
  substance.to = state(asks ? "KGZ" : "BFA");
  substance.from_authority = asks ? "central-authority" : "contact-point";
  substance.to_authority = asks ? "contact-point" : "central-authority";
  substance.instrument = "un-cybercrime-2024";
  substance.measure = "stored-data";
  substance.body = to_json(body);
  for (const auto* name : {"text", "reasons", "manifest"})
    substance.parts.push_back(part(name, "In words, for people.").binding());
  act.order.sequence = sequence;
  if (sequence > 1) act.order.previous = id<Digest>(9);
  if (side == Side::requested) act.order.seen = {1, id<Digest>(8)};
  act.order.made_at = k_made_at;
  act.order.expires_at = k_made_at.plus_s(30 * k_day_s);
  if (substance.type != ActType::arrival && substance.type != ActType::completion)
    act.officers.push_back({"approver", to_bytes(std::string_view("signature of an officer"))});
  return act;
}

/// One body of each type, in the order of ActType, with every member set that can be.
inline std::vector<Body> bodies() {
  const auto form = formats::Json::object({{"offences", formats::Json::array({"art-7"})}});
  return {
      RequestBody{form, std::string(k_recipient), id<ExchangeId>(2), "reciprocity"},
      SupplementBody{id<Digest>(3)},
      QueryBody{QueryKind::information},
      ConsultationBody{"R21B"},
      AcceptanceBody{{{"retention", "Two years.", k_made_at}},
                     k_made_at,
                     k_made_at,
                     id<Digest>(5),
                     RefusedPart{{"R21B"}, id<Digest>(6), std::nullopt}},
      RefusalBody{{"R21B", "R21C"}, id<Digest>(6), std::nullopt, id<Digest>(5)},
      DeliveryBody{id<Digest>(4), id<ItemId>(7), "manifest", id<Digest>(10), true},
      ArrivalBody{id<Digest>(8), id<ItemId>(7), k_made_at, id<Digest>(9)},
      WithdrawalBody{},
      ClosureBody{"executed"},
      CompletionBody{id<Digest>(8), id<ItemId>(7), "manifest"},
      ReturnBody{{"offence_provision", "period"}},
      PostponementBody{"ongoing-case", k_made_at, std::nullopt, "The trial opens tomorrow."},
      ResumptionBody{id<Digest>(13)},
      AuthorisationBody{AuthorityType::court,
                        "Example Court, Bishkek",
                        "12/2026",
                        k_made_at,
                        k_made_at,
                        k_made_at.plus_s(k_day_s),
                        {"subscriber", "traffic"},
                        k_made_at,
                        id<Digest>(11)},
      ProposalBody{ProposalKind::onward_transfer,
                   "Case 9/2026",
                   state("LAO"),
                   std::nullopt,
                   {id<ItemId>(7)}},
      ReplyBody{id<Digest>(12), true},
      NoticeBody{NoticeKind::notification_deferred, k_made_at, std::nullopt, {id<ItemId>(7)}},
      AnnulmentBody{id<Digest>(10), {id<ItemId>(7)}, Demand::destroy},
  };
}

/// One act of each type, in the order of ActType.
inline std::vector<Act> acts() {
  std::vector<Act> all;
  for (const auto& body : bodies()) {
    const auto type = type_of(body);
    const bool asks = type == ActType::request || type == ActType::arrival ||
                      type == ActType::withdrawal || type == ActType::supplement ||
                      type == ActType::proposal || type == ActType::reply;
    all.push_back(act(body, asks ? Side::requester : Side::requested));
  }
  return all;
}

}  // namespace comity::exchange::sample
