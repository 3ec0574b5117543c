// comity stats: how many, by whom and how fast; as a table, CSV or JSON.
#include <fmt/format.h>

#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string from, to;
  bool published = false, csv = false;
};

constexpr const char* k_too_small = "<5";

std::string number_words(const Json& row, std::string_view key) {
  const Json* value = row.find(key);
  return value == nullptr || value->is_null() ? k_too_small : std::to_string(value->integer());
}

std::string days_words(const Json& row, std::string_view key) {
  const Json* value = row.find(key);
  if (value == nullptr || value->is_null()) return k_too_small;
  return fmt::format("{:.1f} d", static_cast<double>(value->integer()) / k_day_s);
}

/// RFC 4180.
std::string cell(std::string text) {
  if (text.find_first_of(",\"\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csv_of(const Json& answer) {
  std::string text = "direction,what,by,key,number,median_s,ninth_decile_s\r\n";
  const auto or_empty = [](const Json& row, std::string_view key) {
    const Json* value = row.find(key);
    return value == nullptr || value->is_null() ? std::string() : std::to_string(value->integer());
  };
  for (const auto& one : items_at(answer, "counts"))
    text += text_at(one, "direction") + ',' + cell(text_at(one, "what")) + ',' +
            text_at(one, "by") + ',' + cell(text_at(one, "key")) + ',' + or_empty(one, "number") +
            ",,\r\n";
  for (const auto& one : items_at(answer, "stages"))
    text += text_at(one, "direction") + ",until " + text_at(one, "stage") + ",,," +
            or_empty(one, "number") + ',' + or_empty(one, "median_s") + ',' +
            or_empty(one, "ninth_decile_s") + "\r\n";
  return text;
}

Result<int> stats(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  Query query = {{"published", options.published ? "true" : "false"}};
  if (!options.from.empty()) query.emplace_back("from", options.from);
  if (!options.to.empty()) query.emplace_back("to", options.to);
  TRY_LET(const Json answer, node.get("/v1/statistics", query));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  if (options.csv) {
    say(csv_of(answer));
    return 0;
  }
  std::vector<std::vector<std::string>> counts, stages;
  for (const auto& one : items_at(answer, "counts"))
    counts.push_back({text_at(one, "direction"), text_at(one, "what"), text_at(one, "by"),
                      text_at(one, "key"), number_words(one, "number")});
  for (const auto& one : items_at(answer, "stages"))
    stages.push_back({text_at(one, "direction"), text_at(one, "stage"), number_words(one, "number"),
                      days_words(one, "median_s"), days_words(one, "ninth_decile_s")});
  say(banner(node.exercise()) +
      table({"", "WHAT", "BY", "", "NUMBER"}, counts, "Nothing was counted.") + '\n' +
      table({"", "FROM ASKED TO", "NUMBER", "MEDIAN", "NINE OF TEN WITHIN"}, stages,
            "No stage has ended."));
  return 0;
}

}  // namespace

void add_stats(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb =
      root.verb("stats", "How many requests, by State, measure, article and ground; how fast",
                "  comity stats --as approver\n"
                "  comity stats --from 2026-01-01T00:00:00Z --to 2027-01-01T00:00:00Z \\\n"
                "      --published --csv --as auditor\n");
  verb.flag("--published", options->published, "Leave out numbers below five")
      .flag("--csv", options->csv, "As CSV (RFC 4180)")
      .text("--from", options->from, "Of requests made from then on")
      .text("--to", options->to, "And before then");
  node_options(verb, context).does([options, &context] { return stats(*options, context); });
}

}  // namespace comity::cli
