#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "formats/text.hpp"
#include "node/restored.hpp"

namespace comity::node {
namespace {

Result<Bytes> read_file(Office& office, std::string_view log, const std::string& path) {
  TRY_LET(auto bytes, office.ports.log_files.read(log, path));
  if (!bytes) return fault(FaultCode::log_corrupt, fmt::format("{}: {} is missing", log, path));
  return *std::move(bytes);
}

/// The log ready for a batch; made on first use.
Result<custody::LogState> take_state(Turn& turn, std::string_view log) {
  auto& book = turn.office.books[std::string(log)];
  if (!book.state) {
    const auto origin = turn.charter().origin_prefix + std::string(log);
    return custody::LogState::fresh(origin);
  }
  auto state = *std::move(book.state);
  book.state.reset();
  return state;
}

Result<void> write_files(Office& office, std::string_view log,
                         std::span<const custody::LogFile> files, std::string_view checkpoint) {
  for (const auto& file : files) TRY(office.ports.log_files.write(log, file.path, file.bytes));
  // The checkpoint last: whoever reads it finds every tile that it promises.
  return office.ports.log_files.write(log, "checkpoint", as_bytes(checkpoint));
}

/// A file of ours that does not even read is as bad as one that leads elsewhere.
std::unexpected<Fault> corrupt(const std::string& log, const Fault& why) {
  if (why.code == FaultCode::store_io) return std::unexpected(why);
  return fault(FaultCode::log_corrupt, log + ": " + why.detail);
}

/// Files follow from rows: a checkpoint of ours that is ahead of its row means that the database is
/// an older copy, or a new one. Signing on from there would fork the log; and what the newer rows
/// named would look like leftovers, and be removed.
Result<void> check_not_older(Office& office, const std::string& log, std::uint64_t size) {
  TRY_LET(const auto file, office.ports.log_files.read(log, "checkpoint"));
  if (!file) return {};
  TRY_LET(const auto verifiers, own_verifiers(office, log));
  const auto shown = formats::open_checkpoint(*file, verifiers);
  if (!shown || shown->size <= size) return {};  // torn by a crash: written again from the rows
  return fault(
      FaultCode::log_rolled_back,
      fmt::format("{}: its files hold {} entries, the database {}", log, shown->size, size));
}

/// After the key of a log was replaced, its newest checkpoint is signed anew: the same text, which
/// was signed under a key of an entry of ours. That partners believe the new one is for the entry.
Result<void> sign_anew(Office& office, LogRecord& record) {
  if (record.checkpoint.empty()) return {};
  TRY_LET(const auto verifiers, own_verifiers(office, record.name));
  if (formats::open_note(as_bytes(record.checkpoint), std::span(verifiers).first(1))) return {};
  const auto note = formats::open_note(as_bytes(record.checkpoint), verifiers);
  if (!note) return corrupt(record.name, note.error());
  TRY_LET(record.checkpoint,
          office.ports.log_signer.sign_checkpoint(record.name, record.origin, note->text));
  TRY(office.ports.store.begin());
  TRY(office.ports.store.put_log(record));
  return office.ports.store.commit();
}

Result<void> open_book(Office& office, LogRecord record) {
  TRY(check_not_older(office, record.name, record.size));
  TRY(sign_anew(office, record));
  TRY_LET(auto state, custody::LogState::load(record.origin, record.edge, record.checkpoint));
  auto& book = office.books[record.name];
  book.installed = record.installed;
  // What was published after the last sync may be missing or torn: written again from the rows.
  TRY_LET(const auto rows, office.ports.store.entries(record.name, record.installed, record.size));
  if (rows.size() != record.size - record.installed)
    return fault(FaultCode::log_corrupt, record.name + ": entries are missing from the database");
  formats::Edge edge;
  if (record.installed > 0) {
    // The edge at `installed`, from files that are durable.
    formats::TileHashReader reader(record.installed, [&](const formats::Tile& tile) {
      return read_file(office, record.name, formats::path_of(tile));
    });
    auto durable = formats::edge_at(reader, record.installed);
    if (!durable) return corrupt(record.name, durable.error());
    edge = *std::move(durable);
    auto frontier = custody::TileFrontier::load(
        edge, [&](const std::string& path) { return read_file(office, record.name, path); });
    if (!frontier) return corrupt(record.name, frontier.error());
    book.frontier = *std::move(frontier);
  }
  std::vector<Bytes> entries;
  for (const auto& row : rows) {
    edge.append(formats::leaf_hash(row.entry));
    entries.push_back(row.entry);
  }
  if (edge.root() != state.edge().root())
    return fault(
        FaultCode::log_corrupt,
        fmt::format("{}: the tiles and rows lead to another root than the checkpoint of size {}",
                    record.name, record.size));
  // Entry by entry, so that every size which may have been promised can be served.
  std::vector<custody::LogFile> files;
  for (const auto& entry : entries)
    for (auto& file : book.frontier.grow(std::span(&entry, 1))) files.push_back(std::move(file));
  if (record.size > 0) TRY(write_files(office, record.name, files, record.checkpoint));
  book.state = std::move(state);
  return {};
}

}  // namespace

std::string partner_log(const StateCode& partner) {
  return "partner/" + partner.text();
}

std::string current_log(const Office& office, std::string_view log) {
  std::string name(log);
  for (auto next = office.successors.find(name); next != office.successors.end();
       next = office.successors.find(name))
    name = next->second;
  return name;
}

std::string next_log_name(std::string_view log) {
  const auto dot = log.rfind('.');
  if (dot == std::string_view::npos) return std::string(log) + ".2";
  const auto number = formats::decimal(log.substr(dot + 1), FaultCode::format_field);
  CHECK(number);
  return fmt::format("{}.{}", log.substr(0, dot), *number + 1);
}

std::uint64_t place_in(std::string_view log, std::uint64_t index) {
  const auto dot = log.rfind('.');
  if (dot == std::string_view::npos) return index;
  const auto number = formats::decimal(log.substr(dot + 1), FaultCode::format_field);
  CHECK(number && *number > 1 && index < k_places_of_log);
  return (*number - 1) * k_places_of_log + index;
}

std::pair<std::string, std::uint64_t> entry_at(std::string_view first, std::uint64_t place) {
  const auto number = place / k_places_of_log + 1;
  return {number == 1 ? std::string(first) : fmt::format("{}.{}", first, number),
          place % k_places_of_log};
}

std::pair<std::uint64_t, std::string> published(const Turn& turn, std::string_view log) {
  if (const auto batch = turn.batches.find(log); batch != turn.batches.end())
    return {batch->second.before().size(), batch->second.before().checkpoint()};
  const auto book = turn.office.books.find(log);
  if (book == turn.office.books.end() || !book->second.state) return {};
  return {book->second.state->size(), book->second.state->checkpoint()};
}

Result<std::uint64_t> note(Turn& turn, std::string_view asked, custody::EntryKind kind, Json facts,
                           const About& about) {
  TRY(check_goes_on(turn.office, asked));
  const std::string log = current_log(turn.office, asked);
  if (about.exchange) facts.set("exchange", about.exchange->hex());
  if (about.item) facts.set("item", about.item->hex());
  const auto entry =
      custody::make_entry(kind, turn.now, turn.office.ports.random, std::move(facts));
  TRY_LET(Bytes bytes, custody::write_entry(entry));
  auto batch = turn.batches.find(log);
  if (batch == turn.batches.end()) {
    TRY_LET(auto state, take_state(turn, log));
    batch = turn.batches.emplace(log, custody::Batch(std::move(state))).first;
  }
  TRY_LET(const auto index, batch->second.append(bytes));
  TRY(turn.store().add_entry({.log = log,
                              .index = index,
                              .entry = std::move(bytes),
                              .kind = std::string(custody::name_of(kind)),
                              .exchange = about.exchange,
                              .item = about.item}));
  return index;
}

Result<void> note_list(Turn& turn, const Digest& officer, std::string_view of,
                       const std::vector<std::string>& ids) {
  auto facts = Json::object({{"officer", officer.hex()}, {"of", of}, {"count", ids.size()}});
  if (!ids.empty()) facts.set("first", ids.front()).set("last", ids.back());
  TRY(note(turn, k_internal_log, custody::EntryKind::read_list, std::move(facts)));
  return {};
}

Result<void> seal_books(Turn& turn) {
  for (auto& [name, batch] : turn.batches) {
    const auto& log = name;
    TRY_LET(auto next, batch.seal([&](std::string_view origin, std::string_view text) {
      return turn.office.ports.log_signer.sign_checkpoint(log, origin, text);
    }));
    auto& book = turn.office.books[name];
    TRY(turn.store().put_log({.name = name,
                              .origin = next.origin(),
                              .size = next.size(),
                              .edge = next.edge().bytes(),
                              .checkpoint = next.checkpoint(),
                              .installed = book.installed}));
    book.state = std::move(next);
  }
  for (auto& work : turn.once_sealed) TRY(work());
  return {};
}

Result<void> publish(Turn& turn) {
  for (auto& [name, batch] : turn.batches) {
    auto& book = turn.office.books[name];
    const auto files = book.frontier.grow(batch.entries(), batch.leaf_hashes());
    TRY(write_files(turn.office, name, files, batch.checkpoint()));
  }
  return {};
}

Result<void> open_books(Office& office) {
  TRY_LET(const auto logs, office.ports.store.logs());
  for (const auto& log : logs) TRY(open_book(office, log));
  // A log of which no row is left at all.
  std::vector<std::string> names{std::string(k_internal_log), std::string(k_anchor_log)};
  TRY_LET(const auto directory, office.ports.store.directory());
  for (const auto& entry : directory) names.push_back(partner_log(entry.state));
  for (const auto& name : names)
    if (!office.books.contains(name)) TRY(check_not_older(office, name, 0));
  return {};
}

Result<std::vector<LogEntryRecord>> entries_of(Turn& turn, std::string_view log, std::uint64_t from,
                                               std::uint64_t to) {
  TRY_LET(auto rows, turn.store().entries(log, from, to));
  const auto batch = turn.batches.find(log);  // which holds the state, if the log grew in this turn
  const auto book = turn.office.books.find(log);
  std::uint64_t published = 0;
  if (batch != turn.batches.end())
    published = batch->second.before().size();
  else if (book != turn.office.books.end() && book->second.state)
    published = book->second.state->size();
  formats::TileHashReader hashes(published, [&](const formats::Tile& tile) {
    return read_file(turn.office, log, formats::path_of(tile));
  });
  auto next = from;  // a row that was removed would else be passed over in silence
  for (const auto& row : rows) {
    if (row.index >= published || row.index != next) break;
    ++next;
    TRY_LET(const Digest hash, hashes.subtree(0, row.index));
    if (hash != formats::leaf_hash(row.entry))
      return fault(
          FaultCode::log_corrupt,
          fmt::format("{}: entry {} in the database is not the one logged", log, row.index));
  }
  if (next < std::min(to, published))
    return fault(FaultCode::log_corrupt,
                 fmt::format("{}: entry {} is missing from the database", log, next));
  return rows;
}

std::unique_ptr<formats::HashReader> hashes_of(Office& office, std::string_view log) {
  const auto book = office.books.find(log);
  const auto size =
      book == office.books.end() || !book->second.state ? 0 : book->second.state->size();
  return std::make_unique<formats::TileHashReader>(
      size, [&office, name = std::string(log)](const formats::Tile& tile) {
        return read_file(office, name, formats::path_of(tile));
      });
}

}  // namespace comity::node
