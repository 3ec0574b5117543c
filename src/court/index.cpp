#include "court/index.hpp"

#include <algorithm>
#include <array>

#include "formats/fields.hpp"

namespace comity::court {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::array<std::string_view, 2> k_purposes = {"court", "defence"};
constexpr std::size_t k_code_bytes_max = 64;
constexpr std::size_t k_why_bytes_max = 1000;

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_field, std::move(why));
}

/// Sorted strictly by `key`: none twice, and one text for one index.
template <typename List, typename Key>
Result<void> check_order(const List& list, Key key, const char* what) {
  if (std::ranges::adjacent_find(list, std::ranges::greater_equal{}, key) != list.end())
    return refuse(std::string(what) + " must stand in order, each once");
  return {};
}

Result<void> check(const Index& index) {
  if (index.files.size() > k_index_files_max || index.acts.size() > k_index_files_max ||
      index.absent.size() > k_index_files_max || index.tiles.size() > k_index_items_max)
    return fault(FaultCode::limit_count, "an index of that many files");
  TRY(check_order(index.files, &IndexFile::path, "files"));
  TRY(check_order(index.acts, &IndexAct::path, "acts"));
  TRY(check_order(index.absent, &IndexAbsent::path, "absent things"));
  TRY(check_order(index.tiles, &IndexTiles::item, "tiles"));
  for (const auto& file : index.files) {
    const auto place = place_of(file.path);
    if (!place || place->role != file.role || file.role == Role::tiles)
      return refuse(file.path + " is no " + std::string(name_of(file.role)));
  }
  for (const auto& act : index.acts) {
    const auto place = place_of(act.path);
    if (!place || place->role != Role::act) return refuse(act.path + " is no act");
    if (act.author != index.exporter && act.author != index.partner)
      return refuse(act.path + " is by neither State");
  }
  for (const auto& absent : index.absent) {
    if (!place_of(absent.path)) return refuse(absent.path + " has no place in an export");
    if (std::ranges::binary_search(index.files, absent.path, {}, &IndexFile::path))
      return refuse(absent.path + " is there and absent");
  }
  if (index.exporter == index.partner) return refuse("both States are one");
  return {};
}

Json to_json(const Index& index) {
  auto acts = Json::array();
  for (const auto& act : index.acts)
    acts.push_back(Json::object(
        {{"author", act.author.text()}, {"check_at", to_text(act.check_at)}, {"path", act.path}}));
  auto files = Json::array();
  for (const auto& file : index.files)
    files.push_back(Json::object({{"path", file.path},
                                  {"role", name_of(file.role)},
                                  {"sha256", file.sha256.hex()},
                                  {"size", file.size}}));
  auto tiles = Json::array();
  for (const auto& item : index.tiles)
    tiles.push_back(Json::object({{"chunk_root", item.chunk_root.hex()},
                                  {"chunks", item.chunks},
                                  {"path", path_of({.role = Role::tiles, .item = item.item})}}));
  auto absent = Json::array();
  for (const auto& row : index.absent)
    absent.push_back(Json::object({{"path", row.path}, {"why", row.why}}));
  return Json::object({{"absent", std::move(absent)},
                       {"acts", std::move(acts)},
                       {"authority", index.authority},
                       {"exchange", index.exchange.hex()},
                       {"exercise", index.exercise},
                       {"exporter", index.exporter.text()},
                       {"files", std::move(files)},
                       {"format", k_export_format},
                       {"made_at", to_text(index.made_at)},
                       {"partner", index.partner.text()},
                       {"purpose", name_of(index.purpose)},
                       {"tiles", std::move(tiles)}});
}

Result<Instant> whole_seconds(Fields& fields, std::string_view key) {
  TRY_LET(const Instant at, fields.instant(key));
  if (at.ms % 1000 != 0) return fields.refuse(key, "must be in whole seconds");
  return at;
}

Result<IndexAct> read_act(Fields& fields) {
  IndexAct act;
  TRY_LET(act.path, fields.text("path", k_export_path_bytes_max));
  TRY_LET(act.author, fields.state("author"));
  TRY_LET(act.check_at, whole_seconds(fields, "check_at"));
  return act;
}

Result<IndexFile> read_file(Fields& fields) {
  IndexFile file;
  TRY_LET(file.path, fields.text("path", k_export_path_bytes_max));
  TRY_LET(file.role, fields.parsed<Role>("role", role_from));
  TRY_LET(const std::int64_t size, fields.integer("size"));
  file.size = static_cast<std::uint64_t>(size);
  TRY_LET(file.sha256, fields.digest("sha256"));
  return file;
}

Result<IndexTiles> read_tiles(Fields& fields) {
  TRY_LET(const std::string path, fields.text("path", k_export_path_bytes_max));
  const auto place = place_of(path);
  if (!place || place->role != Role::tiles) return fields.refuse("path", "is no folder of tiles");
  IndexTiles tiles{.item = place->item};
  TRY_LET(const std::int64_t chunks, fields.integer("chunks", 1));
  tiles.chunks = static_cast<std::uint64_t>(chunks);
  TRY_LET(tiles.chunk_root, fields.digest("chunk_root"));
  return tiles;
}

Result<IndexAbsent> read_absent(Fields& fields) {
  IndexAbsent absent;
  TRY_LET(absent.path, fields.text("path", k_export_path_bytes_max));
  TRY_LET(absent.why, fields.text("why", k_why_bytes_max));
  return absent;
}

template <typename T>
Result<std::vector<T>> read_list(Fields& fields, std::string_view key, std::size_t count_max,
                                 Result<T> (*read)(Fields&)) {
  TRY_LET(const std::span<const Json> items, fields.array(key, count_max));
  std::vector<T> list;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, key, i, items[i]);
    TRY_LET(T row, read(item));
    TRY(item.end());
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::string_view name_of(Purpose purpose) {
  return k_purposes[static_cast<std::size_t>(purpose)];
}

Result<Purpose> purpose_from(std::string_view name) {
  const auto found = std::ranges::find(k_purposes, name);
  if (found == k_purposes.end()) return refuse("a purpose is \"court\" or \"defence\"");
  return static_cast<Purpose>(found - k_purposes.begin());
}

std::size_t withheld_count(const Index& index) {
  return static_cast<std::size_t>(std::ranges::count_if(index.absent, &IndexAbsent::withheld));
}

Result<Bytes> index_content(Index index) {
  std::ranges::sort(index.files, {}, &IndexFile::path);
  std::ranges::sort(index.acts, {}, &IndexAct::path);
  std::ranges::sort(index.absent, {}, &IndexAbsent::path);
  std::ranges::sort(index.tiles, {}, &IndexTiles::item);
  TRY(check(index));
  auto content = to_bytes(formats::canonical(to_json(index)));
  if (content.size() > k_index_bytes_max)
    return fault(FaultCode::limit_size, "the index of this export");
  return content;
}

Result<Index> read_index(View content) {
  TRY_LET(const Json json, formats::parse_canonical(content, {.bytes_max = k_index_bytes_max}));
  Fields fields(json, "index");
  TRY_LET(const std::string format, fields.text("format", k_code_bytes_max));
  if (format != k_export_format)
    return fault(FaultCode::format_version, "an export of the format \"" + format + "\"");
  Index index;
  TRY_LET(index.exercise, fields.boolean("exercise"));
  TRY_LET(index.exchange, fields.id<ExchangeId>("exchange"));
  TRY_LET(index.exporter, fields.state("exporter"));
  TRY_LET(index.partner, fields.state("partner"));
  TRY_LET(index.authority, fields.text("authority", k_code_bytes_max));
  TRY_LET(index.purpose, fields.parsed<Purpose>("purpose", purpose_from));
  TRY_LET(index.made_at, whole_seconds(fields, "made_at"));
  TRY_LET(index.acts, read_list(fields, "acts", k_index_files_max, read_act));
  TRY_LET(index.files, read_list(fields, "files", k_index_files_max, read_file));
  TRY_LET(index.tiles, read_list(fields, "tiles", k_index_items_max, read_tiles));
  TRY_LET(index.absent, read_list(fields, "absent", k_index_files_max, read_absent));
  TRY(fields.end());
  TRY(check(index));
  return index;
}

}  // namespace comity::court
