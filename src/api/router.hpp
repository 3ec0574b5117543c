// The officers' doors: a call becomes a job at the desk, and the desk's word an answer, sent once
// the turn is durable. Doors, methods, shapes and roles are checked here; the desk checks the roles
// once more and logs. Nothing here decides, and nothing here remembers evidence.
#pragma once

#include <set>

#include "api/live.hpp"
#include "api/officer_auth.hpp"
#include "api/route.hpp"
#include "api/vault.hpp"

namespace comity::api {

inline constexpr std::int64_t k_token_life_s = 8 * k_hour_s;
inline constexpr std::uint64_t k_log_entries_max = 1000;  // of one answer

struct ApiPorts {
  Clock& clock;
  Random& random;
  Mailbox& mailbox;
  Background& background;  // short reads
  Background& sealing;     // as many items as may come in at once
  Background& sources;     // of records: they stay for hours
  Feed& feed;
  Vault& vault;
  Backups& backups;
  Live& live;
};

/// Which node this is, for everyone.
struct Nameplate {
  StateCode state;
  bool exercise = false;
};

class Router {
 public:
  Router(ApiPorts ports, Nameplate nameplate);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// A call from the socket or the console. From any thread; does not block. Lives as long as jobs.
  void handle(node::Call call, node::Reply reply);
  static bool takes_bulk(const node::Call& head);
  /// A body that may rest for a long while: a source of records that has nothing to say.
  static bool is_patient(const node::Call& head);

 private:
  std::vector<Route> routes();
  void add_reading(std::vector<Route>& routes);
  void add_drafting(std::vector<Route>& routes);
  void add_evidence(std::vector<Route>& routes);
  void add_oversight(std::vector<Route>& routes);
  void add_exports(std::vector<Route>& routes);
  void add_live(std::vector<Route>& routes);

  // Within a turn.
  Result<node::Officer> officer_of(node::Desk& desk, const Visit& visit, bool is_bulk);
  Result<node::Afterwards> make_token(node::Desk& desk, const node::Officer& officer,
                                      const VisitPtr& visit);
  Result<node::Afterwards> seal(node::Desk& desk, const node::Officer& officer,
                                const VisitPtr& visit);
  Result<node::Afterwards> open(node::Desk& desk, const node::Officer& officer,
                                const VisitPtr& visit);
  Result<node::Afterwards> part_key(node::Desk& desk, const node::Officer& officer,
                                    const VisitPtr& visit);
  Result<node::Afterwards> share(node::Desk& desk, const node::Officer& officer,
                                 const VisitPtr& visit);
  Result<node::Afterwards> back_up(node::Desk& desk, const node::Officer& officer,
                                   const VisitPtr& visit);
  Json with_progress(Json item);
  Result<node::Afterwards> begin_export(node::Desk& desk, const node::Officer& officer,
                                        const VisitPtr& visit);
  // Afterwards: an export is listed over as many turns as it needs.
  void make_headers(const node::ExportOrder& order, const VisitPtr& visit);
  void list_export(const node::ExportId& id, const VisitPtr& visit);
  // Afterwards, on a background thread.
  void run_seal(const node::SealOrder& order, const node::Officer& officer, const VisitPtr& visit);

  ApiPorts ports_;
  const Nameplate nameplate_;
  const std::vector<Route> routes_;
  NonceCache nonces_;  // used within turns only
  Instant latest_;     // the same; so that a call that waited is not measured by an older clock
};

}  // namespace comity::api
