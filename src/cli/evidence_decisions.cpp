// comity evidence release, first, destroy, refetch: what officers decide about an item.
#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string request, item, remains, authorisation;
  bool draft_only = false, emergency = false, no_longer = false;
};

Result<int> release(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string exchange, node.exchange_id(options.request));
  TRY_LET(const std::string item, node.item_id(options.item));
  auto input = Json::object({{"type", "delivery"}, {"exchange", exchange}, {"item", item}});
  if (!options.authorisation.empty()) input.set("authorisation", options.authorisation);
  if (options.emergency) input.set("emergency", true);
  return act(node, input,
             options.emergency
                 ? "Released in an emergency; oversight is told. The delivery is logged and on its "
                   "way.\nNext: a second officer's 'comity request review'; see 'comity due'"
                 : "Released by two officers. The delivery is logged and on its way.",
             options.draft_only);
}

Result<int> destroy(const Options& options, Context& context) {
  TRY_LET(std::string remains, words_or_file(options.remains));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  return act(node,
             Json::object({{"type", "statement"},
                           {"kind", "item.destroy"},
                           {"item", item},
                           {"remains", std::move(remains)}}),
             "The item's keys are destroyed; the statement is logged.", options.draft_only);
}

Result<int> first(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  const auto address = "/v1/items/" + item + "/first";
  if (options.no_longer)
    TRY(node.remove(address));
  else
    TRY(node.post(address, Json::object()));
  say(context.quiet
          ? item + '\n'
          : banner(node.exercise()) +
                (options.no_longer
                     ? "It goes in its turn again. Logged.\n"
                     : "It goes before others, and at any hour, at this node's end of the "
                       "line. Logged.\nNext: comity evidence status --watch\n"));
  return 0;
}

Result<int> refetch(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  TRY(node.post("/v1/items/" + item + "/refetch", Json::object()));
  say(context.quiet ? item + '\n'
                    : banner(node.exercise()) +
                          "It is fetched again from the State that sent it; what is right of it "
                          "stays. Logged.\nNext: comity evidence status --watch\n");
  return 0;
}

}  // namespace

void add_evidence_decisions(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "release", "Let an item go to the requesting State: an executor and an approver sign",
      "  comity evidence release 9f2c41 77ab03 --as executor --as approver\n"
      "  comity evidence release 9f2c41 77ab03 --as executor      # makes and signs the draft\n"
      "  comity request approve 51c0de --as approver --send       # the second officer\n"
      "  comity evidence release 9f2c41 77ab03 --emergency --as approver   # one, reviewed "
      "after\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--authorisation", options->authorisation, "The act that tells of it: its id")
      .flag("--emergency", options->emergency,
            "Of a measure that averts an emergency: one approver lets it go, another one looks at "
            "it afterwards")
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] { return release(*options, context); });

  verb = evidence.verb(
      "destroy", "End the keys of an item; two officers state what is known to remain",
      "  comity evidence destroy 77ab03 --remains \"The court's copy of 4 May\" --as executor "
      "--as approver\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--remains", options->remains, "What is known to remain, or @FILE", Presence::required)
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] { return destroy(*options, context); });

  verb =
      evidence.verb("first", "Let an item go before others on the line to its State, at any hour",
                    "  comity evidence first 77ab03 --as executor\n"
                    "  comity evidence first 77ab03 --no-longer --as executor   # takes it back\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .flag("--no-longer", options->no_longer, "It goes in its turn again");
  node_options(verb, context).does([options, &context] { return first(*options, context); });

  verb = evidence.verb("refetch", "Fetch an item again of which the node found damaged bytes",
                       "  comity evidence refetch 77ab03 --as executor\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return refetch(*options, context); });
}

}  // namespace comity::cli
