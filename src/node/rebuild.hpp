// The files of the custody logs, derived anew from the rows alone: for a home that was restored,
// and as the proof that the rows of a backup lead to every checkpoint that was signed over them.
#pragma once

#include "formats/note.hpp"
#include "node/ports.hpp"

namespace comity::node {

/// Derives every hash of a log from its entries and compares with its edge and its signed
/// checkpoint. With `into`, writes its files: every full tile, and the partial ones of its size.
/// Memory does not grow with the log. Faults: log.corrupt, naming log and size; crypto.signature;
/// the ports'.
Result<void> rebuild_log(Store& store, const LogRecord& log, const formats::Verifier& verifier,
                         LogFiles* into);

}  // namespace comity::node
