// A fault as an answer: RFC 9457 problem details with the catalogue's code.
// Only for what wire itself refuses; what a call means is answered by its handler.
#pragma once

#include "base/result.hpp"
#include "node/call.hpp"

namespace comity::wire {

node::Answer problem(const Fault& fault);

/// The reason phrase of a status (RFC 9110 §15), "Status" for one without.
std::string_view reason_phrase(int status);

}  // namespace comity::wire
