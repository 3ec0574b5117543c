// Files that a verb is given: forms and answers in JSON or TOML, entries and certificates.
#pragma once

#include <filesystem>
#include <string>

#include "formats/json.hpp"

namespace comity::cli {

inline constexpr std::size_t k_input_bytes_max = std::size_t{1} << 20;

/// That there is a plain file, or a folder, where a person said. Fault: request.file.
Result<void> check_file(const std::filesystem::path& path);
Result<void> check_folder(const std::filesystem::path& path);
/// A whole file. Faults: request.file, store.io, limit.size.
Result<Bytes> read_input(const std::string& file);
/// A new file for anybody to read, durably. Faults: store.exists, store.io, store.full.
Result<void> write_output(const std::string& file, View bytes);
/// JSON when the name ends in .json or the text begins with '{', else TOML. Faults:
/// format.json or format.toml, naming the file.
Result<formats::Json> read_form(const std::string& file);
/// The words themselves, or with "@FILE" those of the file.
Result<std::string> words_or_file(const std::string& argument);

/// "KGZ=…" as its two sides. Fault: request.usage.
Result<std::pair<std::string, std::string>> split_pair(std::string_view text, char between,
                                                       std::string_view form);
/// Texts of the form "WHAT|WHY" as [{"what","reason"}].
Result<formats::Json> remarks(const std::vector<std::string>& texts);

}  // namespace comity::cli
