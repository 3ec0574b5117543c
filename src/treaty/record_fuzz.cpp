// Any bytes as a file of record kinds; and any JSON as a record of the kinds shipped with the node:
// what passes has no member but those named, and no text longer than an address.

#include "base/check.hpp"
#include "treaty/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::treaty;
  const View bytes(data, size);
  std::ignore = load_record_kinds(bytes, "fuzz.toml");
  static const auto kinds = *load_record_kinds(
      as_bytes("format = \"comity-records/1\"\n[[kind]]\ncode = \"flow\"\nform = \"fields\"\n"
               "clause = \"2\"\ntitle.en = \"Flows\"\nfields = [\n"
               "{ code = \"a\", shape = \"time\", required = false },\n"
               "{ code = \"b\", shape = \"address\", required = false },\n"
               "{ code = \"c\", shape = \"integer\", required = false },\n"
               "{ code = \"d\", shape = \"digits\", required = false },\n"
               "{ code = \"e\", shape = \"hex\", required = false } ]\n"),
      "flow.toml");
  const auto record = formats::parse_json(bytes);
  if (!record || !check_record(kinds.front(), *record)) return 0;
  CHECK(record->size() <= 5);
  for (const auto& [key, value] : record->members())
    CHECK(value.is_integer() || value.text().size() <= 45);
  return 0;
}
