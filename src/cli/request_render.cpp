// comity request render: an exchange on a readable page, in one of six languages. Labels and codes
// are translated; what people wrote stays as they wrote it. Nothing of it is signed anew.
#include <algorithm>

#include "cli/json_view.hpp"
#include "cli/law_data.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/translations.hpp"
#include "cli/verbs.hpp"
#include "treaty/render.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string exchange, act, language = "en", data;
};

struct Reading {
  const treaty::Treaties& treaties;
  const treaty::Instrument& instrument;
  const treaty::Measure& measure;
  std::string language;

  std::string label(std::string_view code) const {
    return treaty::page_label(treaties.vocabulary, code, language);
  }
};

/// The form of a request: the body's fields, and the parts at hand, read as the form has them.
Json form_of(const Reading& reading, const Json& act, std::vector<std::string>& absent) {
  Json fields = Json::object();
  if (const auto* body = act.find("body"))
    if (const auto* of_body = body->find("fields"); of_body != nullptr && of_body->is_object())
      fields = *of_body;
  for (const auto& part : items_at(act, "parts")) {
    const auto name = text_at(part, "name"), text = text_at(part, "text");
    if (reading.measure.field(name) == nullptr) continue;
    if (text.empty()) {
      absent.push_back(name);
      continue;
    }
    const bool is_json = text_at(part, "media_type") == "application/json";
    auto value = is_json ? formats::parse_json(as_bytes(text)) : Result<Json>(Json(text));
    if (value) fields.set(name, *std::move(value));
  }
  return fields;
}

/// Empty where a treaty binds both.
std::string without_treaty(const Json& act) {
  const auto* body = act.find("body");
  return body == nullptr ? std::string() : text_at(*body, "without_treaty");
}

std::string head_of(const Reading& reading, const Json& exchange, const Json& act) {
  return named_lines(
      {{reading.label("act"), reading.label(text_at(act, "type"))},
       {reading.label("number"), text_at(act, "number")},
       {reading.label("made_at"), text_at(act, "made_at")},
       {reading.label("measure"), treaty::in_language(reading.measure.title, reading.language)},
       {reading.label("instrument"),
        treaty::in_language(reading.instrument.short_title, reading.language)},
       {reading.label("exchange"), text_at(exchange, "id")},
       {reading.label("no_treaty"), without_treaty(act)}});
}

std::string page_of(const Reading& reading, const Json& act, std::string& written_in) {
  const auto& vocabulary = reading.treaties.vocabulary;
  if (text_at(act, "type") == "request") {
    std::vector<std::string> absent;
    const auto fields = form_of(reading, act, absent);
    written_in = text_at(fields, "language");
    return treaty::page_text(
        vocabulary,
        treaty::render_form(vocabulary, reading.measure, fields, absent, reading.language),
        written_in, reading.language);
  }
  const auto* body = act.find("body");
  auto lines = treaty::render_body(vocabulary, reading.instrument,
                                   body == nullptr ? Json::object() : *body, reading.language);
  for (const auto& part : items_at(act, "parts"))
    if (const auto text = text_at(part, "text"); !text.empty())
      lines.push_back({reading.label(text_at(part, "name")), text, "", true});
  return treaty::page_text(vocabulary, lines, written_in, reading.language);
}

/// What was translated of this act, by whom: below it, since what was written prevails.
std::string translated(const Reading& reading, const Translations& translations,
                       std::size_t place) {
  std::vector<treaty::PageLine> lines;
  for (const auto& [of, one] : translations) {
    if (of.first != place) continue;
    const auto* field = reading.measure.field(of.second);
    const auto name = field == nullptr ? reading.label(of.second)
                                       : treaty::in_language(field->label, reading.language);
    lines.push_back({name + " [" + reading.label("translation") + ' ' + one.signed_by + ']',
                     one.text, "", false});
  }
  return treaty::page_text(reading.treaties.vocabulary, lines, "", reading.language);
}

Result<int> render(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  const auto named = options.data.empty() ? node.home().data().string() : options.data;
  TRY_LET(const auto data, find_data(named));
  TRY_LET(const auto treaties, load_treaties(data));
  const auto& known = treaties.vocabulary.languages;
  if (std::ranges::find(known, options.language) == known.end())
    return fault(FaultCode::bad_usage, "no words in '" + options.language + "'");
  TRY_LET(const std::string id, node.exchange_id(options.exchange));
  TRY_LET(const Json exchange, node.get("/v1/exchanges/" + id));
  const auto* instrument = treaties.instrument(text_at(exchange, "instrument"));
  if (instrument == nullptr) return fault(FaultCode::act_measure, text_at(exchange, "instrument"));
  const auto* measure = instrument->measure(text_at(exchange, "measure"));
  if (measure == nullptr) return fault(FaultCode::act_measure, text_at(exchange, "measure"));
  const Reading reading{treaties, *instrument, *measure, options.language};
  if (node.exercise()) say(reading.label("exercise") + "\n\n");
  const auto translations = translations_in(exchange, options.language);
  std::string written_in;
  bool found = false;
  std::size_t place = 0;
  for (const auto& act : items_at(exchange, "acts")) {
    const auto page =
        page_of(reading, act, written_in) + translated(reading, translations, place++);
    if (!options.act.empty() && text_at(act, "number") != options.act) continue;
    found = true;
    say(head_of(reading, exchange, act) + '\n' + page + '\n');
  }
  if (!found) return fault(FaultCode::not_found, "act " + options.act);
  if (measure->not_evidence) say(reading.label("not_evidence") + '\n');
  const auto& unverified = treaties.vocabulary.unverified;
  if (std::ranges::find(unverified, options.language) != unverified.end())
    say(reading.label("unverified") + '\n');
  say(reading.label("text_unverified") + '\n');
  return 0;
}

}  // namespace

void add_request_render(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = request.verb(
      "render", "Read an exchange in Arabic, Chinese, English, French, Russian or Spanish",
      "  comity request render 9f2c41 --lang fr --as reader\n"
      "  comity request render 9f2c41 --act 1 --lang ar --as reader\n");
  verb.text("EXCHANGE", options->exchange, "Its id, or the first digits", Presence::required)
      .text("--act", options->act, "One act, by its number [all]")
      .text("--lang", options->language, "ar, en, es, fr, ru, zh")
      .text("--data", options->data, "Words and instruments [those of the node]");
  node_options(verb, context).does([options, &context] { return render(*options, context); });
}

}  // namespace comity::cli
