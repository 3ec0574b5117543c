// Why a step is not open: the closed list of reasons behind every act.illegal. One list, so that a
// scenario can be asked for each of them (sim/life_scenario_test.cpp) and none is left untold.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace comity::exchange {

enum class Illegal : std::uint8_t {
  wrong_side,
  wrong_phase,
  answers_nothing,
  given_early,
  unconsulted,
  not_agreed,
  asks_no_delivery,
  other_acceptance,
  conditions_wait,
  suspended,
  no_authorisation,
  delivered_already,
  no_delivery,
  other_item,
  delivery_state,
  completed_already,
  all_arrived,
  nothing_delivered,
  ending_untold,
  under_way,
  nothing_left,
  nothing_put_off,
  other_postponement,
  item_unknown,
  item_state,
  others_proposal,
  nothing_came,
  preserves_nothing,
  replies_to_nothing,
  proposal_settled,
  others_notice,
  nothing_preserved,
  nothing_falls,
};

/// In the order of Illegal; … stands for what the case fills in.
inline constexpr std::array<std::string_view, 33> k_illegal = {
    "a … is not for the … State to make",
    "a … is not open while the request is …",
    "it answers no open query, consultation or return of the other State",
    "what was asked for is given once it was accepted, and the conditions were",
    "consultation comes before …, or why it is impossible",
    "the requesting State has not agreed on …",
    "the request asks for no delivery",
    "it does not name the standing acceptance",
    "the conditions of the acceptance are not accepted yet",
    "transfer is suspended",
    "it names no authorisation that stands",
    "this item was delivered already",
    "it names no delivery",
    "it names another item than the delivery",
    "the delivery is …",
    "the item was completed already",
    "all that was delivered has arrived: a closure ends it",
    "it is accepted and nothing was delivered yet",
    "the requesting State was not told when the preservation ends",
    "a delivery is under way",
    "nothing is left to put off",
    "nothing is put off or suspended",
    "it does not name the latest postponement",
    "it names an item that was not delivered",
    "the delivery of an item that it names is …",
    "a proposal on … is for the other State to make",
    "no item has come that it could be about",
    "the request preserves nothing",
    "it names no proposal of the other State, and no conditions that wait",
    "the proposal is …",
    "notice of … is for the other State",
    "nothing is preserved under this request",
    "it names nothing that falls",
};
static_assert(k_illegal.size() == static_cast<std::size_t>(Illegal::nothing_falls) + 1);

}  // namespace comity::exchange
