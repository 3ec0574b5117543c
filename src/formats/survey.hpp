// What a node recognised in the bytes of an item before they were sealed (spec/survey.md): its
// form, facts of its structure, hashes that it carries of itself. A value that travels in the
// manifest. It must never carry a word of the content: codes, numbers and times alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "formats/fields.hpp"

namespace comity::formats {

/// Limits of what is read; one past is refused.
inline constexpr std::size_t k_survey_facts_max = 64;
inline constexpr std::size_t k_survey_list_max = 16;       // checks; flaws; walls
inline constexpr std::size_t k_survey_code_max = 32;       // bytes of a code
inline constexpr std::size_t k_survey_program_max = 128;   // bytes of `by`
inline constexpr std::size_t k_survey_bytes_max = 16'384;  // of the whole, as JSON

/// A hash that the item carries of what is in it, and what was found.
struct SurveyCheck {
  std::string what;                  // "md5", "sha1"
  std::string stated;                // lower-case hex
  std::optional<std::string> found;  // none: not everything it covers was read

  bool disagrees() const { return found && *found != stated; }
  bool operator==(const SurveyCheck&) const = default;
};

/// An integer from 0 to 2^53 - 1, or a code or a time in text.
using SurveyFact = std::variant<std::int64_t, std::string>;

struct Survey {
  std::string by;      // program and libraries, with their versions
  std::string missed;  // why there is no survey, a code; then nothing below is set
  std::string form;    // "pcap", "ewf-e01", …, "unknown"
  bool whole = false;  // read to its end; else its beginning, or as much as its structure needs
  std::map<std::string, SurveyFact> facts;
  std::vector<SurveyCheck> checks;
  std::vector<std::string> flaws;  // codes, in order, none twice
  std::vector<std::string> walls;  // what the reading process was confined by; codes

  /// That a hash which the item carries is not that of what is in it.
  bool disagrees() const;
  void add_flaw(std::string_view code);
  bool operator==(const Survey&) const = default;
};

/// Lower-case letters, digits, '-', '_' and '.', a letter or digit first.
bool is_survey_code(std::string_view text);

Json to_json(const Survey& survey);
/// Reads a survey as a member of something else. Faults: format.field, limit.*.
Result<Survey> read_survey(Fields& fields);
/// What a surveying process answered: one document, canonical. Faults: as read_survey, and of
/// parse_canonical.
Result<Survey> survey_from_answer(View bytes);

}  // namespace comity::formats
