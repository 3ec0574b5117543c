// C2SP signed notes (c2sp.org/signed-note v1.0.0): text under one or more Ed25519 signatures, each
// from a named key. Checkpoints of logs are such notes.
// Text must not be used before open_note has found a signature by a known key on it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/ed25519.hpp"

namespace comity::formats {

inline constexpr std::size_t k_note_bytes_max = 1 << 18;
inline constexpr std::size_t k_note_signatures_max = 64;  // the specification asks for at least 16
inline constexpr std::size_t k_note_name_bytes_max = 512;

/// How a key signs; the byte of the specification.
enum class NoteKeyType : std::uint8_t {
  ed25519 = 0x01,         // the note's text
  cosignature_v1 = 0x04,  // a time and the note's text (c2sp.org/tlog-cosignature)
};

/// A public key that notes are checked against, with the name it signs under. A value.
struct Verifier {
  std::string name;
  std::uint32_t key_id = 0;
  NoteKeyType type = NoteKeyType::ed25519;
  crypto::Ed25519Public key;

  bool operator==(const Verifier&) const = default;
};

/// One signature line. `key_id` and `name` say whose; nothing is verified by holding one.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  Bytes signature;

  bool operator==(const NoteSignature&) const = default;
};

struct Note {
  std::string text;                       // what was signed, with its last line feed
  std::vector<NoteSignature> signatures;  // verified, by known keys
  std::vector<NoteSignature> others;      // by unknown keys: not verified, to be ignored
};

/// True for a name that a key may bear: 1 to 512 bytes of UTF-8, no white space, no control
/// character, no '+'.
bool is_note_name(std::string_view name);

/// `name` must be a note name; else it is a bug.
Verifier make_verifier(std::string name, const crypto::Ed25519Public& key,
                       NoteKeyType type = NoteKeyType::ed25519);
/// name+<key id, 8 hex digits>+base64(type ‖ key): the form in which keys are handed on.
std::string make_vkey(std::string_view name, const crypto::Ed25519Public& key,
                      NoteKeyType type = NoteKeyType::ed25519);
std::string to_vkey(const Verifier& verifier);
/// Fault: format.note, also for a key id that is not the key's own or a type not known here.
Result<Verifier> parse_vkey(std::string_view vkey);

/// `text` (ends in a line feed; UTF-8, no other control characters) signed as a note of one line.
/// Fault: format.note for another text.
Result<std::string> sign_note(std::string_view text, std::string_view name,
                              const crypto::Ed25519Key& key);
/// A further line "— name base64\n" by a cosigner: that it saw `text` at `seconds` since 1970.
/// A key that cosigns must do nothing else: the message does not bind the name.
std::string cosignature_line(std::string_view text, std::string_view name,
                             const crypto::Ed25519Key& key, std::uint64_t seconds);

/// Splits a note without checking any signature: everything lands in `others`. Fault: format.note.
Result<Note> parse_note(View bytes);
/// The rules of the specification: signatures of unknown keys are ignored; one by a known key that
/// does not verify condemns the note; so does the lack of any by a known key.
/// Faults: format.note, limit.size, limit.count; crypto.signature.
Result<Note> open_note(View bytes, std::span<const Verifier> known);

}  // namespace comity::formats
