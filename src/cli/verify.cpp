// comity verify: the check of an export, or of a part of an item, offline, without a node.
#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "cli/files.hpp"
#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/trust.hpp"
#include "cli/verbs.hpp"
#include "court/part_bundle.hpp"
#include "court/verify.hpp"
#include "store/files.hpp"

namespace comity::cli {
namespace {

constexpr int k_check_failed = 1;

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

/// What there is to read, each file once.
std::uint64_t bytes_below(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code no_size;
    if (!at->is_symlink(no_size) && at->is_regular_file(no_size)) bytes += at->file_size(no_size);
  }
  return bytes;
}

std::string_view conclusion(int exit_code) {
  if (exit_code == 0) return "All that was checked holds.";
  if (exit_code == 1) return "Something FAILS: do not rely on this.";
  return "Consistent in itself, but not everything could be checked: see the lines 'open'.\n"
         "Give the fingerprints that the States told you: --trust KGZ=… --trust BFA=…";
}

Result<court::Report> check_part(const std::string& path, const court::TrustedRoots& trusted) {
  TRY_LET(const auto file, store::open_file(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return court::verify_part(
      [&](std::span<std::uint8_t> into) -> Result<std::size_t> {
        for (;;) {
          const auto got = ::read(file.get(), into.data(), into.size());
          if (got >= 0) return static_cast<std::size_t>(got);
          if (errno != EINTR) return store::file_fault("read", path);
        }
      },
      trusted);
}

Result<court::Report> check(const Options& options, const court::TrustedRoots& trusted,
                            Context& context) {
  std::error_code error;
  if (std::filesystem::is_regular_file(options.path, error))
    return check_part(options.path, trusted);
  TRY(check_folder(options.path));
  std::vector<treaty::Instrument> instruments;
  // Without the treaty's data, one line stays open; that is no reason not to check the others.
  if (const auto data = find_data(options.data))
    if (auto loaded = load_treaties(*data)) instruments = std::move(loaded->instruments);
  Progress progress(context.clock, "checking", bytes_below(options.path));
  return court::verify(options.path, trusted, instruments,
                       [&](std::uint64_t done) { progress.at(done); });
}

Result<int> verify(const Options& options, Context& context) {
  TRY_LET(const auto trusted, read_trust(options.trust));
  TRY_LET(const auto report, check(options, trusted, context));
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

void add_verify(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = root.verb(
      "verify", "Check an export, or a part of an item, offline, against known fingerprints",
      "  comity verify mail.part --trust BFA=AB:CD:…\n"
      "  comity verify export --trust KGZ=3f9a… --trust BFA=AB:CD:…\n"
      "  comity verify export --trust @fingerprints\n\n"
      "Exit code: 0 all holds; 1 something fails, or nothing could be checked; 2 nothing "
      "fails,\nbut not all could be checked, as when no fingerprint was given.\n");
  verb.text("PATH", options->path, "The export's folder, or the part's file", Presence::required)
      .texts("--trust", options->trust,
             "STATE=FINGERPRINT of its root, or @FILE, one a line; may come again")
      .text("--data", options->data, "Instruments [those of the program]")
      .flag("--json", options->json, "Answer in JSON")
      .does([options, &context]() -> Result<int> {
        auto code = verify(*options, context);
        if (code) return code;
        // As a code of its own would: 2 says that the export is consistent in itself.
        say_aside(fault_page(code.error(), "Nothing was checked."));
        return k_check_failed;
      });
}

}  // namespace comity::cli
