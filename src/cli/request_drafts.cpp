// comity request new, check, approve, send, drafts, drop: from a form to a signed request.
#include <fmt/format.h>

#include <iostream>

#include "cli/draft.hpp"
#include "cli/draft_text.hpp"
#include "cli/files.hpp"
#include "cli/guide.hpp"
#include "cli/json_view.hpp"
#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "law/practice.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string to, instrument, measure, without_treaty, fields, authority, linked, draft,
      language = "en";
  bool send = false;
};

/// The treaties that the node works under: their words guide and advise here.
Result<treaty::Treaties> treaties_of(Node& node) {
  return load_treaties(node.home().data());
}

Result<const treaty::Measure*> find_measure(const treaty::Treaties& treaties,
                                            std::string_view instrument, const std::string& code) {
  const auto* found = treaties.instrument(instrument);
  const auto* measure = found == nullptr ? nullptr : found->measure(code);
  if (measure == nullptr) return fault(FaultCode::act_measure, code);
  return measure;
}

/// The instrument named, or the one that the node applies first.
Result<std::string> instrument_of(const Options& options, Node& node) {
  if (!options.instrument.empty()) return options.instrument;
  TRY_LET(const Json known, node.get("/v1/measures"));
  return text_at(known, "instrument");
}

/// The form of the request that an exchange began with, from what is at hand of it.
Json form_of(const treaty::Measure& measure, const Json& exchange) {
  Json form = Json::object();
  for (const auto& act : items_at(exchange, "acts")) {
    if (text_at(act, "type") != "request") continue;
    if (const auto* body = act.find("body"))
      if (const auto* fields = body->find("fields"); fields != nullptr && fields->is_object())
        form = *fields;
    for (const auto& part : items_at(act, "parts")) {
      const auto name = text_at(part, "name"), text = text_at(part, "text");
      if (text.empty() || measure.field(name) == nullptr) continue;
      const bool is_json = text_at(part, "media_type") == "application/json";
      auto value = is_json ? formats::parse_json(as_bytes(text)) : Result<Json>(Json(text));
      if (value) form.set(name, *std::move(value));
    }
    break;
  }
  return form;
}

/// The form to draft: from a file; or begun with the exchange that it goes on from, and answered at
/// the terminal field by field.
Result<Json> form_for(const Options& options, Node& node, const std::string& linked) {
  if (!options.fields.empty()) return read_form(options.fields);
  TRY_LET(const auto treaties, treaties_of(node));
  TRY_LET(const auto instrument, instrument_of(options, node));
  TRY_LET(const auto* measure, find_measure(treaties, instrument, options.measure));
  Json begun = Json::object();
  if (!linked.empty()) {
    TRY_LET(const Json exchange, node.get("/v1/exchanges/" + linked));
    TRY_LET(const auto* before,
            find_measure(treaties, text_at(exchange, "instrument"), text_at(exchange, "measure")));
    begun = treaty::carried_over(*before, form_of(*before, exchange), *measure, linked);
  }
  const Talk talk{[]() -> std::optional<std::string> {
                    std::string line;
                    if (!std::getline(std::cin, line)) return std::nullopt;
                    return line;
                  },
                  say_aside};
  return guide(*measure, std::move(begun), talk, options.language);
}

Result<int> make(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  std::string linked;
  if (!options.linked.empty()) {
    TRY_LET(linked, node.exchange_id(options.linked));
  }
  TRY_LET(auto fields, form_for(options, node, linked));
  Json input = Json::object({{"type", "request"},
                             {"to", options.to},
                             {"measure", options.measure},
                             {"fields", std::move(fields)}});
  if (!options.instrument.empty()) input.set("instrument", options.instrument);
  if (!options.without_treaty.empty()) input.set("without_treaty", options.without_treaty);
  if (!options.authority.empty()) input.set("authority", options.authority);
  if (!linked.empty()) input.set("linked", linked);
  return act(node, input, "The request is signed, logged and on its way.", !options.send);
}

/// Until when the preservation is held that the form goes on from, by its standing acceptance.
std::optional<Instant> preserved_until(Node& node, const treaty::Measure& measure,
                                       const Json& form) {
  std::optional<Instant> until;
  for (const auto& field : measure.fields) {
    if (field.kind != treaty::FieldKind::reference || text_at(form, field.code).empty()) continue;
    const auto exchange = node.get("/v1/exchanges/" + text_at(form, field.code));
    if (!exchange) continue;  // an earlier one that this node does not know
    for (const auto& act : items_at(*exchange, "acts"))
      if (const auto* body = act.find("body"))
        if (const auto at = instant_from_text(text_at(*body, "preserve_until"))) until = *at;
  }
  return until;
}

/// What practice and the addressee's published law advise.
Result<std::vector<law::Advice>> advice_on(const Options& options, Node& node, const Json& form) {
  TRY_LET(const auto treaties, treaties_of(node));
  TRY_LET(const auto instrument, instrument_of(options, node));
  TRY_LET(const auto* measure, find_measure(treaties, instrument, options.measure));
  auto advice = law::practice(treaties.vocabulary, *measure, form,
                              {.now = node.context().clock.now(),
                               .preserved_until = preserved_until(node, *measure, form),
                               .language = options.language});
  if (options.to.empty()) return advice;
  TRY_LET(const Json answer, node.get("/v1/directory/" + options.to));
  const auto* content = answer.find("entry");
  if (content == nullptr) return fault(FaultCode::directory_unknown, options.to);
  TRY_LET(const auto entry, directory::read_entry(as_bytes(formats::canonical(*content))));
  for (auto& one : law::addressee(*treaties.instrument(instrument), *measure, form, entry.published,
                                  entry.languages))
    advice.push_back(std::move(one));
  return advice;
}

void show_gaps(std::span<const Json> gaps) {
  if (gaps.empty()) {
    say("The form is complete: it can be signed.\n");
    return;
  }
  say(fmt::format("{} before this can be signed:\n\n", plural(gaps.size(), "gap")));
  for (const auto& gap : gaps) {
    const std::string label = text_at(gap, "label");
    say(fmt::format("{} {}\n", label.empty() ? text_at(gap, "field") : label, text_at(gap, "why")) +
        named_lines({{"field", text_at(gap, "field")},
                     {"article", text_at(gap, "article")},
                     {"example", text_at(gap, "example")}}));
  }
}

Result<int> check(const Options& options, Context& context) {
  TRY_LET(auto fields, read_form(options.fields));
  TRY_LET(auto node, Node::reach(context));
  Json question = Json::object({{"measure", options.measure}, {"fields", fields}});
  if (!options.instrument.empty()) question.set("instrument", options.instrument);
  TRY_LET(Json answer, node.post("/v1/check", question));
  TRY_LET(const auto advice, advice_on(options, node, fields));
  Json list = Json::array();
  for (const auto& one : advice)
    list.push_back(Json::object({{"code", one.code},
                                 {"field", one.field},
                                 {"article", one.article},
                                 {"why", one.why},
                                 {"better", one.better}}));
  answer.set("advice", std::move(list));
  const auto gaps = items_at(answer, "gaps");
  if (context.json) {
    say(formats::pretty(answer) + '\n');
  } else {
    show_gaps(gaps);
    if (!advice.empty())
      say(fmt::format("\n{} of advice; none stops you:\n\n", plural(advice.size(), "piece")));
    for (const auto& one : advice)
      say(wrapped(one.why, 0) +
          named_lines({{"field", one.field}, {"article", one.article}, {"better", one.better}}));
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
      "      --as approver --send\n"
      "  comity request new --to BFA --measure stored-data --linked 9f2c41 --as drafter\n");
  verb.text("--to", options->to, "The State asked: BFA", Presence::required)
      .text("--measure", options->measure,
            "preservation, stored-data; see 'comity treaty measures'", Presence::required)
      .text("--instrument", options->instrument, "The treaty asked under [the first of the node]")
      .text("--without-treaty", options->without_treaty,
            "reciprocity or domestic-law, where no treaty binds both and both publish it")
      .text("--fields", options->fields, "The form, TOML or JSON [asked field by field]")
      .text("--authority", options->authority, "Code of the authority asked [the competent one]")
      .text("--linked", options->linked,
            "The exchange that this one goes on from; without --fields the form begins with it")
      .text("--lang", options->language, "Of the questions: ar, en, es, fr, ru, zh")
      .flag("--send", options->send, "Sign with the officers of --as, and send");
  node_options(verb, context).does([options, &context] { return make(*options, context); });

  verb = request.verb(
      "check", "What a form still lacks, and what practice and the addressee's law advise",
      "  comity request check --measure preservation --fields form.toml --as drafter\n"
      "  comity request check --to BFA --measure stored-data --fields form.toml --as drafter\n");
  verb.text("--measure", options->measure, "As 'comity treaty measures' names it",
            Presence::required)
      .text("--instrument", options->instrument, "The treaty asked under [the first of the node]")
      .text("--fields", options->fields, "The form, TOML or JSON", Presence::required)
      .text("--to", options->to, "The State asked: its published law is looked at too")
      .text("--lang", options->language, "Of the advice: ar, en, es, fr, ru, zh");
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
