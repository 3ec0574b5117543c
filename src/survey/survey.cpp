#include "survey/survey.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/pcap.hpp"
#include "survey/forms.hpp"

namespace comity::survey {
namespace {

struct Mark {
  std::size_t at;
  std::string_view bytes;
  std::string_view form;
};

using std::string_view_literals::operator""sv;

constexpr auto k_marks = std::to_array<Mark>({
    {0, "EVF\x09\x0d\x0a\xff\x00"sv, "ewf-e01"},
    {0, "LVF\x09\x0d\x0a\xff\x00"sv, "ewf-l01"},
    {0, "EVF2\x0d\x0a\x81\x00"sv, "ewf-ex01"},
    {0, "LEF2\x0d\x0a\x81\x00"sv, "ewf-lx01"},
    {0, "PK\x03\x04"sv, "zip"},
    {0, "PK\x05\x06"sv, "zip"},
    {0, "PK\x07\x08"sv, "zip"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "7z"},
    {0, "Rar!\x1a\x07"sv, "rar"},
    {0, "MSCF\0\0\0\0"sv, "cab"},
    {257, "ustar"sv, "tar"},
    {0, "070701"sv, "cpio"},
    {0, "070707"sv, "cpio"},
    {0, "\x1f\x8b\x08"sv, "gzip"},
    {0, "BZh"sv, "bzip2"},
    {0,
     "\xfd"
     "7zXZ\x00"sv,
     "xz"},
    {0, "\x28\xb5\x2f\xfd"sv, "zstd"},
    {0, "\x04\x22\x4d\x18"sv, "lz4"},
    {0, "SQLite format 3\0"sv, "sqlite"},
    {0, "%PDF-"sv, "pdf"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "ole2"},
    {0, "!BDN"sv, "pst"},
    {0, "QFI\xfb"sv, "qcow2"},
    {0, "KDMV"sv, "vmdk"},
    {0, "vhdxfile"sv, "vhdx"},
    {0,
     "\x7f"
     "ELF"sv,
     "elf"},
    {0, "\x89PNG\x0d\x0a\x1a\x0a"sv, "png"},
    {0, "\xff\xd8\xff"sv, "jpeg"},
    {4, "ftyp"sv, "iso-media"},
    {0, "RIFF"sv, "riff"},
});

constexpr auto k_archives = std::to_array<std::string_view>(
    {"zip", "7z", "rar", "cab", "tar", "cpio", "gzip", "bzip2", "xz", "zstd", "lz4"});

/// Room for what is said once, beside what an adversary can have counted under many codes.
constexpr std::size_t k_facts_kept = 16;

bool is_capture(std::string_view form) {
  return form == "pcap" || form == "pcapng";
}

void read_as(std::string_view form, Reel& reel, Survey& into) {
  if (is_capture(form)) return read_capture(reel, into);
  if (form == "ewf-e01" || form == "ewf-l01") return read_ewf(reel, into);
  if (std::ranges::find(k_archives, form) != k_archives.end()) return read_archive(reel, into);
  if (form == "raw-disk") return read_disk(reel.input(), reel.input().size(), into);
  if (form == "mbox" || form == "eml") return read_mail(reel, into);
  if (form == "text" || form == "log") return read_lines(reel, into);
}

}  // namespace

std::uint16_t half_at(View bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}

std::uint32_t word_at(View bytes, std::size_t at) {
  return half_at(bytes, at) | std::uint32_t{half_at(bytes, at + 2)} << 16;
}

std::uint64_t long_at(View bytes, std::size_t at) {
  return word_at(bytes, at) | std::uint64_t{word_at(bytes, at + 4)} << 32;
}

bool has_at(View bytes, std::size_t at, std::string_view text) {
  return bytes.size() >= at && as_text(bytes.subspan(at)).starts_with(text);
}

void add_number(Survey& into, std::string_view code, std::uint64_t value) {
  if (!std::in_range<std::int64_t>(value) ||
      static_cast<std::int64_t>(value) > formats::k_json_integer_max)
    return into.add_flaw("absurd-number");
  into.facts.insert_or_assign(std::string(code), static_cast<std::int64_t>(value));
}

void count_one(Survey& into, const std::string& code) {
  const auto at = into.facts.find(code);
  if (at != into.facts.end())
    std::get<std::int64_t>(at->second) += 1;
  else if (into.facts.size() < formats::k_survey_facts_max - k_facts_kept)
    into.facts.emplace(code, std::int64_t{1});
}

std::string_view form_of(View head) {
  if (head.empty()) return "empty";
  if (formats::is_packet_stream(head))
    return has_at(head, 0, "\x0a\x0d\x0d\x0a") ? "pcapng" : "pcap";
  for (const auto& mark : k_marks)
    if (has_at(head, mark.at, mark.bytes)) return mark.form;
  if (is_disk(head)) return "raw-disk";
  const auto text = text_form_of(head);
  return text.empty() ? "unknown" : text;
}

Survey survey(Input& input) {
  Survey found;
  Reel reel(input);
  found.form = form_of(reel.head());
  read_as(found.form, reel, found);
  if (found.form == "empty") found.whole = true;
  if (reel.has_failed()) {
    found.add_flaw("unreadable");
    found.whole = false;
  }
  return found;
}

}  // namespace comity::survey
