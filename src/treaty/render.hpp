// A readable page of what an act says, in one of the languages of the vocabulary: labels and codes
// in that language, free text as it was written, marked with its language. A page for reading; what
// was signed is the act.
#pragma once

#include "treaty/vocabulary.hpp"

namespace comity::treaty {

struct PageLine {
  std::string label, words;
  std::string article;      // citation; may be empty
  bool as_written = false;  // free text, in the language of whoever wrote it
  bool operator==(const PageLine&) const = default;
};

/// The form of a request. `absent` names parts that are not at hand.
std::vector<PageLine> render_form(const Vocabulary& vocabulary, const Measure& measure,
                                  const Json& fields, const std::vector<std::string>& absent,
                                  std::string_view language);

/// The body of any other act: its keys by the vocabulary's labels, codes of grounds and of what is
/// asked about by the instrument's; a key without a label is shown as it is.
std::vector<PageLine> render_body(const Vocabulary& vocabulary, const Instrument& instrument,
                                  const Json& body, std::string_view language);

/// A label of the vocabulary in that language; the code itself if there is none.
std::string page_label(const Vocabulary& vocabulary, std::string_view code,
                       std::string_view language);

/// The lines as text: label and article, then the words below, each line indented. What was written
/// freely says in which language ("written_in": a code, or empty).
std::string page_text(const Vocabulary& vocabulary, const std::vector<PageLine>& lines,
                      std::string_view written_in, std::string_view language);

}  // namespace comity::treaty
