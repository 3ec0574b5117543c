// comity treaty: what instruments say, who is bound since when, on what two States may ask each
// other for help, and what can be asked; from data files, without a node.
#include <fmt/format.h>

#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "treaty/data_file.hpp"
#include "treaty/form.hpp"

namespace comity::cli {
namespace {

using formats::Json;
using treaty::in_language;

struct Options {
  std::string data, instrument, measure, cite, a, b, on, language = "en";
  bool exercise = false, json = false, schema = false, answer = false;

  std::string world() const { return exercise ? "exercise" : "real"; }
};

constexpr std::string_view k_unverified =
    "Gists are in our own words. UNVERIFIED: nobody has signed for a comparison with the certified "
    "text.\n";

std::string day(const std::optional<Instant>& at) {
  return at ? to_text(*at).substr(0, 10) : "";
}

Result<const treaty::Instrument*> find_instrument(const treaty::Treaties& treaties,
                                                  const std::string& named) {
  const std::string code = named.empty() ? std::string(k_convention) : named;
  const auto* found = treaties.instrument(code);
  if (found == nullptr)
    return fault(FaultCode::bad_usage, "no instrument '" + code + "'; see 'comity treaty show'");
  return found;
}

std::string span_words(const treaty::Span& span) {
  if (span.days != 0) return plural(static_cast<std::uint64_t>(span.days), "day");
  if (span.months != 0)
    return "the first of the month after " +
           plural(static_cast<std::uint64_t>(span.months), "month");
  return plural(static_cast<std::uint64_t>(span.years), "year");
}

// ---- show

int list_instruments(const treaty::Treaties& treaties, const Options& options) {
  std::vector<std::vector<std::string>> rows;
  Json lines = Json::array();
  for (const auto& one : treaties.instruments) {
    rows.push_back(
        {one.code, std::string(treaty::name_of(one.kind)) + (one.example ? ", example" : ""),
         std::to_string(one.measures.size()), in_language(one.short_title, options.language)});
    lines.push_back(Json::object({{"code", one.code},
                                  {"kind", treaty::name_of(one.kind)},
                                  {"example", one.example},
                                  {"parent", one.parent},
                                  {"title", in_language(one.title, options.language)}}));
  }
  say(options.json ? formats::pretty(Json::object({{"instruments", std::move(lines)}})) + '\n'
                   : table({"INSTRUMENT", "KIND", "MEASURES", "TITLE"}, rows));
  return 0;
}

std::string clause_standing(const treaty::Clause& clause) {
  std::string words = clause.text_verified
                          ? "verified on " + clause.verified_on + " by " + clause.verified_by
                          : "unverified, seen in: " + clause.seen_in;
  if (!clause.number_verified) words += "; its number is reconstructed";
  return words;
}

int show_clauses(const treaty::Instrument& instrument, const Options& options) {
  Json lines = Json::array();
  std::string page;
  for (const auto& [cite, clause] : instrument.clauses) {
    if (!options.cite.empty() && cite != options.cite && clause.article != options.cite) continue;
    lines.push_back(Json::object({{"instrument", clause.instrument},
                                  {"article", clause.article},
                                  {"paragraph", clause.paragraph},
                                  {"gist", in_language(clause.gist, options.language)},
                                  {"text_verified", clause.text_verified},
                                  {"number_verified", clause.number_verified},
                                  {"seen_in", clause.seen_in},
                                  {"verified_on", clause.verified_on},
                                  {"verified_by", clause.verified_by}}));
    page += "  " + cite + '\n' + wrapped(in_language(clause.gist, options.language), 4) +
            wrapped("(" + clause_standing(clause) + ")", 4);
  }
  if (options.json) {
    say(formats::pretty(Json::object({{"clauses", std::move(lines)}})) + '\n');
    return 0;
  }
  if (page.empty()) say("Nothing that the data use stands under that citation.\n");
  say(page + (page.empty() ? "" : "\n") + std::string(page.empty() ? "" : k_unverified));
  return 0;
}

int show_instrument(const treaty::Instrument& instrument, const Options& options) {
  if (!options.cite.empty() || options.json) return show_clauses(instrument, options);
  say(instrument.example ? "AN EXAMPLE: no such instrument exists\n" : "");
  say(named_lines(
      {{"instrument", in_language(instrument.title, options.language)},
       {"reference", instrument.reference},
       {"adopted", day(instrument.adopted_on)},
       {"parent", instrument.parent},
       {"in force",
        plural(static_cast<std::uint64_t>(instrument.entry_into_force.instruments), "instrument") +
            ", then " + span_words(instrument.entry_into_force.after_last)},
       {"yields",
        instrument.yields
            ? fmt::format("article {}({}) to ({}), by {}", instrument.yields->article,
                          instrument.yields->from, instrument.yields->to, instrument.yields->clause)
            : ""}}));
  std::vector<std::vector<std::string>> offences, grounds;
  for (const auto& one : instrument.offences)
    offences.push_back({one.code, one.clause, std::string(treaty::name_of(one.scope)),
                        in_language(one.label, options.language)});
  for (const auto& one : instrument.grounds)
    grounds.push_back({one.code, one.clause, in_language(one.label, options.language)});
  say("\nOffences\n" + table({"OFFENCE", "ARTICLE", "SCOPE", "NAME"}, offences));
  say("\nGrounds of refusal\n" + table({"GROUND", "ARTICLE", "NAME"}, grounds));
  say('\n' + std::string(k_unverified));
  return 0;
}

Result<int> show(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  if (options.instrument.empty()) return list_instruments(treaties, options);
  TRY_LET(const auto* instrument, find_instrument(treaties, options.instrument));
  return show_instrument(*instrument, options);
}

// ---- status

Json standing_json(const treaty::StatusRegister& reg, const treaty::Standing& standing) {
  Json declarations = Json::array();
  for (const auto& one : standing.declarations) declarations.push_back(one);
  return Json::object({{"state", standing.state.text()},
                       {"signed_on", day(standing.signed_on)},
                       {"deposited_on", day(standing.deposited_on)},
                       {"deposit_reported", standing.deposit_reported},
                       {"binds_from", day(reg.binds_from(standing.state))},
                       {"denounced_on", day(standing.denounced_on)},
                       {"declarations", std::move(declarations)},
                       {"verified", standing.verified}});
}

std::string remark_on(const treaty::Standing& standing) {
  std::string words = standing.deposit_reported.empty() ? "" : "deposit reported only";
  if (standing.denounced_on)
    words += (words.empty() ? "" : "; ") + ("denounced " + day(standing.denounced_on));
  for (const auto& one : standing.declarations) words += (words.empty() ? "" : "; ") + one;
  return words;
}

Result<int> status(const Options& options, Context& context) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto* instrument, find_instrument(treaties, options.instrument));
  TRY_LET(const auto reg, load_register(data, options.world(), *instrument));
  const Instant now = context.clock.now();
  const auto from = reg.enters_into_force_on();
  const bool in_force = from && *from <= now;
  Json lines = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& standing : reg.standings()) {
    lines.push_back(standing_json(reg, standing));
    rows.push_back({standing.state.text(), day(standing.signed_on), day(standing.deposited_on),
                    day(reg.binds_from(standing.state)), remark_on(standing)});
  }
  const auto& rule = instrument->entry_into_force;
  if (options.json) {
    Json json = Json::object({{"instrument", reg.instrument()},
                              {"as_of", day(reg.as_of())},
                              {"fictional", reg.fictional()},
                              {"in_force", in_force},
                              {"deposits", reg.counted()},
                              {"needed", rule.instruments},
                              {"standings", std::move(lines)}});
    if (from) json.set("enters_into_force_on", day(from));
    say(formats::pretty(json) + '\n');
    return 0;
  }
  say(reg.fictional() ? "EXERCISE · a fictional register; no State has said what stands here\n"
                      : "");
  const std::string since =
      from ? (in_force ? "in force since " : "enters into force on ") + day(from) : "NOT IN FORCE";
  say(named_lines({{"instrument", in_language(instrument->short_title, options.language)},
                   {"status", since},
                   {"deposits", fmt::format("{} counted of {} needed, then {}", reg.counted(),
                                            rule.instruments, span_words(rule.after_last))},
                   {"as of", day(reg.as_of())}}));
  say('\n' + table({"STATE", "SIGNED", "DEPOSITED", "BOUND FROM", ""}, rows));
  return 0;
}

// ---- basis

Result<int> basis(const Options& options, Context& context) {
  TRY_LET(const auto a, StateCode::from_text(options.a));
  TRY_LET(const auto b, StateCode::from_text(options.b));
  Instant on = context.clock.now();
  if (!options.on.empty()) {
    TRY_LET(on, instant_from_text(options.on + "T00:00:00Z"));
  }
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto registers, load_registers(data, options.world(), treaties));
  const auto bases = treaty::legal_basis(treaties, registers, a, b, on);
  std::vector<std::vector<std::string>> rows;
  Json lines = Json::array(), others = Json::array();
  std::string governed;
  for (const auto& tie : bases.in_force) {
    const auto* instrument = treaties.instrument(tie.instrument);
    const auto* by = treaty::governing(treaties, registers, *instrument, a, b, on);
    rows.push_back(
        {tie.instrument, std::string(treaty::name_of(tie.kind)), day(tie.since), tie.reason});
    lines.push_back(Json::object({{"instrument", tie.instrument},
                                  {"kind", treaty::name_of(tie.kind)},
                                  {"since", day(tie.since)},
                                  {"reason", tie.reason},
                                  {"governed_by", by == nullptr ? "" : by->code}}));
    if (by != nullptr)
      governed += fmt::format("  {}: its article {}({}) to ({}) gives way to {} (article {}).\n",
                              tie.instrument, instrument->yields->article, instrument->yields->from,
                              instrument->yields->to, by->code, instrument->yields->clause);
  }
  for (const auto& reason : bases.not_in_force) others.push_back(reason);
  if (options.json) {
    say(formats::pretty(Json::object({{"on", day(on)},
                                      {"in_force", std::move(lines)},
                                      {"not_in_force", std::move(others)}})) +
        '\n');
    return 0;
  }
  say(options.exercise ? "EXERCISE · fictional registers; no State has said what stands here\n"
                       : "");
  say(table({"INSTRUMENT", "KIND", "SINCE", ""}, rows,
            "No treaty at hand binds both on this day: reciprocity or domestic law serves only "
            "where both profiles allow it."));
  if (!governed.empty()) say("\nUnless both agree otherwise:\n" + governed);
  if (!bases.not_in_force.empty()) say("\nNot in force between them\n");
  for (const auto& reason : bases.not_in_force) say(wrapped(reason, 2));
  return 0;
}

// ---- measures

int list_measures(const treaty::Instrument& instrument, const Options& options) {
  std::vector<std::vector<std::string>> rows;
  Json lines = Json::array();
  for (const auto& measure : instrument.measures) {
    rows.push_back(
        {measure.code, "article " + measure.clause, in_language(measure.title, options.language)});
    lines.push_back(Json::object({{"code", measure.code},
                                  {"article", measure.clause},
                                  {"title", in_language(measure.title, options.language)},
                                  {"answer", !measure.answer.empty()}}));
  }
  say(options.json ? formats::pretty(Json::object({{"measures", std::move(lines)}})) + '\n'
                   : table({"MEASURE", "ARTICLE", "TITLE"}, rows));
  return 0;
}

Result<int> measures(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto* instrument, find_instrument(treaties, options.instrument));
  if (options.measure.empty()) return list_measures(*instrument, options);
  const auto* measure = instrument->measure(options.measure);
  if (measure == nullptr) return fault(FaultCode::act_measure, options.measure);
  if (options.answer && measure->answer.empty())
    return fault(FaultCode::bad_usage, options.measure + " has no form of an answer");
  if (options.schema) {
    say(formats::pretty(options.answer ? treaty::schema_of_answer(*measure)
                                       : treaty::schema_of(*measure)) +
        '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  Json lines = Json::array();
  for (const auto& field : options.answer ? measure->answer : measure->fields) {
    const auto need = treaty::name_of(field.requirement);
    rows.push_back({field.code, std::string(need), field.clause,
                    std::string(treaty::name_of(field.kind)),
                    in_language(field.label, options.language)});
    lines.push_back(Json::object({{"code", field.code},
                                  {"requirement", need},
                                  {"article", field.clause},
                                  {"kind", treaty::name_of(field.kind)},
                                  {"label", in_language(field.label, options.language)},
                                  {"help", in_language(field.help, options.language)},
                                  {"example", field.example}}));
  }
  say(options.json ? formats::pretty(Json::object({{"fields", std::move(lines)}})) + '\n'
                   : table({"FIELD", "NEEDED", "ARTICLE", "KIND", "LABEL"}, rows));
  return 0;
}

}  // namespace

void add_treaty(Verb& root, Context& context) {
  auto group = root.verb("treaty", "Instruments: what they say, who is bound, what can be asked",
                         "  comity treaty status\n"
                         "  comity treaty basis BFA KGZ --exercise\n"
                         "  comity treaty measures preservation\n");
  auto options = std::make_shared<Options>();
  const auto common = [&](Verb& verb) -> Verb& {
    return verb.text("--data", options->data, "Instruments and registers [those of the program]")
        .text("--lang", options->language, "Of labels: ar, en, es, fr, ru, zh")
        .flag("--json", options->json, "Answer in JSON");
  };
  auto verb = group.verb("show", "The instruments at hand, or what one of them says",
                         "  comity treaty show\n  comity treaty show un-cybercrime-2024 42\n");
  verb.text("INSTRUMENT", options->instrument, "Its code")
      .text("CITE", options->cite, "An article or a clause: 42, 42(3)(b)");
  common(verb).does([options] { return show(*options); });
  verb = group.verb("status", "Who has signed, joined, and since when it binds",
                    "  comity treaty status\n  comity treaty status --exercise --json\n");
  verb.text("INSTRUMENT", options->instrument, "Its code [the Convention against Cybercrime]")
      .flag("--exercise", options->exercise, "The fictional register");
  common(verb).does([options, &context] { return status(*options, context); });
  verb = group.verb("basis", "On what two States may ask each other for help on a day",
                    "  comity treaty basis BFA KGZ --exercise\n"
                    "  comity treaty basis BFA KGZ --on 2027-01-31\n");
  verb.text("STATE", options->a, "Its code: BFA", Presence::required)
      .text("OTHER", options->b, "The other: KGZ", Presence::required)
      .text("--on", options->on, "The day [today]: 2027-01-31")
      .flag("--exercise", options->exercise, "By the fictional registers");
  common(verb).does([options, &context] { return basis(*options, context); });
  verb = group.verb("measures", "What can be asked, and the form of each measure",
                    "  comity treaty measures\n"
                    "  comity treaty measures preservation --lang fr\n"
                    "  comity treaty measures stored-data --schema >stored-data.json\n");
  verb.text("MEASURE", options->measure, "Show its form")
      .text("--instrument", options->instrument, "Its code [the Convention against Cybercrime]")
      .flag("--schema", options->schema, "Show the JSON Schema of its form")
      .flag("--answer", options->answer, "Of the answer, where the instrument bounds it");
  common(verb).does([options] { return measures(*options); });
}

}  // namespace comity::cli
