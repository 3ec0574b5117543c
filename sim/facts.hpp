// What an act says, read from its signed bytes without the code that made it: the checkers know the
// protocol (spec/acts.md), not the heart.
#pragma once

#include "sim/stage.hpp"

namespace comity::sim {

struct SignedBy {
  std::string duty, name;
  Digest key;
  std::vector<std::string> roles;
  StateCode state;
};

struct ActFacts {
  Digest id;  // SHA-256 of the content
  std::string exchange, draft, type, measure;
  StateCode from, to;
  std::int64_t sequence = 0;
  Json body;
  std::vector<std::string> parts;  // their names
  std::vector<SignedBy> officers;  // whose signature over the substance holds

  std::string text(std::string_view key) const;  // of the body; empty: null or not there
  bool has_part(std::string_view name) const;
};

/// Reads acts and remembers them by the bytes: they are looked at again and again.
class FactReader {
 public:
  explicit FactReader(Signatures& signatures) : signatures_(signatures) {}
  /// Nothing when the signature or the form does not hold.
  const ActFacts* read(const Bytes& p7m);

 private:
  std::optional<ActFacts> facts_of(const Bytes& p7m);

  Signatures& signatures_;
  std::map<Digest, std::optional<ActFacts>> known_;
};

}  // namespace comity::sim
