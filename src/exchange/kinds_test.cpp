#include "exchange/kinds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "base/source_dir_test.hpp"
#include "exchange/body.hpp"
#include "exchange/sample_test.hpp"

namespace comity::exchange {
namespace {

using Cells = std::vector<std::string>;

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(" `");
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(" `") - first + 1);
}

/// The rows of the table of spec/acts.md that begins with this heading, by their first cell.
std::map<std::string, Cells> table_of(const std::string& heading) {
  std::ifstream file(source_dir() + "/spec/acts.md");
  std::map<std::string, Cells> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| " + heading + " |")) {
      inside = true;
    } else if (inside && !line.starts_with("|")) {
      break;
    } else if (inside && !line.starts_with("| ---")) {
      Cells cells;
      std::istringstream stream(line.substr(1));
      for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(trimmed(cell));
      rows[cells.at(0)] = {cells.begin() + 1, cells.end()};
    }
  }
  return rows;
}

std::string mark(Need need) {
  return need == Need::must ? "●" : need == Need::may ? "○" : "";
}

std::string refusal(const Body& body) {
  const auto read = read_body(type_of(body), to_json(body));
  return read ? "accepted" : read.error().detail;
}

}  // namespace

TEST(Kinds, OfProposalsAreThoseOfTheSpecification) {
  const auto table = table_of("proposal | who");
  ASSERT_EQ(table.size(), k_proposal_kinds);
  for (std::size_t i = 0; i < k_proposal_kinds; ++i) {
    const auto kind = static_cast<ProposalKind>(i);
    const std::string name(name_of(kind));
    EXPECT_EQ(*proposal_kind(name), kind);
    ASSERT_TRUE(table.contains(name)) << name;
    const auto& row = row_of(kind);
    const Cells said{std::string(name_of(row.by)),
                     row.blocks ? "yes" : "no",
                     mark(row.proceeding),
                     mark(row.state),
                     mark(row.until),
                     mark(row.items)};
    EXPECT_EQ(Cells(table.at(name).begin(), table.at(name).begin() + 6), said) << name;
  }
  EXPECT_EQ(proposal_kind("marriage").error().code, FaultCode::act_form);
}

TEST(Kinds, OfNoticesAreThoseOfTheSpecification) {
  constexpr std::array<std::string_view, 4> k_times{"work", "preserved", "held", "any"};
  const auto table = table_of("notice | who");
  ASSERT_EQ(table.size(), k_notice_kinds);
  for (std::size_t i = 0; i < k_notice_kinds; ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    const std::string name(name_of(kind));
    EXPECT_EQ(*notice_kind(name), kind);
    ASSERT_TRUE(table.contains(name)) << name;
    const auto& row = row_of(kind);
    const Cells said{row.by ? std::string(name_of(*row.by)) : "either",
                     std::string(k_times.at(static_cast<std::size_t>(row.time))), mark(row.until),
                     mark(row.authority), mark(row.items)};
    EXPECT_EQ(Cells(table.at(name).begin(), table.at(name).begin() + 5), said) << name;
  }
  EXPECT_EQ(notice_kind("gossip").error().code, FaultCode::act_form);
}

TEST(Kinds, SayWhichMembersAreFilled) {
  for (std::size_t i = 0; i < k_notice_kinds; ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    const auto& row = row_of(kind);
    for (const bool until : {false, true})
      for (const bool authority : {false, true})
        for (const bool items : {false, true}) {
          NoticeBody body{.kind = kind};
          if (until) body.until = Instant{1000};
          if (authority) body.authority = "contact-point";
          if (items) body.items = {sample::id<ItemId>(1)};
          const auto fits = [](Need need, bool there) {
            return need == Need::may || (need == Need::must) == there;
          };
          const bool good =
              fits(row.until, until) && fits(row.authority, authority) && fits(row.items, items);
          EXPECT_EQ(refusal(body) == "accepted", good) << name_of(kind) << ": " << refusal(body);
        }
  }
  for (std::size_t i = 0; i < k_proposal_kinds; ++i) {
    const auto kind = static_cast<ProposalKind>(i);
    const auto& row = row_of(kind);
    ProposalBody body{.kind = kind};
    if (row.proceeding == Need::must) body.proceeding = "Case 9/2026";
    if (row.state == Need::must) body.state = sample::state("LAO");
    if (row.until == Need::must) body.until = Instant{1000};
    EXPECT_EQ(refusal(body), "accepted") << name_of(kind);
    auto more = body;
    more.state = sample::state("LAO");
    EXPECT_EQ(refusal(more) == "accepted", row.state != Need::never) << name_of(kind);
    more = body;
    more.until = Instant{1000};
    EXPECT_EQ(refusal(more) == "accepted", row.until != Need::never) << name_of(kind);
  }
}

}  // namespace comity::exchange
