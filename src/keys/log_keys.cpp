#include "keys/log_keys.hpp"

#include "base/check.hpp"
#include "formats/checkpoint.hpp"
#include "formats/text.hpp"

namespace comity::keys {

LogKeySet LogKeySet::generate(Random& random) {
  auto partner = crypto::Ed25519Key::generate(random);
  auto internal = crypto::Ed25519Key::generate(random);
  return {.partner = std::move(partner),
          .internal = std::move(internal),
          .anchor = crypto::Ed25519Key::generate(random),
          .next_partner = {},
          .next_internal = {},
          .next_anchor = {}};
}

const crypto::Ed25519Key* LogKeySet::of(std::string_view log) const {
  // "partner/KGZ.2" follows "partner/KGZ" after a restore: another log, the same key.
  if (const auto dot = log.rfind('.'); dot != std::string_view::npos) {
    const auto number = formats::decimal(log.substr(dot + 1), FaultCode::format_field);
    if (!number || *number < 2) return nullptr;
    log = log.substr(0, dot);
  }
  if (log == "internal") return &internal;
  if (log == "anchor") return &anchor;
  constexpr std::string_view prefix = "partner/";
  if (log.starts_with(prefix) && StateCode::from_text(log.substr(prefix.size()))) return &partner;
  return nullptr;
}

const crypto::Ed25519Key* LogKeySet::next_of(std::string_view log) const {
  const auto* key = of(log);
  const auto& next = key == &partner    ? next_partner
                     : key == &internal ? next_internal
                                        : next_anchor;
  return next ? &*next : nullptr;
}

Result<std::string> LogKeySet::sign(std::string_view log, std::string_view origin,
                                    std::string_view text) const {
  const auto* key = of(log);
  if (!key) return fault(FaultCode::crypto_key, "no log of this node has that name");
  // A note signed with a log's key is believed as that log's word, whatever it says.
  TRY_LET(const auto checkpoint, formats::parse_checkpoint(text));
  if (checkpoint.origin != origin)
    return fault(FaultCode::format_note, "a checkpoint of another origin");
  TRY_LET(std::string note, formats::sign_note(text, origin, *key));
  if (const auto* next = next_of(log)) {
    TRY_LET(const auto also, formats::sign_note(text, origin, *next));
    // The same text, and one line below it for each key (C2SP signed-note).
    note += also.substr(text.size() + 1);
  }
  return note;
}

std::string LogKeySet::verifier_key(std::string_view log, std::string_view origin) const {
  const auto* key = of(log);
  CHECK(key);
  return formats::make_vkey(origin, key->public_key());
}

directory::LogKeys LogKeySet::published(std::string origin_prefix) const {
  return {.origin_prefix = std::move(origin_prefix),
          .partner = partner.public_key(),
          .internal = internal.public_key(),
          .anchor = anchor.public_key()};
}

}  // namespace comity::keys
