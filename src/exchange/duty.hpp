// Which officers stand behind an act, and in which duty (spec/acts.md §5). One table for all
// States: a State may ask more of its own officers, never less. It judges who signed; that the
// signatures hold is judged before, where the keys are known.
#pragma once

#include <span>

#include "exchange/act.hpp"

namespace comity::crypto {
class Certificate;
}

namespace comity::exchange {

/// One signature that a type of act needs. `roles` are those of the officer's certificate, of which
/// one suffices.
struct Duty {
  std::string name;                // as OfficerSignature::duty
  std::vector<std::string> roles;  // "officer:approver"
};

/// Empty for arrival and completion: the node makes them, and they state only what the node has
/// verified.
std::span<const Duty> duties_of(ActType type);

/// Who was found to have signed, from a verified signature.
struct Signer {
  std::string duty, name;   // name: the certificate's common name
  Digest certificate, key;  // SHA-256 of its DER and of its public key
  std::vector<std::string> roles;
};
Signer signer_of(std::string_view duty, const crypto::Certificate& certificate);

/// Every duty has its signer with a role for it, nobody else signed, and no officer signed twice:
/// certificates, keys and names all differ. Fault: act.officer.
Result<void> check_duties(ActType type, std::span<const Signer> signers);

}  // namespace comity::exchange
