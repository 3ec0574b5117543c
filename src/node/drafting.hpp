// What drafting an act needs: its parts and its body, as they gather. Private to the room.
#pragma once

#include "exchange/body.hpp"
#include "node/draft.hpp"
#include "treaty/texts.hpp"

namespace comity::node {

inline constexpr std::size_t k_text_bytes_max = 20'000;

class Drafting {
 public:
  Drafting(Turn& turn, ActDraft& draft) : turn_(turn), draft_(draft) {}

  Result<void> add_text(std::string name, std::string_view text) {
    if (const auto flaw = treaty::text_flaw(text, true))
      return fault(FaultCode::format_field, name + ": " + *flaw);
    return add(std::move(name), "text/plain; charset=utf-8", to_bytes(text));
  }
  Result<void> add(std::string name, std::string media_type, Bytes bytes) {
    exchange::Part part{.name = std::move(name),
                        .media_type = std::move(media_type),
                        .salt = turn_.office.ports.random.draw<16>(),
                        .bytes = std::move(bytes)};
    draft_.substance.parts.push_back(part.binding());
    draft_.parts.push_back(std::move(part));
    return {};
  }
  template <typename T>
  void body(T value) {
    draft_.substance.body = exchange::to_json(exchange::Body(std::move(value)));
  }

 private:
  Turn& turn_;
  ActDraft& draft_;
};

/// The consultation that was offered last in this exchange, or the officer's word why there could
/// be none: {"consultation_impossible"?}.
template <typename T>
Result<void> read_consulted(formats::Fields& fields, const exchange::Situation& situation,
                            T& body) {
  TRY_LET(body.consultation_impossible,
          fields.optional_text("consultation_impossible", exchange::k_statement_bytes_max));
  if (body.consultation_impossible) return {};
  if (!situation.consulted()) return fault(FaultCode::decision_consultation);
  body.consultation = situation.consultations.back();
  return {};
}

/// The types of acts that came with the whole life of a request: return, postponement, resumption,
/// authorisation, proposal, reply, notice, annulment.
Result<void> draft_step(Turn& turn, Drafting& drafting, const Loaded& loaded, ActType type,
                        formats::Fields& fields);

/// What this State asks of its own officers before an item leaves: an authorisation that is named
/// is in its dates; an emergency is the measure's. Faults: decision.authorisation, act.illegal.
Result<void> check_delivery(Turn& turn, const Loaded& loaded, const exchange::DeliveryBody& body);

}  // namespace comity::node
