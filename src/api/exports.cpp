// The addresses of exports: begun, listed over several turns, given out file by file, signed. A
// header for a fresh recipient is made on a background thread, and logged before it is known here.
#include "api/problem.hpp"
#include "api/router.hpp"

namespace comity::api {

using node::Afterwards;
using node::Desk;
using node::ExportId;
using node::Officer;

void Router::add_exports(std::vector<Route>& routes) {
  routes.push_back({"POST",
                    "/v1/exchanges/{}/exports",
                    Who::exporters,
                    BodyKind::json,
                    {},
                    [this](Desk& desk, const Officer& officer, const VisitPtr& visit) {
                      return begin_export(desk, officer, visit);
                    }});
  routes.push_back(
      {"GET",
       "/v1/exports/{}/files/{*}",
       Who::exporters,
       BodyKind::none,
       {},
       [](Desk& desk, const Officer& officer, const VisitPtr& visit) -> Result<Afterwards> {
         TRY_LET(const auto id, visit->id<ExportId>());
         TRY_LET(auto bytes, desk.export_file(officer, id, visit->captured[1]));
         return [visit, bytes = std::move(bytes)]() mutable {
           node::Answer answer;
           answer.content_type = "application/octet-stream";
           answer.headers = {{"Cache-Control", "no-store"},
                             {"Content-Disposition", "attachment"},
                             {"X-Content-Type-Options", "nosniff"}};
           answer.body = std::move(bytes);
           visit->reply(std::move(answer));
         };
       }});
  routes.push_back(
      {"POST",
       "/v1/exports/{}/index",
       Who::exporters,
       BodyKind::json,
       {},
       asks([](Desk& desk, const Officer& officer, const Visit& visit) -> Result<Json> {
         TRY_LET(const auto id, visit.id<ExportId>());
         return desk.sign_export(officer, id, visit.body);
       })});
}

Result<Afterwards> Router::begin_export(Desk& desk, const Officer& officer, const VisitPtr& visit) {
  TRY_LET(const auto id, visit->id<ExchangeId>());
  TRY_LET(auto order, desk.begin_export(officer, id, visit->body));
  if (order.open.empty()) return [this, visit, id = order.id] { list_export(id, visit); };
  return [this, visit, order = std::move(order)] {
    if (ports_.background.run([this, visit, order] { make_headers(order, visit); })) return;
    ports_.mailbox.finish([visit, id = order.id](Desk& the_desk) {
      the_desk.end_export(id);
      return answer_of(visit, fault(FaultCode::limit_busy, "files being read"));
    });
  };
}

void Router::make_headers(const node::ExportOrder& order, const VisitPtr& visit) {
  const auto make = [&]() -> Result<node::ExportHeaders> {
    node::ExportHeaders headers;
    for (const auto& item : order.open) {
      TRY_LET(auto header, ports_.vault.header_for(item, order.recipient));
      headers.emplace_back(item.manifest.item, std::move(header));
    }
    return headers;
  };
  ports_.mailbox.finish(
      [this, visit, id = order.id, headers = make()](Desk& desk) mutable -> Afterwards {
        auto done = headers ? desk.headers_made(id, *std::move(headers))
                            : Result<void>(std::unexpected(headers.error()));
        if (done) return [this, visit, id] { list_export(id, visit); };
        desk.end_export(id);
        return answer_of(visit, std::unexpected(done.error()));
      });
}

/// Some of it in each turn, so that nobody waits behind a large export.
void Router::list_export(const ExportId& id, const VisitPtr& visit) {
  ports_.mailbox.finish([this, visit, id](Desk& desk) -> Afterwards {
    const auto more = desk.list_export(id);
    if (more && *more) return [this, visit, id] { list_export(id, visit); };
    auto listed = more ? desk.listed_export(id) : Result<Json>(std::unexpected(more.error()));
    if (!listed) desk.end_export(id);
    return answer_of(visit, [&]() -> Result<Afterwards> {
      TRY_LET(Json answer, std::move(listed));
      return [visit, answer = std::move(answer)] { visit->reply(json_answer(answer)); };
    }());
  });
}

}  // namespace comity::api
