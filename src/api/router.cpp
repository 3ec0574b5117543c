#include "api/router.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/events.hpp"
#include "api/problem.hpp"
#include "api/sealed_answer.hpp"
#include "crypto/digest.hpp"

namespace comity::api {

using node::Desk;
using node::Officer;

Router::Router(ApiPorts ports, Nameplate nameplate)
    : ports_(ports), nameplate_(nameplate), routes_(routes()) {}

std::vector<Route> Router::routes() {
  std::vector<Route> all;
  add_reading(all);
  add_drafting(all);
  add_evidence(all);
  add_oversight(all);
  add_exports(all);
  add_live(all);
  return all;
}

bool Router::takes_bulk(const node::Call& head) {
  return head.door != node::Door::peer && head.method == "PUT" &&
         (match("/v1/items/{}/content", head.path).has_value() || is_patient(head));
}

bool Router::is_patient(const node::Call& head) {
  return head.door != node::Door::peer && head.method == "PUT" &&
         match("/v1/items/{}/records", head.path).has_value();
}

void Router::handle(node::Call call, node::Reply reply) {
  if (call.path == "/healthz" && call.method == "GET" && call.door != node::Door::peer)
    return reply(json_answer(Json::object({{"state", nameplate_.state.text()},
                                           {"exercise", nameplate_.exercise},
                                           {"version", COMITY_VERSION},
                                           {"status", "ok"}})));
  const auto visit = std::make_shared<Visit>();
  visit->call = std::move(call);
  visit->reply = std::move(reply);
  visit->now = ports_.clock.now();
  const auto found = find_route(routes_, visit->call, visit->captured);
  if (!found) return visit->reply(problem(found.error()));
  const Route* route = *found;
  // Reading goes on as long as it can: it is how people find out.
  if (visit->call.method != "GET")
    if (const auto room = ports_.vault.has_room(); !room)
      return visit->reply(problem(room.error()));
  auto body = read_body(*route, visit->call);
  if (!body) return visit->reply(problem(body.error()));
  visit->body = *std::move(body);

  const auto posted = ports_.mailbox.post([this, route, visit](Desk& desk) {
    const auto step = [&]() -> Result<node::Afterwards> {
      TRY_LET(const Officer officer, officer_of(desk, *visit, route->body == BodyKind::bulk));
      TRY(check_who(route->who, visit->call, officer));
      return route->step(desk, officer, visit);
    };
    return answer_of(visit, step());
  });
  if (!posted) visit->reply(problem(posted.error()));
}

/// Who calls, or nobody when the call bears nothing to know one by.
Result<Officer> Router::officer_of(Desk& desk, const Visit& visit, bool is_bulk) {
  const auto& headers = visit.call.headers;
  const auto token = headers.find("authorization"), signature = headers.find("comity-officer");
  if (token != headers.end()) {
    constexpr std::string_view scheme = "Bearer ";
    if (visit.call.door != node::Door::console || signature != headers.end() ||
        !token->second.starts_with(scheme))
      return fault(FaultCode::unauthenticated, "a token is taken at the console's door, alone");
    const auto text = std::string_view(token->second).substr(scheme.size());
    return desk.officer_by_token(crypto::sha256(as_bytes(text)));
  }
  if (signature == headers.end()) return Officer{};
  TRY_LET(const OfficerClaim claim, parse_officer_header(signature->second));
  latest_ = std::max(latest_, visit.now);
  TRY(check_time(claim, latest_));
  TRY_LET(Officer officer, desk.officer(claim.officer));
  const auto body_hash = is_bulk ? std::string("bulk") : body_hash_of(visit.call);
  TRY(check_signature(claim, call_text(visit.call, nameplate_.state, claim, body_hash),
                      officer.spki));
  TRY(nonces_.take(claim, latest_));
  return officer;
}

Result<node::Afterwards> Router::make_token(Desk& desk, const Officer& officer,
                                            const VisitPtr& visit) {
  if (visit->call.headers.contains("authorization"))
    return fault(FaultCode::unauthenticated, "a token is given for an officer's signature only");
  const std::string token = hex(ports_.random.draw<32>());
  const Instant expires_at = visit->now.plus_s(k_token_life_s);
  TRY(desk.keep_token(officer, crypto::sha256(as_bytes(token)), expires_at));
  return [visit, token, expires_at] {
    visit->reply(
        json_answer(Json::object({{"token", token}, {"expires_at", to_text(expires_at)}}), 201));
  };
}

Result<node::Afterwards> Router::seal(Desk& desk, const Officer& officer, const VisitPtr& visit) {
  TRY_LET(const ItemId item, visit->id<ItemId>());
  auto ordered = desk.seal_order(officer, item);
  if (!ordered) {
    // Without a key nothing will ever be sealed under this number.
    const auto code = ordered.error().code;
    if (code == FaultCode::store_io || code == FaultCode::store_full)
      TRY(desk.item_failed(item, ordered.error()));
    return std::unexpected(ordered.error());
  }
  auto order = *std::move(ordered);
  return [this, visit, officer, order = std::move(order)] {
    const bool is_taken =
        ports_.sealing.run([this, visit, officer, order] { run_seal(order, officer, visit); });
    if (is_taken) return;
    // Nothing was read: the item stays as it is, and the bytes may be sent again.
    ports_.mailbox.finish([visit, item = order.item](Desk& desk) {
      desk.seal_put_off(item);
      return answer_of(visit, fault(FaultCode::limit_busy, "items being sealed"));
    });
  };
}

void Router::run_seal(const node::SealOrder& order, const Officer& officer, const VisitPtr& visit) {
  auto outcome = ports_.vault.seal(order, *visit->call.source);
  ports_.mailbox.finish(
      [visit, officer, item = order.item, outcome = std::move(outcome)](Desk& desk) {
        const auto step = [&]() -> Result<node::Afterwards> {
          TRY_LET(Json sealed, desk.seal_ended(officer, item, outcome));
          return [visit, sealed = std::move(sealed)] { visit->reply(json_answer(sealed)); };
        };
        return answer_of(visit, step());
      });
}

Result<node::Afterwards> Router::open(Desk& desk, const Officer& officer, const VisitPtr& visit) {
  TRY_LET(const ItemId item, visit->id<ItemId>());
  const auto* purpose = visit->query("purpose");
  if (purpose && *purpose != "open" && *purpose != "export")
    return fault(FaultCode::bad_usage, "purpose is open or export");
  node::Use use;
  if (const auto* proceeding = visit->query("proceeding")) use.proceeding = *proceeding;
  if (const auto* onward = visit->query("onward")) {
    TRY_LET(use.onward, StateCode::from_text(*onward));
  }
  TRY_LET(node::OpenOrder order,
          desk.open_item(officer, item, purpose && *purpose == "export", use));
  return [this, visit, order = std::move(order)] {
    node::Answer answer;
    answer.content_type = "application/octet-stream";
    answer.headers = {{"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment"},
                      {"X-Content-Type-Options", "nosniff"}};
    answer.body =
        node::Producer([this, order](node::Sink& sink) { return ports_.vault.open(order, sink); });
    visit->reply(std::move(answer));
  };
}

/// Whoever may see all of an item may prove parts of it; asking for it is logged as an opening.
Result<node::Afterwards> Router::part_key(Desk& desk, const Officer& officer,
                                          const VisitPtr& visit) {
  TRY_LET(const ItemId item, visit->id<ItemId>());
  TRY_LET(node::OpenOrder order, desk.open_item(officer, item, false));
  return [this, visit, order = std::move(order)] {
    const bool is_taken = ports_.background.run([this, visit, order] {
      const auto key = ports_.vault.part_key(order);
      if (!key) return visit->reply(problem(key.error()));
      visit->reply(json_answer(Json::object({{"key", base64(key->view())}})));
    });
    if (!is_taken) visit->reply(problem(Fault{FaultCode::limit_busy, "files being read"}));
  };
}

Result<node::Afterwards> Router::share(Desk& desk, const Officer& officer, const VisitPtr& visit) {
  TRY_LET(const ItemId item, visit->id<ItemId>());
  TRY_LET(node::ShareOrder order, desk.share_item(officer, item, visit->body));
  return [this, visit, officer, order = std::move(order)] {
    const bool is_taken = ports_.background.run([this, visit, officer, order] {
      auto header = ports_.vault.header_for(order.open, order.recipient);
      ports_.mailbox.finish([visit, officer, order, header = std::move(header)](Desk& at) {
        const auto step = [&]() -> Result<node::Afterwards> {
          if (!header) return std::unexpected(header.error());
          TRY_LET(Json shared, at.header_shared(officer, order, *header));
          return [visit, shared = std::move(shared)] { visit->reply(json_answer(shared, 201)); };
        };
        return answer_of(visit, step());
      });
    });
    if (!is_taken) visit->reply(problem(Fault{FaultCode::limit_busy, "files being read"}));
  };
}

Result<node::Afterwards> Router::back_up(Desk& desk, const Officer& officer,
                                         const VisitPtr& visit) {
  TRY_LET(const node::BackupOrder order, desk.begin_backup(officer, visit->body));
  return [this, visit, order] {
    ports_.backups.make(order, [this, visit, order](Result<node::BackupOutcome> outcome) {
      ports_.mailbox.finish([visit, order, outcome = std::move(outcome)](Desk& at) {
        const auto step = [&]() -> Result<node::Afterwards> {
          if (!outcome) {
            TRY(at.backup_failed(order, outcome.error()));
            return std::unexpected(outcome.error());
          }
          TRY_LET(Json made, at.backup_made(order, *outcome));
          return [visit, made = std::move(made)] { visit->reply(json_answer(made, 201)); };
        };
        return answer_of(visit, step());
      });
    });
  };
}

/// Adds how far bytes that move now have come: the desk knows only what is durable.
Json Router::with_progress(Json item) {
  const auto* id = item.find("id");
  if (!id || !id->is_text()) return item;
  const auto parsed = ItemId::from_hex(id->text());
  if (!parsed) return item;
  if (const auto done = ports_.vault.bytes_done(*parsed)) item.set("bytes_done", *done);
  if (auto live = ports_.live.status(*parsed)) item.set("live", *std::move(live));
  return item;
}

}  // namespace comity::api
