// comity officer: an officer's own key, and how a node comes to know its certificate or ends it.
#include <fmt/format.h>

#include "cli/draft.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "crypto/certificate_request.hpp"
#include "keys/secret_file.hpp"

namespace comity::cli {
namespace {

Result<int> new_key(const std::string& file, const std::string& name, const std::string& state,
                    const std::vector<std::string>& roles, Context& context) {
  crypto::Subject subject{{}, name, {}};
  TRY_LET(subject.state, StateCode::from_text(state));
  // What is asked for; the root grants what it grants.
  for (const auto& role : roles) subject.roles.push_back("officer:" + role);
  const auto key = crypto::P256Key::generate(context.random);
  TRY_LET(const std::string request, crypto::make_request(key, subject));
  TRY(keys::create_secret(std::filesystem::absolute(file), key.to_pem().view()));
  context.kept = "The key " + file + " was made.";
  TRY(write_output(file + ".csr", as_bytes(request)));
  say(fmt::format("A key for {} was made.\n", name) +
      named_lines(
          {{"key", file + " (keep it to yourself: it signs in your name)"},
           {"request", file + ".csr"},
           {"next", fmt::format("comity root certify ROOTDIR --request {}.csr --role approver "
                                "-o {}.crt",
                                file, file)}}));
  return 0;
}

Result<int> add(const std::string& file, bool draft_only, Context& context) {
  TRY_LET(const Bytes pem, read_input(file));
  TRY_LET(const auto certificate, crypto::Certificate::from_pem(as_text(pem)));
  TRY_LET(auto node, Node::reach(context));
  return act(
      node,
      Json::object(
          {{"type", "statement"}, {"kind", "officer.add"}, {"certificate", certificate.pem()}}),
      fmt::format("{} may now act at this node.\n  certificate  {}",
                  certificate.subject().common_name, certificate.fingerprint().hex()),
      draft_only);
}

Result<int> revoke(const std::string& fingerprint, const std::string& reason,
                   const std::optional<std::string>& from, bool draft_only, Context& context) {
  TRY_LET(const Digest certificate, read_fingerprint(fingerprint));
  TRY_LET(auto node, Node::reach(context));
  Json input = Json::object({{"type", "statement"},
                             {"kind", "officer.revoke"},
                             {"certificate", certificate.hex()},
                             {"reason", reason}});
  if (from) {
    TRY_LET(const Instant at, instant_from_text(*from));
    input.set("revoked_from", to_text(at));
  }
  return act(node, input, "The officer's certificate is no longer relied on.", draft_only);
}

Result<int> list(Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const Json answer, node.get("/v1/officers"));
  if (context.json) {
    say(formats::pretty(answer) + '\n');
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& officer : items_at(answer, "officers")) {
    if (context.quiet) {
      say(text_at(officer, "officer") + '\n');
      continue;
    }
    std::string roles;
    for (const auto& role : items_at(officer, "roles"))
      roles += (roles.empty() ? "" : ", ") + plain_role(as_words(role));
    const std::string from = text_at(officer, "revoked_from");
    rows.push_back({text_at(officer, "name"), roles,
                    from.empty() ? "to " + text_at(officer, "valid_to") : "revoked from " + from,
                    text_at(officer, "officer")});
  }
  if (context.quiet) return 0;
  say(banner(node.exercise()));
  say(table({"NAME", "ROLES", "STANDING", "CERTIFICATE"}, rows, "No officer is known here yet."));
  return 0;
}

}  // namespace

void add_officer(Verb& root, Context& context) {
  auto group =
      root.verb("officer", "Officers' keys and certificates",
                "  comity officer new officers/aibek --name \"Aibek Usenov\" --state KGZ\n"
                "  comity root certify kgz/root --request officers/aibek.csr --role approver "
                "\\\n      -o officers/aibek.crt\n"
                "  comity officer add --certificate officers/aibek.crt --home kgz\n");
  struct Options {
    std::string file, name, state, certificate, fingerprint, reason;
    std::vector<std::string> roles;
    std::optional<std::string> from;
    bool draft_only = false;
  };
  auto options = std::make_shared<Options>();

  auto verb =
      group.verb("new", "Make an officer's key; it lies with the officer, never on the node",
                 "  comity officer new officers/aibek --name \"Aibek Usenov\" --state KGZ\n");
  verb.text("FILE", options->file, "The key's file; the request is FILE.csr", Presence::required)
      .text("--name", options->name, "Name, or title where a name must not show",
            Presence::required)
      .text("--state", options->state, "The State: KGZ", Presence::required)
      .texts("--role", options->roles, "Asked for: drafter, approver, executor, auditor")
      .does([options, &context] {
        return new_key(options->file, options->name, options->state, options->roles, context);
      });

  verb =
      group.verb("add", "Let a certified officer act at this node (two approvers, once there are)",
                 "  comity officer add --certificate aibek.crt --home kgz\n"
                 "  comity officer add --certificate nurlan.crt --as aibek --as aigul\n");
  verb.text("--certificate", options->certificate, "The officer's certificate", Presence::required)
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] {
    return add(options->certificate, options->draft_only, context);
  });

  verb =
      group.verb("revoke", "End an officer's certificate here (two approvers)",
                 "  comity officer revoke 3f:9a:… --reason \"Left the service\" --as a --as b\n");
  verb.text("FINGERPRINT", options->fingerprint, "Of the certificate", Presence::required)
      .text("--reason", options->reason, "Why", Presence::required)
      .text("--from", options->from, "From when on it must not be relied on [now]")
      .flag("--draft-only", options->draft_only, "Make the draft for others to sign");
  node_options(verb, context).does([options, &context] {
    return revoke(options->fingerprint, options->reason, options->from, options->draft_only,
                  context);
  });

  verb = group.verb("list", "Who may act at this node", "  comity officer list --as aibek\n");
  node_options(verb, context).does([&context] { return list(context); });
}

}  // namespace comity::cli
