// Live updates as server-sent events (WHATWG HTML §9.2): ids and codes only, never substance. Who
// hears one asks for what changed by an ordinary, logged call.
#pragma once

#include "api/ports.hpp"
#include "node/call.hpp"

namespace comity::api {

inline constexpr int k_event_heartbeat_s = 15;  // silence after which a comment is written

/// One notice: "event: <kind>\ndata: <canonical JSON>\n\n". A kind that is none is "notice".
std::string event_text(const formats::Json& notice);

/// The answer that lasts until the listener goes or the node stops.
node::Answer events_answer(std::shared_ptr<Subscription> subscription);

}  // namespace comity::api
