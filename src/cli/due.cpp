// comity due: what is due, as a list or a calendar.
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "node/calendar.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string calendar;
  bool ours = false;
};

std::string nearness_words(const Json& due) {
  const std::string nearness = text_at(due, "nearness");
  if (nearness == "overdue") return is_true_at(due, "held") ? "HELD" : "OVERDUE";
  if (nearness == "later") return "";
  return nearness == "week" ? "within a week" : "within " + nearness;
}

Result<int> due(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/due"));
  if (!options.calendar.empty()) {
    TRY(write_output(options.calendar, as_bytes(node::calendar_of(answer))));
    say(context.quiet ? options.calendar + '\n' : "Wrote " + options.calendar + ".\n");
    return 0;
  }
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : items_at(answer, "due")) {
    const bool ours = is_true_at(one, "ours");
    if (options.ours && !ours) continue;
    rows.push_back({text_at(one, "at"), nearness_words(one), text_at(one, "clock"),
                    ours ? "us" : text_at(one, "partner"), text_at(one, "exchange"),
                    text_at(one, "partner"), text_at(one, "measure")});
  }
  say(banner(node.exercise()) +
      table({"DUE", "", "WHAT", "FROM", "EXCHANGE", "WITH", "MEASURE"}, rows, "Nothing is due."));
  return 0;
}

}  // namespace

void add_due(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = root.verb("due", "Every date that is set, the nearest first: nothing is forgotten",
                        "  comity due --as approver\n"
                        "  comity due --ours --as approver\n"
                        "  comity due --calendar due.ics --as approver\n\n"
                        "A date that passes changes nothing by itself: an officer renews with\n"
                        "reasons, or ends after the other State was told.\n");
  verb.flag("--ours", options->ours, "Only what waits for us")
      .text("--calendar", options->calendar, "Write an iCalendar file instead; must not be there");
  node_options(verb, context).does([options, &context] { return due(*options, context); });
}

}  // namespace comity::cli
