#include "wire/problem.hpp"

#include <fmt/format.h>

namespace comity::wire {
namespace {

/// The inside of a JSON string (RFC 8259 §7). What is not ASCII is left out: no text of ours has
/// it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= 0x20 && c < 0x7f) {
      out += c;
    }
  }
  return out;
}

}  // namespace

node::Answer problem(const Fault& fault) {
  const auto& row = row_of(fault.code);
  node::Answer answer;
  answer.status = row.http_status;
  answer.content_type = "application/problem+json";
  answer.body = to_bytes(fmt::format(
      R"({{"code":"{}","detail":"{}","next":"{}","status":{},"title":"{}","type":"urn:comity:error:{}"}})",
      row.name, escaped(fault.detail), escaped(row.next), row.http_status, escaped(row.happened),
      row.name));
  return answer;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

}  // namespace comity::wire
