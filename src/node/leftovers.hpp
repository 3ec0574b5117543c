// What a node that died left lying: keys and sealed bytes of what is no more, and rows whose key or
// bytes are gone. Asked at start. It finds; whoever asks removes what is surely of no use, and
// names the rest. What no row speaks of is not of no use for that: of a database that was restored
// from a backup, everything newer would look so.
#pragma once

#include <functional>

#include "node/ports.hpp"

namespace comity::node {

enum class Need {
  needed,    // something opens it, or may yet
  leftover,  // what it belonged to is no more, and rows say so
  unknown,   // no row speaks of it
};

/// Of the sealed bytes under an item's name. Its row is durable before its first byte is written,
/// so no crash makes bytes unknown.
Result<Need> need_of_bytes(Store& store, const ItemId& item);

/// Of an evidence key. A request's key is made durable before the draft that names it: the crash in
/// between leaves one that nobody was told of, a leftover unless the database was restored.
Result<Need> need_of_key(Store& store, std::string_view name);

/// An item that rows promise and that is not whole here. Nothing can be done about it but to tell.
struct Missing {
  ItemId item;
  std::string name, what;  // what: "key" or "bytes"
  bool operator==(const Missing&) const = default;
};
using HasBytes = std::function<bool(const ItemId&)>;
Result<std::vector<Missing>> missing_of(Store& store, EvidenceKeys& keys,
                                        const HasBytes& has_bytes);

}  // namespace comity::node
