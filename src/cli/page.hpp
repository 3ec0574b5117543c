// What people read: aligned tables, named lines, fingerprints, sizes, faults. Calm and within 100
// columns. Everything here makes text; only the last two print it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"

namespace comity::cli {

inline constexpr std::size_t k_page_width = 100;

/// Columns as wide as they need to be, two spaces between them, the last one free; an empty table
/// says `none`.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows,
                  std::string_view none = "Nothing here.");
/// "  name     words", wrapped, the words under one another. Lines without words are left out.
std::string named_lines(const std::vector<std::pair<std::string, std::string>>& lines);
/// `text` in lines of at most `width` columns, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = k_page_width);
/// Columns that `text` takes: its code points.
std::size_t columns_of(std::string_view text);

/// "AA:BB:…", as openssl prints it.
std::string grouped(const Digest& fingerprint);
/// A fingerprint given in either form, in letters of either size. Fault: format.hex.
Result<Digest> read_fingerprint(std::string_view text);

std::string bytes_words(std::uint64_t bytes);  // "1.5 GiB"
std::string plural(std::uint64_t count, std::string_view one, std::string_view many = {});

/// The line on every page of an exercise; empty otherwise.
std::string banner(bool exercise);

/// What happened, its detail, what was kept, what to do next, and the code.
std::string fault_page(const Fault& fault, std::string_view kept);

void say(std::string_view text);        // to standard output
void say_aside(std::string_view text);  // to standard error

}  // namespace comity::cli
