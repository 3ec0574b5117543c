// Any bytes as an instrument, and, read by the instrument they make, as a register and a form.
#include "treaty/form.hpp"
#include "treaty/status.hpp"
#include "treaty/vocabulary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const auto instrument = treaty::load_instrument({data, size}, "fuzz.toml", {});
  if (!instrument) return 0;
  for (const auto& measure : instrument->measures) {
    treaty::Json examples = treaty::Json::object();
    for (const auto& field : measure.fields) examples.set(field.code, field.example);
    const auto halves = treaty::split(measure, examples);
    if (!halves || *treaty::join(measure, halves->body, halves->parts) != examples)
      __builtin_trap();
    (void)treaty::schema_of(measure);
  }
  (void)treaty::load_status({data, size}, "fuzz.toml", *instrument);
  return 0;
}
