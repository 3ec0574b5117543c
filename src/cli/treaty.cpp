// comity treaty: who is bound, since when, and what can be asked; from data files, without a node.
#include <fmt/format.h>

#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "treaty/form.hpp"

namespace comity::cli {
namespace {

using formats::Json;

struct Options {
  std::string data, measure;
  bool exercise = false, json = false, schema = false;
};

std::string day(const std::optional<Instant>& at) {
  return at ? to_text(*at).substr(0, 10) : "";
}

Result<int> status(const Options& options, Context& context) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto instruments, load_instruments(data));
  const auto& instrument = instruments.front();
  TRY_LET(const auto reg, load_register(data, options.exercise ? "exercise" : "real", instrument));
  const Instant now = context.clock.now();
  const auto from = reg.enters_into_force_on();
  const bool in_force = from && *from <= now;
  Json lines = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& standing : reg.standings()) {
    const std::string state = standing.state.text();
    const std::string binds = day(reg.binds_from(standing.state));
    lines.push_back(Json::object({{"state", state},
                                  {"signed_on", day(standing.signed_on)},
                                  {"deposited_on", day(standing.deposited_on)},
                                  {"binds_from", binds}}));
    rows.push_back({state, day(standing.signed_on), day(standing.deposited_on), binds,
                    standing.deposit_reported.empty() ? "" : "deposit reported only"});
  }
  if (options.json) {
    Json json = Json::object({{"instrument", reg.instrument()},
                              {"as_of", day(reg.as_of())},
                              {"fictional", reg.fictional()},
                              {"in_force", in_force},
                              {"deposits", reg.counted()},
                              {"needed", instrument.entry_into_force.instruments},
                              {"standings", std::move(lines)}});
    if (from) json.set("enters_into_force_on", day(from));
    say(formats::pretty(json) + '\n');
    return 0;
  }
  say(reg.fictional() ? "EXERCISE · a fictional register; no State has said what stands here\n"
                      : "");
  const std::string since =
      from ? (in_force ? "in force since " : "enters into force on ") + day(from) : "NOT IN FORCE";
  say(named_lines({{"instrument", treaty::in_language(instrument.short_title)},
                   {"status", since},
                   {"deposits", fmt::format("{} counted of {} needed, then {} days", reg.counted(),
                                            instrument.entry_into_force.instruments,
                                            instrument.entry_into_force.days_after_last)},
                   {"as of", day(reg.as_of())}}));
  say('\n' + table({"STATE", "SIGNED", "DEPOSITED", "BOUND FROM", ""}, rows));
  return 0;
}

std::string_view need(const treaty::Field& field) {
  return treaty::name_of(field.requirement);
}

Result<int> measures(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto instruments, load_instruments(data));
  const auto& instrument = instruments.front();
  if (options.measure.empty()) {
    std::vector<std::vector<std::string>> rows;
    Json lines = Json::array();
    for (const auto& measure : instrument.measures) {
      rows.push_back(
          {measure.code, "article " + measure.clause, treaty::in_language(measure.title)});
      lines.push_back(Json::object({{"code", measure.code},
                                    {"article", measure.clause},
                                    {"title", treaty::in_language(measure.title)}}));
    }
    say(options.json ? formats::pretty(Json::object({{"measures", std::move(lines)}})) + '\n'
                     : table({"MEASURE", "ARTICLE", "TITLE"}, rows));
    return 0;
  }
  const auto* measure = instrument.measure(options.measure);
  if (measure == nullptr) return fault(FaultCode::act_measure, options.measure);
  if (options.schema) {
    say(formats::pretty(treaty::schema_of(*measure)) + '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  Json lines = Json::array();
  for (const auto& field : measure->fields) {
    rows.push_back({field.code, std::string(need(field)), field.clause,
                    std::string(treaty::name_of(field.kind)), treaty::in_language(field.label)});
    lines.push_back(Json::object({{"code", field.code},
                                  {"requirement", need(field)},
                                  {"article", field.clause},
                                  {"kind", treaty::name_of(field.kind)},
                                  {"label", treaty::in_language(field.label)},
                                  {"example", field.example}}));
  }
  say(options.json ? formats::pretty(Json::object({{"fields", std::move(lines)}})) + '\n'
                   : table({"FIELD", "NEEDED", "ARTICLE", "KIND", "LABEL"}, rows));
  return 0;
}

}  // namespace

void add_treaty(Verb& root, Context& context) {
  auto group = root.verb("treaty", "The instrument: who is bound, and what can be asked",
                         "  comity treaty status\n"
                         "  comity treaty measures preservation\n");
  auto options = std::make_shared<Options>();
  auto verb = group.verb("status", "Who has signed, joined, and since when it binds",
                         "  comity treaty status\n  comity treaty status --exercise --json\n");
  verb.flag("--exercise", options->exercise, "The fictional register")
      .text("--data", options->data, "Instruments and registers [those of the program]")
      .flag("--json", options->json, "Answer in JSON")
      .does([options, &context] { return status(*options, context); });
  verb = group.verb("measures", "What can be asked, and the form of each measure",
                    "  comity treaty measures\n"
                    "  comity treaty measures preservation\n"
                    "  comity treaty measures stored-data --schema >stored-data.json\n");
  verb.text("MEASURE", options->measure, "Show its form")
      .flag("--schema", options->schema, "Show the JSON Schema of its form")
      .text("--data", options->data, "Instruments [those of the program]")
      .flag("--json", options->json, "Answer in JSON")
      .does([options] { return measures(*options); });
}

}  // namespace comity::cli
