// comity request list, show, assess: what stands between two States, for reading.
#include <fmt/format.h>

#include "cli/draft_text.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string partner, side, phase, exchange;
  std::int64_t limit = k_list_limit;
};

Result<int> list(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  Query query;
  for (const auto& [name, value] :
       {std::pair{"partner", options.partner}, {"side", options.side}, {"phase", options.phase}})
    if (!value.empty()) query.emplace_back(name, value);
  TRY_LET(const std::size_t most, list_limit(options.limit));
  TRY_LET(const Json answer, node.exchanges(std::move(query), most));
  tell_more(answer);
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& exchange : items_at(answer, "exchanges")) {
    if (context.quiet) {
      say(text_at(exchange, "id") + '\n');
      continue;
    }
    rows.push_back({text_at(exchange, "id"), text_at(exchange, "partner"),
                    text_at(exchange, "side"), text_at(exchange, "measure"),
                    text_at(exchange, "phase"), text_at(exchange, "changed_at")});
  }
  if (context.quiet) return 0;
  say(banner(node.exercise()) + table({"EXCHANGE", "WITH", "WE ARE", "MEASURE", "PHASE", "CHANGED"},
                                      rows, "No exchange fits."));
  return 0;
}

/// The first act under a State's keys asks for a call before anything is given (spec/directory.md
/// §3).
void show_call_back(const Json& page, const std::string& state) {
  const auto contacts = items_at(page, "call_back");
  if (contacts.empty()) return;
  say(fmt::format(
      "\nCALL BACK FIRST: the first act under the keys of {0}. Call a second contact of the\n"
      "entry that was accepted, then 'comity directory confirm {0} --words \"…\"'.\n"
      "Until then nothing is accepted and nothing delivered.\n",
      state));
  std::vector<std::vector<std::string>> rows;
  for (const auto& contact : contacts)
    rows.push_back({text_at(contact, "title"), text_at(contact, "phone"), text_at(contact, "how")});
  say(table({"WHOM", "TELEPHONE", "HOW"}, rows));
}

/// What stands in the way, or waits for an answer.
void show_waiting(const Json& exchange) {
  const Json* situation = exchange.find("situation");
  if (situation == nullptr || !situation->is_object()) return;
  if (is_true_at(*situation, "suspended"))
    say("\nSuspended: nothing is transferred or opened until it is resumed.\n");
  if (is_true_at(*situation, "conditions_pending"))
    say("\nThe conditions of the acceptance wait for a reply.\n");
  if (const std::string returned = text_at(*situation, "returned"); !returned.empty())
    say("\nReturned as incomplete; completed by a supplement that answers " + returned + '\n');
  for (const auto& proposal : items_at(*situation, "proposals"))
    if (text_at(proposal, "state") == "pending")
      say(fmt::format("\nA proposal on {} of the {} State waits for a reply: {}\n",
                      text_at(proposal, "kind"), text_at(proposal, "by"),
                      text_at(proposal, "act")));
}

void show_acts(const Json& exchange) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& act : items_at(exchange, "acts")) {
    std::string officers;
    for (const auto& officer : items_at(act, "officers"))
      officers += (officers.empty() ? "" : ", ") + text_at(officer, "name") + " (" +
                  text_at(officer, "duty") + ")";
    std::string standing = text_at(act, "standing");
    if (is_true_at(act, "moot")) standing += ", moot";
    if (const Json* rejection = act.find("rejection");
        rejection != nullptr && rejection->is_object())
      standing = "rejected: " + text_at(*rejection, "code");
    rows.push_back({text_at(act, "number"), text_at(act, "type"), text_at(act, "side"),
                    text_at(act, "logged_at"), standing, officers});
  }
  say("\nActs\n" + table({"#", "TYPE", "BY", "LOGGED", "STANDING", "OFFICERS"}, rows, "  None."));
}

void show_substance(const Json& exchange) {
  for (const auto& act : items_at(exchange, "acts")) {
    say(fmt::format("\n{} {}  {}\n", text_at(act, "number"), text_at(act, "type"),
                    text_at(act, "id")));
    if (const Json* body = act.find("body")) say(laid_out(*body));
    for (const auto& part : items_at(act, "parts")) {
      const std::string erased = text_at(part, "erased"), text = text_at(part, "text");
      std::string words = part_words(text);
      if (!erased.empty())
        words = wrapped("erased: " + erased, 4);
      else if (text.empty())
        words = wrapped(text_at(part, "media_type") + ", " +
                            bytes_words(static_cast<std::uint64_t>(number_at(part, "size"))),
                        4);
      say("  part " + text_at(part, "name") + '\n' + words);
    }
  }
}

Result<int> show_one(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  TRY_LET(const Json exchange, node.get("/v1/exchanges/" + id));
  if (context.json) {
    say(formats::pretty(exchange) + '\n');
    return 0;
  }
  say(banner(node.exercise()) + named_lines({{"exchange", text_at(exchange, "id")},
                                             {"with", text_at(exchange, "partner")},
                                             {"we are", text_at(exchange, "side")},
                                             {"instrument", text_at(exchange, "instrument")},
                                             {"measure", text_at(exchange, "measure")},
                                             {"phase", text_at(exchange, "phase")},
                                             {"goes on from", text_at(exchange, "linked")},
                                             {"opened", text_at(exchange, "opened_at")},
                                             {"changed", text_at(exchange, "changed_at")}}));
  show_call_back(exchange, text_at(exchange, "partner"));
  show_waiting(exchange);
  show_acts(exchange);
  show_substance(exchange);
  if (const auto items = items_at(exchange, "items"); !items.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : items)
      rows.push_back({text_at(item, "id"), text_at(item, "state"), text_at(item, "name")});
    say("\nEvidence\n" + table({"ITEM", "STATE", "NAME"}, rows));
  }
  for (const auto& draft : items_at(exchange, "open_drafts")) {
    std::string name = draft.is_text() ? draft.text() : text_at(draft, "draft");
    if (name.empty()) name = text_at(draft, "id");
    say(fmt::format("\nOpen draft {} {}\n", name, text_at(draft, "type")));
  }
  for (const auto& waiting : items_at(exchange, "waiting"))
    say(fmt::format("\nNot receipted yet: {}\n", text_at(waiting, "act")) +
        named_lines(
            {{"tried", plural(static_cast<std::uint64_t>(number_at(waiting, "attempts")), "time")},
             {"next", text_at(waiting, "next_try_at")},
             {"last fault", text_at(waiting, "last_fault")}}));
  return 0;
}

std::string verdict_words(const std::string& verdict) {
  if (verdict == "met") return "met";
  if (verdict == "not_met") return "NOT MET";
  return "a person must say";
}

void show_findings(const Json& assessment) {
  for (const auto& finding : items_at(assessment, "findings")) {
    say(fmt::format("\n{}  [{}]\n", text_at(finding, "title"),
                    verdict_words(text_at(finding, "verdict"))));
    say(named_lines({{"articles", joined_at(finding, "articles")},
                     {"reason", text_at(finding, "reason")},
                     {"detail", text_at(finding, "detail")},
                     {"look at", joined_at(finding, "fields")},
                     {"grounds", joined_at(finding, "grounds")}}));
  }
  const auto questions = items_at(assessment, "questions");
  if (questions.empty()) return;
  say("\nQuestions to be answered with yes or no and reasons (--answers FILE):\n");
  for (const auto& question : questions)
    say(fmt::format("\n  [{}]\n", text_at(question, "code")) +
        wrapped(text_at(question, "text"), 4) +
        named_lines({{"  articles", joined_at(question, "articles")},
                     {"  open if", text_at(question, "accept_if")},
                     {"  grounds", joined_at(question, "grounds")}}));
}

Result<int> assess(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  TRY_LET(const Json assessment, node.get("/v1/exchanges/" + id + "/assessment"));
  if (context.json) {
    say(formats::pretty(assessment) + '\n');
    return 0;
  }
  say(banner(node.exercise()) + named_lines({{"measure", text_at(assessment, "measure")},
                                             {"asked by", text_at(assessment, "requesting")},
                                             {"of", text_at(assessment, "requested")},
                                             {"on", text_at(assessment, "on")}}));
  show_call_back(assessment, text_at(assessment, "requesting"));
  show_findings(assessment);
  if (const Json* proposal = assessment.find("proposal"); proposal != nullptr) {
    const bool is_text = proposal->is_text();
    say("\nWhat the law says so far (a named officer decides)\n" +
        named_lines({{"proposal", is_text ? proposal->text() : text_at(*proposal, "kind")},
                     {"grounds", is_text ? "" : joined_at(*proposal, "grounds")},
                     {"acceptance", is_true_at(assessment, "acceptance_open")
                                        ? "open, once the questions are answered"
                                        : "not open"},
                     {"refusal", joined_at(assessment, "refusal_grounds")}}));
  }
  return 0;
}

}  // namespace

void add_request_views(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb =
      request.verb("list", "The exchanges, latest change first",
                   "  comity request list --as approver\n"
                   "  comity request list --partner BFA --side requested --phase open --json\n");
  verb.text("--partner", options->partner, "Only with this State")
      .text("--side", options->side, "Only where we are: requester, requested")
      .text("--phase", options->phase,
            "Only in: open, returned, postponed, accepted, delivered, refused, withdrawn, closed")
      .number("--limit", options->limit, "So many at most [1000]");
  node_options(verb, context).does([options, &context] { return list(*options, context); });

  verb = request.verb("show", "One exchange: every act, who signed, what waits",
                      "  comity request show 9f2c41 --as approver\n");
  verb.text("ID", options->exchange, "The exchange, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return show_one(*options, context); });

  verb = request.verb("assess", "What the law says of a request, finding by finding",
                      "  comity request assess 9f2c41 --as approver\n");
  verb.text("ID", options->exchange, "The exchange, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return assess(*options, context); });
}

}  // namespace comity::cli
