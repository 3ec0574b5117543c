#include "cli/home_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "custody/entry.hpp"
#include "evidence/manifest.hpp"
#include "exchange/act.hpp"
#include "formats/checkpoint.hpp"
#include "formats/merkle.hpp"
#include "node/office.hpp"
#include "store/log_files.hpp"
#include "transfer/verify_sealed.hpp"

namespace comity::cli {
namespace {

constexpr std::uint64_t k_entries_at_once = 1000;

Result<formats::Checkpoint> opened(const formats::Verifier& verifier, View note) {
  return formats::open_checkpoint(note, std::span(&verifier, 1));
}

/// The log's rows lead to its checkpoint, and no file of it tells of more than they.
Result<std::uint64_t> check_log_rows(const store::Home& home, const node::LogSigner& keys,
                                     store::SqliteStore& rows, const node::LogRecord& log) {
  const auto broken = [&](std::string_view why) {
    return fault(FaultCode::log_corrupt, fmt::format("{}: {}", log.name, why));
  };
  TRY_LET(const auto verifier, formats::parse_vkey(keys.verifier_key(log.name, log.origin)));
  const auto promised = opened(verifier, as_bytes(log.checkpoint));
  if (!promised || promised->origin != log.origin || promised->size != log.size)
    return broken("the checkpoint in the database is not one that this log signed");
  formats::Edge edge;
  for (std::uint64_t from = 0; from < log.size; from += k_entries_at_once) {
    const auto to = std::min(log.size, from + k_entries_at_once);
    TRY_LET(const auto entries, rows.entries(log.name, from, to));
    if (entries.size() != to - from) return broken("entries are missing from the database");
    for (const auto& entry : entries) edge.append(formats::leaf_hash(entry.entry));
  }
  if (edge.root() != promised->root)
    return broken("its entries in the database do not lead to its signed checkpoint");
  store::DiskLogFiles files(home.logs());
  TRY_LET(const auto note, files.read(log.name, "checkpoint"));
  const auto published =
      note ? opened(verifier, *note) : Result<formats::Checkpoint>(fault(FaultCode::log_corrupt));
  if (published && published->size > log.size)
    return fault(FaultCode::log_rolled_back,
                 fmt::format("{}: its files tell of {} entries, the database of {}: it was "
                             "replaced by an older one, or node.db-wal was lost",
                             log.name, published->size, log.size));
  return log.size;
}

/// The act is the one that its log entry names, and its parts are those that it binds.
Result<std::uint64_t> check_act(store::SqliteStore& rows, const std::string& first_log,
                                const node::ActRecord& act) {
  const auto broken = [&](std::string_view why) {
    return fault(FaultCode::store_corrupt, fmt::format("act {}: {}", act.id.hex(), why));
  };
  const auto [log, index] = node::entry_at(first_log, act.log_index);
  TRY_LET(const auto entries, rows.entries(log, index, index + 1));
  const auto entry = entries.empty() ? Result<custody::Entry>(fault(FaultCode::log_entry))
                                     : custody::read_entry(entries.front().entry);
  const auto names = [&](std::string_view key, const Digest& digest) {
    const auto* fact = entry ? entry->facts.find(key) : nullptr;
    return fact != nullptr && fact->is_text() && fact->text() == digest.hex();
  };
  if (!names("act", act.id)) return broken("its log entry does not name it");
  if (!names("p7m", crypto::sha256(act.p7m))) return broken("its bytes are not those logged");
  const auto signed_act = crypto::cms_open(act.p7m);
  if (!signed_act || exchange::act_id(signed_act->content) != act.id)
    return broken("its content is not the one logged");
  const auto content = exchange::read_act(signed_act->content);
  if (!content) return broken(content.error().detail);
  TRY_LET(const auto parts, rows.parts(act.id.hex()));
  std::uint64_t present = 0;
  for (const auto& binding : content->substance.parts) {
    const auto kept = std::ranges::find_if(
        parts, [&](const auto& record) { return record.part.name == binding.name; });
    if (kept == parts.end()) return broken("part '" + binding.name + "' is missing");
    if (!kept->erased.empty()) continue;
    if (kept->part.binding() != binding)
      return broken("part '" + binding.name + "' is not the one that was signed");
    ++present;
  }
  return present;
}

/// Whether the item's bytes must lie here, whole.
bool is_here(const node::ItemRecord& item) {
  using node::ItemState;
  return item.state == ItemState::sealed || item.state == ItemState::released ||
         item.state == ItemState::arrived;
}

}  // namespace

Result<std::uint64_t> check_entries(const store::Home& home, const node::LogSigner& keys,
                                    store::SqliteStore& rows) {
  std::uint64_t all = 0;
  TRY_LET(const auto logs, rows.logs());
  for (const auto& log : logs) {
    TRY_LET(const auto entries, check_log_rows(home, keys, rows, log));
    all += entries;
  }
  return all;
}

Result<RowsReport> check_rows(const store::Home& home, const node::LogSigner& keys,
                              store::SqliteStore& rows) {
  TRY(rows.check());
  RowsReport report;
  TRY_LET(report.entries, check_entries(home, keys, rows));
  node::ExchangeFilter all;
  all.limit = std::numeric_limits<std::int32_t>::max();
  TRY_LET(const auto exchanges, rows.exchanges(all));
  for (const auto& exchange : exchanges) {
    TRY_LET(const auto acts, rows.acts(exchange.id));
    for (const auto& act : acts) {
      TRY_LET(const auto parts, check_act(rows, node::partner_log(exchange.partner), act));
      report.parts += parts;
    }
    report.acts += acts.size();
  }
  return report;
}

Result<std::vector<ItemFinding>> check_items(const store::Home& home, store::SqliteStore& rows) {
  TRY_LET(const auto items, rows.items(std::nullopt));
  std::vector<ItemFinding> findings;
  for (const auto& item : items) {
    if (!is_here(item)) continue;
    // A live item that is open is checked by its node, each time it takes it up.
    if (evidence::is_opening(item.manifest)) continue;
    ItemFinding finding{.id = item.id};
    if (const auto manifest = evidence::read_manifest(item.manifest); !manifest) {
      finding.holds = std::unexpected(manifest.error());
    } else {
      finding.bytes = manifest->sealed.total_size();
      finding.holds = transfer::verify_sealed(home.evidence() / item.id.hex(), manifest->sealed);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace comity::cli
