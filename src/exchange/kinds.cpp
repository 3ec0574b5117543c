#include "exchange/kinds.hpp"

#include <algorithm>
#include <array>

namespace comity::exchange {
namespace {

using enum Need;

/// In the order of ProposalKind.
constexpr std::array<std::string_view, k_proposal_kinds> k_proposal_names = {
    "secrecy", "securing", "costs", "other-use", "onward-transfer", "retention"};
constexpr std::array<ProposalRow, k_proposal_kinds> k_proposals = {{
    //  by              blocks  proceeding state  until  items
    {Side::requested, true, never, never, never, never},  // secrecy
    {Side::requested, true, never, never, never, never},  // securing
    {Side::requested, true, never, never, never, never},  // costs
    {Side::requester, false, must, never, never, may},    // other-use
    {Side::requester, false, may, must, never, may},      // onward-transfer
    {Side::requester, false, never, never, must, may},    // retention
}};

/// In the order of NoticeKind.
constexpr std::array<std::string_view, k_notice_kinds> k_notice_names = {"acknowledgement",
                                                                         "forwarding",
                                                                         "delay",
                                                                         "preservation-renewed",
                                                                         "preservation-ending",
                                                                         "secrecy-renewed",
                                                                         "secrecy-ending",
                                                                         "person-notified",
                                                                         "notification-deferred",
                                                                         "exculpatory-disclosure",
                                                                         "use-report",
                                                                         "deletion",
                                                                         "breach",
                                                                         "complaint"};
constexpr std::array<NoticeRow, k_notice_kinds> k_notices = {{
    //  by              time                 until  authority items
    {Side::requested, NoticeTime::in_work, may, never, never},     // acknowledgement
    {Side::requested, NoticeTime::in_work, never, must, never},    // forwarding
    {Side::requested, NoticeTime::in_work, must, never, never},    // delay
    {Side::requested, NoticeTime::preserved, must, never, never},  // preservation-renewed
    {Side::requested, NoticeTime::preserved, must, never, never},  // preservation-ending
    {Side::requester, NoticeTime::any, must, never, never},        // secrecy-renewed
    {Side::requested, NoticeTime::any, must, never, never},        // secrecy-ending
    {Side::requested, NoticeTime::any, never, never, may},         // person-notified
    {Side::requested, NoticeTime::any, must, never, may},          // notification-deferred
    {Side::requester, NoticeTime::held, never, never, may},        // exculpatory-disclosure
    {Side::requester, NoticeTime::held, never, never, may},        // use-report
    {Side::requester, NoticeTime::held, never, never, must},       // deletion
    {std::nullopt, NoticeTime::any, never, never, may},            // breach
    {std::nullopt, NoticeTime::any, never, never, never},          // complaint
}};

template <typename Kind, std::size_t count>
Result<Kind> kind_named(const std::array<std::string_view, count>& names, std::string_view name,
                        std::string_view what) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end())
    return fault(FaultCode::act_form,
                 "no kind of " + std::string(what) + ": " + std::string(name.substr(0, 40)));
  return static_cast<Kind>(at - names.begin());
}

}  // namespace

std::string_view name_of(ProposalKind kind) {
  return k_proposal_names[static_cast<std::size_t>(kind)];
}
Result<ProposalKind> proposal_kind(std::string_view name) {
  return kind_named<ProposalKind>(k_proposal_names, name, "proposal");
}
const ProposalRow& row_of(ProposalKind kind) {
  return k_proposals[static_cast<std::size_t>(kind)];
}

std::string_view name_of(NoticeKind kind) {
  return k_notice_names[static_cast<std::size_t>(kind)];
}
Result<NoticeKind> notice_kind(std::string_view name) {
  return kind_named<NoticeKind>(k_notice_names, name, "notice");
}
const NoticeRow& row_of(NoticeKind kind) {
  return k_notices[static_cast<std::size_t>(kind)];
}

}  // namespace comity::exchange
