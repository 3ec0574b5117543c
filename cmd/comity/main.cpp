// The one program of a node: hands the command line to the verbs, and gives them what only it can
// do, since it sees rooms that do not see one another.
#include <cstdio>
#include <string_view>

#include "serve.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "serve") return comity::serve(argv[2]);
  std::puts("usage: comity serve DIR");
  return 2;
}
