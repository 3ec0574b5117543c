// Any bytes as a request and as an answer, offered in pieces of varying size: head, body, and what
// a call is made of. Nothing but a fault or a value may come of it, and one reading only.
#include <cstdlib>

#include "wire/head.hpp"
#include "wire/limits.hpp"
#include "wire/message.hpp"

namespace comity::wire {
namespace {

struct Reading {
  bool is_whole = false;
  std::string body;
  std::string path;
};

Reading read(View raw, MessageReader::Kind kind, std::size_t step) {
  MessageReader reader(kind);
  Reading result;
  std::size_t begin = 0, end = 0;
  bool has_head = false;
  while (!has_head || !reader.done()) {
    const View offered = raw.subspan(begin, end - begin);
    std::size_t used = 0;
    if (!has_head) {
      const auto taken = reader.take_head(offered);
      if (!taken) return result;
      used = *taken;
      has_head = used > 0;
    } else {
      const auto piece = reader.take_body(offered);
      if (!piece) return result;
      result.body += as_text(piece->body);
      used = piece->consumed;
    }
    begin += used;
    if (used > 0) continue;
    if (end == raw.size()) return result;
    end = std::min(raw.size(), end + step);
  }
  if (const auto call = call_of(reader.head(), node::Door::console)) {
    result.path = call->path;
    (void)check_same_site(*call, "127.0.0.1", 8100);
    // What was decoded is normal: it has no second meaning for a later reader.
    if (call->path.find("/../") != std::string::npos || call->path.find("//") != std::string::npos)
      std::abort();
  }
  result.is_whole = true;
  return result;
}

}  // namespace
}  // namespace comity::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using comity::wire::read;
  using Kind = comity::wire::MessageReader::Kind;
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 40;
  const comity::View raw(data + 1, size - 1);
  const auto in_pieces = read(raw, Kind::request, step);
  const auto at_once = read(raw, Kind::request, size);
  if (in_pieces.is_whole != at_once.is_whole ||
      (at_once.is_whole && in_pieces.body != at_once.body))
    std::abort();
  (void)read(raw, Kind::answer, step);
  return 0;
}
