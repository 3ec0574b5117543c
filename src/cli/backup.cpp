// comity backup, backup check, backup key: a sealed copy of all that a node can not make again.
#include <fmt/format.h>
#include <stdlib.h>

#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/unpacked.hpp"
#include "cli/verbs.hpp"
#include "keys/secret_file.hpp"

namespace comity::cli {
namespace {

constexpr int k_backup_deadline_s = 12 * 3600;  // of the answer: a large database, a slow disk

struct Options {
  std::string directory, output, reason;
  std::vector<std::string> recipients;
  bool evidence_keys = false;
};

/// Two officers say for whom the keys are sealed; used once.
Result<std::optional<std::string>> permission(const Options& options, const Json& recipients,
                                              Node& node) {
  TRY_LET(std::string reason, words_or_file(options.reason));
  if (reason.empty()) return fault(FaultCode::bad_usage, "say why with --reason");
  TRY_LET(const auto outcome, carry_out(node, Json::object({{"type", "statement"},
                                                            {"kind", "backup.evidence_keys"},
                                                            {"recipients", recipients},
                                                            {"reason", std::move(reason)}})));
  if (!outcome.sent) {
    show(node, outcome, "");
    return std::nullopt;
  }
  return text_at(*outcome.sent, "permission");
}

Result<Json> asked_of(Node& node, const Json& order, Context& context) {
  auto answer = node.post_slowly("/v1/backups", order, k_backup_deadline_s);
  // Nobody serves this home: the same is done by a node without doors.
  if (!answer && answer.error().code == FaultCode::node_down &&
      !order.at("evidence_keys").boolean())
    return context.hooks.back_up(node.home().directory().string(), order);
  return answer;
}

Result<int> make(const Options& options, Context& context) {
  if (!options.directory.empty()) context.home = options.directory;
  TRY_LET(auto node, Node::reach(context));
  const auto& wanted =
      options.recipients.empty() ? node.home().settings().backup_recipients : options.recipients;
  if (wanted.empty())
    return fault(FaultCode::bad_usage,
                 "name whom to seal it for: --recipient, or [backup] recipients in comity.toml");
  Json recipients = Json::array();
  for (const auto& one : wanted) recipients.push_back(one);
  const auto file = std::filesystem::absolute(options.output).lexically_normal();
  Json order = Json::object({{"file", file.string()},
                             {"recipients", recipients},
                             {"evidence_keys", options.evidence_keys}});
  if (options.evidence_keys) {
    TRY_LET(const auto draft, permission(options, recipients, node));
    if (!draft) return 0;
    order.set("permission", *draft);
  }
  TRY_LET(const Json made, asked_of(node, order, context));
  if (context.json) {
    say(formats::pretty(made) + '\n');
    return 0;
  }
  if (context.quiet) {
    say(text_at(made, "sha256") + '\n');
    return 0;
  }
  say(banner(node.exercise()));
  say("A backup was made; it is whole, durable and logged.\n");
  say(named_lines({{"file", text_at(made, "file")},
                   {"as of", text_at(made, "made_at")},
                   {"size", bytes_words(static_cast<std::uint64_t>(made.at("size").integer()))},
                   {"SHA-256", text_at(made, "sha256")},
                   {"evidence keys", options.evidence_keys
                                         ? "in it: guard it as the evidence itself"
                                         : "not in it: items can not be opened after a restore "
                                           "unless their keys are kept elsewhere"}}));
  say("\nSealed items lie in " + node.home().evidence().string() +
      " and are not in it: they never change and are\nsealed already, so copy that folder with any "
      "tool.\nNext: 'comity backup check' where the identity lies.\n");
  return 0;
}

/// A folder of our own that goes with all it holds.
class Scratch {
 public:
  static Result<Scratch> make(const std::filesystem::path& beside) {
    std::string name = (beside / ".comity-check-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return store::file_fault("make directory", beside);
    return Scratch(name);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

Result<int> check(const std::string& file, const std::string& identity_file,
                  const std::string& scratch, Context& context) {
  TRY_LET(const auto identity, read_identity(identity_file));
  const auto beside = scratch.empty() ? std::filesystem::absolute(file).parent_path()
                                      : std::filesystem::path(scratch);
  TRY_LET(const auto folder, Scratch::make(beside));
  TRY_LET(const auto examined, unpack_and_examine(file, identity, folder.path(), context.clock));
  const auto& manifest = examined.manifest;
  if (context.json) {
    auto logs = Json::array();
    for (const auto& log : manifest.logs)
      logs.push_back(Json::object({{"log", log.name}, {"size", log.size}}));
    say(formats::pretty(Json::object({{"holds", true},
                                      {"backup", manifest.id.hex()},
                                      {"state", manifest.state.text()},
                                      {"exercise", manifest.exercise},
                                      {"made_at", to_text(manifest.made_at)},
                                      {"version", manifest.version},
                                      {"evidence_keys", manifest.evidence_keys},
                                      {"fingerprint", examined.fingerprint.hex()},
                                      {"logs", std::move(logs)}})) +
        '\n');
    return 0;
  }
  say(banner(manifest.exercise));
  say("This backup holds: every byte is authentic, every row and every hash of every log was "
      "derived anew.\n");
  say(named_lines({{"State", manifest.state.text()},
                   {"as of", to_text(manifest.made_at)},
                   {"root", grouped(examined.fingerprint)},
                   {"log entries", std::to_string(examined.entries)},
                   {"evidence keys", manifest.evidence_keys ? "in it" : "not in it"}}));
  return 0;
}

Result<int> new_key(const std::string& file, Context& context) {
  const auto identity = formats::AgeIdentity::generate(context.random);
  const auto recipient = identity.recipient().text();
  const Secret text = identity.text();
  Secret lines(Bytes{});
  Bytes all = to_bytes("# public key: " + recipient + "\n");
  append(all, text.view());
  all.push_back('\n');
  lines = Secret(std::move(all));
  TRY(keys::create_secret(std::filesystem::absolute(file), lines.view()));
  if (context.quiet) {
    say(recipient + '\n');
    return 0;
  }
  say("A key for backups was made.\n" +
      named_lines({{"identity", file + " (take it off this machine, in two copies: without it no "
                                       "backup opens)"},
                   {"recipient", recipient},
                   {"settings", "[backup] recipients = [\"" + recipient + "\"]"}}));
  return 0;
}

}  // namespace

void add_backup(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto group = root.verb(
      "backup", "Make a sealed backup of a node, while it serves",
      "  comity backup kgz -o /backups/kgz-2026-11-24.age\n"
      "  comity backup kgz -o keys.age --with-evidence-keys --reason \"Weekly, order 7\" --as a "
      "--as b\n"
      "  comity backup check kgz-2026-11-24.age --identity backup.key\n");
  group.text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--output,-o", options->output, "The file to make; must not be there")
      .texts("--recipient", options->recipients,
             "age1…: whom to seal it for; may come again [of comity.toml]")
      .flag("--with-evidence-keys", options->evidence_keys,
            "With the keys that open items (two approvers)")
      .text("--reason", options->reason, "Why evidence keys leave the node, or @FILE");
  node_options(group, context).does([options, &context]() -> Result<int> {
    if (options->output.empty()) return fault(FaultCode::bad_usage, "name the file: -o FILE");
    return make(*options, context);
  });

  struct Check {
    std::string file, identity, scratch;
  };
  auto wanted = std::make_shared<Check>();
  auto verb = group.verb("check", "Prove that a backup is whole and would restore",
                         "  comity backup check kgz-2026-11-24.age --identity backup.key\n");
  verb.text("FILE", wanted->file, "The backup", Presence::required)
      .text("--identity", wanted->identity, "The age identity that opens it", Presence::required)
      .text("--scratch", wanted->scratch, "Where to unpack it for a moment [beside the backup]")
      .flag("--json", context.json, "Answer in JSON")
      .does([wanted, &context] {
        return check(wanted->file, wanted->identity, wanted->scratch, context);
      });

  auto key = std::make_shared<std::string>();
  verb = group.verb("key", "Make the key pair that backups are sealed for",
                    "  comity backup key backup.key\n");
  verb.text("FILE", *key, "The identity's file; must not be there", Presence::required)
      .flag("--quiet,-q", context.quiet, "Answer with the recipient alone")
      .does([key, &context] { return new_key(*key, context); });
}

}  // namespace comity::cli
