// The plaintext of a live item: one line of JSON for each record, numbered and marked with what is
// missing before it, late or a duplicate (spec/live.md §2). It counts what it writes, and can go on
// after lines that were written before. It judges no record; that was done before.
#pragma once

#include <map>

#include "evidence/live.hpp"

namespace comity::evidence {

inline constexpr std::size_t k_live_line_bytes_max = 40'960;  // a record and what stands around it
inline constexpr std::size_t k_holes_max = 1000;  // gaps remembered; of more, the oldest stay gaps
inline constexpr std::int64_t k_late_after_ms = 2'000;

/// Where a record says that it stands.
struct RecordPlace {
  std::optional<std::uint64_t> sequence;
  std::optional<Instant> time;
};

/// Tells records that are missing, late or there already by what they say of their places. A value.
class Places {
 public:
  struct Mark {
    std::uint64_t missing = 0;
    bool late = false, duplicate = false;
    bool operator==(const Mark&) const = default;
  };
  Mark take(const RecordPlace& place);

  /// Canonical JSON, to go on from; and back. Fault: store.corrupt.
  std::string to_text() const;
  static Result<Places> from_text(std::string_view text);
  bool operator==(const Places&) const = default;

 private:
  std::uint64_t next_ = 0;  // sequence after the highest so far; 0: none yet
  bool has_begun_ = false;
  std::map<std::uint64_t, std::uint64_t> holes_;  // first missing → last missing
  std::optional<Instant> newest_;
};

/// Writes lines, each to the end of `out`. A value.
class LiveLines {
 public:
  /// `sequence`, `time`: the members of a record that tell its place; empty: none.
  LiveLines(std::string sequence, std::string time)
      : sequence_(std::move(sequence)), time_(std::move(time)) {}
  /// Goes on from what was told of earlier lines.
  void resume(const LiveCounts& counts, Places places);

  static void first(const Opening& opening, std::string& out);
  static void source(Instant at, std::string_view framing, std::string& out);
  /// `record` is one JSON object without line feeds. `lost`: how many more the source says it lost.
  void record(Instant at, std::string_view record, const RecordPlace& place, std::uint64_t lost,
              std::string& out);
  void closed(Instant at, std::string_view why, std::string& out) const;

  /// Takes up one line, without its line feed, that was written before. Gives why the item was
  /// closed, if it was. Fault: store.corrupt.
  Result<std::optional<std::string>> retake(std::string_view line);

  const LiveCounts& counts() const { return counts_; }
  const Places& places() const { return places_; }

 private:
  void count(const Places::Mark& mark);

  std::string sequence_, time_;
  LiveCounts counts_;
  Places places_;
};

/// Calls `take` with each line of a chunk, without the filling: no line goes on in the next chunk.
/// Faults: those of `take`; store.corrupt for a last line without its line feed.
Result<void> each_line(View plaintext, const std::function<Result<void>(std::string_view)>& take);

}  // namespace comity::evidence
