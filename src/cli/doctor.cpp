// comity doctor: what somebody on duty should know of a node before others notice. It changes
// nothing, needs no officer, and works with the node running or stopped.
#include <sys/stat.h>
#include <sys/timex.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/findings.hpp"
#include "cli/home_check.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "court/state_files.hpp"
#include "formats/checkpoint.hpp"
#include "formats/tile.hpp"
#include "keys/key_files.hpp"
#include "keys/node_keys.hpp"
#include "node/health.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"
#include "wire/client.hpp"

namespace comity::cli {
namespace {

namespace fs = std::filesystem;

constexpr int k_partner_deadline_s = 5;
constexpr std::int64_t k_entropy_low_bits = 128;

Finding broken(std::string subject, const Fault& why) {
  const auto& row = row_of(why.code);
  return {std::move(subject), Severity::broken, std::string(row.happened) + " " + why.detail,
          std::string(row.next)};
}

Finding look_at_permissions(const store::Home& home) {
  if (const auto held = home.check_permissions(); !held) return broken("permissions", held.error());
  struct stat status{};
  if (::stat(home.settings_file().c_str(), &status) == 0 && (status.st_mode & 022) != 0)
    return {"permissions", Severity::broken, "comity.toml can be changed by others",
            "Run 'chmod 600' on it, and compare it with what it should say."};
  return {"permissions", Severity::ok, "every secret is this user's alone", ""};
}

Finding look_for_root(const store::Home& home) {
  std::error_code error;
  if (home.settings().exercise || !fs::exists(home.root() / "root.key", error))
    return {"root", Severity::ok, "the State's root is not on this machine, or this is an exercise",
            ""};
  return {"root", Severity::attention, "the State's root lies on this machine",
          "Move the folder 'root' to a machine without a network, and leave no copy."};
}

Finding look_at_entropy(Random& random) {
  const auto first = random.draw<32>(), second = random.draw<32>();
  if (first == second)
    return {"entropy", Severity::broken, "the kernel's generator repeats itself",
            "Stop the node, and make no key on this machine."};
  const auto bits = store::read_if_there("/proc/sys/kernel/random/entropy_avail", 64);
  if (bits && *bits) {
    std::int64_t available = 0;
    for (const char c : as_text(**bits))
      if (c >= '0' && c <= '9') available = available * 10 + (c - '0');
    if (available < k_entropy_low_bits)
      return {"entropy", Severity::attention,
              "the kernel reports " + std::to_string(available) + " bits",
              "Give the machine a hardware generator (virtio-rng) before keys are made on it."};
  }
  return {"entropy", Severity::ok, "the kernel's generator is seeded", ""};
}

/// Files that were written later than now, or a clock that nobody keeps.
Findings look_at_clock(const store::Home& home, Instant now) {
  Findings all;
  struct stat status{};
  for (const auto& path : {home.database(), home.database() += "-wal"}) {
    if (::stat(path.c_str(), &status) != 0) continue;
    const std::int64_t ahead_ms = std::int64_t{status.st_mtim.tv_sec} * 1000 - now.ms;
    if (ahead_ms > 60'000)
      all.push_back(judge_clock(path.filename().string() + " was written", ahead_ms));
  }
  struct timex state{};
  if (::adjtimex(&state) == TIME_ERROR)
    all.push_back({"clock", Severity::note, "the kernel says that nothing keeps its clock",
                   "Run an NTP service: receipts bear this clock."});
  if (all.empty())
    all.push_back({"clock", Severity::ok, "it is kept, and no file comes from the future", ""});
  return all;
}

Finding look_at_space(const store::Home& home) {
  std::error_code error;
  const auto space = fs::space(home.directory(), error);
  if (error) return {"disk", Severity::broken, error.message(), "Look at the disk."};
  return judge_space(space.available, space.capacity);
}

/// That each log's files begin and end as its checkpoint says. Every hash: 'comity log check'.
Finding look_at_log(const store::Home& home, const keys::FileLogSigner& signer,
                    store::DiskLogFiles& files, const std::string& name) {
  const auto look = [&]() -> Result<std::uint64_t> {
    const auto origin = home.settings().log_origin_prefix + name;
    TRY_LET(const auto verifier, formats::parse_vkey(signer.verifier_key(name, origin)));
    TRY_LET(const auto note, files.read(name, "checkpoint"));
    if (!note) return 0;
    TRY_LET(const auto checkpoint, formats::open_checkpoint(*note, {&verifier, 1}));
    formats::TileHashReader reader(
        checkpoint.size, [&](const formats::Tile& tile) -> Result<Bytes> {
          TRY_LET(auto bytes, files.read(name, formats::path_of(tile)));
          if (!bytes) return fault(FaultCode::log_corrupt, formats::path_of(tile) + ": is missing");
          return *std::move(bytes);
        });
    TRY_LET(const auto root, formats::root_at(reader, checkpoint.size));
    if (root != checkpoint.root)
      return fault(FaultCode::log_corrupt, "its tiles lead to another root than it signed");
    return checkpoint.size;
  };
  auto size = look();
  if (!size) size = look();  // a running node may have replaced the checkpoint meanwhile
  if (!size) return broken("logs", {size.error().code, name + ": " + size.error().detail});
  return {"logs", Severity::ok, name + " stands at " + plural(*size, "entry", "entries"), ""};
}

Findings look_at_logs(const store::Home& home) {
  Findings all;
  const auto signer = keys::FileLogSigner::load(home.keys());
  if (!signer) return {broken("logs", signer.error())};
  store::DiskLogFiles files(home.logs());
  std::error_code error;
  std::vector<std::string> names;
  for (const char* name : {"internal", "anchor"})
    if (fs::exists(home.logs() / name / "checkpoint", error)) names.emplace_back(name);
  for (fs::directory_iterator at(home.logs() / "partner", error), end; !error && at != end;
       at.increment(error))
    names.push_back("partner/" + at->path().filename().string());
  for (const auto& name : names) all.push_back(look_at_log(home, **signer, files, name));
  return all;
}

/// Our partners' doors, as our own node would call them.
Findings call_partners(const store::Home& home, const Json& health) {
  Findings all;
  auto tls = keys::load_tls_key(home.keys());
  if (!tls) return {broken("partners", tls.error())};
  const wire::TlsIdentity identity{tls->certificate.pem(), std::move(tls->private_key_pem)};
  for (const auto& entry : items_at(health, "entries")) {
    const auto* host = entry.find("host");
    if (entry.at("own").boolean() || host == nullptr || text_at(entry, "status") == "revoked")
      continue;
    const auto state = text_at(entry, "state");
    const auto call = [&]() -> Result<int> {
      std::vector<Digest> pins;
      for (const auto& one : items_at(entry, "pins")) {
        TRY_LET(const auto pin, Digest::from_hex(as_words(one)));
        pins.push_back(pin);
      }
      TRY_LET(auto client, wire::Client::over_tls(
                               {host->text(), static_cast<std::uint16_t>(number_at(entry, "port"))},
                               identity, std::move(pins)));
      TRY_LET(const auto answer,
              client.ask("GET", "/comity/v1/entry", {}, {}, k_partner_deadline_s));
      return answer.status;
    };
    const auto status = call();
    if (!status)
      all.push_back(
          {"partners", Severity::attention,
           state + " can not be reached: " + std::string(row_of(status.error().code).happened),
           std::string(row_of(status.error().code).next)});
    else
      all.push_back(
          {"partners", *status == 200 ? Severity::ok : Severity::note,
           state + " answers" + (*status == 200 ? "" : " with " + std::to_string(*status)), ""});
  }
  return all;
}

/// That no entry was taken out of the database or put in another's place.
Finding look_at_entries(const store::Home& home, store::SqliteStore& rows) {
  const auto look = [&]() -> Result<std::uint64_t> {
    TRY_LET(const auto signer, keys::FileLogSigner::load(home.keys()));
    return check_entries(home, *signer, rows);
  };
  const auto entries = look();
  if (!entries) return broken("logs", entries.error());
  return {"logs", Severity::ok,
          plural(*entries, "entry", "entries") + " in the database lead to what was signed", ""};
}

/// What the node says of itself; where none runs, what its rows say, after they were checked.
Result<Json> ask_health(const store::Home& home, Findings& findings) {
  TRY_LET(auto client, wire::Client::over_socket(home.socket().string()));
  const auto answer = client.ask("GET", "/v1/health", {}, {}, 30);
  if (answer && answer->status == 200) {
    findings.push_back({"node", Severity::ok, "it runs and answers", ""});
    findings.push_back(
        {"database", Severity::ok, "in use by the node, which checked it at its start", ""});
    return formats::parse_json(answer->body, {.bytes_max = 8 << 20});
  }
  if (answer) return std::unexpected(fault_of(answer->status, answer->body));
  std::error_code error;
  if (!fs::exists(home.database(), error)) {
    findings.push_back({"node", Severity::note, "it has never been started", "'comity serve'"});
    return Json();
  }
  TRY_LET(const auto rows, store::SqliteStore::open(home.database(), store::Opening::existing));
  findings.push_back({"node", Severity::note, "it does not run", "'comity serve'"});
  TRY(rows->quick_check());
  findings.push_back({"database", Severity::ok, "every page of it was read and is whole", ""});
  findings.push_back(look_at_entries(home, *rows));
  return node::health_of(*rows);
}

/// That what lies in keys/ is what the entry names: partners take nothing else.
Findings look_at_keys(const store::Home& home, Instant now) {
  Findings all;
  const auto look = [&]() -> Result<void> {
    TRY_LET(const Bytes p7m,
            store::read_bounded(home.directory() / "entry.p7m", 2 * directory::k_entry_bytes_max));
    TRY_LET(const auto entry, court::open_entry_file(p7m));
    TRY_LET(const auto signer, keys::FileAuthoritySigner::load(home.keys()));
    TRY_LET(const auto tls, keys::load_tls_key(home.keys()));
    TRY_LET(const auto logs, keys::FileLogSigner::load(home.keys()));
    const auto& authorities = entry.authorities;
    const auto differs = [&](const char* file) {
      all.push_back({"keys", Severity::broken,
                     std::string("keys/") + file + " is not in this State's entry in force",
                     "Partners take nothing that it signs: docs/runbooks/rotate-keys.md."});
    };
    if (std::ranges::find(authorities, signer->certificate(), &directory::Authority::certificate) ==
        authorities.end())
      differs("authority.crt");
    if (std::ranges::find(entry.tls, tls.certificate) == entry.tls.end()) differs("tls.crt");
    if (!logs->holds(entry.logs)) differs("log-*.key");
    return {};
  };
  if (const auto looked = look(); !looked) all.push_back(broken("keys", looked.error()));
  for (const char* name : {"authority", "tls", "log-partner", "log-internal", "log-anchor"}) {
    struct stat status{};
    if (::stat((home.keys() / (std::string(name) + ".next")).c_str(), &status) != 0) continue;
    const auto days = (now.seconds() - status.st_mtim.tv_sec) / k_day_s;
    all.push_back(
        {"keys", Severity::note,
         fmt::format("the next key of {} waits since {}", name,
                     plural(static_cast<std::uint64_t>(std::max<std::int64_t>(days, 0)), "day")),
         "When every partner has the new entry: 'comity key install --help'."});
  }
  if (all.empty()) all.push_back({"keys", Severity::ok, "they are those that our entry names", ""});
  return all;
}

Result<int> examine(const std::string& directory, bool offline, Context& context) {
  const auto home = store::Home::open(directory.empty() ? context.home_directory() : directory);
  Findings findings;
  if (!home) {
    findings.push_back(broken("home", home.error()));
  } else {
    const Instant now = context.clock.now();
    findings.push_back(look_at_permissions(*home));
    findings.push_back(look_for_root(*home));
    for (auto& one : look_at_keys(*home, now)) findings.push_back(std::move(one));
    findings.push_back(look_at_entropy(context.random));
    for (auto& one : look_at_clock(*home, now)) findings.push_back(std::move(one));
    findings.push_back(look_at_space(*home));
    for (auto& one : look_at_logs(*home)) findings.push_back(std::move(one));
    const auto health = ask_health(*home, findings);
    if (!health) {
      findings.push_back(broken("database", health.error()));
    } else if (health->is_object()) {
      for (auto& one : judge_health(*health, now)) findings.push_back(std::move(one));
      if (!offline)
        for (auto& one : call_partners(*home, *health)) findings.push_back(std::move(one));
    }
  }
  if (context.json)
    say(formats::pretty(to_json(findings)) + '\n');
  else
    say((home ? banner(home->settings().exercise) : "") + page_of(findings));
  return exit_code(findings);
}

}  // namespace

void add_doctor(Verb& root, Context& context) {
  struct Options {
    std::string directory;
    bool offline = false;
  };
  auto options = std::make_shared<Options>();
  root.verb("doctor", "Look for what is wrong with a node, or soon will be",
            "  comity doctor kgz\n"
            "  comity doctor kgz --json    # exit code 0: well, 1: look at it, 2: broken\n")
      .text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--home", options->directory, "The same")
      .flag("--offline", options->offline, "Do not call the partners")
      .flag("--json", context.json, "Answer in JSON")
      .does([options, &context] { return examine(options->directory, options->offline, context); });
}

}  // namespace comity::cli
