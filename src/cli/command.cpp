#include "cli/command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace comity::cli {
namespace {

constexpr std::size_t k_names_width = 34;  // columns for names in --help

/// "FILE…" says in --help that there may be several; the parser knows that by the type.
std::string bare(const std::string& name) {
  constexpr std::string_view k_more = "…";
  return name.ends_with(k_more) ? name.substr(0, name.size() - k_more.size()) : name;
}

void finish(CLI::Option* option, const std::string& name, const std::string& heading,
            Presence presence) {
  if (!heading.empty()) option->group(heading);
  if (presence == Presence::required) option->required();
  const bool is_named = name.starts_with('-');
  option->option_text(is_named ? (presence == Presence::required ? "(needed)" : " ") : " ");
}

std::string footer_of(const std::string& examples) {
  return examples.empty() ? std::string() : "\nExamples:\n" + examples;
}

}  // namespace

Verb Verb::verb(const std::string& name, const std::string& what, const std::string& examples) {
  CLI::App* below = app_->add_subcommand(name, what);
  below->footer(footer_of(examples));
  return {below, chosen_};
}

Verb& Verb::text(const std::string& name, std::string& into, const std::string& what,
                 Presence presence) {
  auto* option = app_->add_option_function<std::string>(
      bare(name), [&into](const std::string& value) { into = value; }, what);
  option->allow_extra_args(false);
  finish(option, name, heading_, presence);
  return *this;
}

Verb& Verb::text(const std::string& name, std::optional<std::string>& into,
                 const std::string& what) {
  auto* option = app_->add_option_function<std::string>(
      bare(name), [&into](const std::string& value) { into = value; }, what);
  finish(option, name, heading_, Presence::optional);
  return *this;
}

Verb& Verb::texts(const std::string& name, std::vector<std::string>& into, const std::string& what,
                  Presence presence) {
  auto* option = app_->add_option(bare(name), into, what);
  // "--as A FILE" must not take FILE for a second officer; names without dashes come in a row.
  if (name.starts_with('-')) option->allow_extra_args(false);
  finish(option, name, heading_, presence);
  return *this;
}

Verb& Verb::number(const std::string& name, std::int64_t& into, const std::string& what) {
  finish(app_->add_option(bare(name), into, what), name, heading_, Presence::optional);
  return *this;
}

Verb& Verb::flag(const std::string& name, bool& into, const std::string& what) {
  auto* option = app_->add_flag(name, into, what);
  if (!heading_.empty()) option->group(heading_);
  return *this;
}

Verb& Verb::heading(const std::string& words) {
  heading_ = words;
  return *this;
}

Verb& Verb::does(Action action) {
  // A verb that has verbs of its own is asked last: it is meant only when none of them is.
  app_->final_callback([app = app_, chosen = chosen_, action = std::move(action)] {
    if (app->get_subcommands().empty()) *chosen = action;
  });
  return *this;
}

CommandLine::CommandLine(const std::string& what, const std::string& examples)
    : app_(std::make_unique<CLI::App>(what, "comity")) {
  app_->set_help_flag("--help,-h", "Say this.");
  app_->get_formatter()->column_width(k_names_width);
  app_->get_formatter()->label("REQUIRED", "(needed)");
  app_->footer(footer_of(examples));
}

CommandLine::~CommandLine() = default;

Verb CommandLine::root() {
  return {app_.get(), &chosen_};
}

Result<std::variant<Action, std::string>> CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app_->help();
  } catch (const CLI::ParseError& error) {
    return fault(FaultCode::bad_usage, error.what());
  }
  if (chosen_) return chosen_;
  // A group was named without its verb: what there is to choose from is the answer.
  const CLI::App* last = app_.get();
  while (!last->get_subcommands().empty()) last = last->get_subcommands().front();
  if (last == app_.get()) return last->help();
  return fault(FaultCode::bad_usage, "'" + last->get_name() + "' needs a verb; see 'comity " +
                                         last->get_name() + " --help'");
}

}  // namespace comity::cli
