#include "formats/checkpoint.hpp"

#include <algorithm>

#include "formats/text.hpp"

namespace comity::formats {

std::string to_text(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' +
                     base64(checkpoint.root.view()) + '\n';
  for (const auto& line : checkpoint.extensions) text += line + '\n';
  return text;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto refuse = [](const char* why) { return fault(FaultCode::format_note, why); };
  if (!text.ends_with('\n')) return refuse("a checkpoint ends in a line feed");
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == 0) return refuse("a checkpoint has no empty lines");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 3) return refuse("a checkpoint has origin, size and root");
  TRY_LET(const auto size, decimal(lines[1], FaultCode::format_note));
  if (size > k_tree_size_max) return refuse("an impossible size of a log");
  const auto raw = from_base64(lines[2]);
  const auto root = raw ? Digest::from_bytes(*raw) : fault(FaultCode::format_base64);
  if (!root) return refuse("the root is not 32 bytes in base64");
  if (size == 0 && *root != empty_root()) return refuse("an empty log with another root");
  return Checkpoint{std::string(lines[0]), size, *root, {lines.begin() + 3, lines.end()}};
}

Result<Checkpoint> open_checkpoint(View bytes, std::span<const Verifier> known) {
  TRY_LET(const Note note, open_note(bytes, known));
  TRY_LET(Checkpoint checkpoint, parse_checkpoint(note.text));
  const bool by_the_log = std::ranges::any_of(note.signatures, [&](const auto& signature) {
    return signature.name == checkpoint.origin &&
           std::ranges::any_of(known, [&](const auto& verifier) {
             return verifier.name == signature.name && verifier.key_id == signature.key_id &&
                    verifier.type == NoteKeyType::ed25519;
           });
  });
  if (!by_the_log)
    return fault(FaultCode::crypto_signature, "the checkpoint is not signed by the log it names");
  return checkpoint;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::Ed25519Key& key) {
  if (!is_note_name(checkpoint.origin))
    return fault(FaultCode::format_note, "an origin that can not name a key");
  return sign_note(to_text(checkpoint), checkpoint.origin, key);
}

}  // namespace comity::formats
