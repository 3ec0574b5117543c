// comity request wait, comity evidence wait: until another State, or this node, has come so far.
#include <algorithm>
#include <array>
#include <map>

#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "cli/wait.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string exchange, item, request, phase, side, partner, measure, state, act, standing;
  std::vector<std::string> except;
  bool any = false;
  std::int64_t deadline_s = 600;
};

bool fits(const Json& exchange, const Options& options) {
  for (const auto& [key, wanted] : {std::pair{"phase", options.phase},
                                    {"side", options.side},
                                    {"partner", options.partner},
                                    {"measure", options.measure}})
    if (!wanted.empty() && text_at(exchange, key) != wanted) return false;
  const std::string id = text_at(exchange, "id");
  return std::ranges::none_of(
      options.except, [&](const std::string& not_this) { return id.starts_with(not_this); });
}

/// A request that was delivered has been accepted; one that was refused will never be.
/// Fault: request.conflict when there is nothing left to wait for.
Result<bool> has_come_to_phase(const std::string& phase, const std::string& wanted) {
  constexpr std::array<std::string_view, 3> k_way = {"open", "accepted", "delivered"};
  constexpr std::array<std::string_view, 3> k_ends = {"refused", "withdrawn", "closed"};
  if (wanted.empty() || phase == wanted) return true;
  const auto want = std::ranges::find(k_way, wanted);
  if (want == k_way.end()) return false;
  if (std::ranges::find(k_ends, phase) != k_ends.end())
    return fault(FaultCode::conflict, "the request is " + phase + " and will not be " + wanted);
  const auto has = std::ranges::find(k_way, phase);
  return has != k_way.end() && has >= want;
}

/// That an act of the type wanted is there, and stands as wanted.
/// Fault: act.rejected, with the other State's words, when the last of that type was not taken.
Result<bool> has_act(const Json& exchange, const Options& options) {
  if (options.act.empty()) return true;
  const Json* last = nullptr;
  for (const auto& act : items_at(exchange, "acts")) {
    if (text_at(act, "type") != options.act) continue;
    if (options.standing.empty() || text_at(act, "standing") == options.standing) return true;
    last = &act;
  }
  const Json* why = last ? last->find("rejection") : nullptr;
  if (!why || !why->is_object()) return false;
  return fault(FaultCode::act_rejected, text_at(*why, "code") + ": " + text_at(*why, "detail"));
}

void tell(const Context& context, const Json& found) {
  if (context.json) return say(formats::pretty(found) + '\n');
  say(text_at(found, "id") +
      (context.quiet ? "" : "  " + text_at(found, "phase") + text_at(found, "state")) + '\n');
}

Result<int> wait_request(const Options& options, Context& context) {
  if (options.any == !options.exchange.empty())
    return fault(FaultCode::bad_usage, "name an exchange, or --any with what it must be");
  TRY_LET(auto node, Node::reach(context));
  Json found;
  if (options.any) {
    Query query;
    for (const auto& [name, value] :
         {std::pair{"partner", options.partner}, {"side", options.side}, {"phase", options.phase}})
      if (!value.empty()) query.emplace_back(name, value);
    TRY(wait_until(node, options.deadline_s, [&]() -> Result<bool> {
      TRY_LET(const Json answer, node.exchanges(query, k_list_limit));
      const auto all = items_at(answer, "exchanges");  // latest change first
      const auto first =
          std::ranges::find_if(all, [&](const Json& exchange) { return fits(exchange, options); });
      if (first != all.end()) found = *first;
      return first != all.end();
    }));
  } else {
    TRY_LET(const std::string id, node.exchange_id(options.exchange));
    Options others = options;
    others.phase.clear();
    TRY(wait_until(
        node, options.deadline_s,
        [&]() -> Result<bool> {
          auto exchange = node.get("/v1/exchanges/" + id);
          // The request may still be on its way here.
          if (!exchange && exchange.error().code == FaultCode::not_found) return false;
          if (!exchange) return std::unexpected(exchange.error());
          TRY_LET(const bool has_come,
                  has_come_to_phase(text_at(*exchange, "phase"), options.phase));
          TRY_LET(const bool is_there, has_act(*exchange, options));
          const bool is_so = has_come && fits(*exchange, others) && is_there;
          found = *std::move(exchange);
          return is_so;
        },
        [&](const Json& notice) {
          const std::string about = text_at(notice, "exchange");
          return about.empty() || about == id;
        }));
  }
  tell(context, found);
  return 0;
}

/// The state of an item, or one that comes after it on its way.
bool has_come_to(const std::string& state, const std::string& wanted) {
  constexpr std::array<std::string_view, 3> k_ours = {"sealing", "sealed", "released"};
  constexpr std::array<std::string_view, 2> k_theirs = {"announced", "arrived"};
  const auto within = [&](const auto& order) {
    const auto has = std::ranges::find(order, state);
    const auto want = std::ranges::find(order, wanted);
    return has != order.end() && want != order.end() && has >= want;
  };
  return state == wanted || within(k_ours) || within(k_theirs);
}

Result<int> wait_item(const Options& options, Context& context) {
  if (options.item.empty() == options.request.empty())
    return fault(FaultCode::bad_usage, "name an item, or --request ID");
  TRY_LET(auto node, Node::reach(context));
  std::string id, exchange;
  if (!options.item.empty()) {
    TRY_LET(id, node.item_id(options.item));
  } else {
    TRY_LET(exchange, node.exchange_id(options.request));
  }
  Json found;
  TRY(wait_until(
      node, options.deadline_s,
      [&]() -> Result<bool> {
        if (!id.empty()) {
          TRY_LET(found, node.get("/v1/items/" + id));
          return has_come_to(text_at(found, "state"), options.state);
        }
        TRY_LET(const Json answer, node.items({{"exchange", exchange}}, k_list_limit));
        for (const auto& item : items_at(answer, "items")) {
          if (!has_come_to(text_at(item, "state"), options.state)) continue;
          found = item;
          return true;
        }
        return false;
      },
      [&](const Json& notice) {
        const std::string item = text_at(notice, "item");
        const std::string about = text_at(notice, "exchange");
        return !id.empty() ? item.empty() || item == id : about.empty() || about == exchange;
      }));
  tell(context, found);
  return 0;
}

}  // namespace

void add_request_wait(Verb& request, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb =
      request.verb("wait", "Wait until an exchange has come so far; prints its id",
                   "  comity request wait 9f2c41 --phase accepted --as approver\n"
                   "  comity request wait 9f2c41 --act request --standing receipted --as approver\n"
                   "  comity request wait --any --side requested --phase open --deadline-s 30 -q "
                   "--as approver\n");
  verb.text("ID", options->exchange, "The exchange, or the first digits")
      .flag("--any", options->any, "Any exchange that fits")
      .text("--phase", options->phase, "open, accepted, delivered, refused, withdrawn, closed")
      .text("--side", options->side, "We are: requester, requested")
      .text("--partner", options->partner, "With this State")
      .text("--measure", options->measure, "preservation, stored-data")
      .text("--act", options->act, "An act of this type is there")
      .text("--standing", options->standing, "… and stands: logged, receipted, rejected")
      .texts("--except", options->except, "Not this exchange; may come again")
      .number("--deadline-s", options->deadline_s, "Give up after so many seconds [600]");
  node_options(verb, context).does([options, &context] { return wait_request(*options, context); });
}

void add_evidence_wait(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  options->state = "arrived";
  auto verb =
      evidence.verb("wait", "Wait until an item has come so far; prints its id",
                    "  comity evidence wait --request 9f2c41 --state arrived --as approver\n");
  verb.text("ITEM", options->item, "The item, or the first digits")
      .text("--request", options->request, "The first item of this exchange that fits")
      .text("--state", options->state,
            "sealed, released, announced, arrived, failed, destroyed [arrived]")
      .number("--deadline-s", options->deadline_s, "Give up after so many seconds [600]");
  node_options(verb, context).does([options, &context] { return wait_item(*options, context); });
}

}  // namespace comity::cli
