#include "formats/tlog_proof.hpp"

#include "formats/text.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_first_line = "c2sp.org/tlog-proof@v1";
constexpr std::string_view k_extra = "extra ", k_index = "index ";

std::unexpected<Fault> refuse(const char* why) {
  return fault(FaultCode::format_proof, why);
}

}  // namespace

std::string to_text(const TlogProof& proof) {
  std::string text(k_first_line);
  text += '\n';
  if (proof.extra) text += std::string(k_extra) + base64(*proof.extra) + '\n';
  text += std::string(k_index) + std::to_string(proof.index) + '\n';
  for (const auto& hash : proof.hashes) text += base64(hash.view()) + '\n';
  return text + '\n' + proof.checkpoint;
}

Result<TlogProof> parse_tlog_proof(View bytes) {
  if (bytes.size() > k_tlog_proof_bytes_max) return fault(FaultCode::limit_size, "a log proof");
  auto rest = as_text(bytes);
  const auto next_line = [&]() -> Result<std::string_view> {
    const auto end = rest.find('\n');
    if (end == rest.npos) return refuse("a cut log proof");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
  };
  TRY_LET(auto line, next_line());
  if (line != k_first_line) return refuse("not a log proof of version 1");
  TlogProof proof;
  TRY_LET(line, next_line());
  if (line.starts_with(k_extra)) {
    auto extra = from_base64(line.substr(k_extra.size()));
    if (!extra) return refuse("extra is not base64");
    if (extra->size() > k_tlog_proof_extra_bytes_max)
      return fault(FaultCode::limit_size, "the extra data of a log proof");
    proof.extra = *std::move(extra);
    TRY_LET(line, next_line());
  }
  if (!line.starts_with(k_index)) return refuse("the index is missing");
  TRY_LET(proof.index, decimal(line.substr(k_index.size()), FaultCode::format_proof));
  while (true) {
    TRY_LET(line, next_line());
    if (line.empty()) break;
    if (proof.hashes.size() == k_proof_hashes_max) return refuse("more hashes than any tree needs");
    const auto raw = from_base64(line);
    if (!raw || raw->size() != 32) return refuse("a hash that is not 32 bytes in base64");
    proof.hashes.push_back(*Digest::from_bytes(*raw));
  }
  if (rest.empty()) return refuse("no checkpoint");
  proof.checkpoint = rest;
  return proof;
}

Result<Checkpoint> verify_proof(const TlogProof& proof, View entry,
                                std::span<const Verifier> known) {
  TRY_LET(Checkpoint checkpoint, open_checkpoint(as_bytes(proof.checkpoint), known));
  TRY(check_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes,
                      checkpoint.root));
  return checkpoint;
}

}  // namespace comity::formats
