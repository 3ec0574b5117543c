// comity root: the State's root on a machine of its own, with no node and no network.
#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/revocation_words.hpp"
#include "cli/root_entry.hpp"
#include "cli/verbs.hpp"
#include "keys/root.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string directory, request, out, name, state, kind = "officer";
  std::vector<std::string> roles, hosts;
  std::int64_t days = 365;
  bool json = false;
};

Instant second_of(Instant at) {
  return {at.seconds() * 1000};
}

Result<int> show_root(const Options& options) {
  TRY(check_folder(options.directory));
  TRY_LET(const auto root, keys::StateRoot::open(options.directory));
  const auto& certificate = root.certificate();
  if (options.json) {
    say(formats::pretty(formats::Json::object({{"state", root.state().text()},
                                               {"name", certificate.subject().common_name},
                                               {"fingerprint", certificate.fingerprint().hex()},
                                               {"not_before", to_text(certificate.not_before())},
                                               {"not_after", to_text(certificate.not_after())}})) +
        '\n');
    return 0;
  }
  say(named_lines(
      {{"state", root.state().text()},
       {"name", certificate.subject().common_name},
       {"valid", to_text(certificate.not_before()) + " to " + to_text(certificate.not_after())},
       {"fingerprint", grouped(certificate.fingerprint())},
       {"as hex", certificate.fingerprint().hex()}}));
  return 0;
}

Result<int> certify(const Options& options, Context& context) {
  TRY(check_folder(options.directory));
  TRY_LET(const auto root, keys::StateRoot::open(options.directory));
  TRY_LET(const Bytes pem, read_input(options.request));
  TRY_LET(const auto asked, crypto::read_request(as_text(pem)));
  if (asked.subject.state != root.state())
    return fault(FaultCode::crypto_chain,
                 fmt::format("the request is of {}, this root of {}", asked.subject.state.text(),
                             root.state().text()));
  const std::string name = options.name.empty() ? asked.subject.common_name : options.name;
  const Instant now = second_of(context.clock.now());
  const keys::Validity validity{now.plus_s(-k_hour_s), now.plus_s(options.days * k_day_s)};
  const auto issue = [&]() -> Result<crypto::Certificate> {
    if (options.kind == "officer")
      return root.issue_officer(asked.spki, name, options.roles, validity, context.random);
    if (options.kind == "authority")
      return root.issue_authority(asked.spki, name, options.roles, validity, context.random);
    if (options.kind == "tls")
      return root.issue_tls(asked.spki, name, options.hosts, validity, context.random);
    return fault(FaultCode::bad_usage, "--for: officer, authority or tls");
  };
  TRY_LET(const auto certificate, issue());
  TRY(write_output(options.out, as_bytes(certificate.pem())));
  std::string roles;
  for (const auto& role : certificate.subject().roles) roles += (roles.empty() ? "" : ", ") + role;
  say("Certified.\n" + named_lines({{"name", name},
                                    {"roles", roles},
                                    {"valid to", to_text(certificate.not_after())},
                                    {"certificate", options.out},
                                    {"fingerprint", certificate.fingerprint().hex()}}));
  return 0;
}

Result<int> revoke(const Options& options, const RevocationWords& words, Context& context) {
  TRY(check_folder(options.directory));
  TRY_LET(const auto root, keys::StateRoot::open(options.directory));
  TRY_LET(const auto revocation, read_words(words, context.clock.now()));
  TRY_LET(const Bytes file, root.sign_revocation(revocation));
  TRY(write_output(words.out, file));
  tell(revocation, words);
  return 0;
}

Result<int> make_next(const Options& options, Context& context) {
  TRY(check_folder(options.directory));
  TRY_LET(const auto root, keys::StateRoot::open(options.directory));
  const Instant now = second_of(context.clock.now());
  TRY_LET(const auto next,
          keys::StateRoot::make(std::filesystem::absolute(options.out), root.state(),
                                root.certificate().subject().common_name,
                                {now.plus_s(-k_hour_s), now.plus_s(options.days * k_day_s)},
                                context.random));
  say("The next root was made. Announce it in the next entry ('comity root entry --next HEX').\n" +
      named_lines({{"root", options.out},
                   {"fingerprint", grouped(next.certificate().fingerprint())},
                   {"as hex", next.certificate().fingerprint().hex()}}));
  return 0;
}

Result<int> make_first(const Options& options, Context& context) {
  const Instant now = second_of(context.clock.now());
  TRY_LET(const auto state, StateCode::from_text(options.state));
  TRY_LET(const auto root,
          keys::StateRoot::make(std::filesystem::absolute(options.directory), state, options.name,
                                {now.plus_s(-k_hour_s), now.plus_s(options.days * k_day_s)},
                                context.random));
  say("A root was made that nothing announces: every partner must hear its fingerprint from "
      "you.\n" +
      named_lines({{"root", options.directory},
                   {"fingerprint", grouped(root.certificate().fingerprint())},
                   {"as hex", root.certificate().fingerprint().hex()}}));
  return 0;
}

}  // namespace

void add_root(Verb& parent, Context& context) {
  auto group = parent.verb("root", "The State's root, on a machine without a node",
                           "  comity root show /media/safe/kgz-root\n"
                           "  comity root certify /media/safe/kgz-root --request aibek.csr \\\n"
                           "      --role approver -o aibek.crt\n");
  auto options = std::make_shared<Options>();
  const auto with_root = [&](Verb& verb) {
    verb.text("ROOTDIR", options->directory, "The root's folder: root.key, root.crt",
              Presence::required);
  };

  auto verb = group.verb("show", "Whose root, valid when, with which fingerprint",
                         "  comity root show /media/safe/kgz-root\n");
  with_root(verb);
  verb.flag("--json", options->json, "Answer in JSON").does([options] {
    return show_root(*options);
  });

  verb = group.verb("certify", "Certify an officer's, an authority's or a node's key",
                    "  comity root certify kgz/root --request aibek.csr --role approver --role "
                    "drafter -o aibek.crt\n"
                    "  comity root certify kgz/root --for tls --request tls.csr --host "
                    "node.example -o tls.crt\n");
  with_root(verb);
  verb.text("--request", options->request, "The request (.csr)", Presence::required)
      .texts("--role", options->roles,
             "Granted; may come again: drafter, approver, executor, auditor")
      .text("--name", options->name, "Name in the certificate [as asked for]")
      .text("--for", options->kind, "officer, authority or tls [officer]")
      .texts("--host", options->hosts, "Of a node's TLS certificate; may come again")
      .number("--days", options->days, "How long it is valid [365]")
      .text("-o,--out", options->out, "Where to write the certificate", Presence::required)
      .does([options, &context] { return certify(*options, context); });

  add_root_entry(group, context);

  auto words = std::make_shared<RevocationWords>();
  verb = group.verb(
      "revoke", "Take trust away from a certificate, or from the whole entry",
      "  comity root revoke kgz/root --entry kgz/entry.p7m --certificate 3f9a… \\\n"
      "      --reason \"Laptop stolen\" --from 2026-03-01T00:00:00Z -o stolen.revocation\n");
  with_root(verb);
  revocation_options(verb, words).does([options, words, &context] {
    return revoke(*options, *words, context);
  });

  auto next = std::make_shared<Options>();
  next->days = 7300;
  verb = group.verb("next", "Make the root that will follow, to be kept apart",
                    "  comity root next kgz-root -o /media/other-safe/kgz-next\n");
  verb.text("ROOTDIR", next->directory, "The present root's folder", Presence::required)
      .number("--days", next->days, "How long it is valid [7300]")
      .text("-o,--out", next->out, "The next root's folder", Presence::required)
      .does([next, &context] { return make_next(*next, context); });

  auto fresh = std::make_shared<Options>();
  fresh->days = 3650;
  verb = group.verb(
      "new", "Make a root that nothing announces, when the last one and its next are lost",
      "  comity root new /media/safe/kgz-root --state KGZ --name \"Kyrgyz Republic, root\"\n");
  verb.text("ROOTDIR", fresh->directory, "The root's folder; must not be there", Presence::required)
      .text("--state", fresh->state, "The State: KGZ", Presence::required)
      .text("--name", fresh->name, "Name in the certificate", Presence::required)
      .number("--days", fresh->days, "How long it is valid [3650]")
      .does([fresh, &context] { return make_first(*fresh, context); });
}

}  // namespace comity::cli
