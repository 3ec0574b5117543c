#include "cli/files.hpp"

#include <fmt/format.h>

#include "formats/toml.hpp"
#include "store/files.hpp"

namespace comity::cli {

using formats::Json;

// What a person named and is not there is no matter of the node's disk.
Result<void> check_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto kind = std::filesystem::symlink_status(path, error).type();
  if (kind == std::filesystem::file_type::regular) return {};
  const bool is_there = kind != std::filesystem::file_type::not_found;
  return fault(FaultCode::no_file,
               path.string() + (is_there ? ": is no plain file" : ": is not there"));
}

Result<void> check_folder(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  return fault(FaultCode::no_file, path.string() + ": there is no such folder");
}

Result<Bytes> read_input(const std::string& file) {
  TRY(check_file(file));
  return store::read_bounded(file, k_input_bytes_max);
}

Result<void> write_output(const std::string& file, View bytes) {
  return store::create_durably(std::filesystem::absolute(file), bytes, store::k_public_mode);
}

Result<Json> read_form(const std::string& file) {
  TRY_LET(const Bytes bytes, read_input(file));
  const auto text = as_text(bytes);
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json =
      file.ends_with(".json") || (first != std::string_view::npos && text[first] == '{');
  if (is_json) {
    auto json = formats::parse_json(bytes);
    if (!json) return fault(json.error().code, file + ": " + json.error().detail);
    return json;
  }
  TRY_LET(auto document, formats::parse_toml(bytes, file));
  return std::move(document.root);
}

Result<std::string> words_or_file(const std::string& argument) {
  if (!argument.starts_with('@')) return argument;
  TRY_LET(const Bytes bytes, read_input(argument.substr(1)));
  std::string text(as_text(bytes));
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

Result<std::pair<std::string, std::string>> split_pair(std::string_view text, char between,
                                                       std::string_view form) {
  const auto at = text.find(between);
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size())
    return fault(FaultCode::bad_usage, fmt::format("'{}': must have the form {}", text, form));
  return std::pair(std::string(text.substr(0, at)), std::string(text.substr(at + 1)));
}

Result<Json> remarks(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const auto& text : texts) {
    TRY_LET(auto pair, split_pair(text, '|', "\"what|why\""));
    list.push_back(Json::object({{"what", pair.first}, {"reason", pair.second}}));
  }
  return list;
}

}  // namespace comity::cli
