#include "evidence/opener.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"

namespace comity::evidence {

using formats::k_age_nonce_size;

std::unexpected<Fault> bad_chunk(std::uint64_t index) {
  return fault(FaultCode::evidence_chunk, "chunk " + std::to_string(index));
}

Result<void> check_prefix(const SealedShape& shape, View prefix) {
  if (prefix.size() != shape.prefix_size || crypto::sha256(prefix) != shape.prefix_sha256)
    return fault(FaultCode::evidence_chunk, "the prefix");
  return {};
}

Result<Secret> payload_key_of(const SealedShape& shape, View prefix,
                              const formats::AgeIdentity& identity) {
  TRY(check_prefix(shape, prefix));
  TRY_LET(const auto read, formats::read_age_header(prefix));
  if (read.size + k_age_nonce_size != prefix.size())
    return fault(FaultCode::format_age, "the prefix is not a header and a nonce");
  TRY_LET(const Secret file_key, formats::open_age_header(read.header, identity));
  formats::AgeNonce nonce;
  std::ranges::copy(prefix.subspan(read.size), nonce.begin());
  return formats::age_payload_key(file_key, nonce);
}

Result<void> ChunkOpener::open(std::uint64_t index, View sealed, std::span<std::uint8_t> out) {
  CHECK(index < chunking_.count());
  if (sealed.size() != chunking_.sealed_size_of(index)) return bad_chunk(index);
  if (!cipher_.open(index, chunking_.is_last(index), sealed, out)) return bad_chunk(index);
  return {};
}

Result<Bytes> open_item(const SealedShape& shape, View file, const formats::AgeIdentity& identity) {
  if (file.size() != shape.total_size())
    return fault(FaultCode::evidence_incomplete, "the file has another length than was signed");
  TRY_LET(const Secret key, payload_key_of(shape, file.first(shape.prefix_size), identity));
  ChunkOpener opener(shape, key);
  const auto chunking = shape.chunking();
  Bytes plaintext(shape.plaintext_size);
  for (std::uint64_t k = 0; k < chunking.count(); ++k) {
    const auto sealed = file.subspan(shape.offset_of(k), chunking.sealed_size_of(k));
    const auto out =
        std::span(plaintext).subspan(k * formats::k_age_chunk_size, chunking.plain_size_of(k));
    TRY(opener.open(k, sealed, out));
  }
  if (crypto::sha256(plaintext) != shape.plaintext_sha256) return fault(FaultCode::evidence_hash);
  return plaintext;
}

}  // namespace comity::evidence
