// Seals a source of any size into an item's directory at the speed of the cores: the plaintext is
// read once, hashed in order on one thread, sealed and leaf-hashed by the others, and written
// once. Nothing has its final name before all of it is durable.
#pragma once

#include "evidence/sealer.hpp"
#include "node/call.hpp"
#include "transfer/item_files.hpp"

namespace comity::transfer {

struct SealedItem {
  evidence::SealedShape shape;
  std::vector<Digest> recipients;  // key ids, in the order of their stanzas
  Secret payload_key;              // to read it again now (sealed_bytes.hpp); kept nowhere
};

/// Writes sealed.age and chunks.tiles into the directory, which must exist. Leftovers of a seal
/// that died are replaced; a finished one is not (store.exists). On a fault nothing stays.
/// Faults: those of the source; store.*; format.field, crypto.key for the recipients;
/// evidence.incomplete after a stop.
Result<SealedItem> seal_source(node::Source& source,
                               const std::vector<formats::AgeRecipient>& recipients, Random& random,
                               const Path& directory, const WorkOptions& options = {});

}  // namespace comity::transfer
