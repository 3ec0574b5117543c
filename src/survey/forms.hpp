// The forms that are recognised and what each is read by. Private to the room: survey() picks one
// by the beginning of the bytes and lets it fill the rest.
#pragma once

#include "survey/survey.hpp"

namespace comity::survey {

using formats::Survey;

/// The form that bytes begin, by their first k_head_bytes; "unknown" when none is known, "empty" of
/// nothing. Never reads on.
std::string_view form_of(View head);

/// "text", "log", "mbox", "eml", or nothing when the bytes are no text.
std::string_view text_form_of(View head);

/// A disk's partitions and file systems, or one file system alone. `size` when it is known.
void read_disk(Input& input, std::optional<std::uint64_t> size, Survey& into);
/// What marks a file system at the beginning of a volume (k_head_bytes of it); empty when nothing.
std::string_view file_system_of(View head);
/// Whether the bytes begin a disk: a partition table or a file system.
bool is_disk(View head);

void read_capture(Reel& reel, Survey& into);
void read_ewf(Input& input, Survey& into);
void read_archive(Reel& reel, Survey& into);
void read_lines(Reel& reel, Survey& into);
void read_mail(Reel& reel, Survey& into);

/// Little-endian numbers at a place that must lie within the bytes.
std::uint16_t half_at(View bytes, std::size_t at);
std::uint32_t word_at(View bytes, std::size_t at);
std::uint64_t long_at(View bytes, std::size_t at);
/// Whether the bytes have this text at this place.
bool has_at(View bytes, std::size_t at, std::string_view text);

/// A number as a fact: what is beyond 2^53 - 1 is said by a flaw.
void add_number(Survey& into, std::string_view code, std::uint64_t value);
void count_one(Survey& into, const std::string& code);

}  // namespace comity::survey
