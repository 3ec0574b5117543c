#include "cli/draft_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"
#include "crypto/digest.hpp"
#include "exchange/act.hpp"

namespace comity::cli {
namespace {

std::unexpected<Fault> differs(std::string_view what) {
  return fault(FaultCode::act_form,
               fmt::format("'{}': what would be signed is not what was asked for", what));
}

/// Times may be written with or without milliseconds, and what was not asked for stands as null;
/// all else is equal or it is not.
bool is_same(const Json& a, const Json& b) {
  if (a == b) return true;
  if (a.is_array() && b.is_array())
    return a.size() == b.size() && std::ranges::equal(a.items(), b.items(), is_same);
  if (a.is_object() && b.is_object())
    return std::ranges::all_of(b.members(), [&](const auto& member) {
      const Json* asked = a.find(member.first);
      return asked == nullptr ? member.second.is_null() : is_same(*asked, member.second);
    });
  if (!a.is_text() || !b.is_text()) return false;
  const auto at = instant_from_text(a.text()), other = instant_from_text(b.text());
  return at && other && at->seconds() == other->seconds();
}

/// Of what stands in both objects.
Result<void> check_members(const Json& asked, const Json& said) {
  if (!asked.is_object() || !said.is_object()) return {};
  for (const auto& [name, value] : asked.members()) {
    const Json* there = said.find(name);
    if (there == nullptr || there->is_null()) continue;
    if (name == "fields" || name == "refused")
      TRY(check_members(value, *there));
    else if (!is_same(value, *there))
      return differs(name);
  }
  return {};
}

/// A part's text against the word of the input, or of its form, from which it was made.
Result<void> check_words(const Json& part, const Json& input) {
  const std::string name = text_at(part, "name");
  const Json* fields = input.find("fields");
  const Json* asked = input.find(name);
  if (asked == nullptr && fields != nullptr) asked = fields->find(name);
  if (const Json* refused = input.find("refused"); asked == nullptr && refused != nullptr)
    asked = refused->find(name);
  if (asked == nullptr) return {};
  TRY_LET(const Bytes bytes, from_base64(text_at(part, "bytes")));
  const auto text = as_text(bytes);
  if (asked->is_text() && text == asked->text()) return {};
  const auto json = formats::parse_json(bytes);
  return json && is_same(*json, *asked) ? Result<void>() : differs(name);
}

/// The part as the node shows it, against what the signature would bind.
Result<void> check_part(const exchange::PartBinding& binding, const Json& shown) {
  exchange::Part part{binding.name, text_at(shown, "media_type"), {}, {}};
  TRY_LET(part.bytes, from_base64(text_at(shown, "bytes")));
  TRY_LET(const Bytes salt, from_base64(text_at(shown, "salt")));
  if (salt.size() != part.salt.size())
    return fault(FaultCode::act_part, binding.name + ": is shown without its salt");
  std::ranges::copy(salt, part.salt.begin());
  if (part.binding() == binding) return {};
  return fault(FaultCode::act_part, binding.name + ": is not the one that would be signed");
}

/// An authorisation stays at the node: the act binds what was asked for by its hash.
Result<void> check_record(const Json& body, const Json& input) {
  Json record = body;
  record.members().erase("record");
  for (const auto& [name, value] : input.members())
    if (name != "type" && name != "exchange" && body.find(name) == nullptr) record.set(name, value);
  const auto digest = crypto::sha256(as_bytes(formats::canonical(record)));
  return text_at(body, "record") == digest.hex() ? Result<void>() : differs("record");
}

}  // namespace

Result<void> check_shown_parts(const Draft& draft) {
  if (draft.kind != "act") return {};
  TRY_LET(const auto substance, exchange::read_substance(draft.content));
  const auto shown = items_at(draft.json, "parts");
  for (const auto& part : shown)
    if (std::ranges::find(substance.parts, text_at(part, "name"), &exchange::PartBinding::name) ==
        substance.parts.end())
      return fault(FaultCode::act_part,
                   text_at(part, "name") + ": is not bound by what would be signed");
  for (const auto& binding : substance.parts) {
    const auto part = std::ranges::find_if(
        shown, [&](const Json& one) { return text_at(one, "name") == binding.name; });
    if (part == shown.end())
      return fault(FaultCode::act_part, binding.name + ": would be signed and is not shown");
    TRY(check_part(binding, *part));
  }
  return {};
}

Result<void> check_asked(const Draft& draft, const Json& input) {
  TRY_LET(const Json content, formats::parse_json(draft.content));
  if (draft.kind != "act") {
    if (text_at(input, "type") != "statement") return differs("type");
    // A statement repeats the input whole, but for the word that tells it from an act.
    for (const auto& [name, value] : input.members())
      if (const Json* there = content.find(name);
          name != "type" && (there == nullptr || !is_same(value, *there)))
        return differs(name);
    return {};
  }
  if (text_at(content, "type") != text_at(input, "type")) return differs("type");
  const std::string exchange = text_at(input, "exchange");
  if (!exchange.empty() && text_at(content, "exchange") != exchange) return differs("exchange");
  if (const std::string measure = text_at(input, "measure");
      !measure.empty() && text_at(content, "measure") != measure)
    return differs("measure");
  const Json* addressee = content.find("to");
  if (const std::string to = text_at(input, "to");
      !to.empty() && (addressee == nullptr || text_at(*addressee, "state") != to))
    return differs("to");
  if (const Json* body = content.find("body")) TRY(check_members(input, *body));
  if (const Json* body = content.find("body"); body && text_at(input, "type") == "authorisation")
    TRY(check_record(*body, input));
  TRY(check_shown_parts(draft));
  for (const auto& part : items_at(draft.json, "parts")) TRY(check_words(part, input));
  return {};
}

}  // namespace comity::cli
