#include "sim/facts.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace comity::sim {
namespace {

std::string text_of(const Json& object, std::string_view key) {
  const auto* value = object.find(key);
  return value && value->is_text() ? value->text() : std::string();
}

StateCode state_of(const Json& substance, std::string_view key) {
  const auto* end = substance.find(key);
  return StateCode::from_text(end ? text_of(*end, "state") : std::string()).value_or(StateCode());
}

}  // namespace

std::optional<ActFacts> FactReader::facts_of(const Bytes& p7m) {
  const auto opened = signatures_.open(p7m);
  if (!opened) return std::nullopt;
  const auto act = formats::parse_json(opened->content);
  if (!act || !act->find("substance") || !act->find("order")) return std::nullopt;
  const auto& substance = act->at("substance");
  ActFacts facts{.id = crypto::sha256(opened->content),
                 .exchange = text_of(substance, "exchange"),
                 .draft = text_of(substance, "draft"),
                 .type = text_of(substance, "type"),
                 .measure = text_of(substance, "measure"),
                 .from = state_of(substance, "from"),
                 .to = state_of(substance, "to")};
  if (const auto* body = substance.find("body")) facts.body = *body;
  if (const auto* parts = substance.find("parts"); parts && parts->is_array())
    for (const auto& part : parts->items()) facts.parts.push_back(text_of(part, "name"));
  if (const auto* sequence = act->at("order").find("sequence"); sequence && sequence->is_integer())
    facts.sequence = sequence->integer();
  const auto content = to_bytes(formats::canonical(substance));
  const auto* officers = act->find("officers");
  if (!officers || !officers->is_array()) return facts;
  for (const auto& officer : officers->items()) {
    const auto signature = from_base64(text_of(officer, "signature"));
    if (!signature) continue;
    const auto signer = signatures_.open_detached(*signature, content);
    if (!signer) continue;
    const auto& subject = signer->subject();
    facts.officers.push_back({text_of(officer, "duty"), subject.common_name,
                              crypto::sha256(signer->public_spki()), subject.roles, subject.state});
  }
  return facts;
}

std::string ActFacts::text(std::string_view key) const {
  return text_of(body, key);
}

bool ActFacts::has_part(std::string_view name) const {
  return std::ranges::find(parts, name) != parts.end();
}

const ActFacts* FactReader::read(const Bytes& p7m) {
  const auto digest = crypto::sha256(p7m);
  auto found = known_.find(digest);
  if (found == known_.end()) found = known_.emplace(digest, facts_of(p7m)).first;
  return found->second ? &*found->second : nullptr;
}

}  // namespace comity::sim
