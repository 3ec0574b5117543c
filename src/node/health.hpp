// How a node is doing, from its rows alone: what expires when, when each partner was last heard of
// and how its clock stood, what waits, when the last backup was made. For `comity doctor`, which
// asks a running node or, while none runs, the rows.
#pragma once

#include "formats/json.hpp"
#include "node/ports.hpp"

namespace comity::node {

/// {"outbox", "backup", "halted", "unsettled", "unvouched", "damaged", "entries", "officers",
/// "contacts"}; spec/api.md §7. Holds names of functions and States, no substance. Faults: the
/// store's.
Result<formats::Json> health_of(Store& store);

}  // namespace comity::node
