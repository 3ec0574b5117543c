// What one entry of a custody log says: a kind, a time, a salt, and a few facts that point at what
// happened. It holds digests, ids, numbers and short codes; never a name, a reason or a text.
// The salt keeps a leaf hash from being guessed; dropping an entry's bytes makes its leaf mean
// nothing.
#pragma once

#include <string_view>

#include "base/id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "formats/json.hpp"

namespace comity::custody {

enum class EntryKind {
#define ENTRY(name, kind, facts, records) name,
#include "custody/entries.def"
#undef ENTRY
};

/// One row of entries.def.
struct EntryRow {
  EntryKind kind;
  std::string_view name;      // "act.received"
  std::string_view required;  // fact keys, by spaces
  std::string_view records;   // a sentence for a person
};
std::span<const EntryRow> entry_rows();
std::string_view name_of(EntryKind kind);
/// Fault: log.entry.
Result<EntryKind> entry_kind(std::string_view name);

inline constexpr std::size_t k_entry_bytes_max = 1999;
inline constexpr std::size_t k_facts_max = 24;
inline constexpr std::size_t k_fact_text_bytes_max = 128;
inline constexpr std::size_t k_fact_items_max = 16;

/// A value. `facts` is an object: keys [a-z0-9_]{1,32}; values booleans, integers, texts of 1 to
/// 128 characters out of [A-Za-z0-9._:/+=@-], or arrays of at most 16 such texts.
struct Entry {
  EntryKind kind{};
  Instant at;
  Salt salt{};
  formats::Json facts = formats::Json::object();

  bool operator==(const Entry&) const = default;
};

/// An entry with a fresh salt.
Entry make_entry(EntryKind kind, Instant at, Random& random, formats::Json facts);

/// The entry as it stands in the log: canonical JSON
/// {"at":"…","comity":"entry/1","facts":{…},"kind":"…","salt":"<base64>"}, under 2,000 bytes.
/// Fault: log.entry for facts that are missing, too large or not of an allowed shape.
Result<Bytes> write_entry(const Entry& entry);
/// Strict: only what write_entry writes. Fault: log.entry; format.version for a later version.
Result<Entry> read_entry(View bytes);

}  // namespace comity::custody
