#include "api/peer_door.hpp"

#include "api/problem.hpp"
#include "api/sealed_answer.hpp"

namespace comity::api {
namespace {

constexpr std::string_view k_acts = "/comity/v1/acts";
constexpr std::string_view k_entry = "/comity/v1/entry";
constexpr std::string_view k_sealed = "/comity/v1/items/{}/sealed";
constexpr std::string_view k_live = "/comity/v1/items/{}/live";
constexpr std::string_view k_live_from = "/comity/v1/items/{}/live/{}";
constexpr std::string_view k_tiles = "/comity/v1/items/{}/tiles/{*}";

}  // namespace

void PeerDoor::run(const VisitPtr& visit,
                   std::function<Result<node::Afterwards>(node::Desk&, const StateCode&)> step) {
  auto job = [visit, step = std::move(step)](node::Desk& desk) {
    return answer_of(visit, step(desk, *visit->call.peer));
  };
  const auto posted = visit->call.path == k_acts
                          ? mailbox_.post_letter(*visit->call.peer, std::move(job))
                          : mailbox_.post(std::move(job));
  if (!posted) visit->reply(problem(posted.error()));
}

void PeerDoor::handle(node::Call call, node::Reply reply) {
  const auto visit = std::make_shared<Visit>();
  visit->call = std::move(call);
  visit->reply = std::move(reply);
  const auto refuse = [&](FaultCode code, std::string detail) {
    visit->reply(problem(Fault{code, std::move(detail)}));
  };
  const auto& path = visit->call.path;
  if (visit->call.door != node::Door::peer || !visit->call.peer)
    return refuse(FaultCode::unauthenticated, "this address is for partners");
  if (!visit->call.query.empty()) return refuse(FaultCode::bad_usage, "no query is taken here");

  const bool is_acts = path == k_acts;
  auto acknowledged = match(k_live, path);
  if (visit->call.method != (is_acts || acknowledged ? "POST" : "GET"))
    return refuse(FaultCode::method, path);
  if (is_acts) {
    // Its author keeps the letter and repeats it; what is under way here is finished first.
    if (const auto room = vault_.has_room(); !room) return visit->reply(problem(room.error()));
    run(visit, [visit](node::Desk& desk, const StateCode& partner) -> Result<node::Afterwards> {
      TRY_LET(const auto letter, desk.take_letter(partner, visit->call.body));
      return [visit, letter] {
        node::Answer answer;
        answer.status = letter->status;
        if (letter->status >= 400) answer.content_type = "application/problem+json";
        answer.body = letter->body;
        visit->reply(std::move(answer));
      };
    });
  } else if (path == k_entry) {
    run(visit, [visit](node::Desk& desk, const StateCode&) -> Result<node::Afterwards> {
      TRY_LET(Bytes p7m, desk.own_entry());
      return [visit, p7m = std::move(p7m)] {
        node::Answer answer;
        answer.content_type = "application/pkcs7-mime";
        answer.body = p7m;
        visit->reply(std::move(answer));
      };
    });
  } else if (acknowledged) {
    visit->captured = *std::move(acknowledged);
    take_acknowledgement(visit);
  } else if (auto live = match(k_live_from, path)) {
    visit->captured = *std::move(live);
    send_live(visit);
  } else if (auto sealed = match(k_sealed, path)) {
    visit->captured = *std::move(sealed);
    run(visit,
        [this, visit](node::Desk& desk, const StateCode& partner) -> Result<node::Afterwards> {
          TRY_LET(const ItemId item, visit->id<ItemId>());
          TRY_LET(const auto served, desk.serve_item(partner, item));
          return send_sealed(vault_, background_, visit, served.cargo);
        });
  } else if (auto tiles = match(k_tiles, path)) {
    visit->captured = *std::move(tiles);
    run(visit,
        [this, visit](node::Desk& desk, const StateCode& partner) -> Result<node::Afterwards> {
          TRY_LET(const ItemId item, visit->id<ItemId>());
          TRY(desk.serve_item(partner, item));
          return send_tile(vault_, background_, visit, item, visit->captured[1]);
        });
  } else {
    refuse(FaultCode::not_found, path);
  }
}

}  // namespace comity::api
