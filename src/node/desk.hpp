// The desk: all that can be asked of the heart within a turn. Officers' calls come with who asks;
// the desk checks roles, logs reads and writes before anything is shown, and gives JSON as
// spec/openapi.yaml describes it. Every method either changes nothing and gives a fault, or does
// all of it. It never decides: it counts signatures.
#pragma once

#include <map>

#include "evidence/manifest.hpp"
#include "node/heart.hpp"

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
};
struct SealOutcome {
  evidence::SealedShape shape;
  std::vector<Digest> recipients;
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
};

class Desk {
 public:
  explicit Desk(Turn& turn) : turn_(turn) {}

  // Anyone at the socket.
  Json status();
  Result<Officer> officer(const Digest& fingerprint);
  /// The instrument's measures with their forms, for drafting.
  Json measures();
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

  // Reading. Each is logged with who asked.
  Result<Json> exchanges(const Officer& who, const ExchangeFilter& filter);
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
  /// The bytes were not taken for now (too many at once): they may be sent again.
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
  Result<evidence::Manifest> serve_item(const StateCode& partner, const ItemId& item);

  // The shell: what is to be sent and fetched.
  Result<std::vector<Letter>> letters();  // marks them as under way
  Result<void> letter_answered(const Letter& letter, const Result<Bytes>& answer);
  /// Marks them as under way; of one partner a few at a time. Ask again when one has ended.
  Result<std::vector<FetchOrder>> fetches();
  Result<void> item_arrived(const ItemId& item);
  Result<void> item_broken(const ItemId& item, const Fault& why);  // kept, told, tried again
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

}  // namespace comity::node
