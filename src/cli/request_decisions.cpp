// comity request consult, accept, refuse: what named officers of the requested State decide.
#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string exchange, about, text, reasons, answers;
  std::optional<std::string> preserve_until, impossible, retention;
  std::vector<std::string> conditions, grounds;
  bool draft_only = false;
};

/// Answers as a list [{"code","answer","reasons"}], or as tables by code:
/// [rights] answer = "yes", reasons = "…".
Result<Json> read_answers(const std::string& file) {
  Json answers = Json::array();
  if (file.empty()) return answers;
  TRY_LET(const Json form, read_form(file));
  if (const Json* list = form.find("answers"); list != nullptr && list->is_array()) return *list;
  if (form.is_array()) return form;
  for (const auto& [code, given] : form.members()) {
    if (!given.is_object())
      return fault(FaultCode::format_field,
                   file + ": " + code + ": must have 'answer' and 'reasons'");
    Json answer = given;
    answer.set("code", code);
    answers.push_back(std::move(answer));
  }
  return answers;
}

Result<int> consult(const Options& options, Context& context) {
  TRY_LET(std::string text, words_or_file(options.text));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  return act(node,
             Json::object({{"type", "consultation"},
                           {"exchange", id},
                           {"about", options.about},
                           {"text", std::move(text)}}),
             "The consultation is on its way.", options.draft_only);
}

Result<int> accept(const Options& options, Context& context) {
  TRY_LET(auto answers, read_answers(options.answers));
  Json conditions = Json::array();
  for (const auto& text : options.conditions) {
    TRY_LET(const auto pair, split_pair(text, ':', "CODE:TEXT"));
    Json condition = Json::object({{"code", pair.first}, {"text", pair.second}});
    if (pair.first == "retention") condition.set_optional("until", options.retention);
    conditions.push_back(std::move(condition));
  }
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  Json input = Json::object({{"type", "acceptance"},
                             {"exchange", id},
                             {"conditions", std::move(conditions)},
                             {"answers", std::move(answers)}});
  if (!options.grounds.empty()) {
    Json grounds = Json::array();
    for (const auto& ground : options.grounds) grounds.push_back(ground);
    TRY_LET(std::string reasons, words_or_file(options.reasons));
    Json refused = Json::object({{"grounds", std::move(grounds)}, {"reasons", std::move(reasons)}});
    refused.set_optional("consultation_impossible", options.impossible);
    input.set("refused", std::move(refused));
  }
  if (options.preserve_until) {
    TRY(instant_from_text(*options.preserve_until));
    input.set("preserve_until", *options.preserve_until);
  }
  return act(node, input, "Accepted. The decision is signed, logged and on its way.",
             options.draft_only);
}

Result<int> refuse(const Options& options, Context& context) {
  TRY_LET(auto answers, read_answers(options.answers));
  TRY_LET(std::string reasons, words_or_file(options.reasons));
  Json grounds = Json::array();
  for (const auto& ground : options.grounds) grounds.push_back(ground);
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  Json input = Json::object({{"type", "refusal"},
                             {"exchange", id},
                             {"grounds", std::move(grounds)},
                             {"reasons", std::move(reasons)},
                             {"answers", std::move(answers)}});
  input.set_optional("consultation_impossible", options.impossible);
  return act(node, input, "Refused. The decision is signed, logged and on its way.",
             options.draft_only);
}

}  // namespace

void add_request_decisions(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  const auto with_exchange = [&](Verb& verb) {
    verb.text("ID", options->exchange, "The exchange, or the first digits", Presence::required);
  };
  const auto finish = [&](Verb& verb, Action action) {
    verb.flag("--draft-only", options->draft_only, "Make the draft for others to sign");
    node_options(verb, context).does(std::move(action));
  };

  auto verb = request.verb(
      "consult", "Ask whether help could be given otherwise; comes before every refusal",
      "  comity request consult 9f2c41 --about R21B --text @question.txt --as approver\n");
  with_exchange(verb);
  verb.text("--about", options->about, "A ground or condition, by its code", Presence::required)
      .text("--text", options->text, "The question, or @FILE", Presence::required);
  finish(verb, [options, &context] { return consult(*options, context); });

  verb =
      request.verb("accept", "Accept a request; every question of the assessment needs its answer",
                   "  comity request assess 9f2c41 --as approver\n"
                   "  comity request accept 9f2c41 --answers answers.toml --as approver\n"
                   "  comity request accept 9f2c41 --answers answers.toml \\\n"
                   "      --condition \"use-limitation:Only in the case named\" \\\n"
                   "      --condition \"retention:Two years\" --retention 2028-03-01T00:00:00Z \\\n"
                   "      --as approver\n\n"
                   "answers.toml:\n"
                   "  [rights]\n"
                   "  answer = \"yes\"\n"
                   "  reasons = \"Looked at the file; nothing points to it.\"\n");
  with_exchange(verb);
  verb.text("--answers", options->answers, "Answers to the questions, TOML or JSON")
      .texts("--condition", options->conditions, "CODE:TEXT; may come again")
      .text("--retention", options->retention,
            "Of the condition 'retention': when what is given has to be deleted")
      .texts("--refuse-part", options->grounds, "Accept in part: a ground; may come again")
      .text("--reasons", options->reasons, "Of the part refused: in words, or @FILE")
      .text("--consultation-impossible", options->impossible,
            "Of the part refused: why no consultation could be offered before")
      .text("--preserve-until", options->preserve_until, "Of a preservation: until when");
  finish(verb, [options, &context] { return accept(*options, context); });

  verb = request.verb(
      "refuse", "Refuse a request on a ground, with reasons",
      "  comity request refuse 9f2c41 --ground R21B --reasons @reasons.txt --as approver\n");
  with_exchange(verb);
  verb.texts("--ground", options->grounds, "Its code; may come again", Presence::required)
      .text("--reasons", options->reasons, "In words, or @FILE", Presence::required)
      .text("--consultation-impossible", options->impossible,
            "Why no consultation could be offered before")
      .text("--answers", options->answers, "Answers to the questions, TOML or JSON");
  finish(verb, [options, &context] { return refuse(*options, context); });
}

}  // namespace comity::cli
