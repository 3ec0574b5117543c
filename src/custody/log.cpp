#include "custody/log.hpp"

#include <bit>

#include "base/check.hpp"

namespace comity::custody {

using formats::Checkpoint;
using formats::Edge;

CheckpointSigner signer_with(const crypto::Ed25519Key& key) {
  return [&key](std::string_view origin, std::string_view text) {
    return formats::sign_note(text, origin, key);
  };
}

LogState LogState::fresh(std::string origin) {
  CHECK(formats::is_note_name(origin));
  return {std::move(origin), {}, {}};
}

Result<LogState> LogState::load(std::string origin, View edge_bytes, std::string checkpoint) {
  const auto refuse = [&](const char* why) {
    return fault(FaultCode::log_corrupt, origin + ": " + why);
  };
  auto edge = Edge::from_bytes(edge_bytes);
  if (!edge) return refuse("its edge can not be read");
  if (edge->size() == 0 && checkpoint.empty())
    return LogState(std::move(origin), *std::move(edge), {});
  const auto note = formats::parse_note(as_bytes(checkpoint));
  if (!note) return refuse("its checkpoint can not be read");
  if (note->text != to_text(Checkpoint{origin, edge->size(), edge->root(), {}}))
    return refuse("its checkpoint is not the one of its edge");
  return LogState(std::move(origin), *std::move(edge), std::move(checkpoint));
}

void Growth::append(const Digest& leaf) {
  CHECK(size_ < formats::k_tree_size_max);
  ++size_;
  if (rows_.empty()) rows_.emplace_back();
  rows_[0].push_back(leaf);
  // Each level at which the new size ends a pair gets one node, from its two children below.
  for (unsigned level = 1; level <= static_cast<unsigned>(std::countr_zero(size_)); ++level) {
    const auto node = (size_ >> level) - 1;
    const auto left = subtree(level - 1, 2 * node), right = subtree(level - 1, 2 * node + 1);
    CHECK(left && right);
    if (rows_.size() == level) rows_.emplace_back();
    rows_[level].push_back(formats::node_hash(*left, *right));
  }
}

std::span<const Digest> Growth::new_leaves() const {
  return rows_.empty() ? std::span<const Digest>() : std::span<const Digest>(rows_[0]);
}

Edge Growth::edge() {
  auto edge = formats::edge_at(*this, size_);
  CHECK(edge.has_value());
  return *std::move(edge);
}

Result<Digest> Growth::subtree(unsigned level, std::uint64_t index) {
  CHECK(level < 62 && (index + 1) << level <= size_);
  const auto first = before_.size() >> level;  // of the subtrees that were not complete before
  if (index >= first) return rows_[level][index - first];
  if (index + 1 == first)
    if (const auto peak = before_.peak(level)) return *peak;
  return fault(FaultCode::log_proof, "a part of the log that this batch does not hold");
}

Result<std::uint64_t> Batch::append(Bytes entry) {
  CHECK(checkpoint_.empty());
  if (entry.size() > k_entry_bytes_max) return fault(FaultCode::log_entry, "2,000 bytes or more");
  growth_.append(formats::leaf_hash(entry));
  entries_.push_back(std::move(entry));
  return growth_.size() - 1;
}

Result<LogState> Batch::seal(const CheckpointSigner& sign) {
  CHECK(checkpoint_.empty() && !empty());
  Edge edge = growth_.edge();
  const auto text = to_text(Checkpoint{before_.origin(), edge.size(), edge.root(), {}});
  TRY_LET(std::string note, sign(before_.origin(), text));
  const auto signed_note = formats::parse_note(as_bytes(note));
  if (!signed_note || signed_note->text != text ||
      signed_note->others.front().name != before_.origin())
    return fault(FaultCode::log_corrupt,
                 "the signer did not sign the checkpoint that it was given");
  checkpoint_ = std::move(note);
  return LogState(before_.origin(), std::move(edge), checkpoint_);
}

const std::string& Batch::checkpoint() const {
  CHECK(!checkpoint_.empty());
  return checkpoint_;
}

std::string Batch::receipt(std::uint64_t index) {
  CHECK(!checkpoint_.empty() && index >= first_index() && index < growth_.size());
  auto hashes = formats::inclusion_proof(growth_, index, growth_.size());
  CHECK(hashes.has_value());
  return to_text(
      formats::TlogProof{entries_[index - first_index()], index, *std::move(hashes), checkpoint_});
}

std::vector<Digest> Batch::consistency() {
  CHECK(!checkpoint_.empty());
  auto hashes = formats::consistency_proof(growth_, first_index(), growth_.size());
  CHECK(hashes.has_value());
  return *std::move(hashes);
}

Result<std::string> make_receipt(std::uint64_t index, View entry, std::string checkpoint,
                                 formats::HashReader& reader) {
  TRY_LET(const auto note, formats::parse_note(as_bytes(checkpoint)));
  TRY_LET(const auto head, formats::parse_checkpoint(note.text));
  if (index >= head.size)
    return fault(FaultCode::log_proof, "the checkpoint is older than the entry");
  TRY_LET(auto hashes, formats::inclusion_proof(reader, index, head.size));
  // The entry and the hashes come from a disk: what does not lead to the signed root is no receipt.
  if (!formats::check_inclusion(formats::leaf_hash(entry), index, head.size, hashes, head.root))
    return fault(FaultCode::log_corrupt, head.origin + ": entry " + std::to_string(index) +
                                             " no longer leads to the signed checkpoint");
  return to_text(
      formats::TlogProof{to_bytes(entry), index, std::move(hashes), std::move(checkpoint)});
}

Result<Receipt> check_receipt(View text, std::span<const formats::Verifier> known,
                              const Expected& expected) {
  TRY_LET(auto proof, formats::parse_tlog_proof(text));
  if (!proof.extra) return fault(FaultCode::format_proof, "a receipt carries its entry");
  TRY_LET(auto checkpoint, formats::verify_proof(proof, *proof.extra, known));
  const auto refuse = [](std::string why) { return fault(FaultCode::log_proof, std::move(why)); };
  if (checkpoint.origin != expected.origin) return refuse("a receipt of another log");
  TRY_LET(auto entry, read_entry(*proof.extra));
  if (entry.kind != expected.kind)
    return refuse("a receipt for " + std::string(name_of(entry.kind)));
  for (const auto& [key, value] : expected.facts.members())
    if (const auto* fact = entry.facts.find(key); fact == nullptr || *fact != value)
      return refuse("a receipt for another " + key);
  return Receipt{std::move(entry), *std::move(proof.extra), proof.index, std::move(checkpoint),
                 std::move(proof.checkpoint)};
}

}  // namespace comity::custody
