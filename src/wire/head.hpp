// From a request's head to a call: target, query and headers, decoded once and strictly.
// A path has one spelling after decoding: no empty or dot segments, no encoded slash, no control
// character, so that no later reader can understand another path than the one that was judged.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "node/call.hpp"
#include "wire/message.hpp"

namespace comity::wire {

/// The call without body, source and peer. Fault: request.usage, limit.count.
Result<node::Call> call_of(const Head& head, node::Door door);

/// What a console door answers to: `port` is the one bound, `host` the address bound.
/// Fault: request.forbidden when Host, Origin or Sec-Fetch-Site show another site (a page from
/// elsewhere in the same browser, or a name rebound to loopback).
Result<void> check_same_site(const node::Call& call, std::string_view host, std::uint16_t port);

/// An answer's head as on the wire, up to and with the empty line. Header values with a control
/// character, and framing fields, are a handler's mistake and are left out. `length` empty:
/// chunked.
std::string answer_head(const node::Answer& answer, std::optional<std::uint64_t> length,
                        bool keep_alive);

/// True when `text` can stand in a head as a field value or target (RFC 9110 §5.5, no obs-text).
bool is_field_value(std::string_view text);
/// Connection, Content-Length, Content-Type, Transfer-Encoding: written by wire alone.
bool is_framing_field(std::string_view name);
bool is_token(std::string_view text);

}  // namespace comity::wire
