// comity verify: the check of an export, offline, without a node.
#include <fmt/format.h>

#include <algorithm>

#include "cli/files.hpp"
#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/trust.hpp"
#include "cli/verbs.hpp"
#include "court/verify.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string path, data;
  std::vector<std::string> trust;
  bool json = false;
};

std::string_view mark_of(court::Verdict verdict) {
  switch (verdict) {
    case court::Verdict::holds:
      return "ok    ";
    case court::Verdict::fails:
      return "FAIL  ";
    case court::Verdict::not_checked:
      return "open  ";
    case court::Verdict::not_present:
      return "absent";
  }
  return "FAIL  ";
}

std::string_view conclusion(int exit_code) {
  if (exit_code == 0) return "All that was checked holds.";
  if (exit_code == 1) return "Something FAILS: do not rely on this export.";
  return "Consistent in itself, but not everything could be checked: see the lines 'open'.\n"
         "Give the fingerprints that the States told you: --trust KGZ=… --trust BFA=…";
}

Result<int> verify(const Options& options) {
  TRY_LET(const auto trusted, read_trust(options.trust));
  std::vector<treaty::Instrument> instruments;
  // Without the treaty's data, one line stays open; that is no reason not to check the others.
  if (const auto data = find_data(options.data))
    if (auto loaded = load_treaties(*data)) instruments = std::move(loaded->instruments);
  const auto report = court::verify(options.path, trusted, instruments);
  if (options.json) {
    say(formats::pretty(court::to_json(report)) + '\n');
    return report.exit_code();
  }
  std::size_t width = 0;
  for (const auto& check : report.checks()) width = std::max(width, check.name.size());
  for (const auto& check : report.checks())
    say(fmt::format("{}  {:<{}}  {}{}{}\n", mark_of(check.verdict), check.name, width,
                    check.subject, check.subject.empty() || check.words.empty() ? "" : ": ",
                    check.words));
  const auto withheld = std::ranges::count_if(report.checks(), &court::Check::withheld);
  if (withheld != 0)
    say(fmt::format(
        "\nWithheld from this export by decision, each named above with its reason: {}.\n"
        "What was withheld is not checked; the signatures over it are.\n",
        withheld));
  say("\nThis check does not prove:\n");
  for (const auto& sentence : court::not_proven()) say(fmt::format("  - {}\n", sentence));
  using court::Verdict;
  say(fmt::format("\n{} ok, {} FAIL, {} open, {} absent.\n{}\n", report.count(Verdict::holds),
                  report.count(Verdict::fails), report.count(Verdict::not_checked),
                  report.count(Verdict::not_present), conclusion(report.exit_code())));
  return report.exit_code();
}

}  // namespace

void add_verify(Verb& root, Context&) {
  auto options = std::make_shared<Options>();
  auto verb =
      root.verb("verify", "Check an export offline, against known fingerprints",
                "  comity verify export --trust KGZ=3f9a… --trust BFA=AB:CD:…\n"
                "  comity verify export --trust @fingerprints\n\n"
                "Exit code: 0 all holds; 1 something fails; 2 nothing fails, but not all could be "
                "checked.\n");
  verb.text("PATH", options->path, "The export's folder", Presence::required)
      .texts("--trust", options->trust,
             "STATE=FINGERPRINT of its root, or @FILE, one a line; may come again")
      .text("--data", options->data, "Instruments [those of the program]")
      .flag("--json", options->json, "Answer in JSON")
      .does([options] { return verify(*options); });
}

}  // namespace comity::cli
