// The desk: all that can be asked of the heart within a turn. Officers' calls come with who asks;
// the desk checks roles, logs reads and writes before anything is shown, and gives JSON as
// spec/openapi.yaml describes it. Every method either changes nothing and gives a fault, or does
// all of it. It never decides: it counts signatures.
#pragma once

#include <map>
#include <set>

#include "evidence/live.hpp"
#include "node/heart.hpp"
#include "node/line.hpp"
#include "treaty/record.hpp"

namespace comity::node {

using formats::Json;
struct Turn;
using ExportId = Id<struct ExportTag, 16>;  // of an export under way

/// An officer whose signature on the call was verified (api), or nobody yet.
struct Officer {
  Digest fingerprint;
  std::string name;
  std::vector<std::string> roles;  // "officer:approver"
  Bytes spki;                      // public key of the certificate, for verifying calls (api)
  bool has(std::string_view role) const;  // "approver"
};

/// What sealing needs and gives.
struct SealOrder {
  ItemId item;
  std::vector<std::string> recipients;  // age1…: the request's, and our own made for this item
  evidence::Media media{};
};
struct SealOutcome {
  evidence::SealedShape shape;
  std::vector<Digest> recipients;
  std::optional<formats::Survey> survey;  // what a process of its own recognised meanwhile
};

/// What an officer opens or exports an item for. Empty: for the proceedings that the request
/// stated.
struct Use {
  std::optional<std::string> proceeding;  // another one, as the sender's consent names it
  std::optional<StateCode> onward;        // the State that it is handed on to
};

/// What opening needs: logged before it is given out.
struct OpenOrder {
  evidence::Manifest manifest;
  std::string key_name;  // for EvidenceKeys::identity
};

/// One more recipient that two officers gave an item to.
struct ShareOrder {
  OpenOrder open;
  std::string recipient;  // age1…
};

/// An export that was begun. Items stand in `open` when a fresh recipient is to have them: a header
/// is to be made for each, before anything is listed.
struct ExportOrder {
  ExportId id;
  std::string recipient;  // age1…
  std::vector<OpenOrder> open;
};
using ExportHeaders = std::vector<std::pair<ItemId, Bytes>>;

/// A backup that was asked for, and logged before anything is written.
struct BackupOrder {
  std::string id;                       // 32 hex digits
  std::string file;                     // an absolute path on the node's machine; must not be there
  std::vector<std::string> recipients;  // age1…
  bool evidence_keys = false;           // two officers asked for them
};
struct BackupOutcome {
  Instant made_at;
  Digest sha256;  // of the sealed file
  std::uint64_t size = 0;
};

/// Acts on their way to one partner: the body of POST /comity/v1/acts there. A greeting carries
/// none: it asks what the partner holds of us, before anything is sent to it.
struct Letter {
  StateCode to;
  directory::Endpoint endpoint;
  std::vector<Digest> tls_certificates;  // it shows one of them
  std::vector<Digest> acts;              // of a greeting: those that wait for its answer
  Bytes body;
  std::size_t size = 0;  // bytes of signatures and parts in it
  bool greeting = false;
};

/// The answer to a letter; complete once its turn is sealed.
struct LetterAnswer {
  int status = 200;
  Bytes body;
};

/// An item to be fetched from its partner.
struct FetchOrder {
  evidence::Manifest manifest;
  StateCode from;
  directory::Endpoint endpoint;
  std::vector<Digest> tls_certificates;  // it shows one of them
  bool again = false;                    // it was whole here, and was damaged
  Cargo cargo;
};

/// An item that its partner may have now.
struct ServeOrder {
  evidence::Manifest manifest;
  Cargo cargo;
};

/// An item at rest that is to be compared with what was signed; or, without a shape, only the place
/// to go on after: one turn looks at so many items and no more.
struct ScrubOrder {
  ItemId item;
  std::optional<evidence::SealedShape> shape;
};

/// What may happen to a live item from now on, until the next order (spec/live.md).
struct LiveOrder {
  bool ours = false;  // records are taken here and sent; else they come from the partner
  evidence::Opening opening;
  StateCode partner;
  std::string key_name;                      // for EvidenceKeys::identity
  std::string origin, log;                   // of our heads or acknowledgements; whose key signs
  std::vector<formats::Verifier> verifiers;  // of the partner's
  treaty::RecordKind kind;                   // ours: what may be taken
  std::string why_ended;                     // ours: not empty: it is to be closed now, for this
  bool is_served = false;                    // ours: the partner may have it
  bool has_begun = false;                    // ours: records were taken before this order
  directory::Endpoint endpoint;              // theirs
  std::vector<Digest> tls_certificates;
};

class Desk {
 public:
  explicit Desk(Turn& turn) : turn_(turn) {}

  // Anyone at the socket.
  Json status();
  Result<Officer> officer(const Digest& fingerprint);
  /// The measures of an instrument that we apply (empty: the first), with their forms, for
  /// drafting; and which instruments those are. Fault: act.measure.
  Result<Json> measures(const std::string& instrument = {});
  /// Console tokens, kept by their SHA-256 until `expires_at` (Store::put_token).
  Result<void> keep_token(const Officer& who, const Digest& token_hash, Instant expires_at);
  /// Whose token it is. Faults: request.unauthenticated when unknown or over, officer.unknown.
  Result<Officer> officer_by_token(const Digest& token_hash);

  // Drafts: acts' substances and statements that gather officers' signatures.
  Result<Json> check(const Officer& who, const Json& input);  // {"gaps": […]}
  Result<Json> make_draft(const Officer& who, const Json& input);
  Result<Json> drafts(const Officer& who);
  Result<Json> draft(const Officer& who, const DraftId& id);
  Result<Json> sign(const Officer& who, const DraftId& id, const Json& input);
  /// An act is ordered, signed by the authority, logged and put in the outbox; a statement is
  /// carried out. Faults: officer.two, officer.role when signatures are missing.
  Result<Json> send(const Officer& who, const DraftId& id);
  Result<Json> drop(const Officer& who, const DraftId& id);

  // Reading. What is shown of requests, drafts and items, lists too, is logged with who asked.
  /// A page, latest change first; "next" is where the one after it begins, or null. Fault:
  /// limit.count.
  Result<Json> exchanges(const Officer& who, ExchangeFilter filter);
  Result<Json> exchange(const Officer& who, const ExchangeId& id);
  Result<Json> assessment(const Officer& who, const ExchangeId& id);
  Result<Json> log_entries(const Officer& who, std::string_view log, std::uint64_t from,
                           std::uint64_t to);
  Result<Json> officers(const Officer& who);
  Result<Json> directory(const Officer& who);
  Result<Json> entry(const Officer& who, const StateCode& state);
  /// What accepting this entry would mean. Changes nothing.
  Result<Json> consider_entry(const Officer& who, const Json& input);

  // Dates and numbers.
  /// {"now", "due": […]}: every date that is set, the nearest first. What passed is told to
  /// oversight: once, in the internal log.
  Result<Json> due(const Officer& who);
  /// The same, without an officer: called now and then.
  Result<void> watch_clocks();
  /// Of exchanges opened in [from, to); for approvers and auditors.
  Result<Json> statistics(const Officer& who, bool is_published, Instant from, Instant to);

  // Evidence.
  Result<Json> begin_item(const Officer& who, const ExchangeId& exchange, const Json& input);
  Result<SealOrder> seal_order(const Officer& who, const ItemId& item);
  Result<Json> item_sealed(const Officer& who, const ItemId& item, const SealOutcome& outcome);
  /// The item is given up, its key destroyed; whoever listens is told why.
  Result<void> item_failed(const ItemId& item, const Fault& why);
  /// How a seal ended, in one: sealed, or failed by the seal's fault or by the desk's own. The only
  /// method that changes something and gives a fault: the one that the item failed by.
  Result<Json> seal_ended(const Officer& who, const ItemId& item,
                          const Result<SealOutcome>& outcome);
  /// No byte was read, since as many items as may were being sealed: the officer was told, and
  /// sends them again.
  void seal_put_off(const ItemId& item);
  /// A page, oldest first; "next" names the item to go on after, or is null. Fault: limit.count.
  Result<Json> items(const Officer& who, ItemFilter filter);
  Result<Json> item(const Officer& who, const ItemId& id);
  /// `exporting`: logged as an export, else as an opening.
  /// What came from another State is opened for the stated proceedings, or those that the sender
  /// agreed to. Fault: evidence.use.
  Result<OpenOrder> open_item(const Officer& who, const ItemId& id, bool exporting,
                              const Use& use = {});
  Result<evidence::Manifest> sealed_item(const Officer& who, const ItemId& id);
  /// {"first", "end", "sha256"} of a run of the item's bytes that an officer, who opened it, gives
  /// to somebody who may not see the rest → {"manifest", "manifest_salt", "delivery", "entry"}:
  /// what shows who signed the item. Logged here. Fault: evidence.unreleased without an act of
  /// delivery.
  Result<Json> prove_part(const Officer& who, const ItemId& id, const Json& input);
  /// A damaged item of another State's is fetched again from there. Fault: request.conflict where
  /// nothing is known to be wrong with it, or it is ours.
  Result<Json> fetch_again(const Officer& who, const ItemId& id);
  /// An officer's word, at this end of the line: the item goes before others and at any hour, until
  /// it is there or the word is taken back. Faults: request.conflict where that would change
  /// nothing; limit.count.
  Result<Json> go_first(const Officer& who, const ItemId& id);
  Result<Json> go_in_turn(const Officer& who, const ItemId& id);
  /// {"permission": draft of a statement item.share}: a header may be made for its recipient.
  Result<ShareOrder> share_item(const Officer& who, const ItemId& id, const Json& input);
  /// The header that was made: logged before it is given out → {"header"}.
  Result<Json> header_shared(const Officer& who, const ShareOrder& order, View header);

  // Live items (spec/live.md). Released by a delivery act, as any item is.
  /// Within the measure and the period of an accepted request.
  Result<Json> begin_live(const Officer& who, const ExchangeId& exchange, const Json& input);
  /// Records may be taken from this officer's source now. Faults: evidence.unreleased,
  /// evidence.ended.
  Result<LiveOrder> take_records(const Officer& who, const ItemId& id);
  /// The item's files are there, and records follow: from now on they must be there.
  Result<void> live_begun(const ItemId& id);
  /// The item ends before its time. Carried out by the orders that follow.
  Result<Json> end_live(const Officer& who, const ItemId& id);
  /// As open_item, for an item that is still growing.
  Result<LiveOrder> read_records(const Officer& who, const ItemId& id);
  /// As serve_item.
  Result<void> serve_live(const StateCode& partner, const ItemId& id);
  /// Of all that are open and may go on, or are to be closed.
  Result<std::vector<LiveOrder>> live_orders();
  /// The file is whole and durable: logged, and said by an act of completion.
  Result<void> live_ended(const ItemId& id, const evidence::SealedShape& shape,
                          const evidence::LiveCounts& counts, const std::string& why);
  /// Two signed heads of a partner's item do not agree. Told once.
  Result<void> live_forked(const ItemId& id);

  // The court's bundle, file by file, so that no export is too large (spec/export.md).
  /// {"for", "withhold"?, "recipient"?}. Logged here, before anything leaves. What is withheld, and
  /// who else may open evidence, is an approver's decision. Faults: officer.role, format.field,
  /// format.bech32, act.part, request.not_found.
  Result<ExportOrder> begin_export(const Officer& who, const ExchangeId& id, const Json& input);
  /// The headers that the order asked for: logged before they are given out.
  Result<void> headers_made(const ExportId& id, ExportHeaders headers);
  /// Lists some more of its files; true when there are more. Bounded work, to be asked again in a
  /// turn of its own. A fault ends the export.
  Result<bool> list_export(const ExportId& id);
  /// {"export", "references", "index"} of an export that is listed.
  Result<Json> listed_export(const ExportId& id);
  void end_export(const ExportId& id);
  /// For who began it: a file that the index lists. Faults: request.not_found; request.conflict
  /// when what it is made of has changed since.
  Result<Bytes> export_file(const Officer& who, const ExportId& id, const std::string& path);
  /// Signs the index, with the sizes and digests of what was fetched apart:
  /// {"files": [{"path", "sha256", "size"}]} → {"p7m": base64}.
  Result<Json> sign_export(const Officer& who, const ExportId& id, const Json& input);

  // Backups; the bytes pass the heart by. With evidence keys, `input` names the statement by which
  // two officers asked for them; it serves once, for these recipients. Fault: officer.two.
  Result<BackupOrder> begin_backup(const Officer& who, const Json& input);
  Result<Json> backup_made(const BackupOrder& order, const BackupOutcome& outcome);
  Result<void> backup_failed(const BackupOrder& order, const Fault& why);
  /// What a restored node still waits for, partner by partner; for anyone at the socket.
  Result<Json> restored();
  /// How this node is doing (node/health.hpp); for anyone at the socket.
  Result<Json> health();

  // Peers. `partner` is whose pinned certificate it was.
  std::optional<StateCode> pinned(const Digest& tls_certificate);
  /// All that are pinned now; the door keeps a copy, since a handshake can not wait for a turn.
  std::map<Digest, StateCode> pinned_peers();
  /// Our own signed directory entry in force, for peers. Fault: directory.unknown.
  Result<Bytes> own_entry();
  Result<std::shared_ptr<LetterAnswer>> take_letter(const StateCode& partner, View body);
  Result<ServeOrder> serve_item(const StateCode& partner, const ItemId& item);

  // The shell: what is to be sent and fetched.
  Result<std::vector<Letter>> letters();  // marks them as under way
  Result<void> letter_answered(const Letter& letter, const Result<Bytes>& answer);
  /// Marks them as under way; of one partner a few at a time. Ask again when one has ended.
  Result<std::vector<FetchOrder>> fetches();
  /// What goes first by an officer's word.
  std::set<ItemId> first_items();
  Result<void> item_arrived(const ItemId& item);
  Result<void> item_broken(const ItemId& item, const Fault& why);  // kept, told, tried again
  /// The next item at rest after that one; nothing at the end. How it was found: kept and logged
  /// where it is not what was signed, and where it is so again.
  Result<std::optional<ScrubOrder>> scrub_next(const std::optional<ItemId>& after);
  Result<void> item_scrubbed(const ItemId& item, const Result<void>& outcome);
  /// When the next outbox try is due.
  Result<std::optional<Instant>> next_due();
  /// Items that failed or were destroyed since this was asked last: their bytes are to be removed.
  /// What is forgotten when the node dies, the next start finds (leftovers.hpp).
  std::vector<ItemId> ended_items();
  /// Gives up items whose bytes never came, drops tokens whose time is over. Called now and then.
  Result<void> keep_house();
  /// A salted commitment to all logs into the anchor log; called at a constant rate.
  Result<void> anchor();

 private:
  Turn& turn_;
};

/// A place between two pages of exchanges, as a caller is given it and gives it back. Fault:
/// request.usage.
std::string place_text(const ExchangePlace& place);
Result<ExchangePlace> read_place(std::string_view text);

}  // namespace comity::node
