// A node's rows in one SQLite file. One process uses it, and one thread of that process: whoever
// comes second is told node.busy. What commit() returned from survives loss of power; what is read
// is checked, so a damaged file is a fault and never a wrong answer.
// It must not decide anything: rows go in and come out as the heart made them.
#pragma once

#include <filesystem>
#include <memory>

#include "node/ports.hpp"
#include "store/database_copy.hpp"

namespace comity::store {

enum class Opening { create, existing };

class SqliteStore final : public node::Store {
 public:
  /// A file of at most this size is checked whole at every opening (some 0.1 s); a larger one by
  /// check() only, since a node with ten million acts must start at once too.
  static constexpr std::uint64_t k_checked_at_opening_bytes_max = 64 << 20;

  /// `path`: DIR/node.db, readable by its owner alone. Faults: node.busy, format.version,
  /// store.corrupt, store.permissions, store.exists (Opening::create), store.io, store.full.
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path,
                                                   Opening opening);
  /// The same without a file, for simulations: gone with the object.
  static Result<std::unique_ptr<SqliteStore>> in_memory();
  /// The same in a file system that is registered with SQLite under that name.
  static Result<std::unique_ptr<SqliteStore>> open_in(const char* file_system,
                                                      const std::string& file, Opening opening);
  ~SqliteStore() override;

  /// Reads every page and every reference between rows. Fault: store.corrupt with the first defect.
  Result<void> check();
  /// Reads every page, but not what rows say of each other. Fault: store.corrupt.
  Result<void> quick_check();
  /// Begins a copy at `path`, for a backup; step by step between transactions.
  Result<std::unique_ptr<DatabaseCopy>> copy_to(const std::filesystem::path& path);

  // A change outside begin() and commit() is a transaction of its own. After a fault within one,
  // nothing more is taken until rollback(); after a fault of commit(), nothing more at all.
  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;

  Result<std::optional<std::string>> setting(std::string_view name) override;
  Result<void> put_setting(std::string_view name, std::string_view value) override;

  Result<std::optional<node::ExchangeRecord>> exchange(const ExchangeId& id) override;
  Result<void> put_exchange(const node::ExchangeRecord& record) override;
  Result<std::vector<node::ExchangeRecord>> exchanges(const node::ExchangeFilter& filter) override;

  Result<std::optional<node::ActRecord>> act(const Digest& id) override;
  Result<void> put_act(const node::ActRecord& record) override;
  Result<std::vector<node::ActRecord>> acts(const ExchangeId& exchange) override;
  Result<std::vector<Digest>> act_ids(const ExchangeId& exchange) override;
  Result<bool> draft_used(const ExchangeId& exchange, const DraftId& draft) override;

  Result<void> put_part(const node::PartRecord& record) override;
  Result<std::vector<node::PartRecord>> parts(std::string_view owner) override;

  Result<std::optional<node::DraftRecord>> draft(const DraftId& id) override;
  Result<void> put_draft(const node::DraftRecord& record) override;
  Result<std::vector<node::DraftRecord>> open_drafts() override;

  Result<void> put_outbox(const node::OutboxRecord& record) override;
  Result<void> drop_outbox(const Digest& act) override;
  Result<std::optional<node::OutboxRecord>> outbox(const Digest& act) override;
  Result<std::vector<node::OutboxRecord>> due(Instant now, std::size_t limit) override;
  Result<std::optional<Instant>> next_due() override;
  Result<std::size_t> outbox_size() override;

  Result<std::optional<node::LogRecord>> log(std::string_view name) override;
  Result<void> put_log(const node::LogRecord& record) override;
  Result<std::vector<node::LogRecord>> logs() override;
  /// Fault: log.corrupt when there is an entry at that index already.
  Result<void> add_entry(const node::LogEntryRecord& record) override;
  Result<std::vector<node::LogEntryRecord>> entries(std::string_view log, std::uint64_t from,
                                                    std::uint64_t to) override;
  Result<std::vector<node::LogEntryRecord>> entries_about(const ExchangeId& exchange) override;

  Result<std::optional<node::PartnerRecord>> partner(const StateCode& state) override;
  Result<void> put_partner(const node::PartnerRecord& record) override;

  Result<void> put_directory(const node::DirectoryRecord& record) override;
  Result<std::vector<node::DirectoryRecord>> directory() override;

  Result<void> put_officer(const node::OfficerRecord& record) override;
  Result<std::vector<node::OfficerRecord>> officers() override;

  Result<std::optional<node::ItemRecord>> item(const ItemId& id) override;
  Result<void> put_item(const node::ItemRecord& record) override;
  Result<std::vector<node::ItemRecord>> items(const std::optional<ExchangeId>& exchange) override;
  Result<std::vector<node::ItemRecord>> item_page(const node::ItemFilter& filter) override;

  Result<void> drop_tokens(Instant expired_at) override;
  Result<void> put_token(const Digest& token_hash, std::string_view officer,
                         Instant expires_at) override;
  Result<std::optional<std::pair<std::string, Instant>>> token(const Digest& token_hash) override;

 private:
  class Rows;
  explicit SqliteStore(std::unique_ptr<Rows> rows);
  static Result<std::unique_ptr<SqliteStore>> open_file(const std::string& file, Opening opening,
                                                        const char* file_system);
  std::unique_ptr<Rows> rows_;
};

}  // namespace comity::store
