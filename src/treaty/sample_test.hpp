// For tests: the data files as they are shipped, and forms made of the instrument's own examples.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "base/check.hpp"
#include "base/source_dir_test.hpp"
#include "treaty/basis.hpp"
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

/// All files of data/, each by its path in it.
inline std::vector<DataFile> data_files() {
  namespace fs = std::filesystem;
  const fs::path data = source_dir() + "/data";
  std::vector<DataFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(data))
    if (entry.path().extension() == ".toml") {
      const auto path = fs::relative(entry.path(), data).generic_string();
      files.push_back({path, to_bytes(file(path))});
    }
  return files;
}

inline const Treaties& treaties() {
  static const Treaties loaded = [] {
    auto result = load_treaties(data_files());
    if (!result) std::fprintf(stderr, "%s\n", result.error().detail.c_str());
    CHECK(result.has_value());
    return *std::move(result);
  }();
  return loaded;
}

/// The same, as a node holds them.
inline std::shared_ptr<const Treaties> shared_treaties() {
  return {std::shared_ptr<const Treaties>(), &treaties()};
}

inline const Instrument& instrument(std::string_view code) {
  const auto* found = treaties().instrument(code);
  CHECK(found != nullptr);
  return *found;
}

inline const Instrument& convention() {
  return instrument("un-cybercrime-2024");
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

/// Every register of the fictional world.
inline const Registers& exercise_registers() {
  static const Registers loaded = [] {
    Registers registers;
    for (const auto& data : data_files()) {
      if (!data.path.starts_with("status/exercise/")) continue;
      const auto name = std::filesystem::path(data.path).stem().string();
      auto result = load_status(data.bytes, data.path, instrument(name));
      if (!result) std::fprintf(stderr, "%s\n", result.error().detail.c_str());
      CHECK(result.has_value());
      registers.push_back(*std::move(result));
    }
    return registers;
  }();
  return loaded;
}

inline const StatusRegister& exercise_register() {
  const auto* found = register_of(exercise_registers(), convention().code);
  CHECK(found != nullptr);
  return *found;
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
