#include "api/events.hpp"

#include <algorithm>

namespace comity::api {
namespace {

/// Letters, digits, dot and hyphen: nothing that ends a line of the stream.
bool is_kind(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

Result<void> write_events(Subscription& subscription, node::Sink& sink) {
  using Kind = Subscription::Next::Kind;
  TRY(sink.write(as_bytes("retry: 2000\n\n")));
  for (;;) {
    const auto next = subscription.next(k_event_heartbeat_s);
    if (next.kind == Kind::ended) return {};
    const std::string text = next.kind == Kind::notice   ? event_text(next.notice)
                             : next.kind == Kind::lagged ? "event: lagged\ndata: {}\n\n"
                                                         : ":\n\n";
    TRY(sink.write(as_bytes(text)));
  }
}

}  // namespace

std::string event_text(const formats::Json& notice) {
  const auto* kind = notice.find("kind");
  const bool is_named = kind && kind->is_text() && is_kind(kind->text());
  return "event: " + (is_named ? kind->text() : "notice") +
         "\ndata: " + formats::canonical(notice) + "\n\n";
}

node::Answer events_answer(std::shared_ptr<Subscription> subscription) {
  node::Answer answer;
  answer.content_type = "text/event-stream";
  answer.headers = {{"Cache-Control", "no-store"}};
  answer.body = node::Producer([subscription = std::move(subscription)](node::Sink& sink) {
    return write_events(*subscription, sink);
  });
  return answer;
}

}  // namespace comity::api
