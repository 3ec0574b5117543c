#include "cli/draft_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/draft_check.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

constexpr std::size_t k_name_columns = 24;

std::string margin(std::size_t indent) {
  return std::string(indent, ' ');
}

/// "name                    words", the words wrapped under themselves.
std::string one_line(std::string_view name, std::string_view words, std::size_t indent) {
  const std::size_t column = indent + k_name_columns;
  const std::string body = wrapped(words, column);
  std::string head = margin(indent) + std::string(name);
  if (columns_of(head) + 2 > column) return head + '\n' + body;
  head.resize(column, ' ');
  return head + body.substr(std::min(column, body.size()));
}

std::string part_words(const Json& part) {
  const std::string text = text_at(part, "text");
  if (!text.empty()) return text;
  const auto bytes = from_base64(text_at(part, "bytes"));
  if (bytes && formats::is_plain_text(as_text(*bytes)) && !bytes->empty())
    return std::string(as_text(*bytes));
  return text_at(part, "media_type");
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

Result<std::string> draft_text(const Draft& draft) {
  TRY_LET(const Json content, formats::parse_json(draft.content));
  std::string text = laid_out(content);
  if (draft.kind != "act") return text;
  TRY(check_shown_parts(draft));
  for (const auto& part : items_at(draft.json, "parts"))
    text += fmt::format("\n  part {}\n{}", text_at(part, "name"), wrapped(part_words(part), 4));
  return text;
}

}  // namespace comity::cli
