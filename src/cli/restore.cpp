// comity restore, restored, origin: a home from a backup, and the way back to its partners.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/unpacked.hpp"
#include "cli/verbs.hpp"
#include "cli/wait.hpp"
#include "node/restored.hpp"
#include "store/sqlite_store.hpp"

namespace comity::cli {
namespace {

constexpr const char* k_next =
    "\nThe node knows that others may hold more than it does. When it serves, it asks each "
    "partner\n"
    "first and sends nothing to any of them before. 'comity restored' says how that stands.\n"
    "Put the sealed items back into its folder 'evidence' with any tool, before it serves.\n";

Result<int> restore(const std::string& file, const std::string& directory,
                    const std::string& identity_file, Context& context) {
  TRY_LET(const auto identity, read_identity(identity_file));
  const store::Path target =
      std::filesystem::absolute(store::Path(directory) / "").parent_path().lexically_normal();
  std::error_code error;
  if (std::filesystem::exists(target, error) &&
      (!std::filesystem::is_directory(target, error) || !std::filesystem::is_empty(target, error)))
    return fault(FaultCode::store_exists,
                 target.filename().string() + ": is not an empty directory");
  // Beside its place, and under its name only once it is whole: half a home is none.
  const store::Path staging = store::Path(target) += ".restoring";
  TRY(store::remove_durably(staging));
  TRY(store::make_directory(staging));
  const auto examined = unpack_and_examine(file, identity, staging, context.clock);
  if (!examined) {
    std::ignore = store::remove_durably(staging);
    return std::unexpected(examined.error());
  }
  const auto& manifest = examined->manifest;
  {
    TRY_LET(const auto rows,
            store::SqliteStore::open(staging / "node.db", store::Opening::existing));
    TRY(node::mark_restored(*rows, manifest.id.hex(), manifest.made_at, context.clock.now()));
  }
  TRY(store::sync_directory(staging));
  // If we die here, nothing stands under the home's name.
  if (::rename(staging.c_str(), target.c_str()) != 0) return store::file_fault("rename", target);
  TRY(store::sync_directory(target.parent_path()));
  if (context.json) {
    say(formats::pretty(Json::object({{"home", target.string()},
                                      {"state", manifest.state.text()},
                                      {"backup", manifest.id.hex()},
                                      {"made_at", to_text(manifest.made_at)},
                                      {"evidence_keys", manifest.evidence_keys}})) +
        '\n');
    return 0;
  }
  std::string partners;
  for (const auto& partner : examined->partners)
    partners += (partners.empty() ? "" : ", ") + partner;
  say(banner(manifest.exercise));
  say("A home was made from the backup.\n");
  say(named_lines({{"home", target.string()},
                   {"State", manifest.state.text()},
                   {"as of", to_text(manifest.made_at)},
                   {"root", grouped(examined->fingerprint)},
                   {"to be asked", partners},
                   {"evidence keys", manifest.evidence_keys
                                         ? "restored"
                                         : "not in this backup: put back those you keep, into "
                                           "keys/evidence, or items will not open"}}));
  say(k_next);
  return 0;
}

/// A disk that turned out to be an old copy, and is the newest there is.
Result<int> admit(const std::string& directory, Context& context) {
  TRY_LET(const auto home, store::Home::open(directory));
  TRY_LET(const auto rows, store::SqliteStore::open(home.database(), store::Opening::existing));
  TRY(rows->check());
  const Instant now = context.clock.now();
  TRY(node::mark_restored(*rows, hex(context.random.draw<16>()), now, now));
  say(banner(home.settings().exercise));
  say("This home is taken for an old copy from now on, as if restored from a backup.\n");
  say(k_next);
  return 0;
}

std::string stand(const Json& partner) {
  if (partner.at("declared").boolean())
    return "a new origin is declared; it is told so, and asked for acts, when it is reached";
  if (partner.at("gap").boolean())
    return "it holds our log at " + text_at(partner, "held_size") + ", this disk at " +
           text_at(partner, "own_size") + ": two officers must declare a new origin";
  if (partner.at("agreed").boolean()) return "its word agrees with ours; acts are coming back";
  const std::string why = text_at(partner, "last_fault");
  return why.empty() ? "it is being asked" : "not reached: " + why;
}

/// Settled with every partner, or waiting for officers.
bool is_at_rest(const Json& answer) {
  return std::ranges::all_of(items_at(answer, "partners"), [](const Json& one) {
    return one.at("gap").boolean() && !one.at("declared").boolean();
  });
}

Result<int> restored(bool waits, std::int64_t deadline_s, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  if (waits)
    TRY(wait_until(
        node, deadline_s,
        [&]() -> Result<bool> {
          TRY_LET(const Json now, node.get("/v1/restored"));
          return is_at_rest(now);
        },
        [](const Json& notice) { return text_at(notice, "kind") == "restored"; }));
  TRY_LET(const Json answer, node.get("/v1/restored"));
  const bool settled = answer.at("settled").boolean();
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return settled ? 0 : 1;
  }
  say(banner(node.exercise()));
  if (answer.find("backup") == nullptr) {
    say("This node was never restored.\n");
    return 0;
  }
  say("Restored " + text_at(answer, "restored_at") + " from a backup as of " +
      text_at(answer, "made_at") + ".\n\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& partner : items_at(answer, "partners"))
    rows.push_back({text_at(partner, "state"), text_at(partner, "recovered"), stand(partner)});
  say(table({"STATE", "ACTS BACK", "HOW IT STANDS"}, rows,
            "Every partner was asked, and traffic goes on with all of them."));
  return settled ? 0 : 1;
}

Result<int> declare(const std::string& state, const std::string& reason, bool draft_only,
                    Context& context) {
  TRY_LET(std::string words, words_or_file(reason));
  TRY_LET(auto node, Node::reach(context));
  return act(node,
             Json::object({{"type", "statement"},
                           {"kind", "log.origin"},
                           {"partner", state},
                           {"reason", std::move(words)}}),
             "Our log with " + state +
                 " goes on under a new origin. The partner is told before anything else is sent.",
             draft_only);
}

}  // namespace

void add_restore(Verb& root, Context& context) {
  struct Options {
    std::string file, directory, identity, state, reason;
    bool admit = false, draft_only = false, waits = false;
    std::int64_t deadline_s = 60;
  };
  auto options = std::make_shared<Options>();
  auto verb = root.verb("restore", "Make a home from a backup",
                        "  comity restore kgz-2026-11-24.age kgz --identity backup.key\n"
                        "  comity restore --old-disk kgz    # no backup is newer than this disk\n");
  verb.text("FILE", options->file, "The backup; with --old-disk: the home", Presence::required)
      .text("DIR", options->directory, "The home to make; must not be there, or be empty")
      .text("--identity", options->identity, "The age identity that opens it")
      .flag("--old-disk", options->admit,
            "FILE is a home that is an old copy: treat it as restored")
      .flag("--json", context.json, "Answer in JSON")
      .does([options, &context]() -> Result<int> {
        if (options->admit) return admit(options->file, context);
        if (options->directory.empty() || options->identity.empty())
          return fault(FaultCode::bad_usage, "name the home to make, and --identity");
        return restore(options->file, options->directory, options->identity, context);
      });

  verb = root.verb("restored", "What a restored node still waits for, partner by partner",
                   "  comity restored --home kgz\n"
                   "  comity restored --wait --as aibek    # until it needs officers, or nobody\n");
  verb.flag("--wait", options->waits, "Wait until it is settled, or needs officers")
      .number("--deadline-s", options->deadline_s, "How long to wait [60]");
  node_options(verb, context).does([options, &context] {
    return restored(options->waits, options->deadline_s, context);
  });

  auto group = root.verb("origin", "New origins of custody logs, after a loss",
                         "  comity origin declare BFA --reason @loss.txt --as a --as b\n");
  verb = group.verb("declare",
                    "Let our log with a State go on under a new origin (two approvers sign)",
                    "  comity origin declare BFA --reason \"Disk lost on 3 May; backup of 2 May\" "
                    "--as a --as b\n");
  verb.text("STATE", options->state, "The partner", Presence::required)
      .text("--reason", options->reason, "Why, or @FILE", Presence::required)
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] {
    return declare(options->state, options->reason, options->draft_only, context);
  });
}

}  // namespace comity::cli
