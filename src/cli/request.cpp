// comity request: all that one State asks of another and says about it.
#include "cli/verbs.hpp"

namespace comity::cli {

void add_request(Verb& root, Context& context) {
  auto group = root.verb("request", "Ask another State, and answer one",
                         "  comity request list\n"
                         "  comity request show 9f2c41\n");
  add_request_drafts(group, context);
  add_request_views(group, context);
  add_request_render(group, context);
  add_request_decisions(group, context);
  add_request_steps(group, context);
  add_request_life(group, context);
  add_request_wait(group, context);
}

}  // namespace comity::cli
