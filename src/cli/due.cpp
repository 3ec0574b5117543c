// comity due: what is due, as a list or a calendar.
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "node/calendar.hpp"
#include "node/clocks.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string calendar, on;
  bool ours = false;
};

std::string nearness_words(const Json& due) {
  const std::string nearness = text_at(due, "nearness");
  if (nearness == "overdue") return is_true_at(due, "held") ? "HELD" : "OVERDUE";
  if (nearness == "later") return "";
  return nearness == "week" ? "within a week" : "within " + nearness;
}

/// How near each date will be on another day: what the list will show then, if nothing is done.
Result<void> look_ahead(Json& answer, const std::string& day) {
  TRY_LET(const auto on, instant_from_text(day + "T00:00:00Z"));
  for (auto& one : answer["due"].items()) {
    TRY_LET(const auto at, instant_from_text(text_at(one, "at")));
    one.set("nearness", node::name_of(node::nearness_of(at, on)));
  }
  answer.set("now", to_text(on));
  return {};
}

Result<int> due(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(Json answer, node.get("/v1/due"));
  if (!options.on.empty()) TRY(look_ahead(answer, options.on));
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
                        "  comity due --on 2027-01-31 --as approver\n"
                        "  comity due --calendar due.ics --as approver\n\n"
                        "A date that passes changes nothing by itself: an officer renews with\n"
                        "reasons, or ends after the other State was told.\n");
  verb.flag("--ours", options->ours, "Only what waits for us")
      .text("--on", options->on,
            "As it will be on a day, if nothing is done until then: 2027-01-31")
      .text("--calendar", options->calendar, "Write an iCalendar file instead; must not be there");
  node_options(verb, context).does([options, &context] { return due(*options, context); });
}

}  // namespace comity::cli
