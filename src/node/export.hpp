// An export under way: what it will hold, fixed when its listing began, and what was listed of it
// so far. It holds paths and digests, never the bytes of a part: each file is composed again from
// the rows when it is asked for, and goes out only as it was listed. Kept in memory alone; after a
// restart an officer begins again.
#pragma once

#include <variant>

#include "court/bundle.hpp"
#include "node/office.hpp"

namespace comity::node {

inline constexpr std::size_t k_exports_open_max = 8;
/// An index is signed, and files are given out, no later than this after the export was begun.
inline constexpr std::int64_t k_export_life_s = k_day_s;
inline constexpr std::size_t k_withheld_max = 1000;
/// Of the reason for one part, in one line.
inline constexpr std::size_t k_withheld_why_bytes_max = 500;

/// A log of ours as it was published when the export's listing began.
struct PublishedLog {
  std::uint64_t size = 0;
  std::string checkpoint;
};

// What the files of an export are composed of, one subject at a time.
struct ExportedAct {
  std::uint64_t number = 0;
  Digest id;
};
struct ExportedState {
  StateCode state;
};
struct ExportedEntry {
  std::string log;
  std::uint64_t index = 0;
};
struct ExportedGrowth {
  bool ours = false;
  std::uint64_t old_size = 0;
};
struct ExportedItem {
  ItemId id;
};
struct ExportedReadme {};
using ExportSubject = std::variant<ExportedAct, ExportedState, ExportedEntry, ExportedGrowth,
                                   ExportedItem, ExportedReadme>;

struct OpenExport {
  Digest officer;            // who began it, and alone goes on with it
  bool may_open = false;     // plaintext
  court::BundleInput about;  // its lists stay empty, but for `withheld`
  std::optional<std::string> recipient;
  std::map<ItemId, Bytes> headers;  // made for the recipient, and logged
  Instant begun_at;
  std::uint64_t used = 0;  // rises; the one longest unused makes room

  bool frozen = false;
  std::map<std::string, PublishedLog> logs;
  std::string partner_checkpoint;
  std::vector<ExportSubject> subjects;
  std::size_t next = 0;  // the first subject not listed yet
  court::Index index;    // all that is listed
  std::vector<court::BundleReference> references;
  struct Listed {
    std::size_t subject = 0;
    Digest sha256;
  };
  std::map<std::string, Listed> listed_files;  // by path

  bool listed() const { return frozen && next == subjects.size(); }
};

/// What must not be shown, by the names that an officer sees (spec/api.md): resolved against the
/// acts of the exchange. Faults: act.part for what is not there; format.field.
Result<std::vector<court::Withheld>> read_withheld(Turn& turn, const ExchangeId& exchange,
                                                   const Json& list);

/// Fixes what the export is about: acts, entries and the logs as they are published now.
Result<void> freeze(Turn& turn, OpenExport& open);
/// Lists the next subject. Requires !open.listed().
Result<void> list_next(Turn& turn, OpenExport& open);
/// A file as it was listed. Faults: request.not_found; request.conflict when what it was composed
/// of has changed since.
Result<Bytes> exported_file(Turn& turn, const OpenExport& open, const std::string& path);
/// True when nothing of the item is to be shown, because its manifest is not.
Result<std::string> why_item_withheld(Turn& turn, const OpenExport& open, const ItemRecord& item);
/// Why its bytes are not here, whole; empty: they are.
std::string why_not_here(const ItemRecord& item);

}  // namespace comity::node
