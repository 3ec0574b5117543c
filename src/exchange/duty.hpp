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

/// One signature that an act needs, or may bear. `roles` are those of the officer's certificate, of
/// which one suffices. `officer:deputy` stands for an approver between dates that the deputy's own
/// State keeps; `officer:duty` for whoever is on call (41(1)).
struct Duty {
  std::string name;                // as OfficerSignature::duty
  std::vector<std::string> roles;  // "officer:approver"
  bool required = true;
};

/// How many officers have to decide an act, and who. It follows from what the act itself says, so
/// that whoever reads it later counts alike.
enum class Haste {
  none,       // the general rule
  on_duty,    // nothing leaves: a preservation is asked for, given or renewed
  emergency,  // a delivery in a certified emergency: the second officer follows (41(3))
};
Haste haste_of(const Substance& substance);

/// Empty for arrival and completion: the node makes them, and they state only what the node has
/// verified.
std::span<const Duty> duties_of(ActType type, Haste haste = Haste::none);
/// Fault-free: a substance comes from read_substance.
std::span<const Duty> duties_of(const Substance& substance);

/// Who was found to have signed, from a verified signature.
struct Signer {
  std::string duty, name;   // name: the certificate's common name
  Digest certificate, key;  // SHA-256 of its DER and of its public key
  std::vector<std::string> roles;
};
Signer signer_of(std::string_view duty, const crypto::Certificate& certificate);
/// One person, under whatever certificate: the key or the name is the same.
bool same_officer(const Signer& a, const Signer& b);

/// Every required duty has its signer, each signer holds a role for the duty named, nobody else
/// signed, and no officer signed twice: certificates, keys and names all differ. A State may ask
/// more of its own officers, never less. Fault: act.officer.
Result<void> check_duties(ActType type, std::span<const Signer> signers, Haste haste = Haste::none);
Result<void> check_duties(const Substance& substance, std::span<const Signer> signers);

}  // namespace comity::exchange
