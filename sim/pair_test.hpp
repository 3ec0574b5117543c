// Two States, one of which asks and one of which answers, with no chance in it: for tests that tell
// a story step by step. Real hearts on real rows; letters go when the story says so.
#pragma once

#include <gtest/gtest.h>

#include "formats/age_keys.hpp"
#include "sim/stage.hpp"
#include "treaty/sample_test.hpp"

namespace comity::sim {

class Pair {
 public:
  /// Under another law of the State that answers, if one is given.
  explicit Pair(const law::Profile* law = nullptr, bool real_signatures = true)
      : signatures(real_signatures) {
    answering.profile = law;
    for (auto* one : {&asking, &answering}) {
      CHECK(one->start(now));
      for (const auto* officer : one->officers()) {
        const bool is_first = officer == one->officers()[0] || officer == one->officers()[1];
        expect(decide(*one, is_first ? node::Officer{} : as_caller(*one->officers()[0]),
                      statement("officer.add").set("certificate", officer->certificate.pem())));
      }
    }
    trust(asking, answering);
    trust(answering, asking);
  }

  using Question = std::function<Result<Json>(node::Desk& desk)>;
  /// One turn in which this is asked.
  Result<Json> ask(Member& at, const Question& question) {
    auto answer = std::make_shared<std::optional<Result<Json>>>();
    at.push([=](node::Desk& desk) -> node::Afterwards {
      *answer = question(desk);
      return {};
    });
    CHECK(at.turn(clock(at)));
    return **answer;
  }
  /// Made, signed by officers who may, and sent.
  Result<Json> decide(Member& at, const node::Officer& who, const Json& input) {
    TRY_LET(const Json draft,
            ask(at, [=](node::Desk& desk) { return desk.make_draft(who, input); }));
    return finish(at, draft);
  }
  Result<Json> finish(Member& at, const Json& draft) {
    const auto id = *DraftId::from_hex(draft.at("draft").text());
    const auto content = *from_base64(draft.at("content").text());
    std::vector<const KeyPair*> taken;
    for (const auto& duty : draft.at("duties").items()) {
      const auto* officer = signer_for(at, draft, duty, taken);
      CHECK(officer);
      taken.push_back(officer);
      const auto signature =
          signatures.sign(content, *officer, clock(at), crypto::CmsForm::detached);
      const auto input =
          Json::object({{"duty", duty.at("name").text()}, {"signature", base64(signature)}});
      TRY(ask(at, [=](node::Desk& desk) { return desk.sign(as_caller(*officer), id, input); }));
    }
    const auto who = as_caller(*at.officers()[0]);
    return ask(at, [=](node::Desk& desk) { return desk.send(who, id); });
  }

  /// What is due at one goes to the other, and its answers come back. Gives how many acts went.
  std::size_t carry(Member& from, Member& to) {
    std::vector<node::Letter> letters;
    from.push([&](node::Desk& desk) -> node::Afterwards {
      letters = *desk.letters();
      return {};
    });
    CHECK(from.turn(clock(from)));
    std::size_t acts = 0;
    for (const auto& letter : letters) {
      acts += letter.acts.size();
      std::shared_ptr<node::LetterAnswer> answer;
      to.push([&](node::Desk& desk) -> node::Afterwards {
        answer = *desk.take_letter(from.state(), letter.body);
        return {};
      });
      CHECK(to.turn(clock(to)));
      from.push([&](node::Desk& desk) -> node::Afterwards {
        CHECK(desk.letter_answered(letter, answer->body));
        return {};
      });
      CHECK(from.turn(clock(from)));
    }
    return acts;
  }
  void carry_all() {
    while (carry(asking, answering) + carry(answering, asking) > 0) {
    }
  }

  /// A request that the other State has and did not answer yet.
  ExchangeId sent_request(std::string_view code = "stored-data") {
    const auto& measure = treaty::sample::measure(code);
    const auto sent =
        expect(decide(asking, approver(asking),
                      Json::object({{"type", "request"},
                                    {"to", answering.state().text()},
                                    {"measure", measure.code},
                                    {"fields", treaty::sample::full_form(measure)}})));
    carry_all();
    return *ExchangeId::from_hex(sent.at("exchange").text());
  }

  /// To each question of the assessment, what lets the request be accepted.
  Json answers_to(const ExchangeId& id) {
    const auto who = approver(answering);
    const auto assessment =
        expect(ask(answering, [=](node::Desk& desk) { return desk.assessment(who, id); }));
    auto answers = Json::array();
    for (const auto& question : assessment.at("questions").items())
      answers.push_back(
          Json::object({{"code", question.at("code").text()},
                        {"answer", question.at("accept_if").text() == "no" ? "no" : "yes"},
                        {"reasons", "As examined (exercise)"}}));
    return answers;
  }

  /// One that it accepted, with what `terms` adds.
  ExchangeId accepted_request(std::string_view code = "stored-data",
                              const Json& terms = Json::object()) {
    const auto id = sent_request(code);
    accept(id, terms);
    return id;
  }
  void accept(const ExchangeId& id, const Json& terms = Json::object()) {
    auto input =
        Json::object({{"type", "acceptance"}, {"exchange", id.hex()}, {"answers", answers_to(id)}});
    for (const auto& [key, value] : terms.members()) input.set(key, value);
    expect(decide(answering, approver(answering), input));
    carry_all();
  }

  ItemId begin_item(const ExchangeId& exchange, const std::optional<Digest>& received = {}) {
    auto input = Json::object({{"name", "mailbox.tar"},
                               {"media", "file"},
                               {"custodian", "Example Mail (exercise)"},
                               {"collector", "Officer four (exercise)"},
                               {"collected_at", to_text(now)},
                               {"tool", "exporter 3.1 (exercise)"},
                               {"authorisation", "Exercise order 7/2026"}});
    if (received) input.set("received_sha256", received->hex());
    const auto who = executor(answering);
    const auto begun = expect(
        ask(answering, [=](node::Desk& desk) { return desk.begin_item(who, exchange, input); }));
    return *ItemId::from_hex(begun.at("item").text());
  }
  node::SealOutcome outcome_of(const ItemId& item, const Digest& plaintext,
                               std::uint64_t size = 4711) {
    node::SealOutcome outcome;
    const auto who = executor(answering);
    expect(ask(answering, [&](node::Desk& desk) -> Result<Json> {
      TRY_LET(const auto order, desk.seal_order(who, item));
      for (const auto& one : order.recipients) {
        TRY_LET(const auto recipient, formats::AgeRecipient::from_text(one));
        outcome.recipients.push_back(recipient.id());
      }
      return Json();
    }));
    outcome.shape = {.prefix_size = 400,
                     .prefix_sha256 = {{1}},
                     .plaintext_size = size,
                     .plaintext_sha256 = plaintext,
                     .chunk_root = {{2}}};
    return outcome;
  }
  ItemId sealed_item(const ExchangeId& exchange, std::uint64_t size = 4711) {
    const auto item = begin_item(exchange);
    const auto outcome = outcome_of(item, Digest{{3}}, size);
    const auto who = executor(answering);
    expect(ask(answering, [=](node::Desk& desk) { return desk.item_sealed(who, item, outcome); }));
    return item;
  }
  Result<Json> release(const ExchangeId& exchange, const ItemId& item) {
    return decide(
        answering, executor(answering),
        Json::object({{"type", "delivery"}, {"exchange", exchange.hex()}, {"item", item.hex()}}));
  }
  Result<Json> destroy(Member& at, const ItemId& item) {
    return decide(
        at, approver(at),
        statement("item.destroy").set("item", item.hex()).set("remains", "The manifest."));
  }
  /// As the shell does once every chunk is verified and durable.
  void arrive(const ItemId& item) {
    expect(ask(asking, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.item_arrived(item));
      return Json();
    }));
  }

  std::string state_of(Member& at, const ItemId& item) {
    const auto row = at.rows().item(item);
    return *row ? std::string(node::name_of((*row)->state)) : "unknown";
  }
  /// How many entries of a kind a log holds about an item.
  std::size_t entries(Member& at, std::string_view log, std::string_view kind) {
    const auto rows = at.rows().entries(log, 0, 100'000);
    return static_cast<std::size_t>(
        std::ranges::count_if(*rows, [&](const auto& row) { return row.kind == kind; }));
  }

  static node::Officer approver(Member& at) { return as_caller(*at.officers()[0]); }
  static node::Officer executor(Member& at) { return as_caller(*at.officers()[3]); }
  static Json statement(std::string_view kind) {
    return Json::object({{"type", "statement"}, {"kind", kind}});
  }
  static Json expect(const Result<Json>& result) {
    EXPECT_TRUE(result) << (result ? ""
                                   : std::string(row_of(result.error().code).name) + ": " +
                                         result.error().detail);
    return result.value_or(Json());
  }

  Instant clock(const Member& at) const {
    return now.plus_s(&at == &answering ? answering_ahead_s : 0);
  }
  Instant now = treaty::sample::day("2026-03-01");
  std::int64_t answering_ahead_s = 0;  // how far that State's clock is wrong
  Options options{.seed = 1};
  Signatures signatures;
  Member asking{*StateCode::from_text("KGZ"), options, signatures, 0};
  Member answering{*StateCode::from_text("BFA"), options, signatures, 0};

 private:
  static const KeyPair* signer_for(Member& at, const Json& draft, const Json& duty,
                                   const std::vector<const KeyPair*>& taken) {
    const KeyPair* best = nullptr;
    const auto* barred = draft.find("not_by");  // drafted it
    for (const auto* officer : at.officers()) {
      if (std::ranges::find(taken, officer) != taken.end()) continue;
      if (barred && officer->certificate.fingerprint().hex() == barred->text()) continue;
      const bool fits = std::ranges::any_of(duty.at("roles").items(), [&](const Json& role) {
        return has_role(*officer, role.text());
      });
      // Who holds fewer roles goes first, so that the others are left for the next duty.
      if (fits && (!best || officer->certificate.subject().roles.size() <
                                best->certificate.subject().roles.size()))
        best = officer;
    }
    return best;
  }
  void trust(Member& at, Member& other) {
    expect(decide(at, approver(at),
                  statement("entry.accept")
                      .set("p7m", base64(other.entry_p7m({.issued_at = now.plus_s(-k_day_s),
                                                          .valid_from = now.plus_s(-k_day_s),
                                                          .valid_to = now.plus_s(700 * k_day_s)})))
                      .set("fingerprint", other.identity().root().certificate.fingerprint().hex())
                      .set("how", "Read out on the telephone (exercise)")));
    expect(decide(at, approver(at),
                  statement("callback.record")
                      .set("state", other.state().text())
                      .set("words", "The duty officer confirmed it (exercise)")));
  }
};

}  // namespace comity::sim
