// Reads a data file (law as TOML) through strict field readers, and tells every fault with the
// file's name and the line where it stands: "real.toml:17: standing[2].state: comes twice".
#pragma once

#include <functional>

#include "formats/fields.hpp"

namespace comity::treaty {

/// Parses `toml`, lets `read` take every field, and refuses what is left over. Fault: format.toml.
Result<void> read_data_file(View toml, const std::string& name,
                            const std::function<Result<void>(formats::Fields&)>& read);

template <typename T, typename Read>
Result<T> read_data_file(View toml, const std::string& name, Read&& read) {
  std::optional<T> value;
  TRY(read_data_file(toml, name, [&](formats::Fields& fields) -> Result<void> {
    TRY_LET(value, read(fields));
    return {};
  }));
  return *std::move(value);
}

/// A day as a text, 2026-01-31: its midnight in UTC. Fault: format.field, format.time.
Result<Instant> read_day(formats::Fields& fields, std::string_view key);
Result<std::optional<Instant>> read_optional_day(formats::Fields& fields, std::string_view key);

}  // namespace comity::treaty
