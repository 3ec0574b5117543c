// A directory entry as people compare it: names, keys by their fingerprints, whom to call.
#pragma once

#include <string>

#include "directory/entry.hpp"

namespace comity::cli {

std::string entry_page(const directory::Entry& entry);
/// Name, roles, fingerprint, validity.
std::string certificate_page(const crypto::Certificate& certificate);

}  // namespace comity::cli
