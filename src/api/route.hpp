// One address of the API: method, pattern, who may ask, and what is asked of the desk.
// Private to the room.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/ports.hpp"
#include "node/call.hpp"
#include "node/desk.hpp"

namespace comity::api {

using formats::Json;

/// One call on its way: what came, and how it is answered. Shared by those who work on it.
struct Visit {
  node::Call call;
  node::Reply reply;
  Json body;                          // an empty object when none came
  std::vector<std::string> captured;  // what stood for the pattern's braces, in order
  Instant now;                        // when it came

  const std::string* query(const std::string& name) const;
  /// Fault: request.not_found for what is no identifier.
  template <typename T>
  Result<T> id(std::size_t index = 0) const {
    auto id = T::from_hex(captured.at(index));
    if (!id) return fault(FaultCode::not_found, captured[index]);
    return id;
  }
};
using VisitPtr = std::shared_ptr<const Visit>;

/// Runs within a turn, on the heart's thread.
using Step =
    std::function<Result<node::Afterwards>(node::Desk&, const node::Officer&, const VisitPtr&)>;
/// The common case: a question that is answered by JSON.
using Ask = std::function<Result<Json>(node::Desk&, const node::Officer&, const Visit&)>;

/// Replies with the JSON once the turn is durable.
Step asks(Ask ask);

enum class Who {
  anyone_here,  // anyone at the socket; a known officer at the console
  founding,     // an officer; or nobody, where the desk allows it while there are no officers
  officer,      // any officer; one who is an auditor alone may GET
  known,        // any officer
  drafters,     // drafter, approver
  executor,
  openers,    // executor, approver; a screener what is in quarantine
  holders,    // of sealed bytes: executor, approver, auditor
  exporters,  // approver, auditor
  operators   // anyone at the socket, and nobody at the console
};
/// Faults: officer.role, request.unauthenticated.
Result<void> check_who(Who who, const node::Call& call, const node::Officer& officer);
/// Nobody has asked: no certificate, no name.
inline bool is_nobody(const node::Officer& officer) {
  return officer.fingerprint.is_zero();
}

enum class BodyKind { none, json, optional_json, bulk };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/v1/drafts/{}": one segment; "{*}": one or more, once at most
  Who who;
  BodyKind body;
  std::vector<std::string_view> queries;  // names that may come
  Step step;
};

/// What stands for the braces; nothing when the path is not of the pattern.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

/// The one route for a call. Faults: request.not_found, request.method.
Result<const Route*> find_route(std::span<const Route> routes, const node::Call& call,
                                std::vector<std::string>& captured);
/// Checks query names and reads the body. Faults: request.usage, format.json, limit.*.
Result<Json> read_body(const Route& route, const node::Call& call);

/// A job that runs `step` and sees to the answer, whatever happens.
node::Afterwards answer_of(const VisitPtr& visit, Result<node::Afterwards> done);

}  // namespace comity::api
