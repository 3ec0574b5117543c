#include "cli/run.hpp"

#include "cli/page.hpp"
#include "cli/verbs.hpp"
#include "keys/hardening.hpp"

namespace comity::cli {
namespace {

constexpr const char* k_what =
    "Comity: ask other States for electronic evidence, answer them, and exchange it with a\n"
    "chain of custody that any court can check.\n\n"
    "'comity VERB --help' shows each verb by example.";

constexpr const char* k_examples =
    "  comity init kgz --state KGZ --authority \"Prosecutor General\" --listen 127.0.0.1:9443 "
    "--exercise\n"
    "  comity serve kgz\n"
    "  comity request new --to BFA --measure preservation --fields request.toml --as officers/a\n"
    "  comity verify export --trust KGZ=AB:CD:… --trust BFA=12:34:…\n";

int tell(const Fault& fault, const Context& context) {
  say_aside(fault_page(fault, context.kept));
  return row_of(fault.code).exit_code;
}

}  // namespace

int run(int argc, const char* const* argv, const Hooks& hooks) {
  SystemClock clock;
  SystemRandom random;
  Context context{.hooks = hooks, .clock = clock, .random = random};
  // Before any key is read.
  if (const auto hardened = keys::harden_process(); !hardened)
    return tell(hardened.error(), context);

  CommandLine line(k_what, k_examples);
  Verb root = line.root();
  add_init(root, context);
  add_node(root, context);
  add_officer(root, context);
  add_directory(root, context);
  add_request(root, context);
  add_due(root, context);
  add_stats(root, context);
  add_evidence(root, context);
  add_export(root, context);
  add_verify(root, context);
  add_log(root, context);
  add_treaty(root, context);
  add_profile(root, context);
  add_root(root, context);
  add_key(root, context);
  add_backup(root, context);
  add_restore(root, context);
  add_doctor(root, context);

  const auto parsed = line.parse(argc, argv);
  if (!parsed) {
    const int code = tell(parsed.error(), context);
    // Of 'verify', 2 says that an export is consistent in itself.
    return argc > 1 && std::string_view(argv[1]) == "verify" ? 1 : code;
  }
  if (const auto* help = std::get_if<std::string>(&*parsed)) {
    say(*help);
    return 0;
  }
  const auto code = std::get<Action>(*parsed)();
  return code ? *code : tell(code.error(), context);
}

}  // namespace comity::cli
