// comity profile check, explain, diff, template: a State's law as its lawyers write it, without a
// node. Nothing here leaves the machine.
#include <fmt/format.h>

#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "formats/json.hpp"
#include "law/explain.hpp"
#include "store/files.hpp"

namespace comity::cli {
namespace {

using formats::Json;

struct Options {
  std::string data, profile, other, language = "en";
  bool json = false;
};

constexpr std::size_t k_template_bytes_max = 1 << 20;

/// A file, or the name of one that is shipped.
Result<law::Profile> load(const std::filesystem::path& data, const std::string& named,
                          const treaty::Treaties& treaties) {
  const bool is_file = named.find('/') != std::string::npos || named.ends_with(".toml");
  return is_file ? load_profile_file(named, treaties) : load_profile(data, named, treaties);
}

Json saying_json(const law::Saying& saying) {
  return Json::object(
      {{"place", saying.place}, {"words", saying.words}, {"public", saying.is_public}});
}

Result<int> check(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto profile, load(data, options.profile, treaties));
  const auto odd = law::review(profile, treaties);
  if (options.json) {
    Json list = Json::array();
    for (const auto& one : odd) list.push_back(saying_json(one));
    say(formats::pretty(Json::object({{"loads", true}, {"advice", std::move(list)}})) + '\n');
    return 0;
  }
  say("The profile loads: every code, ground and measure that it names is known.\n");
  if (odd.empty()) return 0;
  say(fmt::format("\n{} to look at again:\n", plural(odd.size(), "line")));
  for (const auto& one : odd) say(named_lines({{one.place, one.words}}));
  return 0;
}

Result<int> explain(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto profile, load(data, options.profile, treaties));
  const auto sayings = law::explain(profile, treaties, options.language);
  if (options.json) {
    Json list = Json::array();
    for (const auto& one : sayings) list.push_back(saying_json(one));
    say(formats::pretty(Json::object({{"sayings", std::move(list)}})) + '\n');
    return 0;
  }
  for (const bool is_public : {true, false}) {
    say(is_public ? "What partners may know\n" : "\nWhat never leaves this node\n");
    for (const auto& one : sayings)
      if (one.is_public == is_public) say("  " + one.place + '\n' + wrapped(one.words, 4));
  }
  return 0;
}

Result<int> diff(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const auto treaties, load_treaties(data));
  TRY_LET(const auto before, load(data, options.profile, treaties));
  TRY_LET(const auto after, load(data, options.other, treaties));
  const auto differences =
      law::difference(law::explain(before, treaties), law::explain(after, treaties));
  if (options.json) {
    Json list = Json::array();
    for (const auto& one : differences)
      list.push_back(
          Json::object({{"place", one.place}, {"before", one.before}, {"after", one.after}}));
    say(formats::pretty(Json::object({{"differences", std::move(list)}})) + '\n');
    return 0;
  }
  if (differences.empty()) say("The two say the same.\n");
  for (const auto& one : differences) {
    say(one.place + '\n');
    if (!one.before.empty()) say("  -\n" + wrapped(one.before, 4));
    if (!one.after.empty()) say("  +\n" + wrapped(one.after, 4));
  }
  return 0;
}

Result<int> print_template(const Options& options) {
  TRY_LET(const auto data, find_data(options.data));
  TRY_LET(const Bytes text,
          store::read_bounded(data / "profile-template.toml", k_template_bytes_max));
  say(as_text(text));
  return 0;
}

}  // namespace

void add_profile(Verb& root, Context&) {
  auto group = root.verb("profile", "A State's own law on cooperation, as data",
                         "  comity profile template >our-law.toml\n"
                         "  comity profile check our-law.toml\n");
  auto options = std::make_shared<Options>();
  const auto common = [&](Verb& verb) -> Verb& {
    return verb.text("--data", options->data, "Instruments and profiles [those of the program]")
        .flag("--json", options->json, "Answer in JSON");
  };
  auto verb = group.verb("check", "Whether a profile loads, and what deserves a second look",
                         "  comity profile check our-law.toml\n  comity profile check kgz\n");
  verb.text("PROFILE", options->profile, "A file, or a name of data/profiles", Presence::required);
  common(verb).does([options] { return check(*options); });
  verb = group.verb("explain", "What a profile says, sentence by sentence",
                    "  comity profile explain our-law.toml\n");
  verb.text("PROFILE", options->profile, "A file, or a name of data/profiles", Presence::required)
      .text("--lang", options->language, "Of the labels: ar, en, es, fr, ru, zh");
  common(verb).does([options] { return explain(*options); });
  verb = group.verb("diff", "In what two profiles differ",
                    "  comity profile diff our-law.toml our-law-2027.toml\n");
  verb.text("BEFORE", options->profile, "A file, or a name of data/profiles", Presence::required)
      .text("AFTER", options->other, "The other", Presence::required);
  common(verb).does([options] { return diff(*options); });
  verb = group.verb("template", "A profile to fill in, with a comment on every line",
                    "  comity profile template >our-law.toml\n");
  common(verb).does([options] { return print_template(*options); });
}

}  // namespace comity::cli
