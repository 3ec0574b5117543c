#include "custody/entry.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "formats/fields.hpp"

namespace comity::custody {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::string_view k_version = "entry/1";
constexpr std::size_t k_fact_key_bytes_max = 32;

constexpr EntryRow k_rows[] = {
#define ENTRY(name, kind, facts, records) {EntryKind::name, kind, facts, records},
#include "custody/entries.def"
#undef ENTRY
};

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::log_entry, std::move(why));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_fact_key(std::string_view key) {
  return !key.empty() && key.size() <= k_fact_key_bytes_max &&
         std::ranges::all_of(key, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

/// No space and no letter outside ASCII, so that no sentence and hardly a name fits in.
bool is_fact_text(const Json& value) {
  if (!value.is_text() || value.text().empty() || value.text().size() > k_fact_text_bytes_max)
    return false;
  return std::ranges::all_of(value.text(), [](char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') ||
           std::string_view("._:/+=@-").contains(c);
  });
}

bool is_fact(const Json& value) {
  if (value.is_array())
    return value.size() <= k_fact_items_max && std::ranges::all_of(value.items(), is_fact_text);
  return value.is_bool() || value.is_integer() || is_fact_text(value);
}

Result<void> check_facts(EntryKind kind, const Json& facts) {
  if (!facts.is_object()) return refuse("facts must be an object");
  if (facts.size() > k_facts_max) return refuse("too many facts");
  for (const auto& [key, value] : facts.members())
    if (!is_fact_key(key) || !is_fact(value))
      return refuse("not a fact that a log may hold: " + key);
  auto required = k_rows[static_cast<std::size_t>(kind)].required;
  while (!required.empty()) {
    const auto end = std::min(required.find(' '), required.size());
    if (facts.find(required.substr(0, end)) == nullptr)
      return refuse(std::string(name_of(kind)) + " lacks " + std::string(required.substr(0, end)));
    required.remove_prefix(std::min(end + 1, required.size()));
  }
  return {};
}

Result<Entry> entry_of(const Json& json) {
  Fields fields(json, "entry");
  TRY_LET(const auto version, fields.text("comity"));
  if (version != k_version) return fault(FaultCode::format_version, version);
  Entry entry;
  TRY_LET(entry.kind, fields.parsed<EntryKind>("kind", entry_kind));
  TRY_LET(entry.at, fields.instant("at"));
  TRY_LET(const auto salt, fields.bytes_base64("salt", entry.salt.size()));
  if (salt.size() != entry.salt.size()) return refuse("the salt is not 16 bytes");
  std::ranges::copy(salt, entry.salt.begin());
  TRY_LET(const auto* facts, fields.value("facts"));
  entry.facts = *facts;
  TRY(fields.end());
  return entry;
}

}  // namespace

std::span<const EntryRow> entry_rows() {
  return k_rows;
}

std::string_view name_of(EntryKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  CHECK(index < std::size(k_rows) && k_rows[index].kind == kind);
  return k_rows[index].name;
}

Result<EntryKind> entry_kind(std::string_view name) {
  for (const auto& row : k_rows)
    if (row.name == name) return row.kind;
  return refuse("no kind of entry: " + std::string(name.substr(0, 40)));
}

Entry make_entry(EntryKind kind, Instant at, Random& random, Json facts) {
  return {kind, at, random.draw<16>(), std::move(facts)};
}

Result<Bytes> write_entry(const Entry& entry) {
  TRY(check_facts(entry.kind, entry.facts));
  const auto json = Json::object({{"comity", k_version},
                                  {"kind", name_of(entry.kind)},
                                  {"at", to_text_ms(entry.at)},
                                  {"salt", base64(entry.salt)},
                                  {"facts", entry.facts}});
  Bytes bytes = to_bytes(formats::canonical(json));
  if (bytes.size() > k_entry_bytes_max) return refuse("an entry of 2,000 bytes or more");
  return bytes;
}

Result<Entry> read_entry(View bytes) {
  const auto json = formats::parse_json(bytes, {.bytes_max = k_entry_bytes_max, .depth_max = 3});
  if (!json) return refuse(json.error().detail);
  auto entry = entry_of(*json);
  if (!entry)
    return entry.error().code == FaultCode::format_version ? entry : refuse(entry.error().detail);
  // One value, one text: whatever we would not have written so is not an entry.
  TRY_LET(const Bytes again, write_entry(*entry));
  if (!std::ranges::equal(again, bytes)) return refuse("not in the one form of an entry");
  return entry;
}

}  // namespace comity::custody
