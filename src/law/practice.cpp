#include "law/practice.hpp"

#include <algorithm>

#include "law/screen.hpp"

namespace comity::law {
namespace {

using formats::Json;
using treaty::FieldKind;
using treaty::Practice;
using treaty::PracticeKind;

struct Found {
  std::string field, what;  // `what` goes before the practice's words; may be empty
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Every text of a field, with its place.
void texts_of(const Json& value, const std::string& at,
              std::vector<std::pair<std::string, std::string>>& texts) {
  if (value.is_text()) texts.emplace_back(at, value.text());
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      texts_of(value.items()[i], at + '[' + std::to_string(i) + ']', texts);
  if (value.is_object())
    for (const auto& [key, member] : value.members()) texts_of(member, at + '.' + key, texts);
}

std::vector<std::pair<std::string, std::string>> texts_in(const Practice& practice,
                                                          const Json& fields) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& code : practice.fields)
    if (const auto* value = fields.find(code)) texts_of(*value, code, texts);
  return texts;
}

// "10:15" with nothing after it that says of which place: Z, UTC, GMT, +03:00.
bool has_time_without_zone(std::string_view text) {
  for (std::size_t i = 2; i + 2 < text.size(); ++i) {
    if (text[i] != ':' || !is_digit(text[i - 1]) || !is_digit(text[i - 2]) ||
        !is_digit(text[i + 1]) || !is_digit(text[i + 2]))
      continue;
    // Seconds, an offset that was seen with its time, or no time at all.
    if (i >= 3 && (is_digit(text[i - 3]) || std::string_view(":+-").contains(text[i - 3])))
      continue;
    const auto hour = (text[i - 2] - '0') * 10 + (text[i - 1] - '0');
    const auto minute = (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
    if (hour > 23 || minute > 59) continue;
    auto rest = text.substr(i + 3);
    if (rest.size() >= 3 && rest[0] == ':' && is_digit(rest[1]) && is_digit(rest[2]))
      rest = rest.substr(3);
    rest = rest.substr(0, 24);
    const auto says = [&](std::string_view word) {
      return rest.find(word) != std::string_view::npos;
    };
    const bool offset = rest.size() >= 3 && (rest[0] == '+' || rest[0] == '-') && is_digit(rest[1]);
    if (rest.starts_with('Z') || offset || says("UTC") || says("GMT") || says("local time"))
      continue;
    return true;
  }
  return false;
}

std::vector<Found> time_without_zone(const Practice& practice, const Json& fields) {
  std::vector<Found> found;
  for (const auto& [at, text] : texts_in(practice, fields))
    if (has_time_without_zone(text)) found.push_back({at, ""});
  return found;
}

std::vector<Found> wide_period(const Practice& practice, const Json& fields) {
  std::vector<Found> found;
  for (const auto& code : practice.fields) {
    const auto* value = fields.find(code);
    if (value == nullptr || !value->is_object()) continue;
    const auto* from = value->find("from");
    const auto* to = value->find("to");
    if (from == nullptr || to == nullptr || !from->is_text() || !to->is_text()) continue;
    const auto begins = instant_from_text(from->text()), ends = instant_from_text(to->text());
    if (!begins || !ends) continue;
    const auto days = (ends->seconds() - begins->seconds()) / k_day_s;
    if (days > practice.number) found.push_back({code, std::to_string(days) + " days. "});
  }
  return found;
}

// Rows with an identifier and, if they name it, its kind.
template <typename Look>
void each_identifier(const Practice& practice, const Json& fields, Look&& look) {
  for (const auto& code : practice.fields) {
    const auto* rows = fields.find(code);
    if (rows == nullptr || !rows->is_array()) continue;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const auto& row = rows->items()[i];
      const auto* kind = row.find("kind");
      const auto* identifier = row.find("identifier");
      if (identifier == nullptr || !identifier->is_text()) continue;
      look(code + '[' + std::to_string(i) + "].identifier",
           kind != nullptr && kind->is_text() ? kind->text() : "", identifier->text(), row);
    }
  }
}

std::vector<Found> wrong_identifier(const Practice& practice, const Json& fields) {
  std::vector<Found> found;
  each_identifier(practice, fields,
                  [&](const std::string& at, const std::string& kind, const std::string& identifier,
                      const Json&) {
                    if (const auto flaw = identifier_flaw(kind, identifier))
                      found.push_back({at, "\"" + identifier + "\" " + *flaw + ". "});
                  });
  return found;
}

// An address of the internet is whose it was at a time: a period, or a time in the row's note.
std::vector<Found> address_without_time(const Practice& practice, const Json& fields) {
  std::vector<Found> found;
  const bool bounded = std::ranges::any_of(practice.fields, [&](const std::string& code) {
    const auto* value = fields.find(code);
    return value != nullptr && value->is_object() && value->find("from") != nullptr;
  });
  if (bounded) return found;
  each_identifier(
      practice, fields,
      [&](const std::string& at, const std::string& kind, const std::string&, const Json& row) {
        const auto* note = row.find("note");
        const bool timed =
            note != nullptr && note->is_text() && note->text().find(':') != std::string::npos;
        if (kind == "ip-address" && !timed) found.push_back({at, ""});
      });
  return found;
}

// No identifier or service of the data is named where the facts are tied to them.
std::vector<Found> not_tied(const Practice& practice, const Json& fields) {
  std::vector<std::string> named;
  each_identifier(
      practice, fields,
      [&](const std::string&, const std::string&, const std::string& identifier, const Json& row) {
        named.push_back(folded(identifier));
        const auto* service = row.find("service");
        if (service != nullptr && service->is_text()) named.push_back(folded(service->text()));
      });
  if (named.empty()) return {};
  std::string said;
  std::string last;
  for (const auto& code : practice.fields) {
    const auto* value = fields.find(code);
    if (value == nullptr || !value->is_text()) continue;
    said += folded(value->text()) + '\n';
    last = code;
  }
  const bool tied =
      std::ranges::any_of(
          named, [&](const std::string& one) { return said.find(one) != std::string::npos; }) ||
      std::ranges::any_of(practice.words, [&](const std::string& word) {
        return said.find(word) != std::string::npos;
      });
  if (tied || last.empty()) return {};
  return {{last, ""}};
}

std::vector<Found> thin_reason(const Practice& practice, const Json& fields) {
  std::vector<Found> found;
  for (const auto& code : practice.fields) {
    const auto* value = fields.find(code);
    if (value == nullptr || !value->is_text()) continue;
    // A character of Chinese says about as much as two of an alphabet.
    const auto weight =
        std::ranges::count_if(
            value->text(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) +
        std::ranges::count_if(value->text(),
                              [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
    if (weight < practice.number) found.push_back({code, ""});
  }
  return found;
}

// Words of urgency in the first field, and none of the others is there to bear them.
std::vector<Found> bare_urgency(const Practice& practice, const Json& fields,
                                const treaty::Measure& measure) {
  const std::vector<std::string> reasons(practice.fields.begin() + 1, practice.fields.end());
  const bool can_say = std::ranges::any_of(
      reasons, [&](const std::string& code) { return measure.field(code) != nullptr; });
  const bool says = std::ranges::any_of(
      reasons, [&](const std::string& code) { return fields.find(code) != nullptr; });
  const auto* value = practice.fields.empty() ? nullptr : fields.find(practice.fields[0]);
  if (!can_say || says || value == nullptr || !value->is_text()) return {};
  const auto text = folded(value->text());
  if (std::ranges::none_of(practice.words, [&](const std::string& word) {
        return text.find(word) != std::string::npos;
      }))
    return {};
  return {{practice.fields[0], ""}};
}

std::vector<Found> lapsing(const Practice& practice, const Json& fields,
                           const DraftContext& context) {
  if (!context.preserved_until) return {};
  const auto days = (context.preserved_until->seconds() - context.now.seconds()) / k_day_s;
  if (days > practice.number) return {};
  const auto code = practice.fields.empty() ? std::string{} : practice.fields[0];
  if (!code.empty() && fields.find(code) == nullptr) return {};
  return {{code, days < 0
                     ? "It has lapsed. "
                     : "It ends on " + to_text(*context.preserved_until).substr(0, 10) + ". "}};
}

std::vector<Found> look(const Practice& practice, const treaty::Measure& measure,
                        const Json& fields, const DraftContext& context) {
  switch (practice.kind) {
    case PracticeKind::time_without_zone:
      return time_without_zone(practice, fields);
    case PracticeKind::wide_period:
      return wide_period(practice, fields);
    case PracticeKind::wrong_identifier:
      return wrong_identifier(practice, fields);
    case PracticeKind::address_without_time:
      return address_without_time(practice, fields);
    case PracticeKind::not_tied:
      return not_tied(practice, fields);
    case PracticeKind::thin_reason:
      return thin_reason(practice, fields);
    case PracticeKind::bare_urgency:
      return bare_urgency(practice, fields, measure);
    case PracticeKind::lapsing:
      return lapsing(practice, fields, context);
  }
  return {};
}

}  // namespace

std::vector<Advice> practice(const treaty::Vocabulary& vocabulary, const treaty::Measure& measure,
                             const Json& fields, const DraftContext& context) {
  std::vector<Advice> advice;
  if (!fields.is_object()) return advice;
  for (const auto& one : vocabulary.practices)
    for (auto& found : look(one, measure, fields, context)) {
      const auto* field = measure.field(found.field.substr(0, found.field.find_first_of(".[")));
      if (!found.field.empty() && field == nullptr) continue;
      advice.push_back({.code = one.code,
                        .field = std::move(found.field),
                        .article = field != nullptr ? field->clause : "",
                        .why = found.what + treaty::in_language(one.why, context.language),
                        .better = treaty::in_language(one.better, context.language)});
    }
  return advice;
}

}  // namespace comity::law
