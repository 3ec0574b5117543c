// comity serve, status, version: the node as a process.
#include <fmt/format.h>

#include "cli/draft_text.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

Result<int> status(Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/status"));
  say(context.json ? formats::pretty(answer) + '\n' : banner(node.exercise()) + laid_out(answer));
  return 0;
}

}  // namespace

void add_node(Verb& root, Context& context) {
  auto directory = std::make_shared<std::string>();
  auto verb = root.verb("serve", "Run the node of a home until it is told to stop (SIGTERM)",
                        "  comity serve kgz\n");
  verb.text("DIR", *directory, "The node's home [$COMITY_HOME, else this directory]")
      .does([directory, &context]() -> Result<int> {
        if (!directory->empty()) context.home = *directory;
        return context.hooks.serve(context.home_directory());
      });

  verb = root.verb("status", "How the node of a home is doing", "  comity status --home kgz\n");
  node_options(verb, context).does([&context] { return status(context); });

  auto json = std::make_shared<bool>(false);
  verb = root.verb("version", "Which version this is", "  comity version --json\n");
  verb.flag("--json", *json, "Answer in JSON").does([json]() -> Result<int> {
    say(*json ? formats::pretty(Json::object({{"version", COMITY_VERSION}})) + '\n'
              : fmt::format("comity {}\n", COMITY_VERSION));
    return 0;
  });
}

}  // namespace comity::cli
