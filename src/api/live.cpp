// The addresses of live items: opened, fed, followed, ended; and for partners, the stream of frames
// and the acknowledgement of what came. Bytes pass in threads of their own, never in a turn.
#include "api/live.hpp"

#include "api/peer_door.hpp"
#include "api/problem.hpp"
#include "api/router.hpp"

namespace comity::api {
namespace {

using node::Afterwards;
using node::Desk;
using node::Officer;

Result<std::uint64_t> number_in(const std::string& text) {
  return formats::decimal(text, FaultCode::bad_usage);
}

node::Answer streamed(std::string type, node::Producer producer) {
  node::Answer answer;
  answer.content_type = std::move(type);
  answer.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  answer.body = std::move(producer);
  return answer;
}

}  // namespace

void Router::add_live(std::vector<Route>& routes) {
  routes.push_back({"POST",
                    "/v1/exchanges/{}/live",
                    Who::executor,
                    BodyKind::json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ExchangeId>());
                      return desk.begin_live(who, id, visit.body);
                    })});
  routes.push_back({"POST",
                    "/v1/items/{}/end",
                    Who::openers,
                    BodyKind::optional_json,
                    {},
                    asks([](Desk& desk, const Officer& who, const Visit& visit) -> Result<Json> {
                      TRY_LET(const auto id, visit.id<ItemId>());
                      return desk.end_live(who, id);
                    })});
  routes.push_back(
      {"PUT",
       "/v1/items/{}/records",
       Who::executor,
       BodyKind::bulk,
       {"framing"},
       [this](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ItemId>());
         TRY_LET(auto order, desk.take_records(who, id));
         const auto* asked = visit->query("framing");
         const std::string framing = asked ? *asked : "lines";
         return [this, visit, framing, order = std::move(order)] {
           const auto run = [this, visit, framing, order] {
             const auto taken = ports_.live.take(order, framing, *visit->call.source);
             visit->reply(taken ? json_answer(Json::object({{"records", *taken}}))
                                : problem(taken.error()));
           };
           if (!ports_.sources.run(run))
             visit->reply(problem(Fault{FaultCode::limit_busy, "sources of records"}));
         };
       }});
  routes.push_back(
      {"GET",
       "/v1/items/{}/records",
       Who::openers,
       BodyKind::none,
       {"from", "as"},
       [this](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ItemId>());
         std::uint64_t from = 1;
         if (const auto* text = visit->query("from")) {
           TRY_LET(from, number_in(*text));
         }
         const auto* as = visit->query("as");
         if (as && *as != "lines" && *as != "events")
           return fault(FaultCode::bad_usage, "as is lines or events");
         const bool as_events = as && *as == "events";
         TRY_LET(auto order, desk.read_records(who, id));
         return [this, visit, from, as_events, order = std::move(order)] {
           const bool is_bytes = order.opening.records == treaty::k_bytes_kind;
           visit->reply(streamed(is_bytes    ? "application/octet-stream"
                                 : as_events ? "text/event-stream"
                                             : "application/x-ndjson",
                                 [this, from, as_events, order](node::Sink& sink) {
                                   return ports_.live.read(order, from, as_events, sink);
                                 }));
         };
       }});
  routes.push_back(
      {"GET",
       "/v1/items/{}/heads",
       Who::officer,
       BodyKind::none,
       {},
       [this](Desk& desk, const Officer& who, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ItemId>());
         TRY(desk.item(who, id));  // logged as a read of its description
         if (!ports_.live.is_open(id))
           return fault(FaultCode::evidence_ended, "it is no live item that is open");
         return [this, visit, id] {
           visit->reply(streamed("application/x-ndjson", [this, id](node::Sink& sink) {
             return ports_.live.tell(id, sink);
           }));
         };
       }});
}

void PeerDoor::send_live(const VisitPtr& visit) {
  run(visit, [this, visit](Desk& desk, const StateCode& partner) -> Result<Afterwards> {
    TRY_LET(const auto item, visit->id<ItemId>());
    TRY_LET(const auto from, number_in(visit->captured[1]));
    TRY(desk.serve_live(partner, item));
    return [this, visit, item, from] {
      visit->reply(streamed("application/octet-stream", [this, item, from](node::Sink& sink) {
        return live_.send(item, from, sink);
      }));
    };
  });
}

void PeerDoor::take_acknowledgement(const VisitPtr& visit) {
  run(visit, [this, visit](Desk& desk, const StateCode& partner) -> Result<Afterwards> {
    TRY_LET(const auto item, visit->id<ItemId>());
    TRY(desk.serve_live(partner, item));
    return [this, visit, item] {
      const auto run = [this, visit, item] {
        const auto taken = live_.acknowledge(item, visit->call.body);
        node::Answer answer;
        answer.status = 204;
        visit->reply(taken ? std::move(answer) : problem(taken.error()));
      };
      if (!background_.run(run))
        visit->reply(problem(Fault{FaultCode::limit_busy, "acknowledgements"}));
    };
  });
}

}  // namespace comity::api
