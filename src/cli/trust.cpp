#include "cli/trust.hpp"

#include "cli/files.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

Result<void> add(court::TrustedRoots& trusted, std::string_view text) {
  TRY_LET(const auto pair, split_pair(text, '=', "KGZ=FINGERPRINT"));
  TRY_LET(const auto state, StateCode::from_text(pair.first));
  TRY_LET(const Digest fingerprint, read_fingerprint(pair.second));
  trusted[state].insert(fingerprint);
  return {};
}

}  // namespace

Result<court::TrustedRoots> read_trust(const std::vector<std::string>& arguments) {
  court::TrustedRoots trusted;
  for (const auto& argument : arguments) {
    if (!argument.starts_with('@')) {
      TRY(add(trusted, argument));
      continue;
    }
    TRY_LET(const Bytes bytes, read_input(argument.substr(1)));
    std::string_view text = as_text(bytes);
    while (!text.empty()) {
      const auto end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (!line.empty() && !line.starts_with('#')) TRY(add(trusted, line));
    }
  }
  return trusted;
}

}  // namespace comity::cli
