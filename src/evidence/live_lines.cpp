#include "evidence/live_lines.hpp"

#include <algorithm>

#include "formats/fields.hpp"

namespace comity::evidence {
namespace {

using formats::Fields;
using formats::Json;

constexpr formats::JsonLimits k_line_limits{.bytes_max = k_live_line_bytes_max, .depth_max = 12};

std::unexpected<Fault> corrupt(std::string why) {
  return fault(FaultCode::store_corrupt, "a live item's own lines: " + std::move(why));
}

std::uint64_t number_at(const Json& json, std::string_view key) {
  const auto* value = json.find(key);
  return value && value->is_integer() && value->integer() > 0
             ? static_cast<std::uint64_t>(value->integer())
             : 0;
}

bool is_true_at(const Json& json, std::string_view key) {
  const auto* value = json.find(key);
  return value && value->is_bool() && value->boolean();
}

}  // namespace

Places::Mark Places::take(const RecordPlace& place) {
  Mark mark;
  if (place.sequence) {
    const auto number = *place.sequence;
    if (!has_begun_) {
      has_begun_ = true;
      next_ = number;
    }
    if (number >= next_) {
      if (number > next_) {
        mark.missing = number - next_;
        holes_.emplace(next_, number - 1);
        if (holes_.size() > k_holes_max) holes_.erase(holes_.begin());
      }
      next_ = number + 1;
    } else {
      auto hole = holes_.upper_bound(number);
      const bool is_in_hole = hole != holes_.begin() && (--hole)->second >= number;
      mark.late = is_in_hole;
      mark.duplicate = !is_in_hole;
      if (is_in_hole) {
        const auto [first, last] = *hole;
        holes_.erase(hole);
        if (first < number) holes_.emplace(first, number - 1);
        if (number < last) holes_.emplace(number + 1, last);
      }
    }
  }
  if (place.time) {
    if (!place.sequence && newest_) mark.late = place.time->plus_ms(k_late_after_ms) < *newest_;
    newest_ = newest_ ? std::max(*newest_, *place.time) : *place.time;
  }
  return mark;
}

std::string Places::to_text() const {
  auto holes = Json::array();
  for (const auto& [first, last] : holes_) holes.push_back(Json::array({first, last}));
  auto json = Json::object({{"begun", has_begun_}, {"holes", std::move(holes)}, {"next", next_}});
  if (newest_) json.set("newest_ms", newest_->ms);
  return formats::canonical(json);
}

Result<Places> Places::from_text(std::string_view text) {
  const auto read = [&]() -> Result<Places> {
    TRY_LET(const Json json, formats::parse_canonical(as_bytes(text)));
    Fields fields(json, "places");
    Places places;
    TRY_LET(places.has_begun_, fields.boolean("begun"));
    TRY_LET(places.next_, fields.integer("next"));
    TRY_LET(const auto holes, fields.array("holes", k_holes_max));
    for (const auto& hole : holes) {
      if (!hole.is_array() || hole.size() != 2 || !hole.items()[0].is_integer() ||
          !hole.items()[1].is_integer())
        return fields.refuse("holes", "must be pairs of numbers");
      places.holes_.emplace(hole.items()[0].integer(), hole.items()[1].integer());
    }
    TRY_LET(const auto newest, fields.optional_integer("newest_ms"));
    if (newest) places.newest_ = Instant{*newest};
    TRY(fields.end());
    return places;
  };
  auto places = read();
  if (!places) return corrupt(places.error().detail);
  return places;
}

void LiveLines::resume(const LiveCounts& counts, Places places) {
  counts_ = counts;
  places_ = std::move(places);
}

void LiveLines::first(const Opening& opening, std::string& out) {
  out += formats::canonical(Json::object({{"comity", "live/1"},
                                          {"exchange", opening.exchange.hex()},
                                          {"item", opening.item.hex()},
                                          {"records", opening.records}}));
  out += '\n';
}

void LiveLines::source(Instant at, std::string_view framing, std::string& out) {
  out += formats::canonical(
      Json::object({{"source", Json::object({{"at", to_text_ms(at)}, {"framing", framing}})}}));
  out += '\n';
}

void LiveLines::count(const Places::Mark& mark) {
  ++counts_.records;
  counts_.gaps += mark.missing > 0;
  counts_.missing += mark.missing;
  counts_.late += mark.late;
  counts_.duplicates += mark.duplicate;
}

void LiveLines::record(Instant at, std::string_view record, const RecordPlace& place,
                       std::uint64_t lost, std::string& out) {
  auto mark = places_.take(place);
  mark.missing += lost;
  count(mark);
  // By hand, and in the order of canonical JSON: this is done for every record.
  out.append("{\"at\":\"").append(to_text_ms(at)).append("\"");
  if (mark.duplicate) out += ",\"duplicate\":true";
  if (mark.late) out += ",\"late\":true";
  if (mark.missing > 0) out.append(",\"missing\":").append(std::to_string(mark.missing));
  out.append(",\"n\":").append(std::to_string(counts_.records));
  out.append(",\"record\":").append(record).append("}\n");
}

void LiveLines::closed(Instant at, std::string_view why, std::string& out) const {
  out +=
      formats::canonical(Json::object({{"closed", Json::object({{"at", to_text_ms(at)},
                                                                {"duplicates", counts_.duplicates},
                                                                {"gaps", counts_.gaps},
                                                                {"late", counts_.late},
                                                                {"missing", counts_.missing},
                                                                {"records", counts_.records},
                                                                {"why", why}})}}));
  out += '\n';
}

Result<std::optional<std::string>> LiveLines::retake(std::string_view line) {
  const auto json = formats::parse_json(as_bytes(line), k_line_limits);
  if (!json || !json->is_object()) return corrupt("one is not JSON");
  if (const auto* closed = json->find("closed")) {
    const auto* why = closed->find("why");
    if (!why || !why->is_text()) return corrupt("the last says no reason");
    return why->text();
  }
  const auto* record = json->find("record");
  if (!record) return std::nullopt;
  if (number_at(*json, "n") != counts_.records + 1) return corrupt("a number is left out");
  RecordPlace place;
  const auto* sequence = sequence_.empty() ? nullptr : record->find(sequence_);
  const auto* time = time_.empty() ? nullptr : record->find(time_);
  if (sequence && sequence->is_integer() && sequence->integer() >= 0)
    place.sequence = static_cast<std::uint64_t>(sequence->integer());
  if (time && time->is_text())
    if (const auto at = instant_from_text(time->text())) place.time = *at;
  places_.take(place);
  count({.missing = number_at(*json, "missing"),
         .late = is_true_at(*json, "late"),
         .duplicate = is_true_at(*json, "duplicate")});
  return std::nullopt;
}

Result<void> each_line(View plaintext, const std::function<Result<void>(std::string_view)>& take) {
  auto left = as_text(plaintext);
  while (!left.empty()) {
    const auto end = left.find('\n');
    if (end == std::string_view::npos) return corrupt("one has no end");
    if (end > 0) TRY(take(left.substr(0, end)));
    left.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace comity::evidence
