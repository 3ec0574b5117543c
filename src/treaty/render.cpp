#include "treaty/render.hpp"

#include <algorithm>

namespace comity::treaty {
namespace {

class Rendering {
 public:
  Rendering(const Vocabulary& vocabulary, std::string_view language)
      : vocabulary_(vocabulary), language_(language) {}

  std::string label(std::string_view code) const {
    return page_label(vocabulary_, code, language_);
  }
  std::string code(const std::vector<Code>& codes, const std::string& value) const {
    const auto found = std::ranges::find(codes, value, &Code::code);
    return found == codes.end() ? value : in_language(found->label, language_);
  }

  std::string row(const Field& field, const Json& value) const {
    std::string text;
    for (const auto& column : field.columns) {
      const auto* cell = value.find(column.code);
      if (cell == nullptr) continue;
      const auto words = cell->is_text() ? cell->text() : formats::canonical(*cell);
      text += (text.empty() ? "" : "; ") + in_language(column.label, language_) + ": " +
              (column.kind == FieldKind::code ? code(column.codes, words) : words);
    }
    return text;
  }

  std::string value(const Field& field, const Json& value) const {
    switch (field.kind) {
      case FieldKind::boolean:
        if (value.is_bool()) return label(value.boolean() ? "yes" : "no");
        break;
      case FieldKind::code:
        if (value.is_text()) return code(field.codes, value.text());
        break;
      case FieldKind::codes:
        if (value.is_array()) return codes(field, value);
        break;
      case FieldKind::period:
        if (const auto *from = value.find("from"), *to = value.find("to");
            from != nullptr && to != nullptr && from->is_text() && to->is_text())
          return label("period_from") + ' ' + from->text() + ' ' + label("period_to") + ' ' +
                 to->text();
        break;
      case FieldKind::rows:
        if (value.is_array()) return rows(field, value);
        break;
      default:
        break;
    }
    return value.is_text() ? value.text() : formats::canonical(value);
  }

 private:
  std::string codes(const Field& field, const Json& value) const {
    std::string text;
    for (const auto& item : value.items())
      text += (text.empty() ? "" : "; ") +
              (item.is_text() ? code(field.codes, item.text()) : formats::canonical(item));
    return text;
  }
  std::string rows(const Field& field, const Json& value) const {
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i)
      text += (i == 0 ? "" : "\n") + std::to_string(i + 1) + ". " + row(field, value.items()[i]);
    return text;
  }

  const Vocabulary& vocabulary_;
  std::string_view language_;
};

bool is_free_text(FieldKind kind) {
  return kind == FieldKind::text || kind == FieldKind::long_text || kind == FieldKind::rows;
}

void render_value(const Rendering& page, const Instrument& instrument, const std::string& key,
                  const Json& value, std::string_view language, std::vector<PageLine>& lines) {
  if (value.is_null() || (value.is_array() && value.size() == 0)) return;
  if (value.is_object()) {
    for (const auto& [inner, member] : value.members())
      render_value(page, instrument, inner, member, language, lines);
    return;
  }
  const auto words_of = [&](const Json& one) {
    if (one.is_bool()) return page.label(one.boolean() ? "yes" : "no");
    if (!one.is_text()) return formats::canonical(one);
    if (const auto* ground = instrument.ground(one.text()))
      return in_language(ground->label, language) + " (" + ground->code + ", " +
             page.label("article") + ' ' + ground->clause + ')';
    return one.text();
  };
  if (!value.is_array()) {
    lines.push_back({page.label(key), words_of(value), "", false});
    return;
  }
  for (const auto& item : value.items()) {
    if (item.is_object())
      render_value(page, instrument, key, item, language, lines);
    else
      lines.push_back({page.label(key), words_of(item), "", false});
  }
}

}  // namespace

std::string page_label(const Vocabulary& vocabulary, std::string_view code,
                       std::string_view language) {
  const auto* texts = vocabulary.label(code);
  return texts == nullptr ? std::string(code) : in_language(*texts, language);
}

std::vector<PageLine> render_form(const Vocabulary& vocabulary, const Measure& measure,
                                  const Json& fields, const std::vector<std::string>& absent,
                                  std::string_view language) {
  const Rendering page(vocabulary, language);
  std::vector<PageLine> lines;
  for (const auto& field : measure.fields) {
    const auto* value = fields.find(field.code);
    if (value != nullptr)
      lines.push_back({in_language(field.label, language), page.value(field, *value), field.clause,
                       is_free_text(field.kind)});
    else if (std::ranges::find(absent, field.code) != absent.end())
      lines.push_back(
          {in_language(field.label, language), page.label("not_at_hand"), field.clause, false});
  }
  return lines;
}

std::vector<PageLine> render_body(const Vocabulary& vocabulary, const Instrument& instrument,
                                  const Json& body, std::string_view language) {
  const Rendering page(vocabulary, language);
  std::vector<PageLine> lines;
  if (!body.is_object()) return lines;
  for (const auto& [key, value] : body.members())
    render_value(page, instrument, key, value, language, lines);
  return lines;
}

std::string page_text(const Vocabulary& vocabulary, const std::vector<PageLine>& lines,
                      std::string_view written_in, std::string_view language) {
  std::string in = page_label(vocabulary, "language_unknown", language);
  if (const auto list = vocabulary.lists.find("language"); list != vocabulary.lists.end())
    if (const auto found = std::ranges::find(list->second, written_in, &Code::code);
        found != list->second.end())
      in = page_label(vocabulary, "as_written", language) + ' ' +
           in_language(found->label, language);
  std::string text;
  for (const auto& line : lines) {
    text += line.label;
    if (!line.article.empty())
      text += " (" + page_label(vocabulary, "article", language) + ' ' + line.article + ')';
    if (line.as_written) text += " [" + in + ']';
    text += "\n  ";
    for (const char c : line.words) {
      text += c;
      if (c == '\n') text += "  ";
    }
    text += "\n";
  }
  return text;
}

}  // namespace comity::treaty
