// To what use an item that another State sent may be put (40(19), 36(3)): the proceedings stated in
// the request, and what the sender agreed to since. Asked before anything is opened or exported; a
// use that is not covered is refused here, whoever asks.
#pragma once

#include "formats/fields.hpp"
#include "node/office.hpp"

namespace comity::node {

/// {"proceeding"?, "onward"?} beside other members. Fault: format.field.
Result<Use> read_use(formats::Fields& fields);

/// What the log keeps of it: who, and for what; a proceeding by the SHA-256 of its name.
Json use_facts(const Use& use, const Officer& who);

/// Our own items are ours to open, unless they are in quarantine. Faults: evidence.use, naming why;
/// request.forbidden.
Result<void> check_use(Turn& turn, const Loaded& loaded, const ItemRecord& item, const Use& use);

/// When what came under this exchange has to be deleted, by its conditions and what the sender
/// agreed to since; nothing: no date was set.
Result<std::optional<Instant>> retention_of(Turn& turn, const Loaded& loaded);

}  // namespace comity::node
