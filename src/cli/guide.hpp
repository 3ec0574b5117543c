// Guides a person through a form, field by field: what is asked, by which article, with help and an
// example; what can not be right is said at once. It makes a form and nothing else.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "treaty/form.hpp"

namespace comity::cli {

/// Where lines come from and words go: a terminal, or a test. `read` gives no line at the end.
struct Talk {
  std::function<std::optional<std::string>()> read;
  std::function<void(std::string_view)> say;
};

/// The form with what was answered; what `begun` holds is shown and kept by an empty line. Fault:
/// request.usage if the lines end before a required field has a value.
Result<formats::Json> guide(const treaty::Measure& measure, formats::Json begun, const Talk& talk,
                            std::string_view language);

}  // namespace comity::cli
