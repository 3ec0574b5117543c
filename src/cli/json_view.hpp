// Reads what a node answers, for showing it. A field that is not there shows as nothing: the
// command line explains, it does not judge.
#pragma once

#include <span>

#include "formats/json.hpp"

namespace comity::cli {

/// A text, a number or a boolean as text; empty for anything else or nothing.
std::string text_at(const formats::Json& json, std::string_view key);
/// The items of an array; empty for anything else or nothing. Borrowed.
std::span<const formats::Json> items_at(const formats::Json& json, std::string_view key);
/// A number; 0 for anything else or nothing.
std::int64_t number_at(const formats::Json& json, std::string_view key);
bool is_true_at(const formats::Json& json, std::string_view key);
/// The texts of an array, joined: "drafter, approver".
std::string joined_at(const formats::Json& json, std::string_view key,
                      std::string_view between = ", ");
/// One value as one would read it out: a text as it is, anything else as canonical JSON.
std::string as_words(const formats::Json& value);

}  // namespace comity::cli
