#include "evidence/parts.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace comity::evidence {
namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8)
    bytes[i] = static_cast<std::uint8_t>(value & 0xff);
  return bytes;
}

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::evidence_hash, std::move(why));
}

Result<void> check_end(const PartTree& tree, std::uint64_t plaintext_size, const ProvenCut& end) {
  const auto& cut = end.cut;
  if (cut.offset == 0 || cut.offset >= plaintext_size ||
      cut.offset % crypto::k_sha256_block_bytes != 0)
    return refuse("an end of the run is no place to cut at");
  if (end.index >= tree.count || !formats::check_inclusion(leaf_of(end.salt, cut), end.index,
                                                           tree.count, end.proof, tree.root))
    return refuse("an end of the run does not lead to the signed root");
  return {};
}

}  // namespace

Digest leaf_of(const Salt& salt, const Cut& cut) {
  constexpr std::uint8_t k_leaf = 0;
  const auto mark = static_cast<std::uint8_t>(cut.mark);
  return crypto::sha256(
      {View(&k_leaf, 1), salt, View(&mark, 1), big_endian(cut.offset), cut.state.view()});
}

Secret part_key(const Secret& payload_key) {
  return crypto::hkdf_sha256(payload_key.view(), {}, as_bytes("comity parts"), 32);
}

Salt part_salt(const Secret& part_key, std::uint64_t offset) {
  const auto full = crypto::hmac_sha256(part_key.view(), big_endian(offset));
  Salt salt;
  std::copy_n(full.bytes.begin(), salt.size(), salt.begin());
  return salt;
}

PartsHash::PartsHash(Secret part_key, Media media, Told told)
    : key_(std::move(part_key)), told_(std::move(told)) {
  if (media == Media::folder_tar) walk_.emplace();
}

Result<void> PartsHash::cut(Mark mark) {
  const Cut cut{.offset = offset_, .mark = mark, .state = sha256_.state()};
  const auto leaf = leaf_of(part_salt(key_, offset_), cut);
  if (told_) TRY(told_(edge_.size(), cut, leaf));
  edge_.append(leaf);
  return {};
}

Result<void> PartsHash::update(View bytes) {
  while (!bytes.empty()) {
    const bool begins_entry = walk_ && walk_->at_entry();
    if (offset_ > 0 && (begins_entry || offset_ % k_part_size == 0))
      TRY(cut(begins_entry ? Mark::entry : Mark::block));
    auto size = std::min<std::size_t>(bytes.size(), k_part_size - offset_ % k_part_size);
    if (walk_) {
      TRY_LET(size, walk_->take(bytes.first(size)));
    }
    sha256_.update(bytes.first(size));
    offset_ += size;
    bytes = bytes.subspan(size);
  }
  return {};
}

Result<PartsHash::Finished> PartsHash::finish() {
  if (walk_ && !walk_->ended()) return fault(FaultCode::format_tape, "it ends in the middle");
  return Finished{sha256_.finish(), {.count = edge_.size(), .root = edge_.root()}};
}

Result<RunCheck> RunCheck::begin(const SealedShape& shape, std::optional<ProvenCut> from,
                                 std::optional<ProvenCut> to) {
  if (!shape.parts) return refuse("the item was sealed without what proves its parts");
  if (from) TRY(check_end(*shape.parts, shape.plaintext_size, *from));
  if (to) TRY(check_end(*shape.parts, shape.plaintext_size, *to));
  RunCheck run;
  run.plaintext_size_ = shape.plaintext_size;
  run.plaintext_sha256_ = shape.plaintext_sha256;
  run.from_ = std::move(from);
  run.to_ = std::move(to);
  if (run.first() >= run.end()) return refuse("the run ends before it begins");
  if (run.from_) run.sha256_ = crypto::Sha256State(run.from_->cut.state, run.first());
  return run;
}

void RunCheck::update(View bytes) {
  seen_ += bytes.size();
  if (seen_ <= end() - first()) sha256_.update(bytes);
}

Result<void> RunCheck::finish() {
  if (seen_ != end() - first()) return refuse("the run has more or fewer bytes than it should");
  const bool leads =
      to_ ? sha256_.state() == to_->cut.state : sha256_.finish() == plaintext_sha256_;
  if (!leads) return refuse("these are not the bytes that were signed");
  return {};
}

}  // namespace comity::evidence
