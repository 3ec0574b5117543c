// The heart's ports: what the rooms above `node` must provide, each with its contract in words.
// The heart calls them from one thread. Implementations never call back into the heart.
#pragma once

#include <functional>
#include <memory>

#include "base/secret.hpp"
#include "crypto/certificate.hpp"
#include "node/records.hpp"

namespace comity::node {

/// Where a page of exchanges ended. It holds the time too: what changes meanwhile comes to the
/// front, and the pages behind it stay as they are.
struct ExchangePlace {
  Instant changed_at;
  ExchangeId id;
};

/// A page of exchanges, latest change first.
struct ExchangeFilter {
  std::optional<StateCode> partner;
  std::optional<Side> our_side;
  std::string phase;        // empty: any
  std::string begins_with;  // the first hex digits of its id; empty: any. Then in the ids' order
  std::optional<ExchangePlace> after;
  std::size_t limit = 1000;
};

/// A page of items, in the order in which they came to be here.
struct ItemFilter {
  std::string begins_with;  // the first hex digits of its id; empty: any. Then in the ids' order
  std::optional<ExchangeId> exchange;
  std::optional<ItemState> state;
  std::optional<ItemId> after;  // an item that is there
  std::size_t limit = 1000;
};

/// Rows. Everything between begin() and commit() becomes durable together or not at all.
/// On return of commit() it survives loss of power. A fault of commit() leaves open whether it
/// happened: the heart then stops, and start-up finds out (store.io, store.full).
/// `put_…` inserts or replaces by the record's key.
class Store {
 public:
  virtual ~Store() = default;

  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  virtual Result<std::optional<std::string>> setting(std::string_view name) = 0;
  virtual Result<void> put_setting(std::string_view name, std::string_view value) = 0;

  virtual Result<std::optional<ExchangeRecord>> exchange(const ExchangeId& id) = 0;
  virtual Result<void> put_exchange(const ExchangeRecord& record) = 0;
  /// Led by indexes: a page costs what it gives, but where only `our_side` is asked for.
  virtual Result<std::vector<ExchangeRecord>> exchanges(const ExchangeFilter& filter) = 0;

  virtual Result<std::optional<ActRecord>> act(const Digest& id) = 0;
  virtual Result<void> put_act(const ActRecord& record) = 0;
  /// In the order logged here (log_index).
  virtual Result<std::vector<ActRecord>> acts(const ExchangeId& exchange) = 0;
  /// Their ids alone, in the same order.
  virtual Result<std::vector<Digest>> act_ids(const ExchangeId& exchange) = 0;
  /// True if an act that stands in this exchange came from this draft already.
  virtual Result<bool> draft_used(const ExchangeId& exchange, const DraftId& draft) = 0;

  virtual Result<void> put_part(const PartRecord& record) = 0;
  virtual Result<std::vector<PartRecord>> parts(std::string_view owner) = 0;

  virtual Result<std::optional<DraftRecord>> draft(const DraftId& id) = 0;
  virtual Result<void> put_draft(const DraftRecord& record) = 0;
  virtual Result<std::vector<DraftRecord>> open_drafts() = 0;

  virtual Result<void> put_outbox(const OutboxRecord& record) = 0;
  virtual Result<void> drop_outbox(const Digest& act) = 0;
  virtual Result<std::optional<OutboxRecord>> outbox(const Digest& act) = 0;
  /// What is due at `now`, by partner and in the order of sequence within an exchange; at most
  /// `limit` of each partner, so that what waits for one never hides what another could have.
  virtual Result<std::vector<OutboxRecord>> due(Instant now, std::size_t limit) = 0;
  virtual Result<std::optional<Instant>> next_due() = 0;
  virtual Result<std::size_t> outbox_size() = 0;

  virtual Result<std::optional<LogRecord>> log(std::string_view name) = 0;
  virtual Result<void> put_log(const LogRecord& record) = 0;
  virtual Result<std::vector<LogRecord>> logs() = 0;
  virtual Result<void> add_entry(const LogEntryRecord& record) = 0;
  /// Entries [from, to) of a log, in order.
  virtual Result<std::vector<LogEntryRecord>> entries(std::string_view log, std::uint64_t from,
                                                      std::uint64_t to) = 0;
  /// All entries about an exchange, in all logs, by log and index.
  virtual Result<std::vector<LogEntryRecord>> entries_about(const ExchangeId& exchange) = 0;

  virtual Result<std::optional<PartnerRecord>> partner(const StateCode& state) = 0;
  virtual Result<void> put_partner(const PartnerRecord& record) = 0;

  virtual Result<void> put_directory(const DirectoryRecord& record) = 0;  // key: state, serial
  virtual Result<std::vector<DirectoryRecord>> directory() = 0;  // all, by state and serial

  virtual Result<void> put_officer(const OfficerRecord& record) = 0;
  virtual Result<std::vector<OfficerRecord>> officers() = 0;

  virtual Result<std::optional<ItemRecord>> item(const ItemId& id) = 0;
  virtual Result<void> put_item(const ItemRecord& record) = 0;
  virtual Result<std::vector<ItemRecord>> items(const std::optional<ExchangeId>& exchange) = 0;
  /// Costs what it gives, however many items there are.
  virtual Result<std::vector<ItemRecord>> item_page(const ItemFilter& filter) = 0;

  /// Console tokens: SHA-256 of the token, whose it is (officer fingerprint), until when.
  virtual Result<void> put_token(const Digest& token_hash, std::string_view officer,
                                 Instant expires_at) = 0;
  virtual Result<std::optional<std::pair<std::string, Instant>>> token(
      const Digest& token_hash) = 0;
  virtual Result<void> drop_tokens(Instant expired_at) = 0;  // whose time is over by then
};

/// The logs' files (checkpoint, tiles, entry bundles), addressed by C2SP path below one root per
/// log. write() replaces whole files; it need not be durable until sync() returns. Whatever is
/// missing after a crash is written again from the rows.
class LogFiles {
 public:
  virtual ~LogFiles() = default;
  virtual Result<std::optional<Bytes>> read(std::string_view log, std::string_view path) = 0;
  virtual Result<void> write(std::string_view log, std::string_view path, View bytes) = 0;
  virtual Result<void> sync() = 0;
};

/// Signs as the authority: content in, a whole .p7m out. The key never leaves the port.
class AuthoritySigner {
 public:
  virtual ~AuthoritySigner() = default;
  virtual Result<Bytes> sign(View content, Instant signing_time) = 0;
  virtual const crypto::Certificate& certificate() const = 0;
};

/// Opens CMS signatures. A port so that a simulation may use cheaper ones.
struct OpenedSignature {
  Bytes content;
  crypto::Certificate signer;
};
class SignatureOpener {
 public:
  virtual ~SignatureOpener() = default;
  virtual Result<OpenedSignature> open(View p7m) = 0;
  virtual Result<crypto::Certificate> open_detached(View signature, View content) = 0;
  virtual Result<void> verify_issued(const crypto::Certificate& certificate,
                                     const crypto::Certificate& root, crypto::Usage usage,
                                     Instant at) = 0;
};

/// Signs checkpoints with the Ed25519 key of a log. `log` is a LogRecord's name.
class LogSigner {
 public:
  virtual ~LogSigner() = default;
  virtual Result<std::string> sign_checkpoint(std::string_view log, std::string_view origin,
                                              std::string_view text) = 0;
  /// The C2SP verifier key (vkey) of our own log, for checks and exports.
  virtual std::string verifier_key(std::string_view log, std::string_view origin) const = 0;
};

/// Recipients made for one request or one item alone. Destroying one is deletion of what it opens.
class EvidenceKeys {
 public:
  virtual ~EvidenceKeys() = default;
  /// Makes and durably keeps a fresh age identity under `name` ("request-…", "item-…"); returns its
  /// recipient (age1…). If one is there already, returns that one's recipient.
  virtual Result<std::string> make(std::string_view name) = 0;
  virtual Result<std::optional<std::string>> recipient(std::string_view name) = 0;
  /// The identity (AGE-SECRET-KEY-1…), for opening. Fault: evidence.destroyed if there is none.
  virtual Result<Secret> identity(std::string_view name) = 0;
  virtual Result<void> destroy(std::string_view name) = 0;
  /// Of all that are there, in order.
  virtual Result<std::vector<std::string>> names() = 0;
};

}  // namespace comity::node
