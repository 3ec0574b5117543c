// How a forgery is made: a good act is taken apart, one thing in it is changed, and everything
// around it is made anew with the forger's own keys, so that nothing but the change can give it
// away. Each edit names what it changes; a row of the corpus is a name, an edit and the answer.
#pragma once

#include <functional>

#include "der_edit.hpp"
#include "world.hpp"

namespace comity::corpus {

/// The CMS envelope of an act (RFC 5652 §5.1) as a tree, by the names of its fields.
class Envelope {
 public:
  Envelope(View p7m, const crypto::P256Key& key) : tree(Der::read(p7m)), key_(key) {}

  Der& data() { return tree.at({1, 0}); }
  Der& digests() { return tree.at({1, 0, 1}); }
  Der& content() { return tree.at({1, 0, 2}); }
  Der& certificates() { return tree.at({1, 0, 3}); }
  Der& signers() { return tree.at({1, 0, 4}); }
  Der& signer() { return tree.at({1, 0, 4, 0}); }
  Der& attributes() { return tree.at({1, 0, 4, 0, 3}); }
  Der& signature() { return tree.at({1, 0, 4, 0, 5}); }
  /// Signs the attributes as they stand now.
  void sign_again();

  Der tree;

 private:
  const crypto::P256Key& key_;
};

class Craft {
 public:
  /// `number` makes its content another than that of every other forgery of the same act.
  Craft(const Good& good, int number);

  State& author() { return *good_.author; }
  State& victim() { return *good_.victim; }
  const Good& good() const { return good_; }
  /// The letter, and from then on what the content and its identity are.
  Bytes letter();
  Digest id() const { return id_; }

  struct Seal {
    std::string duty;
    const Signer* by = nullptr;
  };

  Json act;                                 // the content
  std::vector<exchange::Part> parts;        // what travels beside it
  std::vector<Seal> seals;                  // who signs the substance
  bool keeps_officers = false;              // their signatures stay as they are in `act`
  const Signer* authority;                  // who signs the whole
  std::function<Bytes(Bytes)> content;      // on the canonical bytes, before signing
  std::function<void(Envelope&)> envelope;  // on what was signed
  std::function<Bytes(Bytes)> p7m;          // on its bytes
  std::function<void(Json&)> letter_edit;   // on the letter
  std::function<Bytes(Bytes)> body;         // on its bytes

 private:
  const Good& good_;
  Digest id_;
};

using Edit = std::function<void(Craft&)>;
using Bytewise = std::function<Bytes(Bytes)>;

/// The value at a path of JSON: "/order/seen/sequence", "/acts/0/p7m". "-" adds to an array.
Json& at(Json& json, std::string_view path);
void remove(Json& json, std::string_view path);

/// In the content of the act, "/substance/…" signed anew by the officers. `bind` again binds parts.
Edit set(std::string path, Json value);
Edit without(std::string path);
/// A part's bytes, name or media type; the act binds what it says then.
Edit part_says(std::string name, std::string bytes);
Edit part(std::function<void(Craft&, exchange::Part&)> change);
Edit sealed_by(std::vector<std::pair<std::string, const Signer*>> seals);
Edit signed_by(const Signer& authority);
/// In the canonical text of the content: the first `what` becomes `with`.
Edit text(std::string what, std::string with);
Edit content(Bytewise change);
Edit cms(std::function<void(Envelope&)> change);
Edit p7m(Bytewise change);
Edit letter(std::function<void(Json&)> change);
Edit letter(std::string path, Json value);
Edit letter_without(std::string path);
Edit body(Bytewise change);
Edit body(std::string what, std::string with);
Edit both(Edit first, Edit second);
/// `text` with the first `what`, which must be there, replaced.
Bytes replaced(View text, std::string_view what, std::string_view with);

/// What the addressee makes of it, and so what may be left of it.
enum class Fate {
  rejected,  // a signed rejection, logged once: its author is certain
  faulted,   // a fault in the answer: nothing is left
  refused,   // the letter as a whole: nothing is left
};

enum class Kind {
  request,
  preservation,
  query,
  consultation,
  refusal,
  acceptance,
  delivery,
  arrival
};

struct Forgery {
  const char* name;
  Kind of;
  Fate fate;
  FaultCode code;
  Edit edit;
};

/// The good act of a kind, made when first asked for.
const Good& good(Kind kind);
/// Plays it and checks the answer and that nothing else changed.
void play(const Forgery& forgery);
/// All goods that were forged are still taken and receipted.
void take_the_good_ones();

}  // namespace comity::corpus
