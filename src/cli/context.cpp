#include "cli/context.hpp"

#include <cstdlib>

namespace comity::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string Context::home_directory() const {
  if (!home.empty()) return home;
  const std::string named = environment("COMITY_HOME");
  return named.empty() ? "." : named;
}

std::vector<std::string> Context::officer_files() const {
  if (!officers.empty()) return officers;
  std::vector<std::string> files;
  std::string list = environment("COMITY_AS");
  while (!list.empty()) {
    const auto end = list.find(':');
    if (end != 0) files.push_back(list.substr(0, end));
    list.erase(0, end == std::string::npos ? end : end + 1);
  }
  return files;
}

Verb& node_options(Verb& verb, Context& context) {
  verb.heading("Common options");
  verb.text("--home", context.home, "The node's home [$COMITY_HOME, else this directory]");
  verb.texts("--as", context.officers,
             "An officer's key file; .crt beside it; may come again [$COMITY_AS]");
  verb.flag("--json", context.json, "Answer in JSON");
  verb.flag("--quiet,-q", context.quiet, "Answer with the id alone");
  return verb.heading("");
}

}  // namespace comity::cli
