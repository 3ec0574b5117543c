#include "api/route.hpp"

#include <algorithm>

#include "api/problem.hpp"

namespace comity::api {
namespace {

constexpr std::size_t k_api_body_bytes_max = std::size_t{2} * 1024 * 1024;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool has_any(const node::Officer& officer, std::initializer_list<std::string_view> roles) {
  return std::ranges::any_of(roles, [&](std::string_view role) { return officer.has(role); });
}

}  // namespace

const std::string* Visit::query(const std::string& name) const {
  const auto at = call.query.find(name);
  return at == call.query.end() ? nullptr : &at->second;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  const auto wanted = segments_of(pattern), given = segments_of(path);
  if (given.size() < wanted.size()) return std::nullopt;
  std::size_t more = given.size() - wanted.size();  // what {*} takes beyond its first
  std::vector<std::string> captured;
  std::size_t at = 0;
  for (const auto segment : wanted) {
    if (segment == "{*}") {
      std::string all(given[at++]);
      for (; more > 0; --more) all.append("/").append(given[at++]);
      captured.push_back(std::move(all));
    } else if (segment == "{}") {
      captured.emplace_back(given[at++]);
    } else if (segment != given[at++]) {
      return std::nullopt;
    }
  }
  if (more > 0) return std::nullopt;
  return captured;
}

Result<const Route*> find_route(std::span<const Route> routes, const node::Call& call,
                                std::vector<std::string>& captured) {
  std::string methods;
  for (const auto& route : routes) {
    auto found = match(route.pattern, call.path);
    if (!found) continue;
    if (route.method == call.method) {
      captured = *std::move(found);
      return &route;
    }
    methods.append(methods.empty() ? "" : ", ").append(route.method);
  }
  if (methods.empty()) return fault(FaultCode::not_found, call.path);
  return fault(FaultCode::method, call.path + " takes " + methods);
}

Result<Json> read_body(const Route& route, const node::Call& call) {
  for (const auto& [name, value] : call.query)
    if (std::ranges::find(route.queries, name) == route.queries.end())
      return fault(FaultCode::bad_usage, "the query name " + name + " is not known here");
  if (route.body == BodyKind::bulk) {
    if (!call.source) return fault(FaultCode::bad_usage, "bytes are expected");
    return Json::object();
  }
  if (call.body.empty() && route.body != BodyKind::json) return Json::object();
  if (route.body == BodyKind::none) return fault(FaultCode::bad_usage, "no body is taken here");
  TRY_LET(Json body,
          formats::parse_json(call.body, formats::JsonLimits{.bytes_max = k_api_body_bytes_max}));
  if (!body.is_object()) return fault(FaultCode::format_json, "the body is not an object");
  if (route.body == BodyKind::optional_json && body.size() > 0)
    return fault(FaultCode::format_field, body.members().begin()->first + ": is not known here");
  return body;
}

Result<void> check_who(Who who, const node::Call& call, const node::Officer& officer) {
  if (is_nobody(officer)) {
    if (who == Who::founding && call.door == node::Door::socket) return {};
    if ((who == Who::anyone_here || who == Who::operators) && call.door == node::Door::socket)
      return {};
    return fault(FaultCode::unauthenticated, "an officer's signature is missing");
  }
  const auto require = [&](bool holds, std::string_view roles) -> Result<void> {
    if (!holds) return fault(FaultCode::officer_role, "this is for: " + std::string(roles));
    return {};
  };
  switch (who) {
    case Who::operators:
      if (call.door == node::Door::socket) return {};
      return fault(FaultCode::forbidden, "this is asked at the node's own socket");
    case Who::anyone_here:
    case Who::known:
      return {};
    case Who::founding:
    case Who::officer:
      return require(
          call.method == "GET" || has_any(officer, {"drafter", "approver", "executor", "screener"}),
          "drafter, approver, executor, screener");
    case Who::drafters:
      return require(has_any(officer, {"drafter", "approver"}), "drafter, approver");
    case Who::executor:
      return require(has_any(officer, {"executor"}), "executor");
    case Who::openers:
      return require(has_any(officer, {"executor", "approver", "screener"}),
                     "executor, approver, screener");
    case Who::holders:
      return require(has_any(officer, {"executor", "approver", "auditor"}),
                     "executor, approver, auditor");
    case Who::exporters:
      return require(has_any(officer, {"approver", "auditor"}), "approver, auditor");
  }
  return fault(FaultCode::forbidden);
}

Step asks(Ask ask) {
  return [ask = std::move(ask)](node::Desk& desk, const node::Officer& officer,
                                const VisitPtr& visit) -> Result<node::Afterwards> {
    TRY_LET(Json value, ask(desk, officer, *visit));
    return [visit, value = std::move(value)] { visit->reply(json_answer(value)); };
  };
}

node::Afterwards answer_of(const VisitPtr& visit, Result<node::Afterwards> done) {
  if (done) return *std::move(done);
  return [visit, why = std::move(done).error()] { visit->reply(problem(why)); };
}

}  // namespace comity::api
