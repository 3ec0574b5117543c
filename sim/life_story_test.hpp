// The second kind of scenario file, data/scenarios/life-*.toml (docs/scenarios.md): what two States
// say to each other about one request, step by step, and what must follow from each step. Read
// strictly: a key that is not known refuses the file with its line, and a story that expects
// nothing is refused as well. It knows no law: whatever an act says is handed on as it stands.
#pragma once

#include <map>

#include "exchange/situation.hpp"
#include "treaty/data_file.hpp"
#include "treaty/sample_test.hpp"

namespace comity::sim {

using exchange::Side;
using formats::Fields;
using formats::Json;

/// One line of a list of what is due. What is not given may be anything.
struct DueLine {
  std::string clock, from, nearness;
  std::optional<std::int64_t> day, hour;
  std::optional<bool> held;
};

struct StoryStep {
  // What is done.
  std::optional<std::int64_t> day, hour;
  Side by{};
  std::string act, deed, name, on;  // of which request; empty: the first
  Json with = Json::object();
  std::map<std::string, std::string> signed_by;
  std::string drafted_by;
  bool is_checked = true, is_posted = true;
  std::optional<std::int64_t> number;
  std::string follows, has_seen;
  // What is expected.
  std::string outcome = "taken", about, phase;
  std::optional<std::vector<std::string>> requester_may, requested_may;
  std::optional<bool> suspended, conditions_wait, preserved;
  std::vector<std::string> moot, not_due;
  std::map<std::string, std::string> items;
  std::vector<DueLine> due;
  Side list_of = Side::requested;
  std::optional<std::int64_t> told_oversight;
};

struct Story {
  std::string name, measure, begin, profile, crossing;
  Json request = Json::object();
  std::vector<StoryStep> steps;
};

namespace story {

inline Result<std::string> text_or(Fields& fields, std::string_view key, std::string other) {
  TRY_LET(auto given, fields.optional_text(key));
  return std::move(given).value_or(std::move(other));
}

inline Result<bool> flag_or(Fields& fields, std::string_view key, bool other) {
  TRY_LET(const auto given, fields.optional_boolean(key));
  return given.value_or(other);
}

inline Result<std::optional<std::int64_t>> number(Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  TRY_LET(const auto given, fields.integer(key, -10'000, 10'000));
  return std::optional(given);
}

inline Result<std::map<std::string, std::string>> words(Fields& fields, std::string_view key) {
  std::map<std::string, std::string> all;
  const auto* given = fields.optional_value(key);
  if (given == nullptr) return all;
  if (!given->is_object()) return fields.refuse(key, "must be pairs of texts");
  for (const auto& [name, value] : given->members()) {
    if (!value.is_text()) return fields.refuse(key, "must be pairs of texts");
    all.emplace(name, value.text());
  }
  return all;
}

inline Result<Json> object(Fields& fields, std::string_view key) {
  const auto* given = fields.optional_value(key);
  if (given == nullptr) return Json::object();
  if (!given->is_object()) return fields.refuse(key, "must be members and their values");
  return *given;
}

inline Result<std::optional<std::vector<std::string>>> list(Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  TRY_LET(auto given, fields.optional_texts(key));
  return std::optional(std::move(given));
}

inline Result<Side> side(Fields& fields, std::string_view key, Side other) {
  constexpr std::array<std::string_view, 2> k_names = {"requester", "requested"};
  TRY_LET(const auto at, fields.optional_choice(key, k_names));
  return at ? (*at == 0 ? Side::requester : Side::requested) : other;
}

inline Result<std::vector<DueLine>> dues(Fields& fields) {
  std::vector<DueLine> lines;
  TRY_LET(const auto given, fields.optional_array("due"));
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto one = formats::item_fields(fields, "due", i, given[i]);
    DueLine line;
    TRY_LET(line.clock, one.text("clock"));
    TRY_LET(line.day, number(one, "day"));
    TRY_LET(line.hour, number(one, "hour"));
    TRY_LET(line.from, text_or(one, "from", ""));
    TRY_LET(line.nearness, text_or(one, "nearness", ""));
    TRY_LET(line.held, one.optional_boolean("held"));
    TRY(one.end());
    lines.push_back(std::move(line));
  }
  return lines;
}

inline Result<void> expectations(Fields& fields, StoryStep& step) {
  TRY_LET(step.outcome, text_or(fields, "then", "taken"));
  TRY_LET(step.about, text_or(fields, "about", ""));
  TRY_LET(step.phase, text_or(fields, "phase", ""));
  TRY_LET(step.requester_may, list(fields, "requester_may"));
  TRY_LET(step.requested_may, list(fields, "requested_may"));
  TRY_LET(step.suspended, fields.optional_boolean("suspended"));
  TRY_LET(step.conditions_wait, fields.optional_boolean("conditions_wait"));
  TRY_LET(step.preserved, fields.optional_boolean("preserved"));
  TRY_LET(step.moot, fields.optional_texts("moot"));
  TRY_LET(step.items, words(fields, "items"));
  TRY_LET(step.due, dues(fields));
  TRY_LET(step.not_due, fields.optional_texts("not_due"));
  TRY_LET(step.list_of, side(fields, "list_of", Side::requested));
  TRY_LET(step.told_oversight, number(fields, "told_oversight"));
  return {};
}

inline Result<StoryStep> step(Fields& fields) {
  StoryStep step;
  TRY_LET(step.day, number(fields, "day"));
  TRY_LET(step.hour, number(fields, "hour"));
  TRY_LET(step.by, side(fields, "by", Side::requested));
  TRY_LET(step.act, text_or(fields, "act", ""));
  TRY_LET(step.deed, text_or(fields, "do", ""));
  if (!step.act.empty() && !step.deed.empty()) return fields.refuse("do", "is beside an act");
  TRY_LET(step.name, text_or(fields, "as", ""));
  TRY_LET(step.on, text_or(fields, "on", ""));
  TRY_LET(step.with, object(fields, "with"));
  TRY_LET(step.signed_by, words(fields, "signed_by"));
  TRY_LET(step.drafted_by, text_or(fields, "drafted_by", "one"));
  TRY_LET(const bool unchecked, flag_or(fields, "unchecked", false));
  step.is_checked = !unchecked;
  TRY_LET(step.is_posted, flag_or(fields, "post", true));
  TRY_LET(step.number, number(fields, "number"));
  TRY_LET(step.follows, text_or(fields, "follows", ""));
  TRY_LET(step.has_seen, text_or(fields, "has_seen", ""));
  TRY(expectations(fields, step));
  return step;
}

inline Result<Story> read(Fields& fields) {
  Story story;
  TRY_LET(story.name, fields.text("name"));
  TRY_LET(story.measure, text_or(fields, "measure", "stored-data"));
  TRY_LET(story.begin, text_or(fields, "begin", "asked"));
  TRY_LET(story.profile, text_or(fields, "profile", ""));
  TRY_LET(story.crossing, text_or(fields, "crossing", ""));
  TRY_LET(story.request, object(fields, "request"));
  TRY_LET(const auto items, fields.array("step"));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, "step", i, items[i]);
    TRY_LET(auto one, step(item));
    TRY(item.end());
    story.steps.push_back(std::move(one));
  }
  if (story.steps.empty()) return fields.refuse("step", "a story has one at least");
  return story;
}

/// One file. Fault: format.toml, "NAME:LINE: …".
inline Result<std::vector<Story>> load(View toml, const std::string& name) {
  return treaty::read_data_file<std::vector<Story>>(
      toml, name, [](Fields& fields) -> Result<std::vector<Story>> {
        TRY_LET(const std::string format, fields.text("format"));
        if (format != "comity-life/1") return fields.refuse("format", "must be comity-life/1");
        TRY(treaty::read_texts(fields, "about"));
        TRY_LET(const auto items, fields.array("scenario"));
        std::vector<Story> stories;
        for (std::size_t i = 0; i < items.size(); ++i) {
          auto item = formats::item_fields(fields, "scenario", i, items[i]);
          TRY_LET(auto one, read(item));
          TRY(item.end());
          stories.push_back(std::move(one));
        }
        return stories;
      });
}

}  // namespace story
}  // namespace comity::sim
