#include "formats/toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace comity::formats {
namespace {

/// Walks toml++'s nodes into Json and notes where each stood.
class Converter {
 public:
  explicit Converter(TomlDocument& document) : document_(document) {}

  Result<Json> table(const toml::table& from, const std::string& path, std::size_t depth) {
    if (depth > k_toml_depth_max) return refuse(FaultCode::limit_depth, from, "nests too deeply");
    Json object = Json::object();
    for (const auto& [key, node] : from) {
      const auto name = key.str();
      for (const char c : name)
        if (c < ' ' || c > '~') return refuse(FaultCode::format_toml, node, "a key outside ASCII");
      const auto inner = path.empty() ? std::string(name) : path + '.' + std::string(name);
      document_.lines.emplace(inner, key.source().begin.line);
      TRY_LET(object[name], value(node, inner, depth));
    }
    return object;
  }

 private:
  std::unexpected<Fault> refuse(FaultCode code, const toml::node& node,
                                std::string_view why) const {
    return fault(code, fmt::format("{}:{}: {}", document_.file, node.source().begin.line, why));
  }

  Result<Json> array(const toml::array& from, const std::string& path, std::size_t depth) {
    if (depth > k_toml_depth_max) return refuse(FaultCode::limit_depth, from, "nests too deeply");
    Json items = Json::array();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto inner = fmt::format("{}[{}]", path, i);
      document_.lines.emplace(inner, from[i].source().begin.line);
      TRY_LET(auto item, value(from[i], inner, depth));
      items.push_back(std::move(item));
    }
    return items;
  }

  Result<Json> value(const toml::node& node, const std::string& path, std::size_t depth) {
    switch (node.type()) {
      case toml::node_type::table:
        return table(*node.as_table(), path, depth + 1);
      case toml::node_type::array:
        return array(*node.as_array(), path, depth + 1);
      case toml::node_type::boolean:
        return Json(node.as_boolean()->get());
      case toml::node_type::integer: {
        const auto number = node.as_integer()->get();
        if (number < -k_json_integer_max || number > k_json_integer_max)
          return refuse(FaultCode::format_toml, node, "an integer beyond 2^53 - 1");
        return Json(number);
      }
      case toml::node_type::string: {
        const auto& text = node.as_string()->get();
        if (!is_plain_text(text))
          return refuse(FaultCode::format_toml, node, "a control character in text");
        return Json(text);
      }
      case toml::node_type::date:
        return Json(text_of(node.as_date()->get()));
      case toml::node_type::time:
        return Json(text_of(node.as_time()->get()));
      case toml::node_type::date_time:
        return date_time(node);
      default:
        return refuse(FaultCode::format_toml, node, "a number that is not an integer");
    }
  }

  Result<Json> date_time(const toml::node& node) const {
    const auto& at = node.as_date_time()->get();
    const auto local = text_of(at.date) + 'T' + text_of(at.time);
    if (!at.offset) return Json(local);
    const auto instant = instant_from_text(local + 'Z');
    if (!instant) return refuse(FaultCode::format_toml, node, "a time that does not exist");
    const auto utc = instant->plus_s(-std::int64_t{60} * at.offset->minutes);
    return Json(at.time.nanosecond == 0 ? to_text(utc) : to_text_ms(utc));
  }

  static std::string text_of(const toml::date& date) {
    return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
  }
  static std::string text_of(const toml::time& time) {
    auto text = fmt::format("{:02}:{:02}:{:02}", time.hour, time.minute, time.second);
    return time.nanosecond == 0 ? text : text + fmt::format(".{:03}", time.nanosecond / 1000000);
  }

  TomlDocument& document_;
};

}  // namespace

std::uint32_t TomlDocument::line_of(std::string_view path) const {
  while (!path.empty()) {
    if (const auto at = lines.find(path); at != lines.end()) return at->second;
    const auto up = path.find_last_of(".[");
    path = path.substr(0, up == path.npos ? 0 : up);
  }
  return 1;
}

Fault TomlDocument::at_line(Fault fault) const {
  const auto line = line_of(std::string_view(fault.detail).substr(0, fault.detail.find(": ")));
  fault.detail = fmt::format("{}:{}: {}", file, line, fault.detail);
  return fault;
}

Result<TomlDocument> parse_toml(View bytes, std::string file) {
  if (bytes.size() > k_toml_bytes_max) return fault(FaultCode::limit_size, file);
  const auto text = as_text(bytes);
  std::size_t number = 1;
  for (std::size_t start = 0; start < text.size(); ++number) {
    const auto end = std::min(text.find('\n', start), text.size());
    if (end - start > k_toml_line_bytes_max)
      return fault(FaultCode::limit_size, fmt::format("{}:{}: the line is too long", file, number));
    start = end + 1;
  }
  TomlDocument document{std::move(file), {}, {}};
  try {
    const toml::table table = toml::parse(text);
    TRY_LET(document.root, Converter(document).table(table, "", 1));
  } catch (const toml::parse_error& error) {
    return fault(
        FaultCode::format_toml,
        fmt::format("{}:{}: {}", document.file, error.source().begin.line, error.description()));
  }
  return document;
}

}  // namespace comity::formats
