// The domestic authorisation of a coercive step (article 24), as the officers of this State record
// it: who decided, on what grounds, why it was necessary and proportionate, within which bounds and
// with which remedy. The whole stays here, bound by its hash; the other State is told what it may
// know.
#pragma once

#include "exchange/body.hpp"
#include "formats/fields.hpp"

namespace comity::node {

using formats::Json;

inline constexpr std::size_t k_authorisation_text_bytes_max = 20'000;

struct Authorisation {
  exchange::AuthorisationBody told;  // `record` is set by read_authorisation
  std::string record;                // canonical JSON of the whole
};

/// Reads what an officer enters. Every reasoned member must be there and not empty: legal_basis,
/// grounds, necessity, proportionality, scope, third_parties, remedy. Fault: format.field.
Result<Authorisation> read_authorisation(formats::Fields& fields);

}  // namespace comity::node
