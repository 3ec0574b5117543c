// The forms that are recognised and what each is read by. Private to the room: survey() picks one
// by the beginning of the bytes and lets it fill the rest.
#pragma once

#include <vector>

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
/// A file of an Expert Witness image, or one of its segments.
void read_ewf(Reel& reel, Survey& into);
void read_archive(Reel& reel, Survey& into);
void read_lines(Reel& reel, Survey& into);
void read_mail(Reel& reel, Survey& into);

/// A file within an archive that begins as a segment of an image. Of its name only this is kept.
struct SegmentFile {
  std::uint64_t begin = 0, size = 0;  // where its bytes lie within the archive's
  Bytes stem;                         // a hash of the name without what numbers the segments
  unsigned named = 0;                 // the number that the name gives; 0 when it gives none
};
SegmentFile segment_file(std::string_view path, std::uint64_t begin, std::uint64_t size);
/// The images that these files of the reel's archive are; each is checked when all of it is there.
void read_images(Reel& reel, std::vector<SegmentFile> files, Survey& into);
/// What is in an image, all of whose segments these are, the first one first.
void read_image(std::span<Window> segments, Survey& into);

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
