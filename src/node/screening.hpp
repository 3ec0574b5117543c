// What is privileged is kept from those who investigate: screened before it is sealed, by an
// officer outside the investigation, and quarantined when it is found later. Whoever takes part in
// an exchange never screens in it, and whoever screened in it never takes part. Private to the
// room.
#pragma once

#include "evidence/manifest.hpp"
#include "exchange/duty.hpp"
#include "node/office.hpp"
#include "node/statement_text.hpp"

namespace comity::node {

/// The role of whoever judges what is privileged, and the duty in which they sign.
inline constexpr std::string_view k_screener = "screener";

/// An item that an officer quarantined as possibly privileged.
struct Quarantine {
  Instant since;
  std::string reason;
};
/// By the latest statement about it, as officers signed it; nullopt: nobody quarantined it, or it
/// was cleared. Fault: store.corrupt when what the rows name was not signed.
Result<std::optional<Quarantine>> quarantine_of(Turn& turn, const ItemId& item);
/// Fault: request.forbidden while it is quarantined.
Result<void> check_not_quarantined(Turn& turn, const ItemId& item);
Json to_json(const Quarantine& quarantine);

/// That bytes with this hash may be sealed for the exchange: once a screener has spoken in it, only
/// what a screener passed. What was withheld is added to the manifest's omissions, so that whoever
/// gets the item knows. Faults: evidence.hash; limit.count.
Result<void> apply_screening(Turn& turn, evidence::Manifest& manifest);

/// Fault: request.forbidden once a screener has spoken in the exchange: bytes that are sent while they
/// are sealed are read by nobody before.
Result<void> check_unscreened(Turn& turn, const ExchangeId& exchange);

/// Of an officer who signs as screener: that nobody of that key or name signed, drafted or sealed
/// anything of this State's in the exchange. Fault: officer.two.
Result<void> check_outside(Turn& turn, const ExchangeId& exchange, const exchange::Signer& signer);
/// Of everybody else: that they did not screen in it. Fault: officer.two.
Result<void> check_no_screener(Turn& turn, const ExchangeId& exchange,
                               const exchange::Signer& signer);
Result<void> check_no_screener(Turn& turn, const ExchangeId& exchange, const Officer& who);
/// Of one who asks to open an item that is quarantined, in order to judge it. Faults:
/// request.forbidden for anybody but a screener, officer.two for one who takes part.
Result<void> check_may_judge(Turn& turn, const Officer& who, const ItemRecord& item);
/// The exchange that a screener's statement is about; nullopt: another statement.
Result<std::optional<ExchangeId>> screened_exchange(Turn& turn, const Statement& said);

/// Before officers sign. Faults: evidence.unknown, evidence.destroyed, request.not_found,
/// act.illegal, request.conflict for what is so already.
Result<void> check_screening(Turn& turn, const Statement& said);
/// Officers have signed: it is logged, and holds from now on.
Result<Json> carry(Turn& turn, const ItemScreen& said, const std::vector<Digest>& officers);
Result<Json> carry(Turn& turn, const ItemQuarantine& said, const std::vector<Digest>& officers);
Result<Json> carry(Turn& turn, const ItemClear& said, const std::vector<Digest>& officers);

}  // namespace comity::node
