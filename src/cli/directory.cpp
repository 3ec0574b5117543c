// comity directory: whom this node trusts, and why.
#include <fmt/format.h>

#include "cli/draft.hpp"
#include "cli/draft_text.hpp"
#include "cli/entry_page.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/revocation_words.hpp"
#include "cli/verbs.hpp"
#include "court/state_files.hpp"
#include "directory/entry.hpp"
#include "store/files.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string file, fingerprint, how, state, words, out;
  std::vector<std::string> renewed;  // officers' certificates
  bool draft_only = false;
};

Result<int> accept(const Options& options, Context& context) {
  TRY_LET(const Bytes p7m, read_input(options.file));
  Json about = Json::object({{"p7m", base64(p7m)}});
  if (!options.fingerprint.empty()) {
    TRY_LET(const Digest given, read_fingerprint(options.fingerprint));
    about.set("fingerprint", given.hex());
    // Compared here too, so that a wrong file is named before a node is asked.
    TRY_LET(const auto entry, directory::open_entry(p7m, context.clock.now()));
    if (directory::fingerprint(entry) != given)
      return fault(FaultCode::directory_fingerprint,
                   "the entry's root has " + directory::fingerprint(entry).hex());
  }
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json considered, node.post("/v1/directory/consider", about));
  // What accepting would mean, said before anybody signs.
  if (!context.json && !context.quiet) {
    Json shown = considered;
    shown.members().erase("lifts");
    say(laid_out(shown) + '\n');
    for (const auto& one : items_at(considered, "lifts"))
      say(fmt::format(
          "THIS ENTRY TAKES A REVOCATION BACK: {}, revoked from {} ({}).\n"
          "Unless that State says so by voice, do not accept it.\n",
          text_at(one, "certificate"), text_at(one, "revoked_from"), text_at(one, "reason")));
  }
  Json input = about;
  input.set("type", "statement");
  input.set("kind", "entry.accept");
  input.set("how", options.how);
  return act(node, input, "The entry is accepted and in force.", options.draft_only);
}

Result<int> confirm(const Options& options, Context& context) {
  TRY_LET(std::string words, words_or_file(options.words));
  TRY_LET(auto node, Node::reach(context));
  return act(node,
             Json::object({{"type", "statement"},
                           {"kind", "callback.record"},
                           {"state", options.state},
                           {"words", std::move(words)}}),
             "The call to the second contact is recorded.", options.draft_only);
}

Result<int> renew(const Options& options, Context& context) {
  TRY_LET(const Bytes p7m, read_input(options.file));
  Json input = Json::object({{"type", "statement"}, {"kind", "entry.renew"}, {"p7m", base64(p7m)}});
  if (!options.fingerprint.empty()) {
    TRY_LET(const Digest given, read_fingerprint(options.fingerprint));
    input.set("fingerprint", given.hex());
  }
  auto renewed = Json::array();
  for (const auto& file : options.renewed) {
    TRY_LET(const Bytes pem, read_input(file));
    TRY_LET(const auto certificate, crypto::Certificate::from_pem(as_text(pem)));
    renewed.push_back(certificate.pem());
  }
  if (renewed.size() > 0) input.set("officers", std::move(renewed));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Outcome outcome, carry_out(node, input, options.draft_only));
  show(node, outcome, "This State's own entry is renewed; give it to every partner.");
  // The file beside the settings is what is handed out; the entry before stays with the node.
  if (outcome.sent)
    TRY(store::write_durably(node.home().directory() / "entry.p7m", p7m, store::k_secret_mode));
  return 0;
}

Result<int> revoke(const Options& options, Context& context) {
  TRY_LET(const Bytes file, read_input(options.file));
  TRY_LET(auto node, Node::reach(context));
  return act(
      node, Json::object({{"type", "statement"}, {"kind", "entry.revoke"}, {"file", base64(file)}}),
      "The revocation is recorded; what was logged before it stays valid.", options.draft_only);
}

Result<int> list(Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/directory"));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  auto entries = items_at(answer, "entries");
  if (entries.empty()) entries = items_at(answer, "directory");
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : entries) {
    if (context.quiet) {
      say(text_at(entry, "state") + '\n');
      continue;
    }
    const Json* names = entry.find("names");
    const std::string name = names != nullptr ? text_at(*names, "en") : text_at(entry, "name");
    rows.push_back({text_at(entry, "state"), text_at(entry, "serial"), text_at(entry, "status"),
                    text_at(entry, "valid_to"),
                    is_true_at(entry, "called_back") ? "called back" : "to be called back", name});
  }
  if (context.quiet) return 0;
  say(banner(node.exercise()) +
      table({"STATE", "SERIAL", "STATUS", "VALID TO", "SECOND CONTACT", "NAME"}, rows,
            "No State's entry was accepted yet."));
  return 0;
}

Result<int> show_one(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/directory/" + options.state));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  const Json* content = answer.find("entry");
  if (content == nullptr) return fault(FaultCode::peer_protocol, "the answer has no entry");
  TRY_LET(const auto entry, directory::read_entry(as_bytes(formats::canonical(*content))));
  say(banner(node.exercise()) +
      named_lines({{"status", text_at(answer, "status")},
                   {"accepted", text_at(answer, "accepted_at")},
                   {"confirmed", text_at(answer, "how")},
                   {"by officers", joined_at(answer, "officers", "\n")},
                   {"called back",
                    is_true_at(answer, "called_back") ? "yes" : "not since the keys changed"}}));
  say('\n' + entry_page(entry));
  std::vector<std::vector<std::string>> rows;
  if (const auto* review = answer.find("review"))
    for (const auto& one : items_at(*review, "acts"))
      rows.push_back({text_at(one, "logged_at"), text_at(one, "partner"), text_at(one, "type"),
                      text_at(one, "exchange"), text_at(one, "name"),
                      "revoked from " + text_at(one, "revoked_from")});
  if (!rows.empty())
    say("\nTo be reviewed: logged after the key that signed it was revoked. Nothing of it is "
        "relied "
        "on any more; what was logged before stays valid.\n" +
        table({"LOGGED", "STATE", "ACT", "EXCHANGE", "SIGNED BY", "WHICH IS"}, rows));
  return 0;
}

Result<int> own(const Options& options, Context& context) {
  TRY_LET(const auto home, store::Home::open(context.home_directory()));
  TRY_LET(const Bytes p7m, read_input((home.directory() / "entry.p7m").string()));
  TRY_LET(const auto entry, court::open_entry_file(p7m));  // also when it has ended
  if (!options.out.empty()) TRY(write_output(options.out, p7m));
  if (context.json) {
    say(formats::pretty(Json::object({{"state", entry.state.text()},
                                      {"serial", entry.serial},
                                      {"valid_to", to_text(entry.valid_to)},
                                      {"fingerprint", directory::fingerprint(entry).hex()}})) +
        '\n');
    return 0;
  }
  if (context.quiet) {
    say(directory::fingerprint(entry).hex() + '\n');
    return 0;
  }
  say(banner(entry.exercise) + named_lines({{"state", entry.state.text()},
                                            {"serial", fmt::format("{}", entry.serial)},
                                            {"valid to", to_text(entry.valid_to)},
                                            {"fingerprint", grouped(directory::fingerprint(entry))},
                                            {"as hex", directory::fingerprint(entry).hex()},
                                            {"file", options.out}}));
  return 0;
}

}  // namespace

void add_directory(Verb& root, Context& context) {
  auto group = root.verb("directory", "States that this node trusts, by their signed entries",
                         "  comity directory own -o kgz.p7m --home kgz\n"
                         "  comity directory accept bfa.p7m --fingerprint AB:CD:… \\\n"
                         "      --how \"Read out by the duty officer\" --as a --as b\n"
                         "  comity directory confirm BFA --words \"Called +226 …\" --as a\n");
  auto options = std::make_shared<Options>();
  const auto finish = [&](Verb& verb, Action action) {
    verb.flag("--draft-only", options->draft_only, "Make the draft for others to sign");
    node_options(verb, context).does(std::move(action));
  };

  auto verb = group.verb(
      "accept", "Accept a State's entry: two approvers, who compared the fingerprint",
      "  comity directory accept bfa.p7m --fingerprint AB:CD:… \\\n"
      "      --how \"Read out by the duty officer on the embassy's line\" --as a --as b\n");
  verb.text("FILE", options->file, "The entry (.p7m)", Presence::required)
      .text("--fingerprint", options->fingerprint,
            "Of the State's root, as that State told it by another channel")
      .text("--how", options->how, "How it was confirmed, with whom", Presence::required);
  finish(verb, [options, &context] { return accept(*options, context); });

  verb =
      group.verb("confirm", "Record that a State's second contact was called",
                 "  comity directory confirm BFA --words \"Called +226 …, spoke with …\" --as a\n");
  verb.text("STATE", options->state, "The State: BFA", Presence::required)
      .text("--words", options->words, "When, whom, what was said; or @FILE", Presence::required);
  finish(verb, [options, &context] { return confirm(*options, context); });

  verb =
      group.verb("renew", "Put this State's own next entry in force",
                 "  comity directory renew entry-2.p7m --as a\n"
                 "  comity directory renew entry-3.p7m --officer a.crt --officer b.crt --as a\n");
  verb.text("FILE", options->file, "The entry, signed by the own root", Presence::required)
      .texts("--officer", options->renewed,
             "An officer's new certificate for the same key; may come again")
      .text("--fingerprint", options->fingerprint,
            "Of a new root that was never announced: two approvers confirm it");
  finish(verb, [options, &context] { return renew(*options, context); });

  verb = group.verb("revoke", "Record a State's revocation of a certificate or an entry",
                    "  comity directory revoke stolen.revocation --as a --as b\n");
  verb.text("FILE", options->file, "The revocation, signed by that State", Presence::required);
  finish(verb, [options, &context] { return revoke(*options, context); });

  add_directory_revocation(group, context);

  verb = group.verb("list", "The States accepted here", "  comity directory list --as a\n");
  node_options(verb, context).does([&context] { return list(context); });

  verb = group.verb("show", "One State's entry", "  comity directory show BFA --as a\n");
  verb.text("STATE", options->state, "The State: BFA", Presence::required);
  node_options(verb, context).does([options, &context] { return show_one(*options, context); });

  verb = group.verb("own", "This State's own entry and its fingerprint, to be given to others",
                    "  comity directory own -o kgz.p7m --home kgz\n");
  verb.text("-o,--out", options->out, "Copy the entry to this file");
  node_options(verb, context).does([options, &context] { return own(*options, context); });
}

}  // namespace comity::cli
