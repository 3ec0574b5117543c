// Advice to whoever drafts a request: what practice shows to fail, and what the State that is asked
// has published of its own law. Advice stops nobody: a gap does (treaty/form.hpp). Which fields are
// looked at, the thresholds and the words are data of the vocabulary; only how to look is here.
#pragma once

#include "directory/entry.hpp"
#include "treaty/vocabulary.hpp"

namespace comity::law {

struct Advice {
  std::string code;     // of the practice, or of what was published
  std::string field;    // of the form; empty: the whole
  std::string article;  // citation; empty where practice alone speaks
  std::string why;      // a sentence
  std::string better;   // what to do, or an example; may be empty
  bool operator==(const Advice&) const = default;
};

/// What the draft is about, beside its form.
struct DraftContext {
  Instant now;
  std::optional<Instant> preserved_until;  // of the preservation that the form goes on from
  std::string language = "en";             // of the words
};

/// By the vocabulary's practices, in their order.
std::vector<Advice> practice(const treaty::Vocabulary& vocabulary, const treaty::Measure& measure,
                             const formats::Json& fields, const DraftContext& context);

/// By the addressee's entry: languages, measures, categories, scope, dual criminality, channels,
/// documents. What it does not publish is not advised upon.
std::vector<Advice> addressee(const treaty::Instrument& instrument, const treaty::Measure& measure,
                              const formats::Json& fields, const directory::Published& published,
                              const std::vector<std::string>& languages);

/// Why an identifier of this kind ("ip-address") can not be right, or nothing.
std::optional<std::string> identifier_flaw(std::string_view kind, std::string_view identifier);

}  // namespace comity::law
