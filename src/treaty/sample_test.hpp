// For tests: the data files as they are shipped, and forms made of the instrument's own examples.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "base/check.hpp"
#include "base/source_dir_test.hpp"
#include "treaty/form.hpp"
#include "treaty/record.hpp"
#include "treaty/status.hpp"

namespace comity::treaty::sample {

/// A file of data/, whole.
inline std::string file(const std::string& path) {
  std::ifstream in(source_dir() + "/data/" + path, std::ios::binary);
  CHECK(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string convention_text() {
  return file("instruments/un-cybercrime-2024.toml");
}

inline const Instrument& convention() {
  static const Instrument instrument = [] {
    auto loaded = load_instrument(as_bytes(convention_text()), "un-cybercrime-2024.toml");
    if (!loaded) std::fprintf(stderr, "%s\n", loaded.error().detail.c_str());
    CHECK(loaded.has_value());
    return *std::move(loaded);
  }();
  return instrument;
}

inline const std::vector<RecordKind>& record_kinds() {
  static const auto kinds =
      *load_record_kinds(as_bytes(file("records/traffic.toml")), "traffic.toml");
  return kinds;
}

inline const Measure& measure(std::string_view code) {
  const auto* found = convention().measure(code);
  CHECK(found != nullptr);
  return *found;
}

/// Every field filled with its example.
inline Json full_form(const Measure& of) {
  Json fields = Json::object();
  for (const auto& field : of.fields) fields.set(field.code, field.example);
  return fields;
}

/// Only what is always required.
inline Json least_form(const Measure& of) {
  Json fields = Json::object();
  for (const auto& field : of.fields)
    if (field.requirement == Requirement::always) fields.set(field.code, field.example);
  return fields;
}

inline const StatusRegister& exercise_register() {
  static const StatusRegister loaded = [] {
    auto result =
        load_status(as_bytes(file("status/exercise.toml")), "exercise.toml", convention());
    CHECK(result.has_value());
    return *std::move(result);
  }();
  return loaded;
}

inline StateCode state(std::string_view code) {
  return *StateCode::from_text(code);
}
inline Instant day(const std::string& text) {
  return *instant_from_text(text + "T00:00:00Z");
}

/// `text` with the first `what` replaced, which must be there; from `after` on.
inline std::string edited(std::string text, const std::string& what, const std::string& with,
                          const std::string& after = "") {
  const auto from = text.find(after);
  CHECK(from != std::string::npos);
  const auto at = text.find(what, from);
  CHECK(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace comity::treaty::sample
