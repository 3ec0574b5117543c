// Files that hold a secret: made for their owner alone, durable before anybody relies on them, and
// refused when others could have read them. Private to the room.
#pragma once

#include <filesystem>
#include <optional>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace comity::keys {

using Path = std::filesystem::path;

inline constexpr std::size_t k_secret_bytes_max = 4096;
inline constexpr std::size_t k_public_bytes_max = 32'768;

/// The whole file; nothing when it is not there. Faults: store.permissions when it is a link or not
/// this user's alone; limit.size; store.io.
Result<std::optional<Secret>> find_secret(const Path& path);
/// The same; store.io when it is not there.
Result<Secret> read_secret(const Path& path);
/// Makes the file with mode 0600; on return it survives loss of power. Faults: store.exists,
/// store.io, store.full.
Result<void> create_secret(const Path& path, View bytes);

/// A file without a secret: read whole, replaced whole and durably (0600 too: in a home nothing is
/// for others).
Result<Bytes> read_public(const Path& path);
Result<void> write_public(const Path& path, View bytes);

/// Moves a file within its directory, over one that may be there; on return that is durable.
/// Faults: store.io, store.full.
Result<void> rename_durably(const Path& from, const Path& to);
/// Makes a directory for its owner alone, durably; one that is there must be so already. Faults:
/// store.permissions, store.io.
Result<void> make_secret_directory(const Path& path);

/// Overwrites the file with random bytes, makes that durable, removes it, and makes that durable;
/// nothing there is success.
///
/// What this promises: after it, no program can read the secret through the file system, also after
/// a loss of power. What it can not promise: that the old bytes are gone from the medium. A
/// solid-state disk writes elsewhere and keeps the old block until it needs it; so does a file
/// system that copies on write; a journal, a snapshot or a backup may hold a copy. Who must be sure
/// keeps the home on an encrypted disk, makes no backup of evidence keys that outlives them, and
/// says in the statement of destruction what is known to remain.
Result<void> destroy_secret(const Path& path, Random& random);
/// Ends what a broken create_secret left beside a file. That may be the finished file under its
/// second name, and what is written into one is written into both: then only the name goes.
Result<void> clear_half(const Path& path, Random& random);

}  // namespace comity::keys
