// comity init: a State's root, a node's keys, its settings and its first directory entry.
#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/law_data.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "keys/node_keys.hpp"
#include "keys/root.hpp"
#include "store/home.hpp"

namespace comity::cli {
namespace {

constexpr std::int64_t k_root_days = 3650;       // of the first root
constexpr std::int64_t k_next_root_days = 7300;  // of the one announced with it
constexpr std::int64_t k_overlap_days = 30;      // certificates outlive the entry, for its renewal

struct Wanted {
  std::string directory, state, authority, listen, state_name, code, data, console;
  std::string advertise, profile;
  std::vector<std::string> roles, languages, contacts;
  std::int64_t days = 365;
  bool exercise = false;
};

Result<directory::SecondContact> contact_from(const std::string& text) {
  constexpr const char* k_form = "\"title|+996 312 000000|how and when\"";
  TRY_LET(auto outer, split_pair(text, '|', k_form));
  TRY_LET(auto inner, split_pair(outer.second, '|', k_form));
  return directory::SecondContact{outer.first, inner.first, inner.second};
}

Result<store::Settings> settings_of(const Wanted& wanted) {
  store::Settings settings;
  TRY_LET(settings.state, StateCode::from_text(wanted.state));
  settings.authority = wanted.authority;
  settings.authority_code = wanted.code;
  settings.exercise = wanted.exercise;
  TRY_LET(settings.listen, store::read_endpoint(wanted.listen));
  if (!wanted.console.empty()) {
    TRY_LET(settings.console, store::read_endpoint(wanted.console));
  }
  settings.languages = wanted.languages.empty() ? std::vector<std::string>{"en"} : wanted.languages;
  for (const auto& text : wanted.contacts) {
    TRY_LET(auto contact, contact_from(text));
    settings.second_contacts.push_back(std::move(contact));
  }
  if (settings.second_contacts.empty() && !wanted.exercise)
    return fault(FaultCode::bad_usage, "name whom others call to confirm: --contact");
  if (settings.second_contacts.empty())
    settings.second_contacts.push_back(
        {"Duty officer", "+000 000000", "Of an exercise: nobody answers here"});
  std::string prefix = wanted.state;
  for (char& c : prefix) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  settings.log_origin_prefix =
      prefix + (wanted.exercise ? ".exercise.comity.example/" : ".comity.example/");
  return settings;
}

/// Whole seconds, as certificates and entries have them.
Instant second_of(Instant at) {
  return {at.seconds() * 1000};
}

struct Made {
  store::Home home;
  Digest fingerprint, next;
  Instant valid_to;
};

Result<Made> make(const Wanted& wanted, Context& context) {
  TRY_LET(auto settings, settings_of(wanted));
  TRY_LET(const auto data, find_data(wanted.data));
  settings.data_directory = data.string();
  TRY_LET(const auto treaties, load_treaties(data));
  settings.profile = wanted.profile;
  if (settings.profile.empty())
    settings.profile = wanted.exercise ? "exercise" : settings.log_origin_prefix.substr(0, 3);
  TRY_LET(const auto profile, load_profile(data, settings.profile, treaties));
  const auto& instrument = *treaties.instrument(profile.instrument);
  if (profile.exercise != wanted.exercise)
    return fault(FaultCode::bad_usage,
                 "profile '" + settings.profile + "': exercise and real differ");
  TRY_LET(const auto advertised,
          store::read_endpoint(wanted.advertise.empty() ? wanted.listen : wanted.advertise));
  std::vector<std::string> roles = wanted.roles;
  if (roles.empty()) roles = {"central-authority", "contact-point-24-7"};
  for (const auto& role : roles)
    if (!instrument.has_role(role))
      return fault(FaultCode::bad_usage, "role '" + role + "' is none of " + instrument.code);

  TRY_LET(auto home, store::Home::create(wanted.directory, settings));
  context.kept =
      "What was made so far lies in " + wanted.directory + "; remove it and begin again.";
  const Instant now = second_of(context.clock.now());
  // Another machine's clock may be a little behind.
  const Instant from = now.plus_s(-k_hour_s);
  const std::string name = wanted.state_name.empty() ? wanted.state : wanted.state_name;
  TRY_LET(const auto root,
          keys::StateRoot::make(home.root(), settings.state, name + ", root",
                                {from, now.plus_s(k_root_days * k_day_s)}, context.random));
  TRY_LET(const auto next,
          keys::StateRoot::make(home.root() / "next", settings.state, name + ", next root",
                                {from, now.plus_s(k_next_root_days * k_day_s)}, context.random));
  TRY_LET(auto public_keys, keys::make_node_keys(home.keys(), context.random));
  const keys::Validity validity{from, now.plus_s((wanted.days + k_overlap_days) * k_day_s)};
  TRY_LET(const auto authority, root.issue_authority(public_keys.authority_spki, wanted.authority,
                                                     roles, validity, context.random));
  TRY_LET(const auto tls, root.issue_tls(public_keys.tls_spki, wanted.state + " node",
                                         {advertised.host}, validity, context.random));
  TRY(keys::install_certificate(home.keys(), keys::CertifiedKey::authority, authority));
  TRY(keys::install_certificate(home.keys(), keys::CertifiedKey::tls, tls));

  public_keys.logs.origin_prefix = settings.log_origin_prefix;
  directory::Entry entry{
      .state = settings.state,
      .names = {{"en", name}},
      .exercise = wanted.exercise,
      .serial = 1,
      .issued_at = now,
      .valid_from = from,
      .valid_to = now.plus_s(wanted.days * k_day_s),
      .root = root.certificate(),
      .next_root = next.certificate().fingerprint(),
      .authorities = {{wanted.code, {{"en", wanted.authority}}, roles, authority}},
      .endpoint = advertised,
      .tls = {tls},
      .logs = public_keys.logs,
      .languages = settings.languages,
      .second_contacts = settings.second_contacts,
      .revoked = {},
      .published = profile.published};
  TRY_LET(const Bytes p7m, root.sign_entry(entry));
  TRY(store::create_durably(home.directory() / "entry.p7m", p7m, store::k_secret_mode));
  return Made{std::move(home), root.certificate().fingerprint(), next.certificate().fingerprint(),
              entry.valid_to};
}

void tell(const Made& made, const Wanted& wanted, const Context& context) {
  const auto& home = made.home;
  if (context.json) {
    say(formats::pretty(formats::Json::object({{"home", home.directory().string()},
                                               {"state", wanted.state},
                                               {"exercise", wanted.exercise},
                                               {"fingerprint", made.fingerprint.hex()},
                                               {"next_root", made.next.hex()},
                                               {"valid_to", to_text(made.valid_to)}})) +
        '\n');
    return;
  }
  if (context.quiet) return say(made.fingerprint.hex() + '\n');
  say(banner(wanted.exercise));
  say(fmt::format("A node's home for {} was made.\n", wanted.state));
  say(named_lines({{"home", home.directory().string()},
                   {"settings", home.settings_file().string()},
                   {"entry", (home.directory() / "entry.p7m").string() + ", valid to " +
                                 to_text(made.valid_to)},
                   {"root", home.root().string()},
                   {"fingerprint", grouped(made.fingerprint)},
                   {"as hex", made.fingerprint.hex()}}));
  say("\nThe root certifies everything else of this State. Move its folder to a machine without a\n"
      "network, keep the folder 'next' in it apart, and leave no copy here: 'comity root' works\n"
      "there alone. Other States must hear the fingerprint from you by a channel that they trust.\n"
      "\nNext: make officers ('comity officer new --help'), then 'comity serve " +
      wanted.directory + "'.\n");
}

}  // namespace

void add_init(Verb& root, Context& context) {
  auto wanted = std::make_shared<Wanted>();
  wanted->code = "central-authority";
  auto verb = root.verb(
      "init", "Make a node's home: root, keys, settings, first entry",
      "  comity init kgz --state KGZ --name \"Kyrgyz Republic\" --authority \"Prosecutor General\" "
      "\\\n"
      "      --listen 127.0.0.1:9443 --exercise \\\n"
      "      --contact \"Duty officer|+996 312 000000|At any hour, in Russian or English\"\n");
  verb.text("DIR", wanted->directory, "Where to make it; must not be there, or be empty",
            Presence::required)
      .text("--state", wanted->state, "The State, ISO 3166-1 alpha-3: KGZ", Presence::required)
      .text("--authority", wanted->authority, "The authority's name", Presence::required)
      .text("--listen", wanted->listen, "Where other States reach the node: HOST:PORT",
            Presence::required)
      .flag("--exercise", wanted->exercise, "For exercises: never mixes with real traffic")
      .text("--name", wanted->state_name, "The State's name in English [its code]")
      .text("--code", wanted->code, "The authority's code in acts [central-authority]")
      .texts("--role", wanted->roles,
             "central-authority, contact-point-24-7; may come again [both]")
      .texts("--contact", wanted->contacts,
             "Whom others call to confirm: \"title|phone|how\"; may come again")
      .texts("--language", wanted->languages, "A language of requests; may come again [en]")
      .text("--advertise", wanted->advertise, "HOST:PORT for the entry, if not that of --listen")
      .text("--console", wanted->console, "The console's door on this machine: 127.0.0.1:PORT")
      .text("--profile", wanted->profile,
            "The State's law, of the data's profiles [exercise, or the State's code]")
      .text("--data", wanted->data, "Instruments and registers [those of the program]")
      .number("--days", wanted->days, "How long the entry is valid [365]")
      .flag("--json", context.json, "Answer in JSON")
      .flag("--quiet,-q", context.quiet, "Answer with the fingerprint alone")
      .does([wanted, &context]() -> Result<int> {
        if (wanted->days < 1 || wanted->days > k_root_days)
          return fault(FaultCode::bad_usage, "--days must be from 1 to 3650");
        TRY_LET(const Made made, make(*wanted, context));
        tell(made, *wanted, context);
        return 0;
      });
}

}  // namespace comity::cli
