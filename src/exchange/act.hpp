// An act: one signed statement in an exchange, and the parts of it that can be withheld.
// Identity is the SHA-256 of the act's content, never of the signature around it (spec/acts.md §2).
// This file gives the value and its exact bytes; who may sign is judged in node, what may follow in
// life.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "formats/json.hpp"

namespace comity::exchange {

enum class ActType {
  request,       // requester: asks for one measure
  supplement,    // either: adds facts, answers a query or a consultation, completes a request
  query,         // either: asks about status, or for more information (40(16))
  consultation,  // requested: could it be done otherwise? (40(28)); comes before every refusal
  acceptance,  // requested: will execute, perhaps under conditions; for a preservation: has secured
  refusal,     // requested: will not, on a ground, with reasons (40(25))
  delivery,    // requested: releases one sealed item
  arrival,     // requester: has verified every chunk of it; made by the node itself
  withdrawal,  // requester: needs it no longer
  closure,     // either: nothing more to say
  completion,  // requested: a live item has ended, and is this; made by the node itself
  return_,     // requested: it is incomplete; the data are held while it is completed
  postponement,   // requested: not now, but then (40(27)); after acceptance nothing is transferred
  resumption,     // requested: what made it wait is over
  authorisation,  // requested: a court or authority at home allowed it, in these bounds (art. 24)
  proposal,       // either: asks for a decision of the other State (40(19), 40(20), 42(7), 36(3))
  reply,      // either: agrees or declines; to a proposal, or to the conditions of an acceptance
  notice,     // either: tells what the other State has to know
  annulment,  // requested: what was authorised or delivered falls, even after delivery
};
inline constexpr std::size_t k_act_types = 19;
std::string_view name_of(ActType type);
Result<ActType> act_type(std::string_view name);

enum class Side { requester, requested };
inline Side other(Side side) {
  return side == Side::requester ? Side::requested : Side::requester;
}
std::string_view name_of(Side side);

/// Binds a part to the act: SHA-256(salt ‖ bytes). The salt keeps a withheld part from being
/// guessed.
struct PartBinding {
  std::string name;  // [a-z0-9._-]{1,64}, beginning with neither '.' nor '-'
  std::string media_type;
  std::uint64_t size = 0;  // bytes
  Digest digest;
  bool operator==(const PartBinding&) const = default;
};

struct Part {
  std::string name, media_type;
  Salt salt{};
  Bytes bytes;
  PartBinding binding() const;
  bool operator==(const Part&) const = default;
};

/// What the officers sign: everything but order and time.
struct Substance {
  bool exercise = false;
  ExchangeId exchange;
  DraftId draft;  // drawn with the draft; one substance serves one act
  ActType type{};
  StateCode from, to;
  std::string from_authority, to_authority;  // codes of the directory entries
  std::string instrument, measure;
  formats::Json body;  // object; its keys are those of spec/acts.md for the type
  std::vector<PartBinding> parts;
  bool operator==(const Substance&) const = default;
};

/// The latest act of the other side that the author had taken when it made this one.
struct Seen {
  std::uint64_t sequence = 0;  // 0: none
  Digest act;                  // zero: none
  bool operator==(const Seen&) const = default;
};

struct Order {
  std::uint64_t sequence = 0;  // of the author's own acts in this exchange, from 1
  Digest previous;             // the author's previous act; zero for the first
  Seen seen;
  Instant made_at, expires_at;
  bool operator==(const Order&) const = default;
};

struct OfficerSignature {
  std::string duty;  // "approver", "executor", …: spec/acts.md §5
  Bytes signature;   // detached CMS over the substance's bytes, DER
  bool operator==(const OfficerSignature&) const = default;
};

struct Act {
  Substance substance;
  Order order;
  std::vector<OfficerSignature> officers;
  bool operator==(const Act&) const = default;
};

inline constexpr std::size_t k_content_bytes_max = std::size_t{256} * 1024;
inline constexpr std::size_t k_part_bytes_max = std::size_t{1024} * 1024;
inline constexpr std::size_t k_parts_max = 32;
inline constexpr std::size_t k_officers_max = 4;

/// The bytes that officers sign: canonical JSON (RFC 8785).
Bytes substance_content(const Substance& substance);
Result<Substance> read_substance(View content);
/// The bytes that the authority signs.
Bytes act_content(const Act& act);
/// Strict: canonical JSON with exactly the fields of spec/acts.md. Fault: act.form.
Result<Act> read_act(View content);
Digest act_id(View content);

/// Every binding has its part, byte for byte, and no part is left over. Fault: act.part.
Result<void> check_parts(const std::vector<PartBinding>& bindings, const std::vector<Part>& parts);

/// A node's signed word that it will not take an act.
struct Rejection {
  bool exercise = false;
  Digest act;           // SHA-256 of the rejected content
  ExchangeId exchange;  // zero: none could be read in the content
  StateCode from, to;
  FaultCode code{};
  std::string detail;
  Instant made_at;
  bool operator==(const Rejection&) const = default;
};
Bytes rejection_content(const Rejection& rejection);
Result<Rejection> read_rejection(View content);

}  // namespace comity::exchange
