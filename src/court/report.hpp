// What the check of an export found, line by line, in the order of a reader's questions: is the
// folder whole, whose is it, what was said, who logged it, are the bytes the ones that were signed.
// A line never carries words out of the folder unfiltered: a hostile name could forge a verdict.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "formats/json.hpp"

namespace comity::court {

/// The fingerprints of a State's roots, as the checker heard them from that State: more than one
/// where it changed its root without having announced it.
using TrustedRoots = std::map<StateCode, std::set<Digest>>;

enum class Verdict {
  holds,
  fails,
  not_checked,  // it could not be: something is missing on the checking side
  not_present,  // it was left out, and the export says so
};
std::string_view name_of(Verdict verdict);

struct Check {
  std::string name;     // "act.signature": stable, for programs
  std::string subject;  // a path in the export, a State, or empty
  Verdict verdict{};
  std::string words;  // a sentence for a person

  /// Left out because somebody decided so.
  bool withheld() const;
  bool operator==(const Check&) const = default;
};

inline constexpr std::size_t k_report_lines_max = 100'000;

class Report {
 public:
  /// Subject and words keep visible ASCII only; anything else becomes '?'.
  void add(std::string name, std::string_view subject, Verdict verdict, std::string_view words);
  void holds(std::string name, std::string_view subject, std::string_view words = {}) {
    add(std::move(name), subject, Verdict::holds, words);
  }
  void fails(std::string name, std::string_view subject, std::string_view words) {
    add(std::move(name), subject, Verdict::fails, words);
  }
  /// A fault's name in the catalogue, what it means, and its detail.
  void fails(std::string name, std::string_view subject, const Fault& why);
  /// Holds, or fails with the fault. Gives whether it holds.
  bool outcome(std::string name, std::string_view subject, const Result<void>& result,
               std::string_view words = {});

  const std::vector<Check>& checks() const { return checks_; }
  std::size_t count(Verdict verdict) const;
  /// 0: all holds. 1: something fails. 2: nothing fails, but something could not be checked, such
  /// as a State's root for want of a trusted fingerprint.
  int exit_code() const;

 private:
  std::vector<Check> checks_;
  bool cut_ = false;  // lines were dropped; only after k_report_lines_max
};

/// What no check of an export can show; told with every report.
std::vector<std::string_view> not_proven();

/// {"checks":[{"name","subject","verdict","words"}…],"counts":{…},"exit":…,"not_proven":[…]}
formats::Json to_json(const Report& report);
/// Plain lines for a terminal or a file.
std::string to_text(const Report& report);

}  // namespace comity::court
