#include "api/problem.hpp"

namespace comity::api {

node::Answer json_answer(const formats::Json& value, int status) {
  node::Answer answer;
  answer.status = status;
  answer.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  answer.body = to_bytes(formats::canonical(value));
  return answer;
}

node::Answer problem(const Fault& fault) {
  return problem(fault, row_of(fault.code).http_status);
}

node::Answer problem(const Fault& fault, int status) {
  const FaultRow& row = row_of(fault.code);
  auto answer = json_answer(
      formats::Json::object({{"type", "urn:comity:error:" + std::string(row.name)},
                             {"title", row.happened},
                             {"status", status},
                             {"detail", formats::is_plain_text(fault.detail) ? fault.detail : ""},
                             {"code", row.name},
                             {"next", row.next}}),
      status);
  answer.content_type = "application/problem+json";
  return answer;
}

}  // namespace comity::api
