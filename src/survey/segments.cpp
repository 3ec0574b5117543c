// Which files are the segments of one image, and whether all of them are there: by what each says
// of itself (its number, how it ends, whose it is); names only tell images apart. What is missing,
// there twice or another's is said, and nothing is checked then: a hash over less than all of a
// medium would be no word on it.
#include <nettle/sha1.h>

#include <algorithm>
#include <array>
#include <map>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_header_bytes = 13, k_section_bytes = 76, k_section_type = 16;
constexpr std::size_t k_set_at = 64, k_set_bytes = 16;  // whose it is, within a volume's section
constexpr std::uint64_t k_sections_max = 1'000'000;     // of all segments
constexpr std::size_t k_images_max = 8;                 // within one item; two checks of each

/// A segment as it tells of itself.
struct Told {
  Window bytes;
  unsigned number = 0;      // 0: it does not say
  std::string_view ending;  // "done", "next", or nothing: its chain of sections leads nowhere
  std::array<std::uint8_t, k_set_bytes> set{};  // of zeros: it does not say
  unsigned named = 0;
};

bool is_set(const Told& one) {
  return std::ranges::any_of(one.set, [](auto byte) { return byte != 0; });
}

Told told_by(Window bytes, std::uint64_t& sections_left) {
  Told told{.bytes = bytes};
  std::array<std::uint8_t, k_header_bytes> header{};
  if (bytes.read(header, 0).value_or(0) != header.size()) return told;
  told.number = half_at(header, 9);
  std::array<std::uint8_t, k_section_bytes> section{};
  for (std::uint64_t at = k_header_bytes; sections_left > 0; --sections_left) {
    if (bytes.read(section, at).value_or(0) != section.size()) return told;
    if (has_at(section, 0, "done")) told.ending = "done";
    if (has_at(section, 0, std::string_view("next\0", 5))) told.ending = "next";
    if (!told.ending.empty()) return told;
    const auto next = long_at(section, k_section_type);
    if (next <= at) return told;
    const bool tells_set = has_at(section, 0, "volume") || has_at(section, 0, "data");
    if (tells_set && next - at >= k_section_bytes + k_set_at + k_set_bytes)
      std::ignore = bytes.read(told.set, at + k_section_bytes + k_set_at);
    at = next;
  }
  return told;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// E01 to E99, then EAA to EZZ, FAA and so on; as much for the other letters that images have.
unsigned number_named(std::string_view extension) {
  if (extension.size() != 3) return 0;
  const char a = lower(extension[0]), b = lower(extension[1]), c = lower(extension[2]);
  const auto is_digit = [](char one) { return one >= '0' && one <= '9'; };
  const auto is_letter = [](char one) { return one >= 'a' && one <= 'z'; };
  if (!is_letter(a)) return 0;
  if (is_digit(b) && is_digit(c)) return static_cast<unsigned>((b - '0') * 10 + (c - '0'));
  const char first = a >= 's' ? 's' : 'e';
  if (!is_letter(b) || !is_letter(c) || a < first) return 0;
  return 100 + static_cast<unsigned>(((a - first) * 26 + (b - 'a')) * 26 + (c - 'a'));
}

/// In the order of their own numbers; whether they are all of one image, and only that.
bool put_in_order(std::vector<Told>& set, Survey& into) {
  std::ranges::sort(set, {}, &Told::number);
  bool is_whole = true;
  const auto flaw = [&](std::string_view code) {
    is_whole = false;
    into.add_flaw(code);
  };
  const Told* owner = nullptr;
  for (unsigned i = 0; i < set.size(); ++i) {
    const auto& one = set[i];
    const bool is_last = i + 1 == set.size();
    if (one.number == 0 || one.ending.empty()) flaw("truncated");
    if (one.named != 0 && one.named != one.number) into.add_flaw("segments-misnamed");
    const auto before = i == 0 ? 0 : set[i - 1].number;
    if (i != 0 && one.number == before) flaw("segments-twice");
    if (one.number > before + 1 || (is_last && one.ending == "next")) flaw("segments-missing");
    if (!is_last && one.ending == "done") flaw("segment-of-another-image");
    if (owner != nullptr && is_set(one) && one.set != owner->set) flaw("segment-of-another-image");
    if (owner == nullptr && is_set(one)) owner = &one;
  }
  return is_whole;
}

/// The sets, in the order in which their first file lies in the archive.
std::vector<std::vector<SegmentFile>> sets_of(std::vector<SegmentFile> files) {
  std::vector<std::vector<SegmentFile>> sets;
  std::map<Bytes, std::size_t> known;
  for (auto& file : files) {
    const auto [at, is_new] = known.emplace(file.stem, sets.size());
    if (is_new) sets.emplace_back();
    sets[at->second].push_back(std::move(file));
  }
  return sets;
}

bool was_checked(const Survey& image) {
  return !image.checks.empty() && std::ranges::all_of(image.checks, [](const auto& check) {
    return check.found.has_value();
  });
}

/// What an image within is said of is said of the item, where there is room.
void take_over(const Survey& image, bool is_only, Survey& into) {
  for (const auto& flaw : image.flaws) into.add_flaw(flaw);
  for (const auto& check : image.checks)
    if (into.checks.size() < formats::k_survey_list_max) into.checks.push_back(check);
  if (!is_only) return;
  for (const auto& [code, fact] : image.facts)
    if (into.facts.size() < formats::k_survey_facts_max) into.facts.emplace(code, fact);
}

}  // namespace

SegmentFile segment_file(std::string_view path, std::uint64_t begin, std::uint64_t size) {
  SegmentFile file{.begin = begin, .size = size};
  const auto name = path.substr(path.find_last_of('/') + 1);
  const auto dot = name.find_last_of('.');
  if (dot != std::string_view::npos) file.named = number_named(name.substr(dot + 1));
  // Without a number in its name it belongs to what else lies in its folder.
  path.remove_suffix(file.named != 0 ? name.size() - dot : name.size());
  std::string stem(path);
  std::ranges::transform(stem, stem.begin(), lower);
  file.stem.resize(SHA1_DIGEST_SIZE);
  sha1_ctx state;
  ::nettle_sha1_init(&state);
  ::nettle_sha1_update(&state, stem.size(), as_bytes(stem).data());
  ::nettle_sha1_digest(&state, file.stem.size(), file.stem.data());
  return file;
}

void read_images(Reel& reel, std::vector<SegmentFile> files, Survey& into) {
  if (files.empty()) return;
  auto* input = reel.by_position();
  if (input == nullptr) return into.add_flaw("stream-not-checked");
  add_number(into, "segments", files.size());
  const auto sets = sets_of(std::move(files));
  std::uint64_t sections_left = k_sections_max, checked = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (i == k_images_max) {
      into.add_flaw("stopped-at-limit");
      break;
    }
    std::vector<Told> set;
    for (const auto& file : sets[i]) {
      set.push_back(told_by(Window(*input, file.begin, file.size), sections_left));
      set.back().named = file.named;
    }
    Survey image;
    if (put_in_order(set, image)) {
      std::vector<Window> segments;
      for (const auto& one : set) segments.push_back(one.bytes);
      read_image(segments, image);
    }
    if (was_checked(image)) ++checked;
    take_over(image, sets.size() == 1, into);
  }
  add_number(into, "images", sets.size());
  add_number(into, "images_checked", checked);
}

void read_ewf(Reel& reel, Survey& into) {
  auto* input = reel.by_position();
  // Its chain of sections leads back and forth: of a stream that is gone only its beginning is
  // known.
  if (input == nullptr) return into.add_flaw("stream-not-checked");
  std::uint64_t sections_left = k_sections_max;
  Window whole(*input, 0, *input->size());
  const auto told = told_by(whole, sections_left);
  add_number(into, "segment", told.number);
  if (told.ending.empty()) into.add_flaw("truncated");
  // The others are items of their own, or not here: nobody can check a hash over one of them.
  if (told.ending == "next" || told.number != 1) return into.add_flaw("one-segment-of-several");
  if (into.form != "ewf-e01") return;  // files by themselves: no medium to hash
  read_image(std::span(&whole, 1), into);
}

}  // namespace comity::survey
