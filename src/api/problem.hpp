// What a call is answered with: a fault as RFC 9457 problem details, a value as JSON.
// The catalogue's sentences are shown as they are; a detail never carries a secret
// (base/result.hpp).
#pragma once

#include "formats/json.hpp"
#include "node/call.hpp"

namespace comity::api {

/// {"type":"urn:comity:error:<code>","title","status","detail","code","next"}. The status is the
/// catalogue's, or where HTTP knows a finer one, that; answer and body always say the same.
node::Answer problem(const Fault& fault);
node::Answer problem(const Fault& fault, int status);
/// Canonical JSON, not to be cached: what it shows is some officer's alone.
node::Answer json_answer(const formats::Json& value, int status = 200);

}  // namespace comity::api
