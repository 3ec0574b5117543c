// What a node keeps, as plain values. `store` writes them as rows; nothing here knows how.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "exchange/act.hpp"

namespace comity::node {

using exchange::ActType;
using exchange::Side;

/// One exchange: all that two States say to each other about one request.
struct ExchangeRecord {
  ExchangeId id;
  StateCode partner;
  Side our_side{};
  std::string instrument, measure;
  std::string phase;  // for listings; derived from `life`
  std::string life;   // the folded history: exchange::Life as JSON
  Instant opened_at, changed_at;
  std::optional<ExchangeId> linked;  // a stored-data request's preservation
  bool operator==(const ExchangeRecord&) const = default;
};

enum class Standing {
  logged,     // ours: logged and to be sent. theirs: logged, receipt given.
  receipted,  // ours: the other State's receipt is kept
  rejected,   // ours: the other State signed that it will not take it; the act is void
};

struct ActRecord {
  Digest id;
  ExchangeId exchange;
  Side side{};
  std::uint64_t sequence = 0;
  ActType type{};
  DraftId draft;
  Bytes p7m;
  Instant logged_at;
  std::uint64_t log_index = 0;  // in our log with the partner
  Standing standing{};
  std::string receipt;  // .tlog-proof text: given for theirs, got for ours; empty: none yet
  Bytes rejection;      // p7m; empty: none
  bool operator==(const ActRecord&) const = default;
};

/// A part as kept: `erased` tells why its bytes are gone; salt and binding stay.
struct PartRecord {
  std::string owner;  // hex of the act's id, or of the draft's
  exchange::Part part;
  std::string erased;  // empty: present
  bool operator==(const PartRecord&) const = default;
};

/// Something that waits for officers' signatures: an act's substance or a statement.
struct DraftRecord {
  DraftId id;
  std::string kind;  // "act" or "statement"
  std::string type;  // act type or statement kind
  std::optional<ExchangeId> exchange;
  Bytes content;           // what the officers sign
  std::string created_by;  // officer's certificate fingerprint, hex
  Instant created_at;
  std::vector<exchange::OfficerSignature> signatures;
  std::string state;  // "open", "used", "dropped"
  bool operator==(const DraftRecord&) const = default;
};

struct OutboxRecord {
  Digest act;
  StateCode partner;
  ExchangeId exchange;
  std::uint64_t sequence = 0;
  Instant next_try_at;
  std::int64_t attempts = 0;
  std::string last_fault;
  bool operator==(const OutboxRecord&) const = default;
};

struct LogRecord {
  std::string name;    // "partner/BFA", "internal", "anchor"
  std::string origin;  // C2SP origin and key name
  std::uint64_t size = 0;
  Bytes edge;                   // formats::Edge in its stored form
  std::string checkpoint;       // the latest signed note; empty for an empty log
  std::uint64_t installed = 0;  // tile files up to here are known to be durable
  bool operator==(const LogRecord&) const = default;
};

/// One entry, with what finds it again. Rows stay; `installed` tells which tile files hold them
/// too.
struct LogEntryRecord {
  std::string log;
  std::uint64_t index = 0;
  Bytes entry;
  std::string kind;
  std::optional<ExchangeId> exchange;
  std::optional<ItemId> item;
  bool operator==(const LogEntryRecord&) const = default;
};

struct PartnerRecord {
  StateCode state;
  std::string checkpoint;      // the latest of its log with us that we verified
  bool called_back = false;    // the second contact was called since the keys last changed
  std::string called_back_by;  // officer and time, for the record
  bool operator==(const PartnerRecord&) const = default;
};

struct DirectoryRecord {
  StateCode state;
  std::int64_t serial = 0;
  Bytes p7m;
  std::string status;  // "in_force", "superseded", "revoked"
  Instant accepted_at;
  std::string how;  // how the fingerprint was confirmed, in the officers' words
  std::vector<std::string> officers;
  std::optional<Instant> revoked_from;
  bool operator==(const DirectoryRecord&) const = default;
};

struct OfficerRecord {
  Digest fingerprint;
  Bytes certificate;  // DER
  std::optional<Instant> revoked_from;
  std::string reason;
  bool operator==(const OfficerRecord&) const = default;
};

enum class ItemState {
  sealing,    // ours: bytes are being read
  sealed,     // ours: sealed and described; no delivery carries it
  released,   // ours: two officers signed; the delivery act is logged
  announced,  // theirs: the delivery act is taken, bytes are on the way
  arrived,    // theirs: every chunk verified and durable
  failed,     // ours: it was not sealed. theirs: the delivery is void
  destroyed,  // the keys are gone
};
std::string_view name_of(ItemState state);
Result<ItemState> item_state(std::string_view name);

struct ItemRecord {
  ItemId id;
  ExchangeId exchange;
  bool ours = false;  // sealed here
  ItemState state{};
  std::string name;
  Bytes manifest;        // canonical JSON; empty while sealing
  Digest delivery;       // the latest act that stands, void or not; zero: none
  std::string added_by;  // officer's fingerprint
  Instant changed_at;
  bool operator==(const ItemRecord&) const = default;
};

}  // namespace comity::node
