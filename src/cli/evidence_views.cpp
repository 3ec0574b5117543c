// comity evidence list, show, status: where each item stands.
#include <fmt/format.h>

#include <algorithm>

#include "cli/draft_text.hpp"
#include "cli/item_rates.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/survey_page.hpp"
#include "cli/verbs.hpp"
#include "cli/wait.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string request, item;
  bool watch = false;
  std::int64_t deadline_s = 86'400, limit = k_list_limit;
};

std::uint64_t size_at(const Json& json, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_at(json, key)));
}

std::string share(const Json& item) {
  if (const auto* live = item.find("live"); live != nullptr && is_true_at(item, "is_open"))
    return fmt::format("{}, {} missing, {} late, {} twice",
                       plural(size_at(*live, "records"), "record"), size_at(*live, "missing"),
                       size_at(*live, "late"), size_at(*live, "duplicates"));
  const auto total = size_at(item, "bytes_total");
  if (total == 0) return {};
  const bool is_whole =
      text_at(item, "state") != "announced" && text_at(item, "state") != "sealing";
  if (is_whole) return bytes_words(total);
  const auto done = size_at(item, "bytes_done");
  return fmt::format("{} of {} ({} %)", bytes_words(done), bytes_words(total), done * 100 / total);
}

/// Why it goes before others; empty: it goes in its turn.
std::string first_words(const Json& item) {
  const auto* first = item.find("first");
  return first != nullptr ? text_at(*first, "why") : "";
}

/// Its bytes move, at this State's end.
bool is_moving(const Json& item) {
  const auto state = text_at(item, "state");
  return state == "sealing" || state == "announced";
}

Result<Json> items(Node& node, const Options& options) {
  Query query;
  if (!options.request.empty()) {
    TRY_LET(std::string exchange, node.exchange_id(options.request));
    query.emplace_back("exchange", std::move(exchange));
  }
  TRY_LET(const std::size_t most, list_limit(options.limit));
  return node.items(std::move(query), most);
}

std::string item_table(const Json& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : items_at(answer, "items"))
    rows.push_back({text_at(item, "id"), text_at(item, "state"),
                    is_true_at(item, "ours") ? "ours" : "theirs",
                    item.find("damaged")      ? "DAMAGED, see show"
                    : item.find("quarantine") ? "QUARANTINE, see show"
                                              : share(item),
                    first_words(item), text_at(item, "changed_at"), text_at(item, "name")});
  return table({"ITEM", "STATE", "BY", "BYTES", "FIRST", "CHANGED", "NAME"}, rows,
               "No item is here.");
}

Result<int> list(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, items(node, options));
  tell_more(answer);
  if (context.json) {
    say(formats::pretty(answer) + '\n');
  } else if (context.quiet) {
    for (const auto& item : items_at(answer, "items")) say(text_at(item, "id") + '\n');
  } else {
    say(banner(node.exercise()) + item_table(answer));
  }
  return 0;
}

Result<int> show(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.item_id(options.item));
  TRY_LET(const Json item, node.get("/v1/items/" + id));
  if (context.json) {
    say(formats::pretty(item) + '\n');
    return 0;
  }
  const Json* manifest = item.find("manifest");
  say(banner(node.exercise()) + (manifest != nullptr ? survey_warning(*manifest) : "") +
      laid_out(item));
  return 0;
}

/// What is under way: each item's stage, bytes, rate and time left, and the same of all together.
std::string moving_table(const Json& answer, const ItemRates& rates) {
  std::vector<std::vector<std::string>> rows;
  std::uint64_t done = 0, total = 0, bytes_s = 0;
  bool is_total_known = true;
  const auto rate_words = [](std::optional<std::uint64_t> rate) {
    return rate ? bytes_words(*rate) + "/s" : std::string("-");
  };
  for (const auto& item : items_at(answer, "items")) {
    if (!is_moving(item)) continue;
    const auto here = size_at(item, "bytes_done"), whole = size_at(item, "bytes_total");
    const auto rate = rates.of(text_at(item, "id"));
    done += here;
    total += whole;
    bytes_s += rate.value_or(0);
    is_total_known = is_total_known && whole != 0;  // of what is being sealed nobody knows it
    rows.push_back({text_at(item, "id"), text_at(item, "state"),
                    whole == 0 ? bytes_words(here) : share(item), rate_words(rate),
                    whole == 0 ? "" : time_left(whole - std::min(here, whole), rate),
                    first_words(item), text_at(item, "name")});
  }
  if (rows.empty()) return "Nothing is under way.\n";
  const auto items = rows.size();
  auto page = table({"ITEM", "STAGE", "BYTES", "RATE", "LEFT", "FIRST", "NAME"}, rows, "");
  page += fmt::format("in all  {}, {}{}  {}", items, bytes_words(done),
                      is_total_known ? " of " + bytes_words(total) : "", rate_words(bytes_s));
  if (is_total_known && bytes_s != 0)
    page += "  " + time_left(total - std::min(done, total), bytes_s) + " left";
  return page + '\n';
}

Result<int> status(const Options& options, Context& context) {
  if (!options.watch) return list(options, context);
  TRY_LET(auto node, Node::reach(context));
  std::string shown;
  ItemRates rates;
  Json last;
  TRY(wait_until(node, options.deadline_s, [&]() -> Result<bool> {
    TRY_LET(last, items(node, options));
    const auto all = items_at(last, "items");
    for (const auto& item : all)
      if (is_moving(item))
        rates.see(text_at(item, "id"), size_at(item, "bytes_done"), context.clock.now());
    // For programs a document a line; for people a table; nothing for who only waits.
    std::string page = context.json ? formats::canonical(last) : moving_table(last, rates);
    if (page != shown && !context.quiet) say(page + '\n');
    shown = std::move(page);
    return !all.empty() && std::ranges::none_of(all, is_moving);
  }));
  if (!context.json) say(item_table(last));
  return 0;
}

}  // namespace

void add_evidence_views(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb("list", "The items, of all exchanges or of one",
                            "  comity evidence list 9f2c41 --as approver\n");
  verb.text("REQUEST", options->request, "Only of this exchange")
      .number("--limit", options->limit, "So many at most [1000]");
  node_options(verb, context).does([options, &context] { return list(*options, context); });

  verb = evidence.verb("show", "One item with its whole manifest",
                       "  comity evidence show 77ab03 --as approver\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return show(*options, context); });

  verb = evidence.verb("status", "How far items have come; --watch until all have arrived",
                       "  comity evidence status 9f2c41 --watch --as approver\n");
  verb.text("REQUEST", options->request, "Only of this exchange")
      .flag("--watch", options->watch, "Go on until nothing is under way")
      .number("--deadline-s", options->deadline_s, "Give up after so many seconds [86400]");
  node_options(verb, context).does([options, &context] { return status(*options, context); });
}

}  // namespace comity::cli
