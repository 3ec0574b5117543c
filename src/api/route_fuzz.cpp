// Any pattern and any path: what stood for the braces, put in their places, is the path again.
// Any query and body for a route of each kind: a fault, or an object.
#include "api/route.hpp"
#include "base/check.hpp"

using namespace comity;
using namespace comity::api;

namespace {

std::string filled(std::string_view pattern, const std::vector<std::string>& captured) {
  std::string path;
  std::size_t next = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);  // the slash
    const auto segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    path += '/';
    path += segment == "{}" || segment == "{*}" ? captured.at(next++) : std::string(segment);
  }
  CHECK(next == captured.size());
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(text.find('\n'), text.size());
  const auto pattern = text.substr(0, end), rest = text.substr(end);
  if (pattern.starts_with('/') && rest.starts_with("\n/")) {
    const auto path = rest.substr(1);
    const auto star = pattern.find("{*}");
    const bool is_ours = star == pattern.npos || pattern.find("{*}", star + 1) == pattern.npos;
    if (const auto captured = is_ours ? match(pattern, path) : std::nullopt)
      CHECK(filled(pattern, *captured) == path);
  }
  node::Call call{.method = "POST", .path = "/v1/drafts", .body = {data, data + size}};
  if (size % 2 == 1) call.query["name"] = text;
  for (const auto kind : {BodyKind::none, BodyKind::json, BodyKind::optional_json}) {
    const Route route{"POST", "/v1/drafts", Who::officer, kind, {"name"}, {}};
    if (const auto body = read_body(route, call)) CHECK(body->is_object());
  }
  return 0;
}
