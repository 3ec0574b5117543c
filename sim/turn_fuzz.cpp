// Bytes as what may befall a real heart, turn after turn: after a calm story its partner's letters
// and answers come edited, signed again by the partner's own keys or not; its officers ask for what
// they should not; time passes. No turn may fail, no rule of checks.hpp may break, and the node
// must start again on what it kept. CMS, TLS and HTTP have targets of their own: signatures are
// cheap here.
#include "base/check.hpp"
#include "sim/network.hpp"
#include "sim/officers.hpp"

namespace comity::sim {
namespace {

constexpr formats::JsonLimits k_limits{.bytes_max = 8 << 20, .depth_max = 16};
constexpr std::size_t k_calm_moves_max = 24, k_steps_max = 24;

class Dice {
 public:
  explicit Dice(View bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::size_t next() {
    if (bytes_.empty()) return 0;
    const auto byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : next() % bound; }
  Bytes some() {
    const auto wanted = next();
    const auto taken = bytes_.first(std::min(bytes_.size(), wanted));
    bytes_ = bytes_.subspan(taken.size());
    return to_bytes(taken);
  }

 private:
  View bytes_;
};

Json other_value(Dice& dice, const Json& was) {
  switch (dice.below(10)) {
    case 0:
      return {};
    case 1:
      return Json(dice.below(2) == 0);
    case 2:
      return Json(static_cast<std::int64_t>(dice.next()) - 2);
    case 3:
      return Json(formats::k_json_integer_max);
    case 4:
      return Json::array();
    case 5:
      return Json::object();
    case 6:
      return Json::array({was, was});
    case 7:
      return Json(std::string(dice.next() * 8, 'a'));
    default: {
      if (!was.is_text() || was.text().empty()) return Json("2026-03-05T00:00:00.000Z");
      auto text = was.text();
      auto& letter = text[dice.next() % text.size()];
      letter = static_cast<char>('0' + (letter + 1 + static_cast<char>(dice.below(40))) % 75);
      return Json(std::move(text));
    }
  }
}

/// Somewhere within, one value is another, is gone, or stands twice.
void edit(Dice& dice, Json& json) {
  auto* at = &json;
  while (at->size() > 0 && dice.below(5) != 0) {
    const auto which = dice.below(at->size());
    if (at->is_array()) {
      at = &at->items()[which];
      continue;
    }
    auto member = at->members().begin();
    std::advance(member, which);
    if (dice.below(12) == 0) {
      at->members().erase(member);
      return;
    }
    at = &member->second;
  }
  if (at->is_array() && at->size() > 0 && dice.below(2) == 0)
    at->push_back(at->items()[dice.below(at->size())]);
  else
    *at = other_value(dice, *at);
}

class Play {
 public:
  explicit Play(View bytes) : dice_(bytes) { stage_.options.wrong_moves = 400; }

  void run() {
    officers_.settle_in();
    const auto moves = dice_.below(k_calm_moves_max);
    for (std::size_t i = 0; i < moves; ++i) {
      officers_.move(static_cast<std::int64_t>(dice_.next()));
      carry(hostile(), victim(), false);
      carry(victim(), hostile(), false);
      pass_s(60);
    }
    checks_.look();
    for (std::size_t step = 0; !dice_.empty() && step < k_steps_max; ++step) this->step();
    checks_.look();
    victim().die(false);
    const auto started = victim().start(stage_.now);
    if (!started) stage_.report("stopped", "it does not start again: " + told(started.error()));
    if (victim().found() != Member::Found::same) stage_.report("lasting", "other rows");
    if (started) checks_.look();
    for (const auto& violation : stage_.violations)
      std::fprintf(stderr, "%s: %s\n", violation.checker.c_str(), violation.what.c_str());
    CHECK(stage_.violations.empty());
  }

 private:
  Member& hostile() { return *stage_.members[0]; }
  Member& victim() { return *stage_.members[1]; }
  void pass_s(std::int64_t s) {
    for (const auto end = stage_.now.plus_s(s); stage_.step(end);) continue;
  }

  void step() {
    switch (dice_.below(8)) {
      case 0:
        stage_.has_troubles = dice_.below(2) == 1;  // its officers err then
        officers_.move(static_cast<std::int64_t>(dice_.next()));
        stage_.has_troubles = false;
        break;
      case 1:
      case 2:
        carry(hostile(), victim(), true);
        break;
      case 3:
        carry(victim(), hostile(), true);
        break;
      case 4:
        hand_over(dice_.some());
        break;
      case 5:
        ask();
        break;
      case 6:
        read();
        break;
      default:
        pass_s(std::int64_t{1} << dice_.below(22));
    }
  }

  /// What is due goes, and its answers come back. What the hostile one says may be edited.
  void carry(Member& from, Member& to, bool is_edited) {
    std::vector<node::Letter> letters;
    stage_.push(from, [&](node::Desk& desk) -> node::Afterwards {
      auto due = desk.letters();
      if (due)
        letters = *std::move(due);
      else
        stage_.report_fault(from, "composes letters", due.error());
      return {};
    });
    for (auto& letter : letters) {
      if (is_edited && &from == &hostile()) letter.body = edited_letter(letter.body);
      auto answer = take(to, from, letter.body);
      if (answer && is_edited && &to == &hostile()) {
        auto body = *formats::parse_json(*answer, k_limits);
        edit(dice_, body);
        answer = to_bytes(formats::canonical(body));
      }
      stage_.push(from, [&](node::Desk& desk) -> node::Afterwards {
        const auto heard = desk.letter_answered(letter, answer);
        if (!heard) stage_.report_fault(from, "reads an answer", heard.error());
        return {};
      });
    }
  }

  Result<Bytes> take(Member& to, Member& from, const Bytes& body) {
    std::shared_ptr<node::LetterAnswer> kept;
    Fault why{FaultCode::peer_timeout, "nobody is there"};
    stage_.push(to, [&](node::Desk& desk) -> node::Afterwards {
      auto answer = desk.take_letter(from.state(), body);
      if (answer)
        kept = *answer;
      else
        why = answer.error();
      if (!answer && is_own_failure(why.code)) stage_.report_fault(to, "takes a letter", why);
      return {};
    });
    if (!kept) return std::unexpected(why);
    if (&to == &victim()) checks_.saw_answer(to, from.state(), kept->body);
    return kept->body;
  }

  void hand_over(const Bytes& body) { static_cast<void>(take(victim(), hostile(), body)); }

  Bytes edited_letter(const Bytes& honest) {
    auto body = *formats::parse_json(honest, k_limits);
    for (auto& act : body["acts"].items())
      if (dice_.below(4) != 0)
        act = liar_.edited(
            hostile(), std::move(act), [&](Json& content) { edit(dice_, content); },
            dice_.below(2) == 0);
    if (dice_.below(3) == 0) edit(dice_, body);
    return to_bytes(formats::canonical(body));
  }

  using Question = std::function<Result<Json>(node::Desk& desk)>;
  Result<Json> answer_to(const Question& question) {
    Result<Json> answer = fault(FaultCode::node_down);
    stage_.push(victim(), [&](node::Desk& desk) -> node::Afterwards {
      answer = question(desk);
      return {};
    });
    if (!answer && is_own_failure(answer.error().code))
      stage_.report_fault(victim(), "answers an officer", answer.error());
    return answer;
  }
  node::Officer somebody() { return as_caller(*victim().officers()[dice_.below(4)]); }
  ExchangeId some_exchange() {
    const auto known = victim().rows().exchanges({});
    if (!known || known->empty()) return {};
    return (*known)[dice_.below(known->size())].id;
  }
  ItemId some_item() {
    const auto known = victim().rows().items(std::nullopt);
    if (!known || known->empty()) return {};
    return (*known)[dice_.below(known->size())].id;
  }

  /// A draft of whatever kind, edited, signed by whoever wants to, and sent.
  void ask() {
    const std::string id = some_exchange().hex();
    const auto of = [&](std::string_view type) {
      return Json::object({{"type", type}, {"exchange", id}});
    };
    const auto statement = [](std::string_view kind) {
      return Json::object({{"type", "statement"}, {"kind", kind}});
    };
    const auto other = hostile().state().text();
    const std::vector<Json> drafts{
        of("query").set("kind", "status").set("text", "How far is this?"),
        of("supplement").set("text", "More").set("answers", Digest{{1}}.hex()),
        of("consultation").set("about", "R21B").set("text", "Otherwise?"),
        of("acceptance").set("conditions", Json::array()).set("answers", Json::array()),
        of("refusal").set("reasons", "No").set("grounds", Json::array({"40-21-b"})),
        of("delivery").set("item", some_item().hex()),
        of("withdrawal"),
        of("closure"),
        statement("officer.add").set("certificate", victim().officers()[2]->certificate.pem()),
        statement("officer.revoke")
            .set("certificate", victim().officers()[2]->certificate.fingerprint().hex())
            .set("reason", "He left"),
        statement("entry.accept").set("p7m", base64(hostile().entry_p7m(entry_))).set("how", "x"),
        statement("entry.revoke").set("file", base64(hostile().entry_p7m(entry_))),
        statement("entry.renew").set("p7m", base64(victim().entry_p7m(entry_))),
        statement("callback.record").set("state", other).set("words", "Called"),
        statement("item.destroy").set("item", some_item().hex()).set("remains", "Nothing"),
        statement("log.origin").set("partner", other).set("reason", "Lost"),
        statement("backup.evidence_keys").set("reason", "x").set("recipients", Json::array())};
    auto input = drafts[dice_.below(drafts.size())];
    if (dice_.below(2) == 0) edit(dice_, input);
    const auto who = somebody();
    const auto made = answer_to([&](node::Desk& desk) { return desk.make_draft(who, input); });
    if (!made) return;
    const auto draft = *DraftId::from_hex(made->at("draft").text());
    const auto content = *from_base64(made->at("content").text());
    for (const auto& duty : made->at("duties").items()) {
      const auto& signer = *victim().officers()[dice_.below(4)];
      const auto signature =
          stage_.signatures.sign(content, signer, stage_.now, crypto::CmsForm::detached);
      const auto words =
          Json::object({{"duty", duty.at("name").text()}, {"signature", base64(signature)}});
      static_cast<void>(
          answer_to([&](node::Desk& desk) { return desk.sign(as_caller(signer), draft, words); }));
    }
    static_cast<void>(answer_to([&](node::Desk& desk) { return desk.send(who, draft); }));
  }

  void read() {
    const auto who = somebody();
    const auto exchange = dice_.below(4) == 0 ? ExchangeId{} : some_exchange();
    const auto item = dice_.below(4) == 0 ? ItemId{} : some_item();
    const auto from = dice_.next(), to = dice_.next();
    const auto text = std::string(as_text(dice_.some()));
    static_cast<void>(answer_to([&](node::Desk& desk) -> Result<Json> {
      switch (dice_.below(12)) {
        case 0:
          return desk.exchange(who, exchange);
        case 1:
          return desk.assessment(who, exchange);
        case 2:
          return desk.log_entries(who, dice_.below(2) == 0 ? text : "internal", from, to);
        case 3:
          return desk.item(who, item);
        case 4:
          return desk.entry(who, hostile().state());
        case 5:
          return desk.begin_item(who, exchange, Json::object({{"name", text}}));
        case 6: {
          TRY(desk.serve_item(hostile().state(), item));
          return Json();
        }
        case 7: {
          TRY(desk.open_item(who, item, from % 2 == 0));
          return Json();
        }
        case 8: {
          TRY(desk.begin_export(who, exchange, Json::object({{"for", "court"}})));
          return Json();
        }
        case 9: {
          TRY(desk.keep_house());
          return Json();
        }
        case 10: {
          TRY(desk.anchor());
          return Json();
        }
        default:
          return desk.health();
      }
    }));
  }

  Dice dice_;
  Stage stage_{Options{.seed = 1, .states = 2, .lies = 1}};
  Checks checks_{stage_};
  Officers officers_{stage_};
  Liar liar_{stage_};
  EntryPlan entry_{.serial = 2,
                   .issued_at = stage_.now,
                   .valid_from = stage_.now,
                   .valid_to = stage_.now.plus_s(700 * k_day_s)};
};

}  // namespace
}  // namespace comity::sim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  comity::sim::Play({data, size}).run();
  return 0;
}
