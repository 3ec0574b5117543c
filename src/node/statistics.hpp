// Numbers for the State's own use and for publication: how many requests came and went, by State,
// measure, article and ground; how long each stage took; what was deferred, agreed to and deleted.
// Pure. What is published leaves out small numbers, which can tell of a single case.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/json.hpp"
#include "node/history.hpp"

namespace comity::node {

/// The smallest number that is published.
inline constexpr std::uint64_t k_published_least = 5;

/// One exchange, as far as it is counted.
struct Counted {
  bool incoming = false;
  StateCode partner;
  std::string measure, article;
  std::vector<StandingAct> acts;  // in the order logged here
};

/// "requests in by state: BFA" is {incoming, "requests", "state", "BFA"}.
struct Count {
  bool incoming = false;
  std::string what, by, key;            // by "" and key "": all of them
  std::optional<std::uint64_t> number;  // nothing: too small to be published
  bool operator==(const Count&) const = default;
};

/// From the request to the first act that ends the stage; in whole seconds.
struct Stage {
  bool incoming = false;
  std::string name;  // "acknowledged", "decided", "delivered", "closed"
  std::uint64_t number = 0;
  std::optional<std::int64_t> median_s, ninth_decile_s;  // nothing: too few to be published
  bool operator==(const Stage&) const = default;
};

struct Statistics {
  std::vector<Count> counts;
  std::vector<Stage> stages;
  bool operator==(const Statistics&) const = default;
};

Statistics statistics_of(const std::vector<Counted>& exchanges);

/// Leaves out each number below k_published_least, and another one of its group if it alone were
/// left out: the total would tell it.
Statistics published(Statistics statistics);

formats::Json to_json(const Statistics& statistics);

}  // namespace comity::node
