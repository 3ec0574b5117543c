// The one program of a node: hands the command line to the verbs.
#include <cstdio>

int main() { std::puts("comity"); }
