// The port to the evidence's bytes, which never pass the heart. All functions may block and are
// called from threads of the process around, several at once. What may be done with an item has
// been decided and logged by the desk before any of them is called.
#pragma once

#include <optional>

#include "node/call.hpp"
#include "node/desk.hpp"

namespace comity::api {

class Vault {
 public:
  virtual ~Vault() = default;
  /// That the node's disk has room for anything new. Never blocks for long. Fault: store.full.
  virtual Result<void> has_room() = 0;
  /// Reads the source to its end. On a fault nothing of it stays; what a seal that died left is
  /// replaced. One call at a time for an item.
  virtual Result<node::SealOutcome> seal(const node::SealOrder& order, node::Source& source) = 0;
  /// Writes the plaintext, or a true beginning of it and a fault.
  virtual Result<void> open(const node::OpenOrder& order, node::Sink& sink) = 0;
  /// What the salts of the item's parts are made from (evidence/parts.hpp). Faults: as open.
  virtual Result<Secret> part_key(const node::OpenOrder& order) = 0;
  /// An age header that opens the item's payload to `recipient` (age1…) alone; its chunks stay as
  /// they are. Faults: evidence.destroyed, evidence.incomplete, crypto.open, format.bech32.
  virtual Result<Bytes> header_for(const node::OpenOrder& order, const std::string& recipient) = 0;
  /// Bytes of the sealed file; the range lies within it. Faults: evidence.incomplete,
  /// evidence.unknown.
  virtual Result<node::FileBody> sealed(const ItemId& item, std::uint64_t offset,
                                        std::uint64_t length) = 0;
  /// A hash tile by its C2SP path ("tile/0/000"). Faults: request.not_found, format.proof.
  virtual Result<Bytes> tile(const ItemId& item, std::string_view path) = 0;
  /// Removes all bytes of the item.
  virtual Result<void> remove(const ItemId& item) = 0;
  /// Of an item being sealed or fetched now. Never blocks.
  virtual std::optional<std::uint64_t> bytes_done(const ItemId& item) = 0;
};

}  // namespace comity::api
