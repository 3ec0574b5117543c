// comity request query, supplement, withdraw, close: steps of an exchange that decide nothing.
#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string exchange, kind = "information", outcome;
  std::optional<std::string> text, answers, translates, into, gives;
  bool draft_only = false;
};

/// A step about an exchange, carried out with what `fill` adds to it.
Result<int> step(const Options& options, Context& context, const char* type, const char* done,
                 const std::function<Result<void>(Json&)>& fill) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  Json input = Json::object({{"type", type}, {"exchange", id}});
  TRY(fill(input));
  return act(node, input, done, options.draft_only);
}

}  // namespace

void add_request_steps(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  const auto with_exchange = [&](Verb& verb) {
    verb.text("ID", options->exchange, "The exchange, or the first digits", Presence::required);
  };
  const auto finish = [&](Verb& verb, Action action) {
    verb.flag("--draft-only", options->draft_only, "Make the draft for others to sign");
    node_options(verb, context).does(std::move(action));
  };

  auto verb =
      request.verb("query", "Ask the other side how it stands, or for information",
                   "  comity request query 9f2c41 --kind status --as drafter\n"
                   "  comity request query 9f2c41 --text \"Which time zone?\" --as drafter\n");
  with_exchange(verb);
  verb.text("--kind", options->kind, "status, information or reminder [information]")
      .text("--text", options->text, "The question, or @FILE");
  finish(verb, [options, &context] {
    return step(*options, context, "query", "The query is on its way.",
                [&](Json& input) -> Result<void> {
                  input.set("kind", options->kind);
                  return set_words(input, "text", options->text);
                });
  });

  verb = request.verb(
      "supplement", "Add facts, answer a question, complete what was returned",
      "  comity request supplement 9f2c41 --text @answer.txt --answers ACT --as drafter\n"
      "  comity request supplement 9f2c41 --translates summary_of_facts --into fr \\\n"
      "      --text @faits.txt --as drafter\n");
  with_exchange(verb);
  verb.text("--text", options->text, "What is added, or @FILE")
      .text("--translates", options->translates,
            "A text of this exchange, such as summary_of_facts or reasons: --text translates it")
      .text("--into", options->into, "The language of that translation: ar, en, es, fr, ru, zh")
      .text("--answers", options->answers,
            "The query, consultation or return answered: the act's id")
      .text("--gives", options->gives,
            "What was asked for, once it was accepted: FILE with the fields of the measure's "
            "answer, TOML or JSON; 'comity treaty measures CODE --answer --schema' has them");
  finish(verb, [options, &context] {
    return step(*options, context, "supplement", "The supplement is on its way.",
                [&](Json& input) -> Result<void> {
                  input.set_optional("answers", options->answers);
                  if (options->translates.has_value() != options->into.has_value())
                    return fault(FaultCode::bad_usage, "--translates and --into go together");
                  if (options->gives) {
                    TRY_LET(auto answer, read_form(*options->gives));
                    input.set("answer", std::move(answer));
                  }
                  if (!options->translates) {
                    if (options->gives && !options->text) return {};
                    return set_words(input, "text", options->text);
                  }
                  Json one =
                      Json::object({{"of", *options->translates}, {"language", *options->into}});
                  TRY(set_words(one, "text", options->text));
                  input.set("translations", Json::array().push_back(std::move(one)));
                  return {};
                });
  });

  verb = request.verb("withdraw", "Say that a request is needed no longer",
                      "  comity request withdraw 9f2c41 --reasons \"Case closed\" --as approver\n");
  with_exchange(verb);
  verb.text("--reasons", options->text, "Why, or @FILE");
  finish(verb, [options, &context] {
    return step(*options, context, "withdrawal", "The withdrawal is on its way.",
                [&](Json& input) { return set_words(input, "reasons", options->text); });
  });

  verb = request.verb("close", "Close an exchange in which nothing is left to do",
                      "  comity request close 9f2c41 --outcome executed --as approver\n");
  with_exchange(verb);
  verb.text("--outcome", options->outcome, "executed, refused, withdrawn [as it stands]");
  finish(verb, [options, &context] {
    return step(*options, context, "closure", "The closure is on its way.",
                [&](Json& input) -> Result<void> {
                  if (!options->outcome.empty()) input.set("outcome", options->outcome);
                  return {};
                });
  });
}

}  // namespace comity::cli
