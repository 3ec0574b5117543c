#include "api/sealed_answer.hpp"

#include <gtest/gtest.h>

namespace comity::api {
namespace {

constexpr std::uint64_t k_size = 100;

/// A vault that holds one sealed file and says which range was asked of it.
class OneFile : public Vault {
 public:
  Result<void> has_room() override { return {}; }
  Result<node::FileBody> sealed(const ItemId&, std::uint64_t offset,
                                std::uint64_t length) override {
    asked = {offset, length};
    return node::FileBody{};
  }
  Result<node::SealOutcome> seal(const node::SealOrder&, node::Source&) override {
    return fault(FaultCode::forbidden);
  }
  Result<void> open(const node::OpenOrder&, node::Sink&) override {
    return fault(FaultCode::forbidden);
  }
  Result<Secret> part_key(const node::OpenOrder&) override {
    return fault(FaultCode::evidence_unknown);
  }
  Result<Bytes> header_for(const node::OpenOrder&, const std::string&) override {
    return fault(FaultCode::forbidden);
  }
  Result<Bytes> tile(const ItemId&, std::string_view) override {
    return fault(FaultCode::not_found);
  }
  Result<void> remove(const ItemId&) override { return fault(FaultCode::forbidden); }
  std::optional<std::uint64_t> bytes_done(const ItemId&) override { return std::nullopt; }

  std::pair<std::uint64_t, std::uint64_t> asked;
};

class AtOnce : public Background {
 public:
  bool run(std::function<void()> task) override {
    if (is_full) return false;
    task();
    return true;
  }
  bool is_full = false;
};

struct SealedAnswer : testing::Test {
  node::Answer ask(std::optional<std::pair<std::uint64_t, std::optional<std::uint64_t>>> range) {
    auto visit = std::make_shared<Visit>();
    visit->call.range = range;
    std::optional<node::Answer> answer;
    visit->reply = [&answer](node::Answer given) { answer = std::move(given); };
    send_sealed(vault, background, visit, {.item = ItemId{{7}}, .bytes = k_size})();
    EXPECT_TRUE(answer);
    return answer.value_or(node::Answer{});
  }
  OneFile vault;
  AtOnce background;
};

TEST_F(SealedAnswer, GivesTheWholeOrTheRangeAskedFor) {
  EXPECT_EQ(ask(std::nullopt).status, 200);
  EXPECT_EQ(vault.asked, std::pair(std::uint64_t{0}, k_size));
  const auto part = ask(std::pair(std::uint64_t{99}, std::optional<std::uint64_t>()));
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.headers.at("Content-Range"), "bytes 99-99/100");
  ask(std::pair(std::uint64_t{10}, std::optional<std::uint64_t>(1000)));
  EXPECT_EQ(vault.asked, std::pair(std::uint64_t{10}, std::uint64_t{90}));
}

TEST_F(SealedAnswer, SaysTheSameStatusInAnswerAndProblem) {
  const auto answer = ask(std::pair(k_size, std::optional<std::uint64_t>()));
  EXPECT_EQ(answer.status, 416);
  EXPECT_EQ(answer.headers.at("Content-Range"), "bytes */100");
  const auto body = formats::parse_json(std::get<Bytes>(answer.body));
  ASSERT_TRUE(body);
  EXPECT_EQ(body->at("status"), formats::Json(416));
}

TEST_F(SealedAnswer, SaysThatItIsBusy) {
  background.is_full = true;
  EXPECT_EQ(ask(std::nullopt).status, row_of(FaultCode::limit_busy).http_status);
}

}  // namespace
}  // namespace comity::api
