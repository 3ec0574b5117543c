// comity request new, check, approve, send, drafts, drop: from a form to a signed request.
#include <fmt/format.h>

#include "cli/draft.hpp"
#include "cli/draft_text.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string to, measure, fields, authority, linked, draft;
  bool send = false;
};

Result<int> make(const Options& options, Context& context) {
  TRY_LET(auto fields, read_form(options.fields));
  TRY_LET(auto node, Node::reach(context));
  Json input = Json::object({{"type", "request"},
                             {"to", options.to},
                             {"measure", options.measure},
                             {"fields", std::move(fields)}});
  if (!options.authority.empty()) input.set("authority", options.authority);
  if (!options.linked.empty()) {
    TRY_LET(std::string linked, node.exchange_id(options.linked));
    input.set("linked", std::move(linked));
  }
  return act(node, input, "The request is signed, logged and on its way.", !options.send);
}

Result<int> check(const Options& options, Context& context) {
  TRY_LET(auto fields, read_form(options.fields));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.post("/v1/check", Json::object({{"measure", options.measure},
                                                                  {"fields", std::move(fields)}})));
  const auto gaps = items_at(answer, "gaps");
  if (context.json) {
    say(formats::pretty(answer) + '\n');
  } else if (gaps.empty()) {
    say("The form is complete: it can be signed.\n");
  } else {
    say(fmt::format("{} before this can be signed:\n\n", plural(gaps.size(), "gap")));
    for (const auto& gap : gaps) {
      const std::string label = text_at(gap, "label");
      say(fmt::format("{} {}\n", label.empty() ? text_at(gap, "field") : label,
                      text_at(gap, "why")) +
          named_lines({{"field", text_at(gap, "field")},
                       {"article", text_at(gap, "article")},
                       {"example", text_at(gap, "example")}}));
    }
  }
  return gaps.empty() ? 0 : row_of(FaultCode::act_incomplete).exit_code;
}

Result<int> approve(const Options& options, bool sends, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  if (node.officers().empty())
    return fault(FaultCode::bad_usage, "name who signs: --as OFFICERFILE");
  TRY_LET(const std::string id, node.draft_id(options.draft));
  TRY_LET(Json json, node.get("/v1/drafts/" + id));
  Outcome outcome;
  TRY_LET(outcome.draft, read_draft(std::move(json)));
  if (outcome.draft.id.empty()) outcome.draft.id = id;
  // An officer signs what was shown and nothing else.
  TRY_LET(const std::string text, draft_text(outcome.draft));
  if (!context.json && !context.quiet)
    say(banner(node.exercise()) + "What is signed:\n\n" + text + '\n');
  const std::size_t before = outcome.draft.missing.size();
  TRY_LET(outcome.missing, sign_draft(node, outcome.draft));
  if (before != 0 && outcome.missing.size() == before)
    return fault(FaultCode::officer_role, "none of these officers holds a role for: " +
                                              joined_at(outcome.draft.json, "missing"));
  context.kept = "The signature is kept with the draft " + id + "; nothing was sent.";
  if (sends && outcome.missing.empty()) {
    TRY_LET(outcome.sent, send_draft(node, id));
  }
  show(node, outcome, "Signed by its officers, logged, and on its way.");
  return 0;
}

Result<int> send(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.draft_id(options.draft));
  context.kept = "The draft is kept; nothing was sent.";
  TRY_LET(Json sent, send_draft(node, id));
  Outcome outcome;
  outcome.draft.id = id;
  outcome.sent = std::move(sent);
  show(node, outcome, "Signed by the authority, logged, and on its way.");
  return 0;
}

Result<int> list(Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/drafts"));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& draft : items_at(answer, "drafts")) {
    std::string id = text_at(draft, "draft");
    if (id.empty()) id = text_at(draft, "id");
    if (context.quiet) {
      say(id + '\n');
      continue;
    }
    rows.push_back({id, text_at(draft, "type"), text_at(draft, "exchange"),
                    joined_at(draft, "missing"), text_at(draft, "created_at")});
  }
  if (context.quiet) return 0;
  say(banner(node.exercise()) +
      table({"DRAFT", "TYPE", "EXCHANGE", "WAITS FOR", "SINCE"}, rows, "No draft is open."));
  return 0;
}

Result<int> drop(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.draft_id(options.draft));
  TRY(node.remove("/v1/drafts/" + id));
  say("The draft was dropped; nothing of it was sent.\n");
  return 0;
}

}  // namespace

void add_request_drafts(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = request.verb(
      "new", "Draft a request to another State",
      "  comity request new --to BFA --measure preservation --fields form.toml --as drafter\n"
      "  comity request new --to BFA --measure stored-data --fields form.json --linked 9f2c41 \\\n"
      "      --as approver --send\n");
  verb.text("--to", options->to, "The State asked: BFA", Presence::required)
      .text("--measure", options->measure,
            "preservation, stored-data; see 'comity treaty measures'", Presence::required)
      .text("--fields", options->fields, "The form, TOML or JSON", Presence::required)
      .text("--authority", options->authority, "Code of the authority asked [the competent one]")
      .text("--linked", options->linked, "The exchange that this one goes on from")
      .flag("--send", options->send, "Sign with the officers of --as, and send");
  node_options(verb, context).does([options, &context] { return make(*options, context); });

  verb = request.verb(
      "check", "What a form still lacks, each gap with its article and an example",
      "  comity request check --measure preservation --fields form.toml --as drafter\n");
  verb.text("--measure", options->measure, "preservation, stored-data", Presence::required)
      .text("--fields", options->fields, "The form, TOML or JSON", Presence::required);
  node_options(verb, context).does([options, &context] { return check(*options, context); });

  verb = request.verb("approve", "Read a draft and sign it as an officer",
                      "  comity request approve 51c0de --as approver\n"
                      "  comity request approve 51c0de --as approver --send\n");
  verb.text("DRAFT", options->draft, "Its id, or the first digits", Presence::required)
      .flag("--send", options->send, "Send it when no signature is missing");
  node_options(verb, context).does([options, &context] {
    return approve(*options, options->send, context);
  });

  verb = request.verb("send", "Send a draft that its officers have signed",
                      "  comity request send 51c0de --as approver\n");
  verb.text("DRAFT", options->draft, "Its id, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return send(*options, context); });

  verb = request.verb("drafts", "Drafts that wait for signatures", "  comity request drafts\n");
  node_options(verb, context).does([&context] { return list(context); });

  verb = request.verb("drop", "Drop a draft", "  comity request drop 51c0de --as drafter\n");
  verb.text("DRAFT", options->draft, "Its id, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return drop(*options, context); });
}

}  // namespace comity::cli
