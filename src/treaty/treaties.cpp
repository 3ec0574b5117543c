#include <algorithm>
#include <set>

#include "treaty/vocabulary.hpp"

namespace comity::treaty {
namespace {

bool lies_in(const DataFile& file, std::string_view folder) {
  return file.path.starts_with(folder) && file.path.ends_with(".toml") &&
         file.path.find('/', folder.size()) == std::string::npos;
}

// The parent that a protocol lacks so far is loaded first, whatever the order of names.
bool waits_for_parent(const Fault& fault) {
  return fault.detail.find("parent: is not among the instruments") != std::string::npos;
}

Result<std::vector<Instrument>> load_all(std::vector<const DataFile*> files,
                                         const Vocabulary& vocabulary) {
  std::vector<Instrument> loaded;
  while (!files.empty()) {
    std::vector<const DataFile*> later;
    std::optional<Fault> why;
    for (const auto* file : files) {
      auto instrument = load_instrument(file->bytes, file->path, vocabulary, loaded);
      if (!instrument && waits_for_parent(instrument.error())) {
        later.push_back(file);
        why = std::move(instrument).error();
        continue;
      }
      if (!instrument) return std::unexpected(std::move(instrument).error());
      if (std::ranges::find(loaded, instrument->code, &Instrument::code) != loaded.end())
        return fault(FaultCode::format_toml, file->path + ":1: code: comes twice");
      loaded.push_back(*std::move(instrument));
    }
    if (later.size() == files.size()) return std::unexpected(*std::move(why));
    files = std::move(later);
  }
  std::ranges::sort(loaded, {}, &Instrument::code);
  return loaded;
}

}  // namespace

const Instrument* Treaties::instrument(std::string_view code) const {
  const auto found = std::ranges::find(instruments, code, &Instrument::code);
  return found == instruments.end() ? nullptr : &*found;
}

Result<Treaties> load_treaties(const std::vector<DataFile>& files) {
  Treaties treaties;
  const auto vocabulary = std::ranges::find(files, "vocabulary.toml", &DataFile::path);
  if (vocabulary == files.end())
    return fault(FaultCode::format_toml, "vocabulary.toml:1: is not there");
  TRY_LET(treaties.vocabulary, load_vocabulary(vocabulary->bytes, vocabulary->path));
  std::vector<const DataFile*> instruments;
  std::vector<std::pair<std::string, Words>> translations;
  std::vector<std::set<std::string>> used;
  for (const auto& file : files) {
    if (lies_in(file, "instruments/")) instruments.push_back(&file);
    if (!lies_in(file, "words/")) continue;
    TRY_LET(auto words, load_words(file.bytes, file.path));
    const auto keys = translate(treaties.vocabulary, words);
    used.emplace_back(keys.begin(), keys.end());
    translations.emplace_back(file.path, std::move(words));
  }
  TRY_LET(treaties.instruments, load_all(std::move(instruments), treaties.vocabulary));
  for (std::size_t i = 0; i < translations.size(); ++i) {
    const auto& [path, words] = translations[i];
    for (auto& instrument : treaties.instruments)
      for (auto& key : translate(instrument, words)) used[i].insert(std::move(key));
    for (const auto& [key, text] : words.texts)
      if (!used[i].contains(key))
        return fault(FaultCode::format_toml, path + ":1: words." + key + ": names nothing");
  }
  return treaties;
}

}  // namespace comity::treaty
