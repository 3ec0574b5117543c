// The table of addresses (spec/openapi.yaml says the same for readers of the API).
#include "api/events.hpp"
#include "api/problem.hpp"
#include "api/router.hpp"
#include "api/sealed_answer.hpp"
#include "node/calendar.hpp"

namespace comity::api {
namespace {

using node::Afterwards;
using node::Desk;
using node::Officer;

constexpr std::size_t k_page = 100;  // where the caller does not say
constexpr std::size_t k_digits_min = 6, k_digits_max = 32;

Result<std::uint64_t> number(const Visit& visit, const std::string& name, std::uint64_t otherwise) {
  const auto* text = visit.query(name);
  if (!text) return otherwise;
  auto value = formats::decimal(*text, FaultCode::bad_usage);
  if (!value) return fault(FaultCode::bad_usage, name + " is not a number");
  return value;
}

/// Whoever asks by the first digits of an id asks for that alone: a page has no place among ids.
Result<std::string> first_digits(const Visit& visit) {
  const auto* digits = visit.query("id");
  if (!digits) return std::string();
  const bool is_hex = digits->find_first_not_of("0123456789abcdef") == digits->npos;
  if (!is_hex || digits->size() < k_digits_min || digits->size() > k_digits_max)
    return fault(FaultCode::bad_usage, "id: 6 to 32 hexadecimal digits, in small letters");
  if (visit.query("after")) return fault(FaultCode::bad_usage, "id and after: one of the two");
  return *digits;
}

Result<Instant> time(const Visit& visit, const std::string& name, Instant otherwise) {
  const auto* text = visit.query(name);
  if (!text) return otherwise;
  auto at = instant_from_text(*text);
  if (!at) return fault(FaultCode::bad_usage, name + " is not a time");
  return at;
}

Result<exchange::Side> side_of(std::string_view name) {
  for (const auto side : {exchange::Side::requester, exchange::Side::requested})
    if (exchange::name_of(side) == name) return side;
  return fault(FaultCode::bad_usage, "side is requester or requested");
}

Result<node::ExchangeFilter> filter_of(const Visit& visit) {
  node::ExchangeFilter filter;
  if (const auto* partner = visit.query("partner")) {
    TRY_LET(filter.partner, StateCode::from_text(*partner));
  }
  if (const auto* side = visit.query("side")) {
    TRY_LET(filter.our_side, side_of(*side));
  }
  if (const auto* phase = visit.query("phase")) filter.phase = *phase;
  if (const auto* place = visit.query("after")) {
    TRY_LET(filter.after, node::read_place(*place));
  }
  TRY_LET(filter.begins_with, first_digits(visit));
  TRY_LET(filter.limit, number(visit, "limit", k_page));
  return filter;
}

}  // namespace

void Router::add_reading(std::vector<Route>& routes) {
  const auto get = [&](std::string_view pattern, Who who, std::vector<std::string_view> queries,
                       Ask ask) {
    routes.push_back(
        {"GET", pattern, who, BodyKind::none, std::move(queries), asks(std::move(ask))});
  };
  get("/v1/status", Who::anyone_here, {},
      [](Desk& desk, const Officer&, const Visit&) -> Result<Json> { return desk.status(); });
  get("/v1/measures", Who::anyone_here, {"instrument"},
      [](Desk& desk, const Officer&, const Visit& visit) -> Result<Json> {
        const auto* instrument = visit.query("instrument");
        return desk.measures(instrument == nullptr ? "" : *instrument);
      });
  get("/v1/officers", Who::founding, {},
      [](Desk& desk, const Officer& who, const Visit&) { return desk.officers(who); });
  get("/v1/directory", Who::officer, {},
      [](Desk& desk, const Officer& who, const Visit&) { return desk.directory(who); });
  get("/v1/directory/{}", Who::officer, {},
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        TRY_LET(const StateCode state, StateCode::from_text(visit.captured[0]));
        return desk.entry(who, state);
      });
  get("/v1/exchanges", Who::officer, {"partner", "side", "phase", "id", "after", "limit"},
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        TRY_LET(const auto filter, filter_of(visit));
        return desk.exchanges(who, filter);
      });
  get("/v1/exchanges/{}", Who::officer, {},
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        TRY_LET(const auto id, visit.id<ExchangeId>());
        return desk.exchange(who, id);
      });
  get("/v1/exchanges/{}/assessment", Who::officer, {},
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        TRY_LET(const auto id, visit.id<ExchangeId>());
        return desk.assessment(who, id);
      });
  get("/v1/due", Who::officer, {},
      [](Desk& desk, const Officer& who, const Visit&) { return desk.due(who); });
  routes.push_back(
      {"GET",
       "/v1/due.ics",
       Who::officer,
       BodyKind::none,
       {},
       [](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const Json due, desk.due(who));
         return [visit, calendar = node::calendar_of(due)] {
           node::Answer answer;
           answer.content_type = "text/calendar; charset=utf-8";
           answer.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
           answer.body = to_bytes(calendar);
           visit->reply(std::move(answer));
         };
       }});
  get("/v1/statistics", Who::exporters, {"published", "from", "to"},
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        const auto* published = visit.query("published");
        if (published && *published != "true" && *published != "false")
          return fault(FaultCode::bad_usage, "published is true or false");
        TRY_LET(const auto from, time(visit, "from", Instant{0}));
        TRY_LET(const auto to, time(visit, "to", visit.now.plus_s(1)));
        return desk.statistics(who, published && *published == "true", from, to);
      });
  routes.push_back({"GET",
                    "/v1/events",
                    Who::officer,
                    BodyKind::none,
                    {},
                    [this](Desk&, const Officer&, const VisitPtr& visit) -> Result<Afterwards> {
                      return [this, visit] {
                        auto subscription = ports_.feed.subscribe();
                        visit->reply(subscription ? events_answer(*std::move(subscription))
                                                  : problem(subscription.error()));
                      };
                    }});
}

void Router::add_drafting(std::vector<Route>& routes) {
  const auto add = [&](std::string_view method, std::string_view pattern, Who who, BodyKind body,
                       Ask ask) {
    routes.push_back({method, pattern, who, body, {}, asks(std::move(ask))});
  };
  // Of one draft: the id is read here.
  const auto of_draft = [](Result<Json> (Desk::*ask)(const Officer&, const DraftId&)) -> Ask {
    return [ask](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
      TRY_LET(const auto id, visit.id<DraftId>());
      return (desk.*ask)(who, id);
    };
  };
  add("POST", "/v1/check", Who::drafters, BodyKind::json,
      [](Desk& desk, const Officer& who, const Visit& visit) {
        return desk.check(who, visit.body);
      });
  add("POST", "/v1/drafts", Who::founding, BodyKind::json,
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        const auto* type = visit.body.find("type");
        if (is_nobody(who) && !(type && *type == Json("statement")))
          return fault(FaultCode::unauthenticated, "an officer's signature is missing");
        return desk.make_draft(who, visit.body);
      });
  add("GET", "/v1/drafts", Who::officer, BodyKind::none,
      [](Desk& desk, const Officer& who, const Visit&) { return desk.drafts(who); });
  add("GET", "/v1/drafts/{}", Who::officer, BodyKind::none, of_draft(&Desk::draft));
  add("POST", "/v1/drafts/{}/signatures", Who::officer, BodyKind::json,
      [](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
        TRY_LET(const auto id, visit.id<DraftId>());
        return desk.sign(who, id, visit.body);
      });
  add("POST", "/v1/drafts/{}/send", Who::founding, BodyKind::optional_json, of_draft(&Desk::send));
  add("DELETE", "/v1/drafts/{}", Who::officer, BodyKind::none, of_draft(&Desk::drop));
  routes.push_back({"POST",
                    "/v1/tokens",
                    Who::known,
                    BodyKind::optional_json,
                    {},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return make_token(desk, who, visit);
                    }});
}

void Router::add_evidence(std::vector<Route>& routes) {
  routes.push_back({"POST",
                    "/v1/exchanges/{}/items",
                    Who::executor,
                    BodyKind::json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ExchangeId>());
                      return desk.begin_item(who, id, visit.body);
                    })});
  routes.push_back({"PUT",
                    "/v1/items/{}/content",
                    Who::executor,
                    BodyKind::bulk,
                    {},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return seal(desk, who, visit);
                    }});
  routes.push_back({"GET",
                    "/v1/items/{}/content",
                    Who::openers,
                    BodyKind::none,
                    {"purpose", "proceeding", "onward"},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return open(desk, who, visit);
                    }});
  routes.push_back({"GET",
                    "/v1/items/{}/part-key",
                    Who::openers,
                    BodyKind::none,
                    {},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return part_key(desk, who, visit);
                    }});
  routes.push_back({"POST",
                    "/v1/items/{}/parts",
                    Who::openers,
                    BodyKind::json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ItemId>());
                      return desk.prove_part(who, id, visit.body);
                    })});
  routes.push_back({"POST",
                    "/v1/items/{}/refetch",
                    Who::openers,
                    BodyKind::optional_json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ItemId>());
                      return desk.fetch_again(who, id);
                    })});
  routes.push_back({"POST",
                    "/v1/items/{}/first",
                    Who::openers,
                    BodyKind::optional_json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ItemId>());
                      return desk.go_first(who, id);
                    })});
  routes.push_back({"DELETE",
                    "/v1/items/{}/first",
                    Who::openers,
                    BodyKind::none,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ItemId>());
                      return desk.go_in_turn(who, id);
                    })});
  routes.push_back({"POST",
                    "/v1/items/{}/headers",
                    Who::openers,
                    BodyKind::json,
                    {},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return share(desk, who, visit);
                    }});
  routes.push_back(
      {"GET",
       "/v1/items",
       Who::officer,
       BodyKind::none,
       {"exchange", "id", "after", "limit"},
       asks([this](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
         node::ItemFilter filter;
         if (const auto* id = visit.query("exchange")) {
           TRY_LET(filter.exchange, ExchangeId::from_hex(*id));
         }
         if (const auto* id = visit.query("after")) {
           TRY_LET(filter.after, ItemId::from_hex(*id));
         }
         TRY_LET(filter.begins_with, first_digits(visit));
         TRY_LET(filter.limit, number(visit, "limit", k_page));
         TRY_LET(Json answer, desk.items(who, filter));
         if (answer.find("items") && answer.at("items").is_array())
           for (auto& item : answer["items"].items()) item = with_progress(std::move(item));
         return answer;
       })});
  routes.push_back(
      {"GET",
       "/v1/items/{}",
       Who::officer,
       BodyKind::none,
       {},
       asks([this](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
         TRY_LET(const auto id, visit.id<ItemId>());
         TRY_LET(Json item, desk.item(who, id));
         return with_progress(std::move(item));
       })});
  routes.push_back(
      {"GET",
       "/v1/items/{}/sealed",
       Who::holders,
       BodyKind::none,
       {},
       [this](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ItemId>());
         TRY_LET(const auto manifest, desk.sealed_item(who, id));
         return send_sealed(ports_.vault, ports_.background, visit,
                            {.item = id, .bytes = manifest.sealed.total_size()});
       }});
  routes.push_back(
      {"GET",
       "/v1/items/{}/tiles/{*}",
       Who::holders,
       BodyKind::none,
       {},
       [this](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ItemId>());
         TRY(desk.sealed_item(who, id));
         return send_tile(ports_.vault, ports_.background, visit, id, visit->captured[1]);
       }});
}

void Router::add_oversight(std::vector<Route>& routes) {
  // Anyone at the socket: the file is sealed for keys that are not here.
  routes.push_back({"POST",
                    "/v1/backups",
                    Who::operators,
                    BodyKind::json,
                    {},
                    [this](Desk& desk, const Officer& who, const VisitPtr& visit) {
                      return back_up(desk, who, visit);
                    }});
  routes.push_back({"GET",
                    "/v1/health",
                    Who::anyone_here,
                    BodyKind::none,
                    {},
                    asks([](Desk& desk, const Officer&, const Visit&) -> Result<Json> {
                      return desk.health();
                    })});
  routes.push_back({"GET",
                    "/v1/restored",
                    Who::anyone_here,
                    BodyKind::none,
                    {},
                    asks([](Desk& desk, const Officer&, const Visit&) -> Result<Json> {
                      return desk.restored();
                    })});
  routes.push_back({"POST",
                    "/v1/directory/consider",
                    Who::officer,
                    BodyKind::json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) {
                      return desk.consider_entry(who, visit.body);
                    })});
  routes.push_back({"GET",
                    "/v1/logs/{*}/entries",
                    Who::exporters,
                    BodyKind::none,
                    {"from", "to"},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto from, number(visit, "from", 0));
                      TRY_LET(const auto to, number(visit, "to", from + k_log_entries_max));
                      if (to < from) return fault(FaultCode::bad_usage, "to lies before from");
                      if (to - from > k_log_entries_max)
                        return fault(FaultCode::limit_count, "1000 entries at most");
                      return desk.log_entries(who, visit.captured[0], from, to);
                    })});
}

}  // namespace comity::api
