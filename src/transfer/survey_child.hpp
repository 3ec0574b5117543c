// The process that says what an item is, beside the seal: started, given bytes, asked, and ended.
// Its bytes are an adversary's, so its answer is read as one. It must never fail a seal, hold one
// up beyond what is said here, or outlive it; and it gets no descriptor, no word and no right of
// ours.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "formats/survey.hpp"
#include "transfer/file.hpp"

namespace comity::transfer {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// How long the process may take beyond the seal, and may hold up the bytes of a stream.
inline constexpr milliseconds k_survey_after_max{30'000};
inline constexpr unsigned k_survey_times_max = 4;  // and of a file so often what the seal took
inline constexpr milliseconds k_survey_feed_max{5'000};

struct SurveyPatience {
  milliseconds after = k_survey_after_max;
  unsigned times = k_survey_times_max;    // and of a stream whose bytes it asked for again
  milliseconds feed = k_survey_feed_max;  // in all, waiting for a process that reads slowly
};

/// Gives bytes of a stream again, by position: fills the span unless they end before.
using Again = std::function<Result<std::size_t>(std::span<std::uint8_t>, std::uint64_t offset)>;

/// One surveying process. Used by the thread that made it: the process dies with that thread.
class SurveyChild {
 public:
  /// Starts it. `file`: read by the process itself, by position; borrowed until then. -1: it gets
  /// what feed() is given. What can not be started is told by finish().
  SurveyChild(const Path& program, int file, SurveyPatience patience = {});
  SurveyChild(const SurveyChild&) = delete;
  SurveyChild& operator=(const SurveyChild&) = delete;
  /// Kills it if it still runs.
  ~SurveyChild();

  /// The next bytes of a stream. A process that reads too slowly gets no more of them.
  void feed(View bytes);
  /// What it found: waits for it as long as patience goes. Once. `again`: what it may ask for again
  /// of a stream that it was given whole; without it, it is told that there is nothing.
  formats::Survey finish(const std::stop_token& stop = {}, const Again& again = {});
  int process() const { return process_; }

 private:
  bool start(const Path& program, int file);
  bool await(int descriptor, short event, milliseconds most) const;
  /// The answer to its end, and to what it asks meanwhile; the code of what came instead.
  std::string read_answer(Bytes& answer, const std::stop_token& stop, const Again& again);
  Steady::time_point last_moment() const;
  /// Takes what it asks, and gives it once the question is whole. False: it is not to ask again.
  bool hear(const std::stop_token& stop, const Again& again);
  bool give(View bytes, const std::stop_token& stop);
  void end(bool at_once);

  SurveyPatience patience_;
  unsigned times_;  // those of patience_, once they apply
  Steady::time_point begun_ = Steady::now(), sealed_;
  std::string missed_;   // why there will be no survey
  int process_ = -1;     // ours to reap
  int exit_status_ = 0;  // as waitpid gives it
  int feed_ = -1, answer_ = -1;
  int ask_ = -1;  // where it asks for bytes of a stream again
  Bytes question_, given_;
  bool is_cut_ = false;  // not all bytes were given
  milliseconds waited_{0};
};

/// What stands in a manifest when there is no survey, for this reason.
formats::Survey missed_survey(std::string_view why);

}  // namespace comity::transfer
