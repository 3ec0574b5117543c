// comity export: one exchange as a folder that a court opens: composed by the node, written here,
// its index signed by the authority over exactly what was written.
#include <fmt/format.h>

#include <algorithm>

#include "cli/export_folder.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "court/index.hpp"
#include "court/layout.hpp"
#include "crypto/cms.hpp"
#include "evidence/manifest.hpp"
#include "formats/age_keys.hpp"
#include "formats/tile.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string request, out, purpose = "court";
  std::vector<std::string> withhold;
  std::optional<std::string> recipient, proceeding, onward;

  /// What the evidence is exported for, where it is not what the request stated.
  void add_use(Query& query) const {
    if (proceeding) query.emplace_back("proceeding", *proceeding);
    if (onward) query.emplace_back("onward", *onward);
  }
};

/// "ACT/PART=WHY"
Result<Json> read_withhold(const std::string& text) {
  const auto slash = text.find('/'), equals = text.find('=');
  const bool whole = slash != text.npos && equals != text.npos && slash > 0 && slash + 1 < equals &&
                     equals + 1 < text.size();
  if (!whole)
    return fault(FaultCode::bad_usage, "--withhold " + text +
                                           ": it is ACT/PART=WHY, as in "
                                           "1/persons=\"protects a witness\"");
  return Json::object({{"act", text.substr(0, slash)},
                       {"part", text.substr(slash + 1, equals - slash - 1)},
                       {"why", text.substr(equals + 1)}});
}

Result<Json> read_order(const Options& options) {
  TRY_LET(const auto purpose, court::purpose_from(options.purpose));
  Json order = Json::object({{"for", court::name_of(purpose)}});
  if (!options.withhold.empty()) {
    Json list = Json::array();
    for (const auto& text : options.withhold) {
      TRY_LET(Json one, read_withhold(text));
      list.push_back(std::move(one));
    }
    order.set("withhold", std::move(list));
  }
  if (options.recipient) {
    // A mistyped key is told here, before anything is logged.
    TRY_LET(const auto reader, formats::AgeRecipient::from_text(*options.recipient));
    order.set("recipient", reader.text());
  }
  order.set_optional("proceeding", options.proceeding);
  order.set_optional("onward", options.onward);
  return order;
}

/// Fetches an export that the node has listed: each file as it is listed, and no other.
class Export {
 public:
  Export(Node& node, const ExportFolder& folder, std::string id, court::Index index,
         const Options& options)
      : node_(node), folder_(folder), id_(std::move(id)), index_(std::move(index)) {
    options.add_use(plaintext_);
  }

  Result<void> copy_listed() {
    std::uint64_t total = 0, done = 0;
    for (const auto& file : index_.files) total += file.size;
    Progress progress(node_.context().clock, "files", total);
    for (const auto& file : index_.files) {
      TRY_LET(auto out, folder_.begin(file.path));
      TRY(node_.fetch("/v1/exports/" + id_ + "/files/" + file.path, {}, out));
      TRY_LET(const Digest digest, out.finish());
      if (digest != file.sha256 || out.size() != file.size)
        return fault(FaultCode::evidence_hash, file.path + ": is not what the node listed");
      progress.at(done += file.size);
    }
    return {};
  }

  /// Bytes of an item.
  Result<void> copy(const Json& reference) {
    TRY_LET(const ItemId item, ItemId::from_hex(text_at(reference, "item")));
    const std::string kind = text_at(reference, "kind");
    const std::string path = text_at(reference, "path");
    if (kind == "tiles") return copy_tiles(item, path);
    if (kind == "sealed") return copy_file(item, path, court::Role::sealed, "/sealed", {});
    if (kind == "plaintext")
      return copy_file(item, path, court::Role::plaintext, "/content", plaintext_);
    return fault(FaultCode::peer_protocol, "a reference of an unknown kind: " + kind);
  }

  /// The node signs its own list, with what was fetched apart; it must be the one seen here.
  Result<court::Index> finish() {
    TRY_LET(const Json signed_index, node_.post("/v1/exports/" + id_ + "/index",
                                                Json::object({{"files", std::move(fetched_)}})));
    TRY_LET(const Bytes p7m, from_base64(text_at(signed_index, "p7m")));
    TRY_LET(const Bytes content, court::index_content(index_));
    TRY_LET(const auto opened, crypto::cms_open(p7m));
    if (opened.content != content)
      return fault(FaultCode::peer_protocol, "the node signed another index than it showed");
    TRY(folder_.write(std::string(court::k_index_json), content));
    TRY(folder_.write(std::string(court::k_index_p7m), p7m));
    return index_;
  }

 private:
  /// How many bytes are to come, as the manifest among the files says; nothing if it is withheld.
  Result<std::optional<std::uint64_t>> size_of(const ItemId& item, court::Role role) const {
    const auto path = court::path_of({.role = court::Role::manifest, .item = item});
    if (std::ranges::find(index_.files, path, &court::IndexFile::path) == index_.files.end())
      return std::nullopt;
    TRY_LET(const Bytes bytes, read_input((folder_.partial() / path).string()));
    TRY_LET(const auto manifest, evidence::read_manifest(bytes));
    return role == court::Role::sealed ? manifest.sealed.total_size()
                                       : manifest.sealed.plaintext_size;
  }

  Result<void> copy_file(const ItemId& item, const std::string& path, court::Role role,
                         const std::string& what, const Query& query) {
    TRY_LET(const auto size, size_of(item, role));
    Progress progress(node_.context().clock, std::string(court::name_of(role)), size);
    TRY_LET(auto file, folder_.begin(path));
    file.told([&](std::uint64_t done) { progress.at(done); });
    TRY(node_.fetch("/v1/items/" + item.hex() + what, query, file));
    TRY_LET(const Digest digest, file.finish());
    index_.files.push_back({path, role, file.size(), digest});
    fetched_.push_back(
        Json::object({{"path", path}, {"sha256", digest.hex()}, {"size", file.size()}}));
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
  std::string id_;
  court::Index index_;
  Json fetched_ = Json::array();
  Query plaintext_ = {{"purpose", "export"}};
};

Result<int> make(const Options& options, Context& context) {
  TRY_LET(const Json order, read_order(options));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.request));
  TRY_LET(const auto folder, ExportFolder::make(options.out));
  context.kept = "An unfinished export may lie in " + folder.partial().string() +
                 "; remove it. The attempt is logged.";
  TRY_LET(const Json begun, node.post("/v1/exchanges/" + id + "/exports", order));
  const Json* listed = begun.find("index");
  if (listed == nullptr) return fault(FaultCode::peer_protocol, "the export has no index");
  TRY_LET(auto index, court::read_index(as_bytes(formats::canonical(*listed))));
  Export out(node, folder, text_at(begun, "export"), std::move(index), options);
  TRY(out.copy_listed());
  for (const auto& reference : items_at(begun, "references")) TRY(out.copy(reference));
  TRY_LET(const auto made, out.finish());
  TRY(folder.finish());
  std::uint64_t bytes = 0;
  for (const auto& file : made.files) bytes += file.size;
  if (context.json) {
    say(formats::pretty(Json::object({{"folder", options.out},
                                      {"exchange", id},
                                      {"purpose", options.purpose},
                                      {"files", made.files.size()},
                                      {"absent", made.absent.size()},
                                      {"withheld", court::withheld_count(made)},
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
  auto verb =
      root.verb("export", "Write an exchange as a folder that any court can check",
                "  comity export 9f2c41 -o export --for court --as approver\n"
                "  comity export 9f2c41 -o copy --for defence --as approver \\\n"
                "      --withhold 1/persons=\"protects a witness\" \\\n"
                "      --recipient age1lggyh…\n\n"
                "'comity request show' tells the acts' numbers and the names of their parts. "
                "Whoever\nholds the recipient's key opens the evidence with age; the copy's "
                "README.txt says how.\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .text("-o,--out", options->out, "The folder; must not be there", Presence::required)
      .text("--for", options->purpose, "court: with plaintext; defence: without [court]")
      .texts("--withhold", options->withhold,
             "ACT/PART=WHY: a part that must not be shown; may come again")
      .text("--recipient", options->recipient,
            "age1…: open the evidence to this key alone, instead of plaintext")
      .text("--proceeding", options->proceeding,
            "Another one than the request stated, as the sender agreed to it")
      .text("--onward", options->onward, "The State that it is handed on to: LAO");
  node_options(verb, context).does([options, &context] { return make(*options, context); });
}

}  // namespace comity::cli
