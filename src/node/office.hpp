// What the heart holds in memory: the charter, the directory, the officers, the right edges of its
// logs. Only open work and peers; acts and items are loaded when they are asked for.
// Nothing here is the truth: all of it is read again from the rows at start.
#pragma once

#include <map>
#include <set>

#include "custody/log.hpp"
#include "custody/tiles.hpp"
#include "directory/trust.hpp"
#include "exchange/life.hpp"
#include "node/desk.hpp"
#include "node/first.hpp"
#include "node/letter_room.hpp"
#include "node/line.hpp"

namespace comity::node {

struct OpenExport;

/// Fetches under way are counted by partner and by why they go first, so that large ones never keep
/// small ones waiting.
using FetchLane = std::pair<StateCode, std::optional<WhyFirst>>;

/// One of our logs between two turns.
struct Book {
  std::optional<custody::LogState> state;  // absent while a batch holds it
  custody::TileFrontier frontier;
  std::uint64_t installed = 0;  // files up to this size are known to be durable
};

/// A partner that a restored node has not settled with: nothing is sent to it and nothing taken
/// from it until it told what it holds of us (spec/peer-protocol.md §8).
struct Unsettled {
  bool agreed = false;           // what it holds of our log is part of ours: our log goes on
  bool gap = false;              // it holds a checkpoint of our log that this disk does not lead to
  bool declared = false;         // two officers declared a new origin; our log goes on under that
  std::string held;              // the newest checkpoint of our log that it showed; empty: none
  std::uint64_t asked_from = 0;  // place in its log about us: all that we may lack comes after
  std::uint64_t recovered = 0;   // acts that came back
  std::string last_fault;        // why it could not be asked
  // Not kept: after a start, it is asked from the beginning.
  std::uint64_t from = 0;
  std::vector<Json> later;  // acts that came before one that they follow
  Instant next_try_at;
  std::int64_t attempts = 0;
};

struct Vouched;  // node/vouched.hpp
struct Office {
  Ports ports;
  Charter charter;
  Notify notify;
  std::map<std::string, Book, std::less<>> books;
  std::map<StateCode, directory::Accepted> partners;          // the newest entry accepted of each
  std::map<DraftId, std::shared_ptr<const Vouched>> vouched;  // statements that stand behind them
  std::set<StateCode> unvouched;  // accepted by officers whom our root does not certify any more
  std::map<Digest, OfficerRecord> officers;
  std::vector<directory::Entry> own_entries;  // of this State, newest first
  /// All that were accepted of a partner, newest first: opened when they are first asked for, since
  /// a stranger's act asks for them each time.
  std::map<StateCode, std::vector<directory::Entry>> partners_entries;
  std::set<StateCode> letters_under_way;
  LetterRooms letter_rooms;
  FirstWords first;  // as kept (first.hpp)
  std::map<ItemId, FetchLane> fetches_under_way;
  std::optional<ItemId> fetches_after;         // where the last look for more stopped
  std::set<ItemId> seals_under_way;            // bytes are being read
  std::map<ItemId, Instant> arrivals_put_off;  // told, and rejected: not told again before
  std::vector<ItemId> ended_items;             // their bytes are to be removed
  std::map<ExportId, std::shared_ptr<OpenExport>> exports;
  std::uint64_t exports_used = 0;  // counts, for the one longest unused
  std::set<StateCode> greeted;     // told us what they hold of our log since this process began
  std::map<StateCode, Unsettled> unsettled;
  /// Our logs that a later one follows, and who follows: "partner/BFA" → "partner/BFA.2".
  std::map<std::string, std::string, std::less<>> successors;
  std::map<StateCode, std::string> their_logs;  // names of partners' logs that are not their first
};

/// One turn: everything that becomes durable together.
struct Turn {
  Office& office;
  Instant now;
  std::map<std::string, custody::Batch, std::less<>> batches;
  /// Run once every log of the turn has its new checkpoint, still inside the transaction.
  std::vector<std::function<Result<void>()>> once_sealed;
  /// Run once the transaction is durable, before callers are answered.
  std::vector<std::function<void()>> once_durable;
  std::vector<Json> notices;
  /// Why this turn must not happen and the node must stop: our own log is older or other than what
  /// a partner holds of it, or work was broken off halfway. Nothing of the turn becomes durable.
  std::optional<Fault> fatal;

  Store& store() { return office.ports.store; }
  const Charter& charter() const { return office.charter; }
};

/// What an entry is about, so that it is found again.
struct About {
  std::optional<ExchangeId> exchange;
  std::optional<ItemId> item;
};

/// The first log with a partner. What is appended goes to the log that follows it now, if any.
std::string partner_log(const StateCode& partner);
/// The log that stands for `log` now: itself, or after a restore the one that follows it.
std::string current_log(const Office& office, std::string_view log);
/// "partner/BFA" → "partner/BFA.2" → "partner/BFA.3".
std::string next_log_name(std::string_view log);
/// Orders acts over a log and those that followed it: 2^40 places for each.
std::uint64_t place_in(std::string_view log, std::uint64_t index);
inline constexpr std::uint64_t k_places_of_log = std::uint64_t{1} << 40;
/// The log that holds a place, and the index there; `first` is the one that the others followed.
std::pair<std::string, std::uint64_t> entry_at(std::string_view first, std::uint64_t place);
inline constexpr std::string_view k_internal_log = "internal";
inline constexpr std::string_view k_anchor_log = "anchor";

/// Appends one entry to a log of ours; gives its index. Adds exchange and item to the facts.
Result<std::uint64_t> note(Turn& turn, std::string_view log, custody::EntryKind kind, Json facts,
                           const About& about = {});
/// Logs that a list was read, before it is shown: by whom, of what, how many, the first and the
/// last.
Result<void> note_list(Turn& turn, const Digest& officer, std::string_view of,
                       const std::vector<std::string>& ids);
/// Signs the turn's checkpoints and puts them into the transaction.
Result<void> seal_books(Turn& turn);
/// Writes the files that follow from a committed turn. If we die here, start writes them again.
Result<void> publish(Turn& turn);
/// Reads the log's state, checks it against its files, writes what is missing.
Result<void> open_books(Office& office);
/// Rows of one of our logs, those that are published held against the hashes that its tiles have
/// of them: a row that was damaged is no entry. Fault: log.corrupt.
Result<std::vector<LogEntryRecord>> entries_of(Turn& turn, std::string_view log, std::uint64_t from,
                                               std::uint64_t to);
/// Leads into one of our logs as published.
std::unique_ptr<formats::HashReader> hashes_of(Office& office, std::string_view log);

/// The book's size and checkpoint before this turn: what others may have been shown.
std::pair<std::uint64_t, std::string> published(const Turn& turn, std::string_view log);

/// The accepted entry of a State. Fault: directory.unknown, directory.expired, directory.revoked.
Result<const directory::Accepted*> partner_in_force(const Office& office, const StateCode& state,
                                                    Instant now);
/// Whether a second contact of this State must be called before we give it anything: its entry's
/// keys are new and nobody has heard yet that they are its own (spec/directory.md §3).
bool must_call_back(const Office& office, const StateCode& state);
/// Fault: directory.callback.
Result<void> require_callback(const Office& office, const StateCode& state);
/// Whom to call: [{"title","phone","how"}].
Json second_contacts(const Office& office, const StateCode& state);
Result<void> load_directory(Office& office);
Result<void> load_own_entries(Office& office);
/// The signed files of this State's own entries, newest first. Fault: directory.entry.
Result<std::vector<Bytes>> own_entry_files(Store& store);
/// The signed revocations of that State which its entry has not taken up, as they came.
Result<std::vector<Bytes>> revocations_since(Store& store, const directory::Entry& entry);
Result<void> load_officers(Office& office);
/// All entries of a State that were accepted here, or that were our own: newest first. What was
/// made, logged or signed under an older one is judged by that one (spec/directory.md §4).
/// Borrowed from the office until its directory changes.
Result<std::span<const directory::Entry>> entries_of_state(Turn& turn, const StateCode& state);
/// That the root of any of these entries issued the certificate for this use, and it was valid
/// then. Fault: that under the newest.
Result<void> issued_under(Office& office, std::span<const directory::Entry> entries,
                          const crypto::Certificate& certificate, crypto::Usage usage, Instant at);
/// The TLS certificates by which a partner is known now, those that were revoked left out.
std::vector<Digest> usable_tls(const directory::Accepted& accepted, Instant now);
/// The keys under which a State ever kept its logs with us, for a log that it calls `origin`.
std::vector<formats::Verifier> verifiers_of(std::span<const directory::Entry> entries,
                                            const std::string& origin);
/// The keys that ever signed this log of ours, by our own entries: the present one first.
Result<std::vector<formats::Verifier>> own_verifiers(const Office& office, std::string_view log);
/// The key that an entry of ours names for this log.
const crypto::Ed25519Public& verifier_in(const directory::Entry& own, std::string_view log);
/// The verifier of the log that `accepted` keeps with us now.
formats::Verifier verifier_of(const Office& office, const directory::Accepted& accepted);

/// A loaded exchange. Fault: request.not_found; store.corrupt.
struct Loaded {
  ExchangeRecord record;
  exchange::Life life;
};
Result<Loaded> load_exchange(Turn& turn, const ExchangeId& id);
/// Also brings its items to where their deliveries stand.
Result<void> save_exchange(Turn& turn, Loaded& loaded);

/// The name of the key that opens an item here: its own, or the request's that it came under.
std::string key_name_of(const ItemRecord& item);
/// The item is in this state from now on; listeners are told, with what else they should know.
Result<void> put_item_state(Turn& turn, ItemRecord& item, ItemState state,
                            Json told = Json::object());
/// Of an item that is no more: its key and its bytes go once that is durable. If we die before, the
/// next start does both.
void end_item(Turn& turn, const ItemRecord& item, bool with_key = true);
/// Ends an item that is being sealed and will not be: logged, told, cleared away.
Result<void> give_up_item(Turn& turn, ItemRecord& item, FaultCode why);
/// No delivery of ours carries the item any more: it is sealed here again, and can be released.
Result<void> recall_item(Turn& turn, ItemRecord& item);

/// Fault: officer.role, naming what is needed.
Result<void> require_role(const Officer& who, std::initializer_list<std::string_view> roles);

/// Content and parts of an act as kept.
struct FullAct {
  ActRecord record;
  exchange::Act act;
  std::vector<PartRecord> parts;
};
Result<FullAct> full_act(Turn& turn, const ActRecord& record);
/// The request's form, joined from the parts at hand.
Result<Json> request_fields(Turn& turn, const FullAct& request);
/// The first act of an exchange.
Result<FullAct> request_of(Turn& turn, const ExchangeId& exchange);

/// Orders, signs, logs and posts an act of ours whose officers have signed (or that needs none).
/// Fault: act.illegal and the like; nothing is changed then.
Result<ActRecord> post_act(Turn& turn, const exchange::Substance& substance,
                           std::vector<exchange::OfficerSignature> officers,
                           std::vector<exchange::Part> parts);

}  // namespace comity::node
