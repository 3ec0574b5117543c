// Whether a draft that a node made is what the officer asked for. The node composes the bytes to be
// signed; were it not itself any more, it could put others before the officer.
#pragma once

#include "cli/draft.hpp"

namespace comity::cli {

/// `input` is what was asked of POST /v1/drafts; `draft` carries its parts too, if it has any.
/// Every word of the input that the content repeats must be repeated as it was given, and every
/// part shown must be the one bound. Faults: act.form, act.part.
Result<void> check_asked(const Draft& draft, const Json& input);

/// The parts as the node shows them, {"name", "media_type", "salt", "bytes"}, against the bindings
/// that would be signed: none other, none left out, each to the last byte. Fault: act.part.
Result<void> check_shown_parts(const Draft& draft);

}  // namespace comity::cli
