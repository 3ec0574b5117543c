// comity export: one exchange as a folder that a court opens: composed by the node, written here,
// its index signed by the authority over exactly what was written.
#include <fmt/format.h>

#include <algorithm>

#include "cli/export_folder.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "court/index.hpp"
#include "formats/tile.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string request, out, purpose = "court";
};

class Export {
 public:
  Export(Node& node, const ExportFolder& folder, court::Index index)
      : node_(node), folder_(folder), index_(std::move(index)) {}

  /// A small file that came with the bundle: the index lists it already.
  Result<void> write(const Json& file) {
    TRY_LET(const Bytes bytes, from_base64(text_at(file, "content")));
    return folder_.write(text_at(file, "path"), bytes);
  }

  /// Bytes that were too large to come with it.
  Result<void> copy(const Json& reference) {
    TRY_LET(const ItemId item, ItemId::from_hex(text_at(reference, "item")));
    const std::string kind = text_at(reference, "kind");
    const std::string path = text_at(reference, "path");
    if (kind == "tiles") return copy_tiles(item, path);
    if (kind == "sealed") return copy_file(item, path, court::Role::sealed, "/sealed", {});
    if (kind == "plaintext")
      return copy_file(item, path, court::Role::plaintext, "/content", {{"purpose", "export"}});
    return fault(FaultCode::peer_protocol, "a reference of an unknown kind: " + kind);
  }

  Result<court::Index> finish(const std::string& exchange) {
    TRY_LET(const Bytes content, court::index_content(index_));
    TRY_LET(const Json signed_index, node_.post("/v1/exchanges/" + exchange + "/export/index",
                                                Json::object({{"content", base64(content)}})));
    TRY_LET(const Bytes p7m, from_base64(text_at(signed_index, "p7m")));
    TRY(folder_.write(std::string(court::k_index_json), content));
    TRY(folder_.write(std::string(court::k_index_p7m), p7m));
    return index_;
  }

 private:
  Result<void> copy_file(const ItemId& item, const std::string& path, court::Role role,
                         const std::string& what, const Query& query) {
    Progress progress(node_.context().clock, std::string(court::name_of(role)), std::nullopt);
    TRY_LET(auto file, folder_.begin(path));
    file.told([&](std::uint64_t done) { progress.at(done); });
    TRY(node_.fetch("/v1/items/" + item.hex() + what, query, file));
    TRY_LET(const Digest digest, file.finish());
    // An index that names the file already must name these bytes.
    const auto listed = std::ranges::find(index_.files, path, &court::IndexFile::path);
    if (listed == index_.files.end()) {
      index_.files.push_back({path, role, file.size(), digest});
    } else if (listed->sha256 != digest || listed->size != file.size()) {
      return fault(FaultCode::evidence_hash, path + ": is not what the node listed");
    }
    return {};
  }

  Result<void> copy_tiles(const ItemId& item, const std::string& path) {
    const auto tiles = std::ranges::find(index_.tiles, item, &court::IndexTiles::item);
    if (tiles == index_.tiles.end())
      return fault(FaultCode::peer_protocol, path + ": the index does not list it");
    Result<void> done;
    formats::for_each_tile(tiles->chunks, [&](const formats::Tile& tile) {
      if (done && tile.kind == formats::Tile::Kind::hashes) done = copy_tile(item, path, tile);
    });
    return done;
  }

  Result<void> copy_tile(const ItemId& item, const std::string& path, const formats::Tile& tile) {
    constexpr std::string_view k_top = "tile/";
    const std::string where = formats::path_of(tile);
    TRY_LET(auto file, folder_.begin(path + '/' + where));
    TRY(node_.fetch("/v1/items/" + item.hex() + "/tiles/" + where.substr(k_top.size()), {}, file));
    TRY(file.finish());
    return {};
  }

  Node& node_;
  const ExportFolder& folder_;
  court::Index index_;
};

Result<int> make(const Options& options, Context& context) {
  TRY_LET(const auto purpose, court::purpose_from(options.purpose));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.request));
  TRY_LET(const auto folder, ExportFolder::make(options.out));
  context.kept = "An unfinished export may lie in " + folder.partial().string() +
                 "; remove it. The attempt is logged.";
  TRY_LET(const Json bundle,
          node.get("/v1/exchanges/" + id + "/export", {{"for", court::name_of(purpose).data()}}));
  const Json* input = bundle.find("index_input");
  if (input == nullptr) return fault(FaultCode::peer_protocol, "the bundle has no index_input");
  TRY_LET(auto index, court::read_index(as_bytes(formats::canonical(*input))));
  Export out(node, folder, std::move(index));
  for (const auto& file : items_at(bundle, "files")) TRY(out.write(file));
  for (const auto& reference : items_at(bundle, "references")) TRY(out.copy(reference));
  TRY_LET(const auto made, out.finish(id));
  TRY(folder.finish());
  std::uint64_t bytes = 0;
  for (const auto& file : made.files) bytes += file.size;
  if (context.json) {
    say(formats::pretty(Json::object({{"folder", options.out},
                                      {"exchange", id},
                                      {"purpose", options.purpose},
                                      {"files", made.files.size()},
                                      {"absent", made.absent.size()},
                                      {"bytes", bytes}})) +
        '\n');
    return 0;
  }
  if (context.quiet) {
    say(options.out + '\n');
    return 0;
  }
  std::string absent;
  for (const auto& row : made.absent) absent += row.path + " (" + row.why + ")\n";
  if (!absent.empty()) absent.pop_back();
  say(banner(node.exercise()) + "Exported; the index is signed by the authority.\n" +
      named_lines({{"folder", options.out},
                   {"for", options.purpose},
                   {"files", fmt::format("{}, {}", made.files.size(), bytes_words(bytes))},
                   {"left out", absent},
                   {"next", fmt::format("comity verify {} --trust {}=… --trust {}=…", options.out,
                                        made.exporter.text(), made.partner.text())}}));
  return 0;
}

}  // namespace

void add_export(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = root.verb("export", "Write an exchange as a folder that any court can check",
                        "  comity export 9f2c41 -o export --for court --as approver\n"
                        "  comity export 9f2c41 -o copy --for defence --as approver\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .text("-o,--out", options->out, "The folder; must not be there", Presence::required)
      .text("--for", options->purpose,
            "court: with plaintext; defence: only what may be shown [court]");
  node_options(verb, context).does([options, &context] { return make(*options, context); });
}

}  // namespace comity::cli
