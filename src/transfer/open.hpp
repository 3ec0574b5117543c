// Opens a sealed item to a Sink at the speed of the cores: chunks are checked and decrypted ahead
// by several threads and written in order by one, in constant memory.
// A chunk that fails is never written, and no fault looks like an end: the caller must cut.
#pragma once

#include "formats/age_keys.hpp"
#include "node/call.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

/// Writes the whole plaintext to `sink`, from one thread of its own. Until it returns, what was
/// written is a true beginning and no more.
/// Faults: evidence.chunk naming the chunk; evidence.hash when every chunk is as signed but the
/// plaintext is not what the sender hashed; crypto.open when it is not sealed for this identity;
/// evidence.incomplete; those of the sink; store.io.
Result<void> open_sealed(const Path& directory, const evidence::SealedShape& shape,
                         const formats::AgeIdentity& identity, node::Sink& sink,
                         const WorkOptions& options = {});

}  // namespace comity::transfer
