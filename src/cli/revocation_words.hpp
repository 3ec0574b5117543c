// A State's word that a certificate of its own, or its whole entry, is not to be relied on: what it
// says and of what. The root signs it, or on the worst night two officers (spec/directory.md §5).
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "directory/revocation.hpp"

namespace comity::cli {

struct RevocationWords {
  std::string entry, certificate, reason, out;
  std::optional<std::string> from;
};

/// --entry, --certificate, --reason, --from and --out.
Verb& revocation_options(Verb& verb, const std::shared_ptr<RevocationWords>& words);
/// Of the entry named. Faults: as directory::open_entry; format.hex, format.time.
Result<directory::Revocation> read_words(const RevocationWords& words, Instant now);
void tell(const directory::Revocation& revocation, const RevocationWords& words);

/// comity directory revocation: signed by two officers, the root being far away.
void add_directory_revocation(Verb& directory, Context& context);

}  // namespace comity::cli
