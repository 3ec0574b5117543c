#include "court/report.hpp"

#include "court/index.hpp"

#include <algorithm>
#include <array>

namespace comity::court {
namespace {

constexpr std::array<std::string_view, 4> k_verdicts = {"holds", "fails", "not_checked",
                                                        "not_present"};
constexpr std::size_t k_words_bytes_max = 600;

std::string visible(std::string_view text) {
  std::string kept(text.substr(0, k_words_bytes_max));
  std::ranges::replace_if(kept, [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > k_words_bytes_max) kept += "...";
  return kept;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string line(text);
  if (line.size() < width) line.append(width - line.size(), ' ');
  return line;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return k_verdicts[static_cast<std::size_t>(verdict)];
}

void Report::add(std::string name, std::string_view subject, Verdict verdict,
                 std::string_view words) {
  if (checks_.size() < k_report_lines_max) {
    checks_.push_back({std::move(name), visible(subject), verdict, visible(words)});
  } else if (!cut_) {
    cut_ = true;
    checks_.push_back({"report", "", Verdict::fails, "there is more to say than a report holds"});
  }
}

void Report::fails(std::string name, std::string_view subject, const Fault& why) {
  const auto& row = row_of(why.code);
  std::string words(row.happened);
  if (!why.detail.empty()) words += " " + why.detail;
  fails(std::move(name), subject, words + " [" + std::string(row.name) + "]");
}

bool Report::outcome(std::string name, std::string_view subject, const Result<void>& result,
                     std::string_view words) {
  if (result)
    holds(std::move(name), subject, words);
  else
    fails(std::move(name), subject, result.error());
  return result.has_value();
}

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::ranges::count(checks_, verdict, &Check::verdict));
}

int Report::exit_code() const {
  if (count(Verdict::fails) != 0) return 1;
  return count(Verdict::not_checked) != 0 || checks_.empty() ? 2 : 0;
}

bool Check::withheld() const {
  return verdict == Verdict::not_present && name == "absent" && words.starts_with(k_withheld);
}

std::vector<std::string_view> not_proven() {
  return {
      "how the evidence was collected, beyond what its custodian and collector said and signed",
      "that the evidence is complete: only what was sealed is covered",
      "what happened to the evidence after it was opened or left in this export",
      "that a State logged everything it did: a log proves what it holds, not what was kept out",
      "that no certificate was revoked but those that the export tells of",
      "who stood behind an officer's key: that lies with the State that certified it",
  };
}

formats::Json to_json(const Report& report) {
  using formats::Json;
  auto lines = Json::array();
  for (const auto& check : report.checks())
    lines.push_back(Json::object({{"name", check.name},
                                  {"subject", check.subject},
                                  {"verdict", name_of(check.verdict)},
                                  {"words", check.words}}));
  auto counts = Json::object();
  for (const auto verdict :
       {Verdict::holds, Verdict::fails, Verdict::not_checked, Verdict::not_present})
    counts.set(name_of(verdict), report.count(verdict));
  auto limits = Json::array();
  for (const auto& sentence : not_proven()) limits.push_back(sentence);
  return Json::object({{"checks", std::move(lines)},
                       {"counts", std::move(counts)},
                       {"exit", report.exit_code()},
                       {"not_proven", std::move(limits)}});
}

std::string to_text(const Report& report) {
  std::size_t name_width = 0;
  for (const auto& check : report.checks()) name_width = std::max(name_width, check.name.size());
  std::string text;
  for (const auto& check : report.checks()) {
    text += padded(name_of(check.verdict), 13) + padded(check.name, name_width + 2) + check.subject;
    if (!check.words.empty()) text += (check.subject.empty() ? "" : ": ") + check.words;
    text += '\n';
  }
  text += "\nThis check does not prove:\n";
  for (const auto& sentence : not_proven()) text += "  - " + std::string(sentence) + "\n";
  constexpr std::array<std::string_view, 3> k_conclusions = {
      "All holds.", "Something FAILS: do not rely on this export.",
      "Consistent in itself, but not everything could be checked: see the lines not_checked."};
  const auto line = [&](Verdict verdict) {
    return std::to_string(report.count(verdict)) + " " + std::string(name_of(verdict));
  };
  text += "\n" + line(Verdict::holds) + ", " + line(Verdict::fails) + ", " +
          line(Verdict::not_checked) + ", " + line(Verdict::not_present) + ". " +
          std::string(k_conclusions[static_cast<std::size_t>(report.exit_code())]) + "\n";
  return text;
}

}  // namespace comity::court
