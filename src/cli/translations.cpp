#include "cli/translations.hpp"

#include "cli/json_view.hpp"

namespace comity::cli {

Translations translations_in(const formats::Json& exchange, std::string_view language) {
  const auto prefix = std::string(language) + '.';
  Translations found;
  std::map<std::string, std::size_t> last;  // the act in which a text of this name stood last
  std::size_t place = 0;
  for (const auto& act : items_at(exchange, "acts")) {
    const bool stands = text_at(act, "standing") != "rejected";
    std::string names;
    for (const auto& officer : items_at(act, "officers"))
      names += (names.empty() ? "" : ", ") + text_at(officer, "name");
    names += ", " + text_at(act, "side");
    for (const auto& part : items_at(act, "parts")) {
      const auto name = text_at(part, "name"), text = text_at(part, "text");
      const bool translates = text_at(act, "type") == "supplement" && name.starts_with(prefix);
      if (!translates || !stands || text.empty()) continue;
      const auto of = name.substr(prefix.size());
      if (const auto at = last.find(of); at != last.end()) found[{at->second, of}] = {text, names};
    }
    for (const auto& part : items_at(act, "parts")) last[text_at(part, "name")] = place;
    ++place;
  }
  return found;
}

}  // namespace comity::cli
