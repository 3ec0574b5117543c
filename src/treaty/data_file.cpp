#include "treaty/data_file.hpp"

#include "formats/toml.hpp"

namespace comity::treaty {
namespace {

Result<Instant> day_from_text(std::string_view text) {
  if (text.size() != 10) return fault(FaultCode::format_time, "must be a day as 2026-01-31");
  return instant_from_text(std::string(text) + "T00:00:00Z");
}

}  // namespace

Result<void> read_data_file(View toml, const std::string& name,
                            const std::function<Result<void>(formats::Fields&)>& read) {
  TRY_LET(const formats::TomlDocument document, formats::parse_toml(toml, name));
  auto fields = document.fields();
  auto done = read(fields);
  if (done) done = fields.end();
  if (!done) {
    auto located = document.at_line(std::move(done).error());
    return fault(FaultCode::format_toml, std::move(located.detail));
  }
  return {};
}

Result<Instant> read_day(formats::Fields& fields, std::string_view key) {
  return fields.parsed<Instant>(key, day_from_text);
}

Result<std::optional<Instant>> read_optional_day(formats::Fields& fields, std::string_view key) {
  return fields.optional_parsed<Instant>(key, day_from_text);
}

}  // namespace comity::treaty
