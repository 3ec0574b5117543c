// The charter of a node: its settings, its root, and the law that its data directory holds.
#pragma once

#include "node/heart.hpp"
#include "store/home.hpp"

namespace comity {

/// The profile is the one that the settings name: a State's law is never guessed. A node for
/// exercises works under data/status/exercise/, any other under data/status/real/, and the
/// profile is of the same world. The root is that of `own_entry`.
/// Faults: store.io for a missing file, format.toml, directory.entry, act.exercise.
Result<node::Charter> load_charter(const store::Home& home, View own_entry);

}  // namespace comity
