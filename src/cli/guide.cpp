#include "cli/guide.hpp"

#include <algorithm>
#include <charconv>

#include "cli/page.hpp"

namespace comity::cli {
namespace {

using formats::Json;
using treaty::Column;
using treaty::Field;
using treaty::FieldKind;
using treaty::in_language;

std::string trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(" \t\r") - from + 1));
}

class Guide {
 public:
  Guide(const treaty::Measure& measure, Json form, const Talk& talk, std::string_view language)
      : measure_(measure), form_(std::move(form)), talk_(talk), language_(language) {}

  Result<Json> run() && {
    talk_.say(in_language(measure_.title, language_) + " (article " + measure_.clause +
              ")\nAn empty line keeps what is there, or leaves out what is not required.\n");
    for (const auto& field : measure_.fields) {
      if (field.requirement == treaty::Requirement::when && !treaty::is_required(field, form_))
        continue;
      TRY(ask(field));
    }
    return std::move(form_);
  }

 private:
  Result<void> ask(const Field& field) {
    show(field);
    for (;;) {
      auto answer = read(field);
      if (!answer)
        return fault(FaultCode::bad_usage, "the form ends before \"" + field.code + "\"");
      if (answer->is_null()) {
        if (form_.find(field.code) != nullptr || !treaty::is_required(field, form_)) return {};
        talk_.say("  It is required.\n");
        continue;
      }
      if (const auto why = flaw(field, *answer); !why.empty()) {
        talk_.say("  It " + why + ".\n");
        continue;
      }
      form_.set(field.code, *std::move(answer));
      return {};
    }
  }

  void show(const Field& field) {
    const auto need = treaty::is_required(field, form_) ? std::string("required")
                                                        : std::string(name_of(field.requirement));
    std::string text = "\n" + in_language(field.label, language_) + " (article " + field.clause +
                       ", " + need + ")\n" + wrapped(in_language(field.help, language_), 2);
    for (std::size_t i = 0; i < field.codes.size(); ++i)
      text += "  " + std::to_string(i + 1) + "  " + field.codes[i].code + ": " +
              in_language(field.codes[i].label, language_) + '\n';
    const auto* there = form_.find(field.code);
    const auto& shown = there != nullptr ? *there : field.example;
    text += (there != nullptr ? "  There is: " : "  Example: ") +
            (shown.is_text() ? shown.text() : formats::canonical(shown)) + '\n';
    talk_.say(text);
  }

  // Null: nothing was said. Nullopt: no line is left.
  std::optional<Json> read(const Field& field) {
    if (field.kind == FieldKind::rows) return read_rows(field);
    auto line = talk_.read();
    if (!line) return std::nullopt;
    auto text = trimmed(*line);
    if (text.empty()) return Json();
    if (field.kind == FieldKind::long_text) {
      while (const auto more = talk_.read()) {
        if (trimmed(*more).empty()) break;
        text += '\n' + trimmed(*more);
      }
      return Json(std::move(text));
    }
    return value_of(field, text);
  }

  std::string code_of(const std::vector<treaty::Code>& codes, const std::string& text) const {
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const bool is_number = error == std::errc{} && rest == end;
    return is_number && number >= 1 && number <= codes.size() ? codes[number - 1].code : text;
  }

  Json value_of(const Field& field, const std::string& text) const {
    switch (field.kind) {
      case FieldKind::code:
        return Json(code_of(field.codes, text));
      case FieldKind::codes: {
        Json codes = Json::array();
        for (std::size_t begin = 0; begin <= text.size();) {
          const auto end = std::min(text.find(',', begin), text.size());
          codes.push_back(code_of(field.codes, trimmed(text.substr(begin, end - begin))));
          begin = end + 1;
        }
        return codes;
      }
      case FieldKind::integer: {
        std::int64_t number = 0;
        const auto* end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, number);
        return error == std::errc{} && rest == end && number <= formats::k_json_integer_max &&
                       number >= -formats::k_json_integer_max
                   ? Json(number)
                   : Json(text);
      }
      case FieldKind::boolean:
        return text == "yes" || text == "y" || text == "true"   ? Json(true)
               : text == "no" || text == "n" || text == "false" ? Json(false)
                                                                : Json(text);
      case FieldKind::period: {
        const auto blank = text.find(' ');
        if (blank == std::string::npos) return Json(text);
        return Json::object({{"from", text.substr(0, blank)}, {"to", trimmed(text.substr(blank))}});
      }
      default:
        return Json(text);
    }
  }

  // Row after row, column after column; an empty first column ends them.
  std::optional<Json> read_rows(const Field& field) {
    Json rows = Json::array();
    for (;;) {
      Json row = Json::object();
      for (const auto& column : field.columns) {
        talk_.say("  " + in_language(column.label, language_) +
                  (column.required ? " (required)" : "") + codes_of(column) + ": ");
        const auto line = talk_.read();
        if (!line) return rows.size() == 0 ? std::nullopt : std::optional(std::move(rows));
        const auto text = trimmed(*line);
        if (&column == &field.columns.front() && text.empty())
          return rows.size() == 0 ? Json() : std::move(rows);
        if (!text.empty()) row.set(column.code, code_of(column.codes, text));
      }
      rows.push_back(std::move(row));
    }
  }

  std::string codes_of(const Column& column) const {
    std::string text;
    for (std::size_t i = 0; i < column.codes.size(); ++i)
      text += (text.empty() ? " [" : ", ") + std::to_string(i + 1) + ' ' + column.codes[i].code;
    return text.empty() ? text : text + ']';
  }

  std::string flaw(const Field& field, const Json& value) const {
    const treaty::Measure alone{.clause = measure_.clause, .fields = {field}};
    const auto found = treaty::gaps(alone, Json::object({{field.code, value}}));
    return found.empty() ? std::string{} : found[0].why;
  }

  const treaty::Measure& measure_;
  Json form_;
  const Talk& talk_;
  std::string_view language_;
};

}  // namespace

Result<Json> guide(const treaty::Measure& measure, Json begun, const Talk& talk,
                   std::string_view language) {
  return Guide(measure, std::move(begun), talk, language).run();
}

}  // namespace comity::cli
