// comity evidence screen, quarantine, clear: what is privileged is kept from those who investigate.
// The bytes that a screener passes are read here and only hashed; nothing of them goes anywhere.
#include <fmt/format.h>

#include "cli/draft.hpp"
#include "cli/evidence_source.hpp"
#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string request, item, reason;
  std::vector<std::string> files, withheld;
  bool draft_only = false;
};

Result<int> screen(const Options& options, Context& context) {
  TRY_LET(auto withheld, remarks(options.withheld));
  TRY_LET(auto reason, words_or_file(options.reason));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string exchange, node.exchange_id(options.request));
  TRY_LET(const Digest sha256, hash_of_evidence(options.files, context.clock));
  return act(node,
             Json::object({{"type", "statement"},
                           {"kind", "item.screen"},
                           {"exchange", exchange},
                           {"sha256", sha256.hex()},
                           {"withheld", std::move(withheld)},
                           {"reason", std::move(reason)}}),
             fmt::format("These bytes may be sealed, and only what was screened. Logged.\n"
                         "  sha-256  {}\n  next     an executor who did not screen: comity "
                         "evidence add {} …",
                         sha256.hex(), options.request),
             options.draft_only);
}

Result<int> about_item(const Options& options, const char* kind, const char* done,
                       Context& context) {
  TRY_LET(auto reason, words_or_file(options.reason));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  return act(
      node,
      Json::object(
          {{"type", "statement"}, {"kind", kind}, {"item", item}, {"reason", std::move(reason)}}),
      done, options.draft_only);
}

Result<int> quarantine(const Options& options, Context& context) {
  return about_item(options, "item.quarantine",
                    "The item is in quarantine: it is not released, served, opened, proven, shared "
                    "or exported. Logged.\nNext: a screener outside the investigation opens it, "
                    "and clears it with an approver; or it is destroyed. The other State is told "
                    "by an act: comity request --help",
                    context);
}

Result<int> clear(const Options& options, Context& context) {
  return about_item(options, "item.clear", "The item was judged and may be used again. Logged.",
                    context);
}

}  // namespace

void add_evidence_screening(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "screen", "Pass files for sealing, after what is privileged was taken out",
      "  comity evidence screen 9f2c41 mail/ --reason \"Letters of counsel were taken out\" \\\n"
      "      --withheld \"12 letters|between the accused and counsel\" --as screener\n\n"
      "By an officer who takes no part in the exchange. From then on nothing else is sealed for\n"
      "it, and what was withheld stands in the manifest. The files must not change before an\n"
      "executor adds them.\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .texts("FILE…", options->files, "As they will be given to 'evidence add'", Presence::required)
      .text("--reason", options->reason, "What was looked for, and how; or @FILE",
            Presence::required)
      .texts("--withheld", options->withheld,
             "\"what|why\": taken out; may come again. Others read it")
      .flag("--draft-only", options->draft_only, "Make the draft for the screener to sign");
  node_options(verb, context).does([options, &context] { return screen(*options, context); });

  verb = evidence.verb("quarantine", "Keep everybody from an item that may be privileged",
                       "  comity evidence quarantine 77ab03 --reason \"Holds letters of counsel\" "
                       "--as executor\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--reason", options->reason, "What was found, or @FILE", Presence::required)
      .flag("--draft-only", options->draft_only, "Make the draft for another to sign");
  node_options(verb, context).does([options, &context] { return quarantine(*options, context); });

  verb = evidence.verb(
      "clear", "End the quarantine of an item: a screener and an approver sign",
      "  comity evidence open 77ab03 -o judged.img --as screener\n"
      "  comity evidence clear 77ab03 --reason \"No counsel is among them\" --as screener\n"
      "  comity request approve 51c0de --as approver --send       # the second officer\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--reason", options->reason, "What was judged, or @FILE", Presence::required)
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] { return clear(*options, context); });
}

}  // namespace comity::cli
