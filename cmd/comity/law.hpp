// The charter of a node: its settings, its root, and the law that its data directory holds.
#pragma once

#include "node/heart.hpp"
#include "store/home.hpp"

namespace comity {

/// A node for exercises works under data/profiles/exercise.toml and data/status/exercise.toml, any
/// other under its own State's profile (data/profiles/kgz.toml) and data/status/real.toml. There is
/// no default profile: a State's law is never guessed. The root is that of DIR/entry.p7m.
/// Faults: store.io for a missing file, format.toml, directory.entry, act.exercise.
Result<node::Charter> load_charter(const store::Home& home, View own_entry, Instant now);

}  // namespace comity
