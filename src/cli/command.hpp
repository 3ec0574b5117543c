// The tree of verbs, declared one by one beside what they do. The library that parses stays behind
// this header: it costs many seconds a file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace comity::cli {

/// What a verb does; its value is the exit code.
using Action = std::function<Result<int>()>;

enum class Presence { optional, required };

/// One verb, or a group of verbs, being declared. A borrowed handle; the CommandLine owns it.
/// Whatever options are bound to must outlive the run: verbs keep it in a shared struct that their
/// action holds.
class Verb {
 public:
  /// A verb below this one. `examples` stand at the end of its --help, a command a line.
  Verb verb(const std::string& name, const std::string& what, const std::string& examples = {});

  // "--to" is an option, "ITEM" what stands without a name. A name that ends in "…" takes several.
  Verb& text(const std::string& name, std::string& into, const std::string& what,
             Presence presence = Presence::optional);
  Verb& text(const std::string& name, std::optional<std::string>& into, const std::string& what);
  Verb& texts(const std::string& name, std::vector<std::string>& into, const std::string& what,
              Presence presence = Presence::optional);
  Verb& number(const std::string& name, std::int64_t& into, const std::string& what);
  Verb& flag(const std::string& name, bool& into, const std::string& what);
  /// Options declared from here on stand under this heading in --help.
  Verb& heading(const std::string& words);
  Verb& does(Action action);

 private:
  friend class CommandLine;
  Verb(CLI::App* app, Action* chosen) : app_(app), chosen_(chosen) {}

  CLI::App* app_;
  Action* chosen_;
  std::string heading_;
};

class CommandLine {
 public:
  CommandLine(const std::string& what, const std::string& examples);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Verb root();
  /// The action to run, or the text of a --help that was asked for. Fault: request.usage.
  Result<std::variant<Action, std::string>> parse(int argc, const char* const* argv);

 private:
  Action chosen_;
  std::unique_ptr<CLI::App> app_;
};

}  // namespace comity::cli
