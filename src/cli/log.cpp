// comity log: the custody logs of a home, derived anew from their files, and their entries.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/draft_text.hpp"
#include "cli/home_check.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "custody/tiles.hpp"
#include "keys/key_files.hpp"
#include "store/log_files.hpp"

namespace comity::cli {
namespace {

namespace fs = std::filesystem;

/// The names of the logs that have files: "partner/BFA", "internal", "anchor".
Result<std::vector<std::string>> logs_in(const fs::path& root) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename() == "tile" || at.depth() > 2) at.disable_recursion_pending();
    if (at->path().filename() == "checkpoint" && at->is_regular_file(error))
      names.push_back(fs::relative(at->path().parent_path(), root, error).string());
  }
  if (error) return fault(FaultCode::store_io, "logs: " + error.message());
  std::ranges::sort(names);
  return names;
}

struct Checked {
  std::string name;
  Result<custody::LogReport> report;
};

Result<custody::LogReport> check_one(const store::Home& home, const keys::FileLogSigner& keys,
                                     store::DiskLogFiles& files, const std::string& name) {
  const std::string origin = home.settings().log_origin_prefix + name;
  TRY_LET(const auto verifier, formats::parse_vkey(keys.verifier_key(name, origin)));
  const auto read = [&](const std::string& path) -> Result<Bytes> {
    TRY_LET(auto bytes, files.read(name, path));
    if (!bytes) return fault(FaultCode::log_corrupt, path + ": is missing");
    return *std::move(bytes);
  };
  TRY_LET(const Bytes checkpoint, read("checkpoint"));
  TRY_LET(auto report, custody::check_log(checkpoint, {&verifier, 1}, read));
  // A checkpoint of another log of this node, under the same key, would pass otherwise.
  if (report.checkpoint.origin != origin)
    return fault(FaultCode::log_corrupt, "the checkpoint is of " + report.checkpoint.origin);
  return report;
}

Json to_json(const Checked& checked) {
  if (!checked.report)
    return Json::object({{"log", checked.name},
                         {"holds", false},
                         {"code", row_of(checked.report.error().code).name},
                         {"detail", checked.report.error().detail}});
  return Json::object({{"log", checked.name},
                       {"holds", true},
                       {"entries", checked.report->entries},
                       {"files", checked.report->files},
                       {"root", checked.report->checkpoint.root.hex()}});
}

/// One line of the check: what was checked, and whether it holds.
struct Line {
  std::string name, counted;
  Result<void> holds;
};

/// The rows and, if wanted, the items. A running node has the database to itself.
Result<std::vector<Line>> beyond_files(const store::Home& home, const keys::FileLogSigner& keys,
                                       bool with_evidence, std::string& left_out) {
  std::vector<Line> lines;
  auto rows = store::SqliteStore::open(home.database(), store::Opening::existing);
  if (!rows && rows.error().code == FaultCode::node_busy) {
    left_out = "The node runs: its database was not checked. Stop it to have that checked too.\n";
    if (with_evidence) return std::unexpected(rows.error());
    return lines;
  }
  if (!rows) {
    lines.push_back({"node.db", "", std::unexpected(rows.error())});
    return lines;
  }
  const auto report = check_rows(home, keys, **rows);
  if (!report) {
    lines.push_back({"node.db", "", std::unexpected(report.error())});
  } else {
    lines.push_back({"node.db",
                     fmt::format("{}, {}, {}", plural(report->entries, "entry", "entries"),
                                 plural(report->acts, "act"), plural(report->parts, "part")),
                     {}});
  }
  if (!with_evidence) return lines;
  TRY_LET(const auto items, check_items(home, **rows));
  for (const auto& item : items)
    lines.push_back({"item " + item.id.hex(), bytes_words(item.bytes), item.holds});
  return lines;
}

Result<int> check(const std::string& directory, bool json, bool with_evidence, Context& context) {
  TRY_LET(const auto home,
          store::Home::open(directory.empty() ? context.home_directory() : directory));
  TRY_LET(const auto keys, keys::FileLogSigner::load(home.keys()));
  TRY_LET(const auto names, logs_in(home.logs()));
  store::DiskLogFiles files(home.logs());
  std::vector<Checked> all;
  for (const auto& name : names) {
    // A running node may replace its checkpoint while its files are read: then look once more.
    auto report = check_one(home, *keys, files, name);
    if (!report) report = check_one(home, *keys, files, name);
    all.push_back({name, std::move(report)});
  }
  std::string left_out;
  std::vector<Line> beyond;
  if (names.empty() && !std::filesystem::exists(home.database())) {
    left_out = "The node of this home never served: nothing was logged yet.\n";
  } else {
    TRY_LET(beyond, beyond_files(home, *keys, with_evidence, left_out));
  }
  int exit_code = 0;
  Json lines = Json::array(), others = Json::array();
  std::vector<std::vector<std::string>> rows;
  const auto failed = [&](const std::string& name, const Fault& why) {
    exit_code = row_of(why.code).exit_code;
    rows.push_back({"FAIL", name, std::string(row_of(why.code).name), "", why.detail});
  };
  for (const auto& one : all) {
    lines.push_back(to_json(one));
    if (!one.report) {
      failed(one.name, one.report.error());
      continue;
    }
    rows.push_back({"ok", one.name, plural(one.report->entries, "entry", "entries"),
                    plural(one.report->files, "file"), one.report->checkpoint.root.hex()});
  }
  for (const auto& one : beyond) {
    Json line = Json::object({{"name", one.name}, {"holds", one.holds.has_value()}});
    if (one.holds) {
      rows.push_back({"ok", one.name, one.counted, "", ""});
    } else {
      failed(one.name, one.holds.error());
      line.set("code", row_of(one.holds.error().code).name);
      line.set("detail", one.holds.error().detail);
    }
    others.push_back(std::move(line));
  }
  if (json) {
    say(formats::pretty(Json::object({{"logs", std::move(lines)},
                                      {"others", std::move(others)},
                                      {"holds", exit_code == 0}})) +
        '\n');
    return exit_code;
  }
  say(banner(home.settings().exercise) +
      table({"", "CHECKED", "ENTRIES", "FILES", "ROOT"}, rows, "No log has files yet.") + '\n' +
      left_out +
      (exit_code == 0
           ? "Every hash was derived anew from the entries, up to the signed checkpoint.\n"
           : "Stop the node, keep everything, and restore from a backup.\n"));
  return exit_code;
}

Result<int> list(const std::string& directory, bool json, Context& context) {
  TRY_LET(const auto home,
          store::Home::open(directory.empty() ? context.home_directory() : directory));
  TRY_LET(const auto keys, keys::FileLogSigner::load(home.keys()));
  TRY_LET(const auto names, logs_in(home.logs()));
  store::DiskLogFiles files(home.logs());
  Json lines = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : names) {
    const std::string origin = home.settings().log_origin_prefix + name;
    const std::string vkey = keys->verifier_key(name, origin);
    TRY_LET(const auto verifier, formats::parse_vkey(vkey));
    TRY_LET(const auto note, files.read(name, "checkpoint"));
    if (!note) continue;
    TRY_LET(const auto checkpoint, formats::open_checkpoint(*note, {&verifier, 1}));
    rows.push_back({name, fmt::format("{}", checkpoint.size), vkey});
    lines.push_back(Json::object({{"log", name}, {"size", checkpoint.size}, {"vkey", vkey}}));
  }
  if (json)
    say(formats::pretty(Json::object({{"logs", std::move(lines)}})) + '\n');
  else
    say(banner(home.settings().exercise) +
        table({"LOG", "ENTRIES", "VERIFIER KEY"}, rows, "No log has files yet."));
  return 0;
}

Result<int> entries(const std::string& name, std::int64_t from, std::int64_t to, Context& context) {
  if (from < 0 || (to >= 0 && to < from))
    return fault(FaultCode::bad_usage, "--from and --to: a range of entries");
  TRY_LET(auto node, Node::reach(context));
  Query query = {{"from", std::to_string(from)}};
  if (to >= 0) query.emplace_back("to", std::to_string(to));
  TRY_LET(const Json answer, node.get("/v1/logs/" + name + "/entries", query));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  say(banner(node.exercise()));
  for (const auto& entry : items_at(answer, "entries")) {
    const Json* said = entry.find("entry");
    if (said == nullptr) continue;
    const Json* facts = said->find("facts");
    say(fmt::format("{:>6}  {}  {}\n", text_at(entry, "index"), text_at(*said, "at"),
                    text_at(*said, "kind")) +
        (facts != nullptr ? laid_out(*facts, 8) : ""));
  }
  return 0;
}

}  // namespace

void add_log(Verb& root, Context& context) {
  auto group = root.verb("log", "The custody logs",
                         "  comity log check kgz\n"
                         "  comity log entries partner/BFA --as auditor\n");
  struct Options {
    std::string directory, name;
    std::int64_t from = 0, to = -1;
    bool json = false, evidence = false;
  };
  auto options = std::make_shared<Options>();

  auto verb = group.verb("check", "Derive every hash of every log anew from its entries",
                         "  comity log check kgz\n"
                         "  comity log check kgz --evidence\n");
  verb.text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--home", options->directory, "The same")
      .flag("--evidence", options->evidence, "Read every sealed item too; the node must not run")
      .flag("--json", options->json, "Answer in JSON")
      .does([options, &context] {
        return check(options->directory, options->json, options->evidence, context);
      });

  verb = group.verb("list", "The logs, their sizes and the keys that verify them",
                    "  comity log list kgz\n");
  verb.text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--home", options->directory, "The same")
      .flag("--json", options->json, "Answer in JSON")
      .does([options, &context] { return list(options->directory, options->json, context); });

  verb = group.verb("entries", "What a log says",
                    "  comity log entries partner/BFA --from 0 --to 20 --as auditor\n");
  verb.text("NAME", options->name, "partner/BFA, internal, anchor", Presence::required)
      .number("--from", options->from, "First entry [0]")
      .number("--to", options->to, "One past the last [the end, 1000 at most]");
  node_options(verb, context).does([options, &context] {
    return entries(options->name, options->from, options->to, context);
  });
}

}  // namespace comity::cli
