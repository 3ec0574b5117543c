// The one program of a node: hands the command line to the verbs, and gives them what only it can
// do, since it sees rooms that do not see one another.
#include "cli/run.hpp"
#include "running_node.hpp"
#include "serve.hpp"

int main(int argc, char** argv) {
  return comity::cli::run(argc, argv,
                          {.serve = [](const std::string& home) { return comity::serve(home); },
                           .back_up =
                               [](const std::string& home, const comity::formats::Json& order) {
                                 return comity::RunningNode::back_up(home, order);
                               }});
}
