// A sealed item's bytes as answers: the file with ranges (RFC 9110 §14), and its hash tiles. The
// same for our own officers and for the partner to whom it was released.
#pragma once

#include "api/route.hpp"
#include "api/vault.hpp"

namespace comity::api {

/// Replies from a background thread with the range asked for, or all of it. Of an item that an
/// officer has, no more is known of the cargo than what it is and how large.
node::Afterwards send_sealed(Vault& vault, Background& background, const VisitPtr& visit,
                             const node::Cargo& cargo);
/// `tail` is what follows …/tiles/: "0/000". Fault: request.not_found for what names no hash tile.
Result<node::Afterwards> send_tile(Vault& vault, Background& background, const VisitPtr& visit,
                                   const ItemId& item, std::string_view tail);

}  // namespace comity::api
