// comity request return, postpone, resume, authorise, propose, reply, tell, annul, review: what
// comes between a request and its decision, and after delivery.
#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string exchange, kind, ground, file, act;
  std::optional<std::string> text, reasons, until, impossible, to, proceeding, state, authority,
      authorisation, demand;
  std::vector<std::string> missing, items;
  bool agree = false, decline = false, object = false, draft_only = false;
};

Result<void> set_items(Node& node, Json& input, const std::vector<std::string>& prefixes) {
  if (prefixes.empty()) return {};
  Json items = Json::array();
  for (const auto& prefix : prefixes) {
    TRY_LET(std::string id, node.item_id(prefix));
    items.push_back(std::move(id));
  }
  input.set("items", std::move(items));
  return {};
}

/// A step about an exchange, carried out with what `fill` adds to it.
Result<int> step(const Options& options, Context& context, const char* type, const char* done,
                 const std::function<Result<void>(Node&, Json&)>& fill) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  Json input = Json::object({{"type", type}, {"exchange", id}});
  TRY(fill(node, input));
  return act(node, input, done, options.draft_only);
}

Result<void> fill_return(const Options& options, Node&, Json& input) {
  Json missing = Json::array();
  for (const auto& code : options.missing) missing.push_back(code);
  input.set("missing", std::move(missing));
  return set_words(input, "text", options.text);
}

Result<void> fill_postponement(const Options& options, Node&, Json& input) {
  input.set("ground", options.ground);
  input.set_optional("until", options.until);
  input.set_optional("consultation_impossible", options.impossible);
  return set_words(input, "reasons", options.reasons);
}

Result<void> fill_authorisation(const Options& options, Node&, Json& input) {
  TRY_LET(const Json form, read_form(options.file));
  if (!form.is_object())
    return fault(FaultCode::format_field, options.file + ": not a table of members");
  for (const auto& [key, value] : form.members()) input.set(key, value);
  return {};
}

Result<void> fill_proposal(const Options& options, Node& node, Json& input) {
  input.set("kind", options.kind);
  input.set_optional("proceeding", options.proceeding);
  input.set_optional("state", options.state);
  input.set_optional("until", options.until);
  TRY(set_items(node, input, options.items));
  return set_words(input, "text", options.text);
}

Result<void> fill_reply(const Options& options, Node&, Json& input) {
  if (options.agree == options.decline)
    return fault(FaultCode::bad_usage, "say --agree or --decline");
  input.set("agrees", options.agree);
  input.set_optional("to", options.to);
  return set_words(input, "text", options.text);
}

Result<void> fill_notice(const Options& options, Node& node, Json& input) {
  input.set("kind", options.kind);
  input.set_optional("until", options.until);
  input.set_optional("authority", options.authority);
  TRY(set_items(node, input, options.items));
  return set_words(input, "text", options.text);
}

Result<void> fill_annulment(const Options& options, Node& node, Json& input) {
  input.set_optional("authorisation", options.authorisation);
  input.set_optional("demand", options.demand);
  TRY(set_items(node, input, options.items));
  return set_words(input, "reasons", options.reasons);
}

Result<int> review(const Options& options, Context& context) {
  TRY_LET(std::string reason, words_or_file(options.text.value_or("")));
  TRY_LET(auto node, Node::reach(context));
  return act(node,
             Json::object({{"type", "statement"},
                           {"kind", "act.review"},
                           {"act", options.act},
                           {"agrees", !options.object},
                           {"reason", std::move(reason)}}),
             "Reviewed, and logged.", options.draft_only);
}

}  // namespace

void add_request_life(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  const auto with_exchange = [&](Verb& verb) {
    verb.text("ID", options->exchange, "The exchange, or the first digits", Presence::required);
  };
  const auto finish = [&](Verb& verb, const char* type, const char* done, auto fill) {
    verb.flag("--draft-only", options->draft_only, "Make the draft for others to sign");
    node_options(verb, context).does([=, &context] {
      return step(*options, context, type, done,
                  [&](Node& node, Json& input) { return fill(*options, node, input); });
    });
  };

  auto verb = request.verb("return", "Return a request as incomplete; the data are held meanwhile",
                           "  comity request return 9f2c41 --missing period --missing offences \\\n"
                           "      --text \"From which day to which?\" --as approver\n");
  with_exchange(verb);
  verb.texts("--missing", options->missing, "A field of the form; may come again",
             Presence::required)
      .text("--text", options->text, "What is needed, or @FILE");
  finish(verb, "return", "Returned; its author has to complete it.", fill_return);

  verb = request.verb(
      "postpone", "Put off a request, or suspend what was accepted, to a date, with reasons",
      "  comity request postpone 9f2c41 --ground ongoing-case --until 2026-09-01T00:00:00Z \\\n"
      "      --reasons @reasons.txt --as approver\n"
      "  comity request postpone 9f2c41 --ground remedy --until 2026-09-01T00:00:00Z \\\n"
      "      --reasons @order.txt --consultation-impossible \"The court ordered it\" --as "
      "approver\n");
  with_exchange(verb);
  verb.text("--ground", options->ground, "ongoing-case, remedy", Presence::required)
      .text("--until", options->until, "When it is looked at again")
      .text("--reasons", options->reasons, "In words, or @FILE")
      .text("--consultation-impossible", options->impossible,
            "Why no consultation could be offered before");
  finish(verb, "postponement", "Put off; the other State is told until when.", fill_postponement);

  verb = request.verb("resume", "Go on with what was put off or suspended",
                      "  comity request resume 9f2c41 --as approver\n");
  with_exchange(verb);
  verb.text("--text", options->text, "What has changed, or @FILE");
  finish(verb, "resumption", "It goes on.", [](const Options& given, Node&, Json& input) {
    return set_words(input, "text", given.text);
  });

  verb = request.verb(
      "authorise", "Record what a court or authority at home allowed, and tell of it",
      "  comity request authorise 9f2c41 --file order.toml --as approver\n\n"
      "order.toml:\n"
      "  authority_type = \"court\"        # independent-body, prosecutor, police\n"
      "  authority = \"Example Court, Bishkek\"\n"
      "  reference = \"12/2026\"\n"
      "  issued_at = \"2026-03-05T09:00:00Z\"\n"
      "  valid_from = \"2026-03-05T09:00:00Z\"\n"
      "  valid_to = \"2026-04-05T09:00:00Z\"\n"
      "  data_categories = [\"subscriber\"]\n"
      "  remedy_until = \"2026-04-20T00:00:00Z\"\n"
      "  legal_basis = \"…\"      # this and what follows stays at home, bound by its hash\n"
      "  grounds = \"…\"\n"
      "  necessity = \"…\"\n"
      "  proportionality = \"…\"\n"
      "  scope = \"…\"\n"
      "  third_parties = \"…\"\n"
      "  remedy = \"…\"\n");
  with_exchange(verb);
  verb.text("--file", options->file, "The authorisation, TOML or JSON", Presence::required);
  finish(verb, "authorisation", "Recorded, and the other State was told of it.",
         fill_authorisation);

  verb = request.verb(
      "propose", "Ask the other State to agree to something",
      "  comity request propose 9f2c41 --kind costs --text @estimate.txt --as approver\n"
      "  comity request propose 9f2c41 --kind other-use --proceeding \"Case 9/2026\" \\\n"
      "      --text \"The same records bear on a second trial.\" --as approver\n"
      "  comity request propose 9f2c41 --kind onward-transfer --state LAO --item 77ab03 \\\n"
      "      --text @why.txt --as approver\n");
  with_exchange(verb);
  verb.text("--kind", options->kind,
            "secrecy, securing, costs; other-use, onward-transfer, retention", Presence::required)
      .text("--text", options->text, "What is proposed, and why; or @FILE")
      .text("--proceeding", options->proceeding, "Of other-use: the other proceeding")
      .text("--state", options->state, "Of onward-transfer: the third State")
      .text("--until", options->until, "Of retention: until when")
      .texts("--item", options->items, "Only this item; may come again");
  finish(verb, "proposal", "The proposal is on its way.", fill_proposal);

  verb = request.verb("reply", "Agree to a proposal or to conditions, or decline",
                      "  comity request reply 9f2c41 --agree --as approver\n"
                      "  comity request reply 9f2c41 --decline --text @why.txt --as approver\n"
                      "  comity request reply 9f2c41 --to ACT --agree --as approver\n");
  with_exchange(verb);
  verb.flag("--agree", options->agree, "Yes")
      .flag("--decline", options->decline, "No; say why with --text")
      .text("--to", options->to, "The act replied to [what waits, if it is one alone]")
      .text("--text", options->text, "In words, or @FILE");
  finish(verb, "reply", "The reply is on its way.", fill_reply);

  verb = request.verb(
      "tell", "Tell the other State what it has to know",
      "  comity request tell 9f2c41 acknowledgement --text \"Duty officer has it.\" --as drafter\n"
      "  comity request tell 9f2c41 preservation-renewed --until 2026-09-01T00:00:00Z \\\n"
      "      --text @reasons.txt --as approver\n"
      "  comity request tell 9f2c41 deletion --item 77ab03 --text \"The log remains.\" \\\n"
      "      --as approver\n\n"
      "Kinds: acknowledgement, forwarding, delay, preservation-renewed, preservation-ending,\n"
      "secrecy-renewed, secrecy-ending, person-notified, notification-deferred,\n"
      "exculpatory-disclosure, use-report, deletion, breach, complaint. Who may tell which and\n"
      "when: spec/acts.md 6.2.\n");
  with_exchange(verb);
  verb.text("KIND", options->kind, "Of what", Presence::required)
      .text("--text", options->text, "In words, or @FILE")
      .text("--until", options->until, "The date that it sets")
      .text("--authority", options->authority, "Of forwarding: code of the competent authority")
      .texts("--item", options->items, "An item that it is about; may come again");
  finish(verb, "notice", "Told.", fill_notice);

  verb = request.verb(
      "annul", "Tell that an authorisation, or items that were delivered, fell",
      "  comity request annul 9f2c41 --item 77ab03 --reasons @judgment.txt --as approver\n");
  with_exchange(verb);
  verb.texts("--item", options->items, "An item that falls; may come again")
      .text("--authorisation", options->authorisation, "The authorisation that fell: the act's id")
      .text("--reasons", options->reasons, "In words, or @FILE")
      .text("--demand", options->demand, "destroy or return [destroy]");
  finish(verb, "annulment", "Annulled; the other State is told to stop.", fill_annulment);

  verb = request.verb("review", "Look at what one officer decided alone; see 'comity due'",
                      "  comity request review ACT --text \"As the file shows.\" --as approver\n"
                      "  comity request review ACT --object --text @why.txt --as approver\n");
  verb.text("ACT", options->act, "The act's id", Presence::required)
      .text("--text", options->text, "What was found, or @FILE")
      .flag("--object", options->object, "It should not have been decided so")
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] { return review(*options, context); });
}

}  // namespace comity::cli
