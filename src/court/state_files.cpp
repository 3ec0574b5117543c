#include "court/state_files.hpp"

#include <algorithm>

#include "crypto/cms.hpp"

namespace comity::court {
namespace {

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

}  // namespace

Result<directory::Entry> open_entry_file(View p7m) {
  // The signature's time is that of issue; open_entry holds the two against each other.
  TRY_LET(const auto opened, crypto::cms_open(p7m));
  return directory::open_entry(p7m, opened.signing_time);
}

std::string root_file(std::span<const directory::Entry> entries) {
  std::vector<std::string> roots;
  for (const auto& entry : entries) add_once(roots, entry.root.pem());
  std::string text;
  for (const auto& root : roots) text += root;
  return text;
}

formats::Verifier partner_log(const directory::Entry& entry, const StateCode& other) {
  return formats::make_verifier(entry.logs.origin_prefix + "partner/" + other.text(),
                                entry.logs.partner);
}

formats::Verifier internal_log(const directory::Entry& entry) {
  return formats::make_verifier(entry.logs.origin_prefix + "internal", entry.logs.internal);
}

std::vector<formats::Verifier> with_successors(const formats::Verifier& log) {
  std::vector<formats::Verifier> all{log};
  for (unsigned number = 2; number <= k_log_successors_max; ++number)
    all.push_back(formats::make_verifier(log.name + "." + std::to_string(number), log.key));
  return all;
}

std::string log_keys_file(std::span<const directory::Entry> entries, const StateCode& other,
                          bool internal) {
  std::vector<std::string> keys;
  for (const auto& entry : entries) add_once(keys, to_vkey(partner_log(entry, other)));
  if (internal)
    for (const auto& entry : entries) add_once(keys, to_vkey(internal_log(entry)));
  std::string text;
  for (const auto& key : keys) text += key + "\n";
  return text;
}

}  // namespace comity::court
