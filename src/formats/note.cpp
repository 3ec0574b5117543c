#include "formats/note.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/digest.hpp"
#include "formats/text.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_line_start = "\xe2\x80\x94 ";  // em dash, space

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_note, std::move(why));
}

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

std::uint32_t from_big_endian(View four) {
  return std::uint32_t{four[0]} << 24 | std::uint32_t{four[1]} << 16 | std::uint32_t{four[2]} << 8 |
         four[3];
}

/// UTF-8 without control characters (below U+0020) but the line feed.
bool is_note_text(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
  return is_utf8(text);
}

/// White space by Unicode's White_Space property, as UTF-8.
bool has_space(std::string_view text) {
  constexpr std::string_view spaces[] = {" ",
                                         "\xc2\x85",
                                         "\xc2\xa0",
                                         "\xe1\x9a\x80",
                                         "\xe2\x80\x80",
                                         "\xe2\x80\x81",
                                         "\xe2\x80\x82",
                                         "\xe2\x80\x83",
                                         "\xe2\x80\x84",
                                         "\xe2\x80\x85",
                                         "\xe2\x80\x86",
                                         "\xe2\x80\x87",
                                         "\xe2\x80\x88",
                                         "\xe2\x80\x89",
                                         "\xe2\x80\x8a",
                                         "\xe2\x80\xa8",
                                         "\xe2\x80\xa9",
                                         "\xe2\x80\xaf",
                                         "\xe2\x81\x9f",
                                         "\xe3\x80\x80"};
  return std::ranges::any_of(spaces, [&](auto space) { return text.contains(space); });
}

std::uint32_t key_id_of(std::string_view name, NoteKeyType type, const crypto::Ed25519Public& key) {
  const std::uint8_t rest[] = {'\n', static_cast<std::uint8_t>(type)};
  return from_big_endian(crypto::sha256({as_bytes(name), rest, key.view()}).view().first(4));
}

std::string signature_line(std::string_view name, std::uint32_t key_id, View signature) {
  Bytes raw = to_bytes(big_endian(key_id));
  append(raw, signature);
  return std::string(k_line_start) + std::string(name) + ' ' + base64(raw) + '\n';
}

Result<NoteSignature> parse_line(std::string_view line) {
  if (!line.starts_with(k_line_start)) return refuse("a signature line without its dash");
  line.remove_prefix(k_line_start.size());
  const auto space = line.find(' ');
  if (space == line.npos) return refuse("a signature line without a signature");
  const auto name = line.substr(0, space);
  if (!is_note_name(name)) return refuse("a signature line with an impossible name");
  const auto raw = from_base64(line.substr(space + 1));
  if (!raw || raw->size() < 5) return refuse("a signature that is not key id and signature");
  return NoteSignature{std::string(name), from_big_endian(View(*raw).first(4)),
                       to_bytes(View(*raw).subspan(4))};
}

std::string cosigned_message(std::string_view text, std::uint64_t seconds) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + '\n' + std::string(text);
}

bool verifies(const Verifier& verifier, std::string_view text, View signature) {
  if (verifier.type == NoteKeyType::cosignature_v1) {
    if (signature.size() != 8 + 64) return false;
    std::uint64_t seconds = 0;
    for (const auto byte : signature.first(8)) seconds = seconds << 8 | byte;
    return crypto::ed25519_verify(verifier.key, as_bytes(cosigned_message(text, seconds)),
                                  *crypto::Ed25519Signature::from_bytes(signature.subspan(8)));
  }
  const auto plain = crypto::Ed25519Signature::from_bytes(signature);
  return plain && crypto::ed25519_verify(verifier.key, as_bytes(text), *plain);
}

}  // namespace

bool is_note_name(std::string_view name) {
  return !name.empty() && name.size() <= k_note_name_bytes_max && is_note_text(name) &&
         !name.contains('\n') && !name.contains('+') && !has_space(name);
}

Verifier make_verifier(std::string name, const crypto::Ed25519Public& key, NoteKeyType type) {
  CHECK(is_note_name(name));
  const auto key_id = key_id_of(name, type, key);
  return {std::move(name), key_id, type, key};
}

std::string make_vkey(std::string_view name, const crypto::Ed25519Public& key, NoteKeyType type) {
  return to_vkey(make_verifier(std::string(name), key, type));
}

std::string to_vkey(const Verifier& verifier) {
  Bytes raw{static_cast<std::uint8_t>(verifier.type)};
  append(raw, verifier.key.view());
  return verifier.name + '+' + hex(big_endian(verifier.key_id)) + '+' + base64(raw);
}

Result<Verifier> parse_vkey(std::string_view vkey) {
  // Split at the first two '+' only: base64 has them too.
  const auto first = vkey.find('+');
  const auto second = first == vkey.npos ? first : vkey.find('+', first + 1);
  if (second == vkey.npos) return refuse("a verifier key has the form name+id+key");
  const auto name = vkey.substr(0, first);
  const auto id = from_hex(vkey.substr(first + 1, second - first - 1));
  const auto raw = from_base64(vkey.substr(second + 1));
  if (!is_note_name(name) || !id || id->size() != 4 || !raw || raw->empty())
    return refuse("a verifier key has the form name+id+key");
  const auto type = static_cast<NoteKeyType>(raw->front());
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature_v1)
    return refuse("a verifier key of a type that is not known here");
  const auto key = crypto::Ed25519Public::from_bytes(View(*raw).subspan(1));
  if (!key) return refuse("a verifier key of the wrong length");
  auto verifier = make_verifier(std::string(name), *key, type);
  if (verifier.key_id != from_big_endian(*id))
    return refuse("the key id is not the one of the key");
  return verifier;
}

Result<std::string> sign_note(std::string_view text, std::string_view name,
                              const crypto::Ed25519Key& key) {
  if (!text.ends_with('\n') || !is_note_text(text)) return refuse("a text that can not be signed");
  const auto verifier = make_verifier(std::string(name), key.public_key());
  return std::string(text) + '\n' +
         signature_line(name, verifier.key_id, key.sign(as_bytes(text)).view());
}

std::string cosignature_line(std::string_view text, std::string_view name,
                             const crypto::Ed25519Key& key, std::uint64_t seconds) {
  const auto verifier =
      make_verifier(std::string(name), key.public_key(), NoteKeyType::cosignature_v1);
  Bytes payload;
  for (int shift = 56; shift >= 0; shift -= 8)
    payload.push_back(static_cast<std::uint8_t>(seconds >> shift));
  append(payload, key.sign(as_bytes(cosigned_message(text, seconds))).view());
  return signature_line(name, verifier.key_id, payload);
}

Result<Note> parse_note(View bytes) {
  if (bytes.size() > k_note_bytes_max) return fault(FaultCode::limit_size, "a signed note");
  const auto all = as_text(bytes);
  if (!is_note_text(all)) return refuse("not UTF-8, or a control character");
  const auto gap = all.rfind("\n\n");
  if (gap == all.npos) return refuse("no empty line before the signatures");
  auto lines = all.substr(gap + 2);
  if (lines.empty() || lines.back() != '\n') return refuse("no signature lines");
  Note note{std::string(all.substr(0, gap + 1)), {}, {}};
  while (!lines.empty()) {
    if (note.others.size() == k_note_signatures_max)
      return fault(FaultCode::limit_count, "signatures of a note");
    const auto end = lines.find('\n');
    TRY_LET(auto signature, parse_line(lines.substr(0, end)));
    note.others.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return note;
}

Result<Note> open_note(View bytes, std::span<const Verifier> known) {
  TRY_LET(Note parsed, parse_note(bytes));
  Note note{std::move(parsed.text), {}, {}};
  for (auto& signature : parsed.others) {
    const auto verifier = std::ranges::find_if(known, [&](const Verifier& each) {
      return each.key_id == signature.key_id && each.name == signature.name;
    });
    if (verifier == known.end()) {
      note.others.push_back(std::move(signature));
      continue;
    }
    if (!verifies(*verifier, note.text, signature.signature))
      return fault(FaultCode::crypto_signature, "the note's signature by " + signature.name);
    if (std::ranges::find(note.signatures, signature) == note.signatures.end())
      note.signatures.push_back(std::move(signature));
  }
  if (note.signatures.empty())
    return fault(FaultCode::crypto_signature, "the note bears no signature by a known key");
  return note;
}

}  // namespace comity::formats
