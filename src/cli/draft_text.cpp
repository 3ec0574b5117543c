#include "cli/draft_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/draft_check.hpp"
#include "cli/entry_page.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/survey_page.hpp"
#include "crypto/cms.hpp"
#include "exchange/act.hpp"

namespace comity::cli {
namespace {

constexpr std::size_t k_name_columns = 24;

std::string margin(std::size_t indent) {
  return std::string(indent, ' ');
}

/// "name                    words", the words wrapped under themselves.
std::string one_line(std::string_view name, std::string_view words, std::size_t indent) {
  const std::size_t column = indent + k_name_columns;
  // An empty text is said too: who signs must see all that is signed.
  const std::string body = wrapped(words.empty() ? "\"\"" : words, column);
  std::string head = margin(indent) + std::string(name);
  if (columns_of(head) + 2 > column) return head + '\n' + body;
  head.resize(column, ' ');
  return head + body.substr(std::min(column, body.size()));
}

/// The part that is bound, as the draft shows it.
std::string part_text(const Draft& draft, const exchange::PartBinding& binding) {
  const auto shown = items_at(draft.json, "parts");
  const auto part = std::ranges::find_if(
      shown, [&](const Json& one) { return text_at(one, "name") == binding.name; });
  const auto bytes = part != shown.end() ? from_base64(text_at(*part, "bytes")) : Result<Bytes>();
  if (bytes && !bytes->empty() && formats::is_plain_text(as_text(*bytes)))
    return part_words(as_text(*bytes));
  return "    no text; its salted digest is " + binding.digest.hex() + "\n";
}

/// Keys and entries inside a statement, as people compare them.
std::string document_text(const std::string& name, const Json& value) {
  if (!value.is_text()) return {};
  if (name == "certificate") {
    const auto certificate = crypto::Certificate::from_pem(value.text());
    return certificate ? certificate_page(*certificate) : "";
  }
  const auto file = from_base64(value.text());
  if (!file) return {};
  if (name == "p7m") {
    const auto opened = crypto::cms_open(*file);
    const auto entry = opened ? directory::read_entry(opened->content)
                              : Result<directory::Entry>(std::unexpected(opened.error()));
    return entry ? entry_page(*entry) : "";
  }
  const auto outer = name == "file" ? formats::parse_json(*file) : Result<Json>(Json());
  const auto inner = outer ? from_base64(text_at(*outer, "content")) : Result<Bytes>(Bytes());
  const auto json = inner ? formats::parse_json(*inner) : Result<Json>(Json());
  return json && json->is_object() ? laid_out(*json) : "";
}

std::string statement_text(Json content) {
  std::string documents;
  for (const auto* name : {"certificate", "p7m", "file"}) {
    const Json* value = content.find(name);
    const std::string page = value != nullptr ? document_text(name, *value) : "";
    if (page.empty()) continue;
    documents += '\n' + page;
    content.members().erase(content.members().find(name));
  }
  return laid_out(content) + documents;
}

}  // namespace

std::string laid_out(const Json& value, std::size_t indent) {
  std::string text;
  if (value.is_object()) {
    for (const auto& [name, member] : value.members()) {
      const bool is_nested = (member.is_object() || member.is_array()) && member.size() != 0;
      const bool is_plain_list =
          member.is_array() && std::ranges::none_of(member.items(), [](const Json& item) {
            return item.is_object() || item.is_array();
          });
      if (is_plain_list && is_nested)
        text += one_line(name, joined_at(value, name), indent);
      else if (is_nested)
        text += margin(indent) + name + '\n' + laid_out(member, indent + 2);
      else if (!member.is_null())
        text += one_line(name,
                         member.size() == 0 && (member.is_array() || member.is_object())
                             ? "none"
                             : as_words(member),
                         indent);
    }
    return text;
  }
  if (value.is_array()) {
    for (const auto& item : value.items()) {
      std::string below = laid_out(item, indent + 2);
      if (below.size() > indent) below[indent] = '-';
      text += below;
    }
    return text;
  }
  return wrapped(as_words(value), indent);
}

std::string part_words(std::string_view text, std::size_t indent) {
  const bool may_be_json = text.starts_with('{') || text.starts_with('[');
  if (const auto json = may_be_json ? formats::parse_json(as_bytes(text)) : Result<Json>(Json()))
    if (json->is_object() || json->is_array())
      return survey_warning(*json) + laid_out(*json, indent);
  return wrapped(text, indent);
}

Result<std::string> draft_text(const Draft& draft) {
  TRY_LET(const Json content, formats::parse_json(draft.content));
  if (draft.kind != "act") return statement_text(content);
  TRY_LET(const auto substance, exchange::read_substance(draft.content));
  TRY(check_shown_parts(draft));
  std::string text = named_lines({{"type", std::string(exchange::name_of(substance.type))},
                                  {"measure", substance.measure + ", " + substance.instrument},
                                  {"from", substance.from.text() + ", " + substance.from_authority},
                                  {"to", substance.to.text() + ", " + substance.to_authority},
                                  {"exchange", substance.exchange.hex()},
                                  {"draft", substance.draft.hex()},
                                  {"exercise", substance.exercise ? "yes" : "NO: this is real"}});
  text += laid_out(substance.body);
  for (const auto& binding : substance.parts)
    text += fmt::format("\n  part {} ({}, {})\n{}", binding.name, binding.media_type,
                        bytes_words(binding.size), part_text(draft, binding));
  return text;
}

}  // namespace comity::cli
