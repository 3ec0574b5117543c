#include "law/screen.hpp"

#include <array>

namespace comity::law {
namespace {

using formats::Json;
using treaty::Activity;

unsigned char byte_of(char c) {
  return static_cast<unsigned char>(c);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte_of(c) >= 0x80;
}

// Arabic joins its article to the word, and Chinese does not part words: marks in these scripts are
// looked for everywhere, others where a word begins.
bool stands_anywhere(char lead) {
  const auto byte = byte_of(lead);
  return (byte >= 0xD8 && byte <= 0xDB) || (byte >= 0xE3 && byte <= 0xE9);
}

struct Known {
  std::size_t activity;
  const std::string* word;
};
using ByLead = std::array<std::vector<Known>, 256>;

ByLead by_lead(const std::vector<Activity>& activities) {
  ByLead index;
  for (std::size_t i = 0; i < activities.size(); ++i)
    for (const auto& word : activities[i].marks)
      if (!word.empty()) index[byte_of(word[0])].push_back({i, &word});
  return index;
}

void find_marks(const ByLead& index, std::string_view text,
                std::vector<const std::string*>& found) {
  const auto lower = folded(text);
  for (std::size_t at = 0; at < lower.size(); ++at) {
    const char lead = lower[at];
    const bool begins = at == 0 || !is_letter(lower[at - 1]);
    if (!begins && !stands_anywhere(lead)) continue;
    for (const auto& known : index[byte_of(lead)])
      if (found[known.activity] == nullptr &&
          lower.compare(at, known.word->size(), *known.word) == 0)
        found[known.activity] = known.word;
  }
}

void find_marks_in(const ByLead& index, const Json& value, std::vector<const std::string*>& found) {
  if (value.is_text()) find_marks(index, value.text(), found);
  if (value.is_array())
    for (const auto& item : value.items()) find_marks_in(index, item, found);
  if (value.is_object())
    for (const auto& [key, member] : value.members()) find_marks_in(index, member, found);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string lower(text);
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const auto byte = byte_of(lower[i]);
    if (byte >= 'A' && byte <= 'Z') {
      lower[i] = static_cast<char>(byte + 0x20);
      continue;
    }
    if (i + 1 == lower.size()) break;
    const auto next = byte_of(lower[i + 1]);
    if (byte == 0xC3 && next >= 0x80 && next <= 0x9E && next != 0x97) {  // À to Þ
      lower[i + 1] = static_cast<char>(next + 0x20);
    } else if (byte == 0xD0 && next >= 0x90 && next <= 0x9F) {  // А to П
      lower[i + 1] = static_cast<char>(next + 0x20);
    } else if (byte == 0xD0 && next >= 0xA0 && next <= 0xAF) {  // Р to Я
      lower[i] = '\xD1';
      lower[i + 1] = static_cast<char>(next - 0x20);
    } else if (byte == 0xD0 && next >= 0x80 && next <= 0x8F) {  // Ѐ to Џ
      lower[i] = '\xD1';
      lower[i + 1] = static_cast<char>(next + 0x10);
    }
    if (byte >= 0xC0 && byte <= 0xDF) ++i;
  }
  return lower;
}

std::vector<Mark> screen(const std::vector<Activity>& activities, const Json& fields,
                         const std::vector<std::string>& where) {
  const auto index = by_lead(activities);
  std::vector<Mark> marks;
  for (const auto& field : where) {
    const auto* value = fields.find(field);
    if (value == nullptr) continue;
    std::vector<const std::string*> found(activities.size(), nullptr);
    find_marks_in(index, *value, found);
    for (std::size_t i = 0; i < activities.size(); ++i)
      if (found[i] != nullptr) marks.push_back({activities[i].code, *found[i], field});
  }
  return marks;
}

}  // namespace comity::law
