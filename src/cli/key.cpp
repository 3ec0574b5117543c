// comity key: how a node's own keys are replaced, on the machine where they lie. It shows no
// private key and moves none but from its place as the next one to that of the present one.
#include <fmt/format.h>

#include <filesystem>

#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "keys/next_key.hpp"
#include "store/home.hpp"
#include "wire/client.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string directory, which, certificate, out;
};

Result<store::Home> open_home(const Options& options, const Context& context) {
  return store::Home::open(options.directory.empty() ? context.home_directory()
                                                     : options.directory);
}

bool is_log(keys::NodeKey which) {
  return which != keys::NodeKey::authority && which != keys::NodeKey::tls;
}

Result<int> make(const Options& options, Context& context) {
  TRY_LET(const auto which, keys::node_key(options.which));
  TRY_LET(const auto home, open_home(options, context));
  std::string file;
  if (is_log(which)) {
    TRY_LET(const auto key, keys::make_next_log_key(home.keys(), which, context.random));
    file = base64(key.view()) + '\n';
  } else {
    TRY_LET(file, keys::make_next_request(home.keys(), which, context.random));
  }
  context.kept = fmt::format("The next key lies in {}; it is used for nothing yet.",
                             (home.keys() / (options.which + ".next")).string());
  TRY(write_output(options.out, as_bytes(file)));
  say(fmt::format("The next key was made. It waits in {}.\n",
                  (home.keys() / (options.which + ".next")).string()) +
      named_lines({{is_log(which) ? "public key" : "request", options.out},
                   {"next", is_log(which)
                                ? fmt::format("serve again; then comity root entry ROOTDIR --log "
                                              "{}={} …",
                                              options.which.substr(4), options.out)
                                : fmt::format("comity root certify ROOTDIR --for {} --request {} …",
                                              options.which, options.out)}}));
  return 0;
}

/// A key that is changed below a running node would sign on from its memory.
Result<void> check_stopped(const store::Home& home) {
  TRY_LET(auto client, wire::Client::over_socket(home.socket().string()));
  if (client.ask("GET", "/v1/status", {}, {}, 5))
    return fault(FaultCode::conflict, "the node is running: stop it first");
  return {};
}

Result<int> install(const Options& options, Context& context) {
  TRY_LET(const auto which, keys::node_key(options.which));
  TRY_LET(const auto home, open_home(options, context));
  TRY(check_stopped(home));
  std::optional<crypto::Certificate> certificate;
  if (!options.certificate.empty()) {
    TRY_LET(const Bytes pem, read_input(options.certificate));
    TRY_LET(certificate, crypto::Certificate::from_pem(as_text(pem)));
  }
  TRY(keys::install_next(home.keys(), which, certificate, context.random));
  say(fmt::format("The next key is in its place, and the one before is destroyed.\n") +
      named_lines({{"next", "comity serve " + home.directory().string()}}));
  return 0;
}

}  // namespace

void add_key(Verb& root, Context& context) {
  auto group = root.verb("key", "The node's own keys, and how they are replaced",
                         "  comity key new kgz --for tls -o tls.csr\n"
                         "  comity key install kgz --for tls --certificate tls.crt\n");
  auto options = std::make_shared<Options>();
  constexpr const char* k_which = "authority, tls, log-partner, log-internal or log-anchor";

  auto verb = group.verb("new", "Draw the next key; the present one stays in use",
                         "  comity key new kgz --for authority -o authority.csr\n"
                         "  comity key new kgz --for log-partner -o log-partner.pub\n");
  verb.text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--for", options->which, k_which, Presence::required)
      .text("-o,--out", options->out, "Where to write the request, or a log's public key",
            Presence::required)
      .does([options, &context] { return make(*options, context); });

  verb =
      group.verb("install", "Put the next key in the place of the present one; the node is stopped",
                 "  comity key install kgz --for authority --certificate authority.crt\n");
  verb.text("HOME", options->directory, "The node's home [$COMITY_HOME]")
      .text("--for", options->which, k_which, Presence::required)
      .text("--certificate", options->certificate, "What the root made of the request")
      .does([options, &context] { return install(*options, context); });
}

}  // namespace comity::cli
