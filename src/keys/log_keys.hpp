// The Ed25519 keys of a node's custody logs, and what they sign: checkpoints and nothing else.
// Private to the room; files and memory hold them alike.
#pragma once

#include <optional>

#include "directory/entry.hpp"
#include "node/ports.hpp"

namespace comity::keys {

/// One key for all logs with partners, one for the internal log, one for the anchors. Movable only.
struct LogKeySet {
  crypto::Ed25519Key partner, internal, anchor;
  /// Keys that follow these soon: they sign along (next_key.hpp).
  std::optional<crypto::Ed25519Key> next_partner, next_internal, next_anchor;

  static LogKeySet generate(Random& random);
  /// By a log's name: "partner/KGZ", "internal", "anchor". nullptr for any other.
  const crypto::Ed25519Key* of(std::string_view log) const;
  const crypto::Ed25519Key* next_of(std::string_view log) const;
  /// `text` signed under `origin`. Faults: crypto.key for a log without a key; format.note for a
  /// text that is no checkpoint of that origin.
  Result<std::string> sign(std::string_view log, std::string_view origin,
                           std::string_view text) const;
  /// A log without a key is a bug.
  std::string verifier_key(std::string_view log, std::string_view origin) const;
  /// For the directory entry.
  directory::LogKeys published(std::string origin_prefix) const;
};

}  // namespace comity::keys
