// An item of bytes as the verbs give and show it: the source is given again, from its first byte,
// when the connection to the node broke; the node compares and goes on.
#pragma once

#include "cli/patience.hpp"

namespace comity::cli {

/// Gives what `files` are, as 'evidence add' reads them, until the node has sealed all of it. Gives
/// how many bytes. Faults: those of open_evidence; of a source that can be read only once, also
/// what broke its connection; evidence.changed; those of the node.
Result<std::uint64_t> feed_bytes(Node& node, const std::string& item,
                                 const std::vector<std::string>& files);

/// Writes the bytes to standard output as they are verified, until the item is closed. Faults:
/// those of the node.
Result<void> follow_bytes(Node& node, const std::string& item);

}  // namespace comity::cli
