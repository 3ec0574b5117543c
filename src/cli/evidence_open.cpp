// comity evidence open: the plaintext of an item into a file that was not there before.
#include <fmt/format.h>

#include "cli/evidence_file.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string item, out, proceeding, onward;
};

std::optional<std::uint64_t> plaintext_size(const Json& item) {
  const Json* manifest = item.find("manifest");
  if (manifest == nullptr) return std::nullopt;
  return static_cast<std::uint64_t>(number_at(*manifest, "plaintext_len"));
}

Result<int> open(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.item_id(options.item));
  TRY_LET(const Json item, node.get("/v1/items/" + id));
  TRY_LET(auto file, NewFile::begin(options.out));
  context.kept = "No file was left; if the node let it be opened, that is logged.";
  Progress progress(context.clock, "opening", plaintext_size(item));
  file.told([&](std::uint64_t done) { progress.at(done); });
  Query query = {{"purpose", "open"}};
  if (!options.proceeding.empty()) query.emplace_back("proceeding", options.proceeding);
  if (!options.onward.empty()) query.emplace_back("onward", options.onward);
  TRY(node.fetch("/v1/items/" + id + "/content", query, file));
  TRY_LET(const Digest digest, file.finish());
  if (context.json) {
    say(formats::pretty(Json::object({{"item", id},
                                      {"file", options.out},
                                      {"size", file.size()},
                                      {"sha256", digest.hex()}})) +
        '\n');
    return 0;
  }
  if (context.quiet) {
    say(options.out + '\n');
    return 0;
  }
  say(banner(node.exercise()) + "Opened; the bytes are those that the sender hashed.\n" +
      named_lines(
          {{"file", options.out}, {"size", bytes_words(file.size())}, {"sha-256", digest.hex()}}));
  return 0;
}

}  // namespace

void add_evidence_open(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb("open", "Open an item into a new file; the opening is logged",
                            "  comity evidence open 77ab03 -o disk.img --as approver\n"
                            "  comity evidence open 77ab03 -o disk.img --as approver \\\n"
                            "      --proceeding \"Case 9/2026\"\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("-o,--out", options->out, "The file; must not be there", Presence::required)
      .text("--proceeding", options->proceeding,
            "Another one than the request stated, as the sender agreed to it")
      .text("--onward", options->onward, "The State that it is handed on to: LAO");
  node_options(verb, context).does([options, &context] { return open(*options, context); });
}

}  // namespace comity::cli
