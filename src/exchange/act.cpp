#include "exchange/act.hpp"

#include <array>
#include <set>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "exchange/codes.hpp"
#include "formats/fields.hpp"
#include "treaty/texts.hpp"

namespace comity::exchange {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::string_view k_act = "act/1";
constexpr std::string_view k_substance = "substance/1";
constexpr std::string_view k_rejection = "rejection/1";
constexpr std::size_t k_media_type_bytes_max = 127;  // RFC 6838 §4.2 for each half; enough for both
constexpr std::size_t k_signature_bytes_max = std::size_t{16} * 1024;
constexpr std::size_t k_depth_max = 16;

constexpr std::array<std::string_view, k_act_types> k_types = {
    "request",    "supplement", "query",        "consultation", "acceptance",
    "refusal",    "delivery",   "arrival",      "withdrawal",   "closure",
    "completion", "return",     "postponement", "resumption",   "authorisation",
    "proposal",   "reply",      "notice",       "annulment"};

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::act_form, std::move(why));
}

Json party_json(const StateCode& state, const std::string& authority) {
  return Json::object({{"authority", authority}, {"state", state.text()}});
}

Json binding_json(const PartBinding& part) {
  return Json::object({{"digest", part.digest.hex()},
                       {"media_type", part.media_type},
                       {"name", part.name},
                       {"size", part.size}});
}

Json substance_json(const Substance& substance) {
  Json parts = Json::array();
  for (const auto& part : substance.parts) parts.push_back(binding_json(part));
  return Json::object({{"body", substance.body},
                       {"comity", k_substance},
                       {"draft", substance.draft.hex()},
                       {"exchange", substance.exchange.hex()},
                       {"exercise", substance.exercise},
                       {"from", party_json(substance.from, substance.from_authority)},
                       {"instrument", substance.instrument},
                       {"measure", substance.measure},
                       {"parts", std::move(parts)},
                       {"to", party_json(substance.to, substance.to_authority)},
                       {"type", name_of(substance.type)}});
}

Json order_json(const Order& order) {
  Json seen;
  if (order.seen.sequence != 0)
    seen = Json::object({{"act", order.seen.act.hex()}, {"sequence", order.seen.sequence}});
  return Json::object({{"expires_at", to_text_ms(order.expires_at)},
                       {"made_at", to_text_ms(order.made_at)},
                       {"previous", order.previous.is_zero() ? Json() : order.previous.hex()},
                       {"seen", std::move(seen)},
                       {"sequence", order.sequence}});
}

Json act_json(const Act& act) {
  Json officers = Json::array();
  for (const auto& officer : act.officers)
    officers.push_back(
        Json::object({{"duty", officer.duty}, {"signature", base64(officer.signature)}}));
  return Json::object({{"comity", k_act},
                       {"officers", std::move(officers)},
                       {"order", order_json(act.order)},
                       {"substance", substance_json(act.substance)}});
}

Json rejection_json(const Rejection& rejection) {
  return Json::object(
      {{"act", rejection.act.hex()},
       {"code", row_of(rejection.code).name},
       {"comity", k_rejection},
       {"detail", rejection.detail},
       {"exchange", rejection.exchange.is_zero() ? Json() : rejection.exchange.hex()},
       {"exercise", rejection.exercise},
       {"from", rejection.from.text()},
       {"made_at", to_text_ms(rejection.made_at)},
       {"to", rejection.to.text()}});
}

Result<void> check_version(Fields& fields, std::string_view version) {
  TRY_LET(const std::string text, fields.text("comity", k_code_bytes_max));
  if (text != version) return fields.refuse("comity", "must be " + std::string(version));
  return {};
}

Result<std::string> code(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, k_code_bytes_max));
  if (!is_code(text)) return fields.refuse(key, "must be of letters, digits, '-' and '_'");
  return text;
}

/// Zero stands for "none" in memory, so it must not stand for something on paper.
template <typename T>
Result<T> identifier(Fields& fields, std::string_view key) {
  TRY_LET(const T id, fields.id<T>(key));
  if (id.is_zero()) return fields.refuse(key, "must not be zero");
  return id;
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != 0 && slash != text.npos && slash + 1 < text.size() &&
         text.find('/', slash + 1) == text.npos && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view("/.+-_;= ").contains(c);
         });
}

Result<void> read_party(Fields& fields, std::string_view key, StateCode& state,
                        std::string& authority) {
  TRY_LET(Fields inner, fields.object(key));
  TRY_LET(state, inner.state("state"));
  TRY_LET(authority, code(inner, "authority"));
  return inner.end();
}

Result<PartBinding> read_binding(Fields fields) {
  PartBinding part;
  TRY_LET(part.digest, identifier<Digest>(fields, "digest"));
  TRY_LET(part.media_type, fields.text("media_type", k_media_type_bytes_max));
  if (!is_media_type(part.media_type)) return fields.refuse("media_type", "is no media type");
  TRY_LET(part.name, fields.text("name", k_code_bytes_max));
  if (!is_part_name(part.name))
    return fields.refuse("name", "must be of small letters, digits, '.', '_' and '-'");
  TRY_LET(const auto size, fields.integer("size", 0, std::int64_t{k_part_bytes_max}));
  part.size = static_cast<std::uint64_t>(size);
  TRY(fields.end());
  return part;
}

Result<std::vector<PartBinding>> read_bindings(Fields& fields) {
  TRY_LET(const auto items, fields.array("parts", k_parts_max));
  std::vector<PartBinding> parts;
  std::set<std::string> names;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_LET(PartBinding part, read_binding(item_fields(fields, "parts", i, items[i])));
    if (!names.insert(part.name).second) return fields.refuse("parts", "name one part twice");
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<Substance> substance_of(Fields fields) {
  Substance substance;
  TRY(check_version(fields, k_substance));
  TRY_LET(substance.exercise, fields.boolean("exercise"));
  TRY_LET(substance.exchange, identifier<ExchangeId>(fields, "exchange"));
  TRY_LET(substance.draft, identifier<DraftId>(fields, "draft"));
  TRY_LET(substance.type, fields.parsed<ActType>("type", act_type));
  TRY(read_party(fields, "from", substance.from, substance.from_authority));
  TRY(read_party(fields, "to", substance.to, substance.to_authority));
  if (substance.from == substance.to) return fields.refuse("to", "must be another State");
  TRY_LET(substance.instrument, code(fields, "instrument"));
  TRY_LET(substance.measure, code(fields, "measure"));
  TRY_LET(const Json* body, fields.value("body"));
  substance.body = *body;
  TRY_LET(substance.parts, read_bindings(fields));
  TRY(fields.end());
  TRY(read_body(substance));
  return substance;
}

Result<Order> order_of(Fields fields) {
  Order order;
  TRY_LET(const auto sequence, fields.integer("sequence", 1));
  order.sequence = static_cast<std::uint64_t>(sequence);
  TRY_LET(const Json* previous, fields.value("previous"));
  if (previous->is_null() != (sequence == 1))
    return fields.refuse("previous", "must be null in a first act, and in no other");
  if (!previous->is_null()) {
    TRY_LET(order.previous, identifier<Digest>(fields, "previous"));
  }
  TRY_LET(const Json* seen, fields.value("seen"));
  if (!seen->is_null()) {
    TRY_LET(Fields inner, fields.object("seen"));
    TRY_LET(const auto seen_sequence, inner.integer("sequence", 1));
    order.seen.sequence = static_cast<std::uint64_t>(seen_sequence);
    TRY_LET(order.seen.act, identifier<Digest>(inner, "act"));
    TRY(inner.end());
  }
  TRY_LET(order.made_at, fields.instant("made_at"));
  TRY_LET(order.expires_at, fields.instant("expires_at"));
  if (order.expires_at <= order.made_at)
    return fields.refuse("expires_at", "must be later than made_at");
  TRY(fields.end());
  return order;
}

Result<std::vector<OfficerSignature>> officers_of(Fields& fields) {
  TRY_LET(const auto items, fields.array("officers", k_officers_max));
  std::vector<OfficerSignature> officers;
  std::set<std::string> duties;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = item_fields(fields, "officers", i, items[i]);
    OfficerSignature officer;
    TRY_LET(officer.duty, code(item, "duty"));
    TRY_LET(officer.signature, item.bytes_base64("signature", k_signature_bytes_max));
    if (officer.signature.empty()) return item.refuse("signature", "must not be empty");
    TRY(item.end());
    if (!duties.insert(officer.duty).second)
      return fields.refuse("officers", "name one duty twice");
    officers.push_back(std::move(officer));
  }
  return officers;
}

Result<Act> act_of(const Json& json) {
  Fields fields(json, "act");
  Act act;
  TRY(check_version(fields, k_act));
  TRY_LET(Fields substance, fields.object("substance"));
  TRY_LET(act.substance, substance_of(std::move(substance)));
  TRY_LET(Fields order, fields.object("order"));
  TRY_LET(act.order, order_of(std::move(order)));
  TRY_LET(act.officers, officers_of(fields));
  TRY(fields.end());
  return act;
}

Result<Rejection> rejection_of(const Json& json) {
  Fields fields(json, "rejection");
  Rejection rejection;
  TRY(check_version(fields, k_rejection));
  TRY_LET(rejection.exercise, fields.boolean("exercise"));
  TRY_LET(rejection.act, identifier<Digest>(fields, "act"));
  TRY_LET(const Json* exchange, fields.value("exchange"));
  if (!exchange->is_null()) {
    TRY_LET(rejection.exchange, identifier<ExchangeId>(fields, "exchange"));
  }
  TRY_LET(rejection.from, fields.state("from"));
  TRY_LET(rejection.to, fields.state("to"));
  if (rejection.from == rejection.to) return fields.refuse("to", "must be another State");
  TRY_LET(const std::string name, fields.text("code", k_code_bytes_max));
  const auto code = fault_code(name);
  if (!code) return fields.refuse("code", "is not in the catalogue of faults");
  rejection.code = *code;
  TRY_LET(const Json* detail, fields.value("detail"));
  if (!detail->is_text() || detail->text().size() > formats::k_text_bytes_max)
    return fields.refuse("detail", "must be a text of at most 4096 bytes");
  rejection.detail = detail->text();
  if (const auto flaw = treaty::text_flaw(rejection.detail, true);
      flaw && !rejection.detail.empty())
    return fields.refuse("detail", *flaw);
  TRY_LET(rejection.made_at, fields.instant("made_at"));
  TRY(fields.end());
  return rejection;
}

/// Reads a document that has exactly one form: whatever would not be written so again is refused.
/// That catches what single fields let pass, such as a time without its milliseconds.
template <typename T, typename Read, typename Write>
Result<T> read_exactly(View content, Read&& read, Write&& write) {
  // Canonical it is if what is written again has the same bytes, below: no need to ask that twice.
  const auto json =
      formats::parse_json(content, {.bytes_max = k_content_bytes_max, .depth_max = k_depth_max});
  if (!json) return refuse(json.error().detail);
  Result<T> value = read(*json);
  if (!value) return refuse(value.error().detail);
  if (formats::canonical(write(*value)) != as_text(content))
    return refuse("a value is not written in its one form");
  return value;
}

}  // namespace

std::string_view name_of(ActType type) {
  const auto index = static_cast<std::size_t>(type);
  CHECK(index < k_types.size());
  return k_types[index];
}

Result<ActType> act_type(std::string_view name) {
  const auto at = std::ranges::find(k_types, name);
  if (at == k_types.end()) return refuse("no type of act: " + std::string(name.substr(0, 40)));
  return static_cast<ActType>(at - k_types.begin());
}

std::string_view name_of(Side side) {
  return side == Side::requester ? "requester" : "requested";
}

PartBinding Part::binding() const {
  return {name, media_type, bytes.size(), crypto::sha256({View(salt), View(bytes)})};
}

Bytes substance_content(const Substance& substance) {
  return to_bytes(formats::canonical(substance_json(substance)));
}

Result<Substance> read_substance(View content) {
  return read_exactly<Substance>(
      content, [](const Json& json) { return substance_of(Fields(json, "substance")); },
      substance_json);
}

Bytes act_content(const Act& act) {
  return to_bytes(formats::canonical(act_json(act)));
}

Result<Act> read_act(View content) {
  return read_exactly<Act>(content, act_of, act_json);
}

Digest act_id(View content) {
  return crypto::sha256(content);
}

Result<void> check_parts(const std::vector<PartBinding>& bindings, const std::vector<Part>& parts) {
  const auto wrong = [](const std::string& name, std::string_view why) {
    return fault(FaultCode::act_part, "part '" + name + "' " + std::string(why));
  };
  for (const auto& binding : bindings) {
    const auto part = std::ranges::find(parts, binding.name, &Part::name);
    if (part == parts.end()) return wrong(binding.name, "is missing");
    if (part->bytes.size() > k_part_bytes_max) return wrong(binding.name, "is too large");
    if (part->binding() != binding) return wrong(binding.name, "is not the one that was signed");
  }
  for (const auto& part : parts)
    if (std::ranges::find(bindings, part.name, &PartBinding::name) == bindings.end())
      return wrong(part.name.substr(0, k_code_bytes_max), "is not bound by the act");
  if (parts.size() != bindings.size())
    return fault(FaultCode::act_part, "a part comes more than once");
  return {};
}

Bytes rejection_content(const Rejection& rejection) {
  return to_bytes(formats::canonical(rejection_json(rejection)));
}

Result<Rejection> read_rejection(View content) {
  return read_exactly<Rejection>(content, rejection_of, rejection_json);
}

}  // namespace comity::exchange
