#include "court/rewrap.hpp"

#include "evidence/opener.hpp"
#include "formats/age_stream.hpp"

namespace comity::court {

using formats::k_age_nonce_size;

Result<Bytes> rewrap(const evidence::SealedShape& shape, View prefix,
                     const formats::AgeIdentity& identity, const formats::AgeRecipient& reader,
                     Random& random) {
  TRY(evidence::check_prefix(shape, prefix));
  TRY_LET(const auto read, formats::read_age_header(prefix));
  if (read.size + k_age_nonce_size != prefix.size())
    return fault(FaultCode::format_age, "the prefix is not a header and a nonce");
  TRY_LET(const Secret file_key, formats::open_age_header(read.header, identity));
  TRY_LET(const auto header, formats::make_age_header(file_key, {reader}, random));
  Bytes rewrapped = formats::write_age_header(header);
  append(rewrapped, prefix.subspan(read.size));
  return rewrapped;
}

Result<void> check_rewrapped(View prefix, View header) {
  TRY_LET(const auto read, formats::read_age_header(header));
  if (read.header.stanzas.size() != 1)
    return fault(FaultCode::format_age, "a header of an export is for one reader");
  if (read.size + k_age_nonce_size != header.size() || prefix.size() < k_age_nonce_size ||
      !std::ranges::equal(header.subspan(read.size), prefix.last(k_age_nonce_size)))
    return fault(FaultCode::format_age, "the header does not go with this payload");
  return {};
}

}  // namespace comity::court
