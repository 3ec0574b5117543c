#include "node/rebuild.hpp"

#include <fmt/format.h>

#include "custody/log.hpp"
#include "custody/tiles.hpp"

namespace comity::node {
namespace {

constexpr std::uint64_t k_entries_at_once = 1024;

}  // namespace

Result<void> rebuild_log(Store& store, const LogRecord& log, const formats::Verifier& verifier,
                         LogFiles* into) {
  const auto corrupt = [&](std::string_view why) {
    return fault(FaultCode::log_corrupt, fmt::format("{}: {}", log.name, why));
  };
  if (log.size == 0) return {};
  TRY_LET(const auto shown,
          formats::open_checkpoint(as_bytes(log.checkpoint), std::span(&verifier, 1)));
  if (shown.origin != log.origin || shown.size != log.size)
    return corrupt("its checkpoint is of another log or size");
  formats::Edge edge;
  custody::TileFrontier frontier;
  while (edge.size() < log.size) {
    const auto to = std::min(log.size, edge.size() + k_entries_at_once);
    TRY_LET(const auto rows, store.entries(log.name, edge.size(), to));
    if (rows.size() != to - edge.size()) return corrupt("entries are missing from the database");
    std::vector<Bytes> entries;
    for (const auto& row : rows) {
      edge.append(formats::leaf_hash(row.entry));
      entries.push_back(row.entry);
    }
    for (const auto& file : frontier.grow(entries)) {
      if (!into) break;
      TRY(into->write(log.name, file.path, file.bytes));
    }
  }
  if (edge.root() != shown.root || edge.bytes() != log.edge)
    return corrupt("its entries lead to another root than it signed");
  if (into) TRY(into->write(log.name, "checkpoint", as_bytes(log.checkpoint)));
  return {};
}

}  // namespace comity::node
