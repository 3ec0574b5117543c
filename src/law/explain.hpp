// A profile told in sentences, what looks odd in one, and in what two differ: for the lawyers who
// write it. It judges no request.
#pragma once

#include "law/profile.hpp"

namespace comity::law {

/// One line each: "published.scope" and what it says, in words.
struct Saying {
  std::string place;
  std::string words;
  bool is_public = false;  // it stands in the directory entry
  bool operator==(const Saying&) const = default;
};

/// Everything that the profile says, in the order of its file.
std::vector<Saying> explain(const Profile& profile, const treaty::Treaties& treaties,
                            std::string_view language = "en");

/// What loads and yet deserves a second look: a more intrusive category with a less independent
/// body, a category offered that nobody authorises, interception without a court, an offence of the
/// scope without a provision, a profile that nobody answers for.
std::vector<Saying> review(const Profile& profile, const treaty::Treaties& treaties);

struct Difference {
  std::string place, before, after;  // empty: says nothing there
  bool operator==(const Difference&) const = default;
};

/// By place, in the order of the first.
std::vector<Difference> difference(const std::vector<Saying>& before,
                                   const std::vector<Saying>& after);

}  // namespace comity::law
