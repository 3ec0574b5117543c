// What the forms of all instruments share: fields, closed lists and the words on a rendered page
// (data/vocabulary.toml). A measure names a field and says by which clause and how far it is
// required; kind, label, help and example stand here once, and so do their translations.
// Nothing here requires anything: that is for an instrument to say, with its citation.
#pragma once

#include "treaty/instrument.hpp"

namespace comity::treaty {

/// Words in one language beside English, by key: "field.summary_of_facts.label",
/// "code.data-category.traffic", "ground.R22". Read from data/words/.
struct Words {
  std::string language;
  bool verified = false;  // by somebody who speaks it and knows the law
  std::map<std::string, std::string, std::less<>> texts;
};

/// Ways in which requests fail in practice, that a draft can be looked at for (law/practice.hpp).
enum class PracticeKind {
  time_without_zone,     // fields: texts
  wide_period,           // fields: periods; number: days
  wrong_identifier,      // fields: rows
  address_without_time,  // fields: rows, and periods that would bound them
  not_tied,              // fields: rows of data, and the texts that should name them; words that do
  thin_reason,           // fields: texts; number: characters
  bare_urgency,          // fields: a text, then those that would bear it; words of urgency
  lapsing,               // field: the preservation that the form goes on from; number: days
};

struct Practice {
  std::string code;
  PracticeKind kind{};
  std::vector<std::string> fields, words;  // words in lower case
  std::int64_t number = 0;
  Texts why, better;
};

struct Vocabulary {
  std::map<std::string, Json, std::less<>> fields;  // code → table, as a form would write it
  std::map<std::string, Texts, std::less<>> columns;
  std::map<std::string, std::vector<Code>, std::less<>> lists;
  std::map<std::string, Texts, std::less<>> labels;  // of a rendered page
  std::vector<Activity> activities;
  std::vector<Practice> practices;
  std::vector<std::string> languages;   // with words, English first
  std::vector<std::string> unverified;  // of these

  const Texts* label(std::string_view code) const;
};

/// Fault: format.toml with the line.
Result<Vocabulary> load_vocabulary(View toml, const std::string& name);
Result<Words> load_words(View toml, const std::string& name);

/// Adds the words to what they name; what has a text in that language keeps it. Gives the keys
/// used.
std::vector<std::string> translate(Vocabulary& vocabulary, const Words& words);
std::vector<std::string> translate(Instrument& instrument, const Words& words);

/// A file of data/, by its path in it: "instruments/un-cybercrime-2024.toml".
struct DataFile {
  std::string path;
  Bytes bytes;
};

/// All that is known of treaties, as one.
struct Treaties {
  Vocabulary vocabulary;
  std::vector<Instrument> instruments;  // by code

  const Instrument* instrument(std::string_view code) const;
};

/// Reads vocabulary.toml, words/*.toml and instruments/*.toml in the order that they need each
/// other; other files are left alone. Words that name nothing, a protocol without its parent and an
/// instrument that comes twice refuse all. Fault: format.toml.
Result<Treaties> load_treaties(const std::vector<DataFile>& files);

}  // namespace comity::treaty
