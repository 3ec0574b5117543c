// Where the bytes of sealed items lie in a node's home: DIR/evidence/ITEM/. Sealing and receiving
// write them in bulk (room transfer); here is what the rest of the node asks of them.
// A file under its final name is whole and durable; one still being written ends in ".partial".
#pragma once

#include "base/id.hpp"
#include "store/files.hpp"

namespace comity::store {

class EvidenceFiles {
 public:
  explicit EvidenceFiles(Path root) : root_(std::move(root)) {}

  Path directory(const ItemId& item) const { return root_ / item.hex(); }
  Path sealed(const ItemId& item) const { return directory(item) / "sealed.age"; }
  Path sealed_partial(const ItemId& item) const { return directory(item) / "sealed.age.partial"; }
  Path tiles(const ItemId& item) const { return directory(item) / "chunks.tiles"; }
  Path bitmap(const ItemId& item) const { return directory(item) / "chunks.bitmap"; }

  /// Makes the item's directory, durably; one that is there is kept as it is.
  Result<void> make(const ItemId& item) const;
  /// Bytes of the whole sealed item; nothing while there is none.
  Result<std::optional<std::uint64_t>> sealed_size(const ItemId& item) const;
  /// The whole sealed item for reading. Fault: evidence.incomplete, evidence.unknown.
  Result<Descriptor> open_sealed(const ItemId& item) const;
  /// A tile of the chunk tree by its C2SP path ("tile/0/000"). Faults: format.field, store.io.
  Result<std::optional<Bytes>> tile(const ItemId& item, std::string_view path) const;
  /// That the item may grow to `total` bytes, or begin (0), without touching what the disk keeps
  /// free. What of it has its place on the disk already is not asked for twice. Fault: store.full.
  Result<void> check_room(const ItemId& item, std::uint64_t total) const;
  /// That there is room for anything new. Fault: store.full.
  Result<void> check_room() const;
  /// Removes all bytes of the item, durably; nothing there is success. It destroys nothing by
  /// itself: that is done by ending the keys.
  Result<void> remove(const ItemId& item) const;
  /// Every item that has a directory, in order; names that are no item's are passed over.
  Result<std::vector<ItemId>> items() const;

 private:
  Path root_;
};

}  // namespace comity::store
