// Who a certificate speaks for, as its X.501 name: O = the State, CN = a name in any script,
// OU = one role each. Roles are how a verifier tells an authority from an officer.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "crypto/der.hpp"

namespace comity::crypto {

inline constexpr std::size_t k_name_characters_max = 64;  // RFC 5280 appendix A.1, ub-common-name
inline constexpr std::size_t k_role_characters_max = 64;  // the same, ub-organizational-unit-name
inline constexpr std::size_t k_roles_max = 8;

struct Subject {
  StateCode state;
  std::string common_name;  // UTF-8, 1 to k_name_characters_max characters
  std::vector<std::string>
      roles;  // "authority:central-authority", "officer:approver"; no two equal

  bool operator==(const Subject&) const = default;
};

/// Whether the values can stand in a certificate: a State, a name of visible characters that
/// neither turn the direction of writing nor hide, roles of the form kind:name in a-z, 0-9 and
/// hyphen. Fault: format.field.
Result<void> check_subject(const Subject& subject);

/// The RDNSequence of a checked subject: O, CN, then each OU in the order given.
Bytes encode_name(const Subject& subject);
/// Takes the next element as such a name, its attributes in this order and no others.
Result<Subject> take_name(der::Reader& reader);

}  // namespace comity::crypto
