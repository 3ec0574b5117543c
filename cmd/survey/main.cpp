// comity-survey: reads descriptor 0, says on descriptor 1 what it is, as one JSON document
// (spec/survey.md); by descriptor 3, where there is one, it may ask for bytes of a stream again. It
// takes no arguments, opens nothing, and looks at no byte before it is confined.
#include <archive.h>
#include <fcntl.h>
#include <libewf.h>
#include <signal.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "formats/asked_bytes.hpp"
#include "survey/confine.hpp"
#include "survey/survey.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// It may neither start threads nor trace itself, so it can not look for leaks at its end.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:allocator_may_return_null=1";
}
#endif
#endif

namespace comity {
namespace {

std::string programs() {
  return std::string("comity-survey " COMITY_VERSION "; libarchive ") +
         std::to_string(ARCHIVE_VERSION_NUMBER / 1'000'000) + '.' +
         std::to_string(ARCHIVE_VERSION_NUMBER / 1'000 % 1'000) + '.' +
         std::to_string(ARCHIVE_VERSION_NUMBER % 1'000) + "; libewf " + ::libewf_get_version();
}

bool say(std::string_view text) {
  while (!text.empty()) {
    const auto said = ::write(STDOUT_FILENO, text.data(), text.size());
    if (said <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(said));
  }
  return true;
}

int run() {
  const bool may_ask = ::fcntl(formats::k_ask_descriptor, F_GETFD) >= 0;
  // Asks its kind and length, which it may not later.
  survey::DescriptorInput input(STDIN_FILENO, may_ask ? formats::k_ask_descriptor : -1);
  ::signal(SIGPIPE, SIG_IGN);  // who gives nothing again has its reasons; the answer still counts
  auto walls = survey::confine();
  if (!walls) return 3;
  auto found = survey::survey(input);
  found.by = programs();
  found.walls = *std::move(walls);
  return say(formats::canonical(formats::to_json(found))) ? 0 : 4;
}

}  // namespace
}  // namespace comity

int main() {
  int code = 5;
  try {
    code = comity::run();
  } catch (const std::exception&) {
    code = 6;  // memory; the node says that there is no survey
  }
  // At once: nothing here is to be tidied, and no library's last words are wanted.
  ::_exit(code);
}
