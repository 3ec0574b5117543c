#include <algorithm>
#include <array>

#include "treaty/data_file.hpp"
#include "treaty/vocabulary.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-words/1";
constexpr std::array<std::string_view, 5> k_languages = {"ar", "es", "fr", "ru", "zh"};

Result<void> read_texts_below(Fields& fields, const Json& table, const std::string& path,
                              Words& words) {
  for (const auto& [name, value] : table.members()) {
    const auto key = path.empty() ? name : path + '.' + name;
    if (!value.is_object()) {
      TRY_LET(words.texts[key], fields.text(name));
      continue;
    }
    TRY_LET(Fields inner, fields.object(name));
    TRY(read_texts_below(inner, value, key, words));
  }
  return {};
}

Result<Words> read_words(Fields& fields) {
  Words words;
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(const std::size_t language, fields.choice("language", k_languages));
  words.language = k_languages[language];
  TRY_LET(words.verified, fields.boolean("verified"));
  TRY_LET(const std::string source, fields.text("source"));
  TRY_LET(const Json* texts, fields.value("words"));
  TRY_LET(Fields inner, fields.object("words"));
  TRY(read_texts_below(inner, *texts, "", words));
  return words;
}

// Takes words where they are known, and remembers which were.
class Translating {
 public:
  explicit Translating(const Words& words) : words_(words) {}

  void add(Texts& texts, const std::string& key) {
    const auto found = words_.texts.find(key);
    if (found == words_.texts.end()) return;
    texts.emplace(words_.language, found->second);
    used_.push_back(key);
  }
  void add(Json& table, const std::string& member, const std::string& key) {
    const auto found = words_.texts.find(key);
    if (found == words_.texts.end()) return;
    auto& texts = table[member];
    if (texts.find(words_.language) == nullptr) texts.set(words_.language, found->second);
    used_.push_back(key);
  }
  void add(std::vector<Code>& codes, const std::string& key) {
    for (auto& code : codes) add(code.label, key + '.' + code.code);
  }
  std::vector<std::string> used() && { return std::move(used_); }

 private:
  const Words& words_;
  std::vector<std::string> used_;
};

}  // namespace

Result<Words> load_words(View toml, const std::string& name) {
  return read_data_file<Words>(toml, name, read_words);
}

std::vector<std::string> translate(Vocabulary& vocabulary, const Words& words) {
  Translating to(words);
  for (auto& [code, field] : vocabulary.fields) {
    to.add(field, "label", "field." + code + ".label");
    to.add(field, "help", "field." + code + ".help");
  }
  for (auto& [code, texts] : vocabulary.columns) to.add(texts, "column." + code);
  for (auto& [code, list] : vocabulary.lists) to.add(list, "code." + code);
  for (auto& [code, texts] : vocabulary.labels) to.add(texts, "label." + code);
  for (auto& activity : vocabulary.activities) to.add(activity.label, "activity." + activity.code);
  for (auto& practice : vocabulary.practices) {
    to.add(practice.why, "practice." + practice.code + ".why");
    to.add(practice.better, "practice." + practice.code + ".better");
  }
  vocabulary.languages.push_back(words.language);
  if (!words.verified) vocabulary.unverified.push_back(words.language);
  return std::move(to).used();
}

std::vector<std::string> translate(Instrument& instrument, const Words& words) {
  Translating to(words);
  to.add(instrument.short_title, "instrument." + instrument.code);
  for (auto& offence : instrument.offences) {
    to.add(offence.label, "offence." + offence.code);
    to.add(offence.elements, "element");
  }
  for (auto& ground : instrument.grounds) to.add(ground.label, "ground." + ground.code);
  for (auto& role : instrument.roles) to.add(role.label, "role." + role.code);
  for (auto& one : instrument.declarations) to.add(one.label, "declaration." + one.code);
  for (auto& measure : instrument.measures) {
    to.add(measure.title, "measure." + measure.code);
    for (auto* form : {&measure.fields, &measure.answer})
      for (auto& field : *form)
        if (field.list == "offence") to.add(field.codes, "offence");
  }
  if (auto list = instrument.lists.find("offence"); list != instrument.lists.end())
    to.add(list->second, "offence");
  return std::move(to).used();
}

}  // namespace comity::treaty
