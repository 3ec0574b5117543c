// Three States who trust one another, and one good act of each kind, made and signed by real
// desks and withheld on its way: what a forger holds in hand. Nothing of it has arrived, so each
// is still taken once all forgeries of it have failed.
#pragma once

#include "state.hpp"

namespace comity::corpus {

/// An act as it would travel.
struct Good {
  State* author = nullptr;
  State* victim = nullptr;
  Digest id;
  Bytes p7m;
  std::vector<exchange::Part> parts;
  Json content;  // of the act
};

/// What a State answered to a letter, or the fault of the letter as a whole.
using Answered = Result<Bytes>;

Bytes letter_of(const Json& acts, const Json& known = {});
Json act_json(View p7m, const std::vector<exchange::Part>& parts);
Answered hand_over(State& to, const State& from, View letter);
/// Takes the act to its addressee, and the receipt back. Both must succeed.
void carry(const Good& good);

class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// A request that has not arrived.
  Good request(std::string_view measure = "stored-data");
  Good request(State& from, State& to, std::string_view measure);
  /// What an officer of `author` decides in an exchange, not yet arrived.
  Good decided(State& author, State& victim, const Json& input);
  Good acceptance(const Good& request);
  Good refusal(const Good& request);
  /// Sealed at the one whom the request asked; nobody decided of it yet.
  ItemId sealed_item(const Good& request, std::string_view name = "mailbox.tar");
  Good delivery(const Good& request, std::string_view name = "mailbox.tar");
  Good arrival(const Good& delivery);

 private:
  std::filesystem::path folder_;

 public:
  State bfa, kgz, cub;  // asks; is asked; has nothing to do with it
  /// Keys that were stolen: revoked since yesterday, and everybody was told.
  Signer stolen_of_bfa, stolen_of_kgz;  // of an authority "police"
  Signer stolen_of_officer;             // of an approver of bfa
};

/// The world that all tests of a program share.
World& world();

}  // namespace comity::corpus
