// Plays a story (sim/life_story_test.hpp) on two real nodes, with no chance in it. An act is
// drafted and signed as officers do; one that is "unchecked" is put to the other State's node as if
// its author's node had checked nothing. What a story expects is compared after the post has gone.
#pragma once

#include <gmock/gmock.h>

#include <charconv>
#include <set>

#include "crypto/digest.hpp"
#include "evidence/live.hpp"
#include "exchange/life.hpp"
#include "exchange/open.hpp"
#include "sim/life_story_test.hpp"
#include "sim/pair_test.hpp"

namespace comity::sim {

/// What the stories showed, for the tests that ask whether something was left out.
struct Shown {
  std::set<std::string> illegal, outcomes, acts_taken, acts_refused, dues, notices, proposals;
};

class Player : Pair {
 public:
  Player(const Story& story, const law::Profile* law, Shown& shown)
      : Pair(law, false), story_(story), shown_(shown), start_(now) {
    begin();
  }
  void play() {
    for (std::size_t i = 0; i < story_.steps.size(); ++i) {
      SCOPED_TRACE("step " + std::to_string(i + 1));
      step(story_.steps[i]);
    }
  }

 private:
  using Outcome = Result<Json>;

  Member& at(Side side) { return side == Side::requester ? asking : answering; }
  ExchangeId on(const StoryStep& step) {
    const auto& hex = names_.at(step.on.empty() ? "request" : step.on);
    return *ExchangeId::from_hex(hex);
  }
  exchange::Life life_of(Member& member, const ExchangeId& id) {
    const auto record = member.rows().exchange(id);
    CHECK(record && *record);
    return *exchange::Life::from_text((*record)->life);
  }

  void begin() {
    if (story_.begin == "nothing") return;
    names_["request"] = ask_for(story_.measure, story_.request)->at("exchange").text();
    carry_all();
    const auto id = *ExchangeId::from_hex(names_.at("request"));
    if (story_.begin == "asked") return;
    accept(id);
    names_["acceptance"] = life_of(asking, id).last(Side::requested).hex();
    if (story_.begin == "accepted") return;
    const auto item = sealed_item(id);
    names_["item"] = item.hex();
    names_["delivery"] = expect(release(id, item)).at("act").text();
    carry_all();
    if (story_.begin == "arrived") {
      arrive(item);
      carry_all();
    } else {
      EXPECT_EQ(story_.begin, "under way") << "no such beginning";
    }
  }
  Outcome ask_for(const std::string& code, const Json& fields, const Json& more = Json::object()) {
    auto form = treaty::sample::full_form(treaty::sample::measure(code));
    for (const auto& [name, value] : fields.members()) form.set(name, value);
    auto input = Json::object({{"type", "request"},
                               {"to", answering.state().text()},
                               {"measure", code},
                               {"fields", std::move(form)}});
    for (const auto& [name, value] : more.members()) input.set(name, value);
    return decide(asking, approver(asking), input);
  }

  void step(const StoryStep& step) {
    if (step.day || step.hour)
      now = start_.plus_s(step.day.value_or(0) * k_day_s + step.hour.value_or(0) * k_hour_s);
    if (!step.act.empty() || !step.deed.empty()) {
      const auto outcome = step.act.empty()  ? deed(step)
                           : step.is_checked ? act(step)
                                             : unchecked(step);
      compare(step, outcome);
    }
    if (step.is_posted) carry_all();
    look(step);
  }

  void compare(const StoryStep& step, const Outcome& outcome) {
    const auto told = outcome ? "taken" : std::string(row_of(outcome.error().code).name);
    const auto detail = outcome ? "" : outcome.error().detail;
    EXPECT_EQ(told, step.outcome) << detail;
    if (!step.about.empty()) EXPECT_THAT(detail, testing::HasSubstr(step.about));
    shown_.outcomes.insert(told);
    if (told == "act.illegal") shown_.illegal.insert(detail);
    if (!step.act.empty()) (outcome ? shown_.acts_taken : shown_.acts_refused).insert(step.act);
    const auto* kind = step.with.find("kind");
    if (outcome && kind && step.act == "notice") shown_.notices.insert(kind->text());
    if (outcome && kind && step.act == "proposal") shown_.proposals.insert(kind->text());
    if (!outcome || step.name.empty()) return;
    for (const auto* member : {"item", "act"})
      if (const auto* id = outcome->find(member)) names_[step.name] = id->text();
    if (step.act == "request") names_[step.name] = outcome->at("exchange").text();
  }

  // Words that stand for what the story has made: "@NAME", "day 30", "day 0 hour 12".
  Json meant(const Json& value) {
    if (value.is_array()) {
      auto all = Json::array();
      for (const auto& one : value.items()) all.push_back(meant(one));
      return all;
    }
    if (value.is_object()) {
      auto all = Json::object();
      for (const auto& [name, one] : value.members()) all.set(name, meant(one));
      return all;
    }
    if (!value.is_text()) return value;
    const auto& text = value.text();
    if (text.starts_with("@")) {
      const auto known = names_.find(text.substr(1));
      if (known == names_.end()) ADD_FAILURE() << "nothing was called " << text;
      return known == names_.end() ? value : Json(known->second);
    }
    if (text.starts_with("day ")) return Json(to_text(instant_of(text)));
    return value;
  }
  static std::int64_t whole(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    EXPECT_EQ(read.ec, std::errc{}) << text;
    return number;
  }
  Instant instant_of(const std::string& text) {
    const auto hour = text.find(" hour ");
    const auto hours = hour == text.npos ? 0 : whole(std::string_view(text).substr(hour + 6));
    return start_.plus_s(whole(std::string_view(text).substr(4)) * k_day_s + hours * k_hour_s);
  }

  /// As officers write it where the story says nothing.
  Json usual(const StoryStep& step) {
    const auto& type = step.act;
    auto input = Json::object({{"type", type}, {"exchange", on(step).hex()}});
    const std::string words = "As on file (exercise)";
    const bool has_text = type == "consultation" || type == "return" || type == "proposal" ||
                          type == "notice" || type == "reply" || type == "supplement";
    const bool has_reasons = type == "refusal" || type == "postponement" || type == "annulment";
    if (has_text) input.set("text", words);
    if (has_reasons) input.set("reasons", words);
    if (type == "acceptance") input.set("answers", answers_to(on(step)));
    if (type == "refusal") input.set("grounds", Json::array({"R21B"}));
    if (type == "consultation") input.set("about", "R21B");
    if (type == "return") input.set("missing", Json::array({"summary_of_facts"}));
    if (type == "query") input.set("kind", "status");
    if (type == "postponement") input.set("ground", "ongoing-case");
    if (type == "postponement") input.set("until", to_text(now.plus_s(20 * k_day_s)));
    if (type == "reply") input.set("agrees", true);
    if (type == "authorisation") {
      for (const auto* part : {"legal_basis", "grounds", "necessity", "proportionality", "scope",
                               "third_parties", "remedy"})
        input.set(part, words);
      input.set("authority_type", "court")
          .set("authority", "Example Court (exercise)")
          .set("reference", "12/2026")
          .set("issued_at", to_text(now))
          .set("valid_from", to_text(now.plus_s(-k_day_s)))
          .set("valid_to", to_text(now.plus_s(30 * k_day_s)))
          .set("data_categories", Json::array({"subscriber"}));
    }
    return input;
  }

  const KeyPair* officer(Member& member, const std::string& name) {
    const std::vector<std::string> own = {"one", "two", "three", "four"};
    if (const auto found = std::ranges::find(own, name); found != own.end())
      return member.officers()[static_cast<std::size_t>(found - own.begin())];
    static const std::map<std::string, std::vector<std::string>> k_hired = {
        {"duty officer", {"officer:duty"}},
        {"deputy", {"officer:deputy"}},
        {"reviewer", {"officer:reviewer"}},
        {"auditor", {"officer:auditor"}}};
    const auto hired = k_hired.find(name);
    if (hired == k_hired.end()) ADD_FAILURE() << "nobody is called " << name;
    if (hired == k_hired.end()) return member.officers()[0];
    const auto& pair = member.identity().another("The " + name, hired->second);
    if (hired_.insert({member.state(), name}).second)
      expect(decide(member, approver(member),
                    statement("officer.add").set("certificate", pair.certificate.pem())));
    return &pair;
  }

  Outcome signed_as_told(Member& member, const StoryStep& step, const Json& input) {
    const auto who = as_caller(*officer(member, step.drafted_by));
    std::vector<std::pair<std::string, const KeyPair*>> signers;
    for (const auto& [duty, name] : step.signed_by)
      signers.emplace_back(duty, officer(member, name));
    TRY_LET(const Json draft,
            ask(member, [=](node::Desk& desk) { return desk.make_draft(who, input); }));
    if (signers.empty()) return finish(member, draft);
    const auto id = *DraftId::from_hex(draft.at("draft").text());
    const auto content = *from_base64(draft.at("content").text());
    for (const auto& [duty, pair] : signers) {
      const auto mark = signatures.sign(content, *pair, clock(member), crypto::CmsForm::detached);
      TRY(ask(member, [&](node::Desk& desk) {
        return desk.sign(as_caller(*pair), id,
                         Json::object({{"duty", duty}, {"signature", base64(mark)}}));
      }));
    }
    const auto sender = approver(member);
    return ask(member, [=](node::Desk& desk) { return desk.send(sender, id); });
  }

  Outcome act(const StoryStep& step) {
    auto& member = at(step.by);
    if (step.act == "request") {
      const auto with = meant(step.with);
      auto more = Json::object();
      if (const auto* linked = with.find("linked")) more.set("linked", *linked);
      const auto* code = with.find("measure");
      const auto* fields = with.find("fields");
      if (step.signed_by.empty())
        return ask_for(code ? code->text() : story_.measure, fields ? *fields : Json::object(),
                       more);
      auto form =
          treaty::sample::full_form(treaty::sample::measure(code ? code->text() : story_.measure));
      for (const auto& [name, value] : (fields ? *fields : Json::object()).members())
        form.set(name, value);
      return signed_as_told(member, step,
                            Json::object({{"type", "request"},
                                          {"to", answering.state().text()},
                                          {"measure", code ? code->text() : story_.measure},
                                          {"fields", std::move(form)}}));
    }
    auto input = usual(step);
    for (const auto& [name, value] : meant(step.with).members()) input.set(name, value);
    return signed_as_told(member, step, input);
  }

  /// Members of the body as they travel, where the story gives none: as good as empty.
  static Json empty_body(exchange::ActType type) {
    exchange::Body body;
    switch (type) {
      case exchange::ActType::notice:
        body = exchange::NoticeBody{.kind = exchange::NoticeKind::complaint};
        break;
      case exchange::ActType::refusal:
        body = exchange::RefusalBody{.grounds = {"R21B"}};
        break;
      case exchange::ActType::return_:
        body = exchange::ReturnBody{{"period"}};
        break;
      case exchange::ActType::closure:
        body = exchange::ClosureBody{"executed"};
        break;
      case exchange::ActType::consultation:
        body = exchange::ConsultationBody{"R21B"};
        break;
      default:
        body = body_of(type);
    }
    return exchange::to_json(body);
  }
  static exchange::Body body_of(exchange::ActType type) {
    return []<std::size_t... I>(std::size_t at, std::index_sequence<I...>) {
      exchange::Body body;
      ((at == I ? void(body = std::variant_alternative_t<I, exchange::Body>{}) : void()), ...);
      return body;
    }(static_cast<std::size_t>(type), std::make_index_sequence<exchange::k_act_types>{});
  }

  Outcome unchecked(const StoryStep& step) {
    const auto type = exchange::act_type(step.act);
    if (!type) return std::unexpected(type.error());
    exchange::Act act;
    act.substance.type = *type;
    act.substance.body = empty_body(*type);
    for (const auto& [name, value] : meant(step.with).members())
      act.substance.body.set(name, value);
    for (const auto* part : {"text", "reasons", "manifest"})
      act.substance.parts.push_back({.name = part});
    if (step.with.find("gives")) {
      act.substance.body.members().erase("gives");
      act.substance.parts.push_back({.name = std::string(exchange::k_answer_part)});
    }
    TRY(exchange::read_body(act.substance));
    const auto own = life_of(at(step.by), on(step));
    act.order = {.sequence = own.next_sequence(step.by),
                 .previous = own.last(step.by),
                 .seen = own.seen_now(step.by)};
    if (step.number) act.order.sequence = static_cast<std::uint64_t>(*step.number);
    if (!step.follows.empty()) act.order.previous = Digest{{0x77}};
    if (step.has_seen == "what was never made") act.order.seen = {900, Digest{{0x78}}};
    if (step.has_seen == "nothing") act.order.seen = {};
    const auto at_other = life_of(at(exchange::other(step.by)), on(step));
    const auto judged = at_other.judge(exchange::step_of(act, Digest{{0x79}}, step.by));
    if (!judged.takes()) return std::unexpected(judged.why);
    return Json::object();
  }

  /// What is no act: of executors, of machines, of time.
  Outcome deed(const StoryStep& step) {
    auto& member = at(step.by);
    const auto with = meant(step.with);
    const auto item = [&] {
      const auto* named = with.find("item");
      return *ItemId::from_hex(named ? named->text() : names_.at("item"));
    };
    if (step.deed == "seal") {
      const auto made = sealed_item(on(step));
      return Json::object({{"item", made.hex()}});
    }
    if (step.deed == "open live") return open_live(on(step));
    if (step.deed == "end live") return end_live(item());
    if (step.deed == "arrive") {
      arrive(item());
      return Json::object();
    }
    if (step.deed == "destroy") return destroy(member, item());
    if (step.deed == "restart") {
      member.die(false);
      CHECK(member.start(clock(member)));
      return Json::object();
    }
    if (step.deed == "open") {
      node::Use use;
      if (const auto* proceeding = with.find("proceeding")) use.proceeding = proceeding->text();
      if (const auto* state = with.find("onward"))
        use.onward = *StateCode::from_text(state->text());
      const auto who = approver(member), reader = as_caller(*member.officers()[1]);
      return ask(member, [=, id = item()](node::Desk& desk) -> Outcome {
        TRY(desk.open_item(reader, id, false, use));
        return Json::object();
      });
    }
    auto input = step.deed == "review"    ? statement("act.review").set("agrees", true)
                 : step.deed == "appoint" ? statement("deputy.appoint")
                                          : Json();
    if (!input.is_object()) {
      ADD_FAILURE() << "no such deed: " << step.deed;
      return Json::object();
    }
    input.set("reason", "As the file shows (exercise)");
    if (step.deed == "appoint")
      input.set("officer", officer(member, "deputy")->certificate.fingerprint().hex());
    for (const auto& [name, value] : with.members()) input.set(name, value);
    return signed_as_told(member, step, input);
  }

  // Records come while the item is open; it ends by an act of the node itself.
  Outcome open_live(const ExchangeId& id) {
    const auto input = Json::object({{"name", "flow.jsonl"},
                                     {"custodian", "Example Net (exercise)"},
                                     {"collector", "Officer four (exercise)"},
                                     {"tool", "probe 2.0 (exercise)"},
                                     {"authorisation", "Exercise order 8/2026"},
                                     {"records", "flow"},
                                     {"source", "Border router 2 (exercise)"},
                                     {"scope", "Flows of 192.0.2.7"},
                                     {"from", to_text(now)},
                                     {"until", to_text(now.plus_s(3 * k_day_s))}});
    const auto who = executor(answering);
    TRY_LET(const Json begun,
            ask(answering, [=](node::Desk& desk) { return desk.begin_live(who, id, input); }));
    return Json::object({{"item", begun.at("id").text()}});
  }
  Outcome end_live(const ItemId& item) {
    const auto row = answering.rows().item(item);
    const auto opening = evidence::read_opening((*row)->manifest);
    if (!opening) return std::unexpected(opening.error());
    const auto& prefix = opening->prefix;
    const evidence::SealedShape shape{.prefix_size = prefix.size(),
                                      .prefix_sha256 = crypto::sha256(prefix),
                                      .plaintext_size = 4711,
                                      .plaintext_sha256 = Digest{{3}},
                                      .chunk_root = Digest{{4}}};
    return ask(answering, [=](node::Desk& desk) -> Outcome {
      TRY(desk.live_ended(item, shape, {.records = 17}, "officer"));
      return Json::object();
    });
  }

  void look(const StoryStep& step) {
    if (names_.contains("request")) {
      const auto id = on(step);
      if (step.is_posted) EXPECT_EQ(life_of(asking, id), life_of(answering, id)) << "two histories";
      situation(step, life_of(at(step.by), id).now());
    }
    if (!step.due.empty() || !step.not_due.empty()) lists(step);
    if (step.told_oversight)
      EXPECT_EQ(entries(at(step.list_of), "internal", "clock.overdue") +
                    entries(at(step.list_of), "internal", "emergency.told"),
                static_cast<std::size_t>(*step.told_oversight));
  }

  static std::set<std::string> open(const exchange::Situation& known, Side side) {
    std::set<std::string> names;
    for (const auto type : exchange::open_to(known, side))
      names.insert(std::string(exchange::name_of(type)));
    return names;
  }
  void situation(const StoryStep& step, const exchange::Situation& known) {
    if (!step.phase.empty()) EXPECT_EQ(exchange::name_of(known.phase), step.phase);
    if (step.suspended) EXPECT_EQ(known.suspended, *step.suspended);
    if (step.conditions_wait) EXPECT_EQ(known.conditions_pending, *step.conditions_wait);
    if (step.preserved) EXPECT_EQ(known.preserves, *step.preserved);
    const auto as_set = [](const auto& list) {
      return std::set<std::string>(list.begin(), list.end());
    };
    if (step.requester_may) EXPECT_EQ(open(known, Side::requester), as_set(*step.requester_may));
    if (step.requested_may) EXPECT_EQ(open(known, Side::requested), as_set(*step.requested_may));
    for (const auto& name : step.moot)
      EXPECT_NE(std::ranges::find(known.moot, *Digest::from_hex(meant("@" + name).text())),
                known.moot.end())
          << name << " is not moot";
    for (const auto& [name, state] : step.items) {
      const auto* standing = known.delivery_of(*ItemId::from_hex(meant("@" + name).text()));
      EXPECT_EQ(standing ? exchange::name_of(standing->state) : "not delivered", state) << name;
    }
  }

  void lists(const StoryStep& step) {
    auto& member = at(step.list_of);
    const auto who = approver(member);
    const auto page = expect(ask(member, [=](node::Desk& desk) { return desk.due(who); }));
    const auto id = on(step).hex();
    std::vector<Json> lines;
    for (const auto& one : page.at("due").items())
      if (one.at("exchange").text() == id) lines.push_back(one);
    const auto text = [&] {
      std::string all;
      for (const auto& one : lines) all += formats::canonical(one) + '\n';
      return all;
    };
    for (const auto& wanted : step.due) {
      const auto found = std::ranges::find_if(
          lines, [&](const Json& one) { return fits(wanted, one, step.list_of); });
      EXPECT_NE(found, lines.end()) << wanted.clock << " is not due like that:\n" << text();
      if (found != lines.end())
        shown_.dues.insert(wanted.clock + ' ' + found->at("nearness").text());
    }
    for (const auto& clock : step.not_due)
      EXPECT_TRUE(std::ranges::none_of(
          lines, [&](const Json& one) { return one.at("clock").text() == clock; }))
          << clock << " is due:\n"
          << text();
  }
  bool fits(const DueLine& wanted, const Json& one, Side reader) {
    if (one.at("clock").text() != wanted.clock) return false;
    if (!wanted.nearness.empty() && one.at("nearness").text() != wanted.nearness) return false;
    if (wanted.held && one.at("held") != Json(*wanted.held)) return false;
    if (!wanted.from.empty()) {
      const bool ours = wanted.from == exchange::name_of(reader);
      if (one.at("ours") != Json(ours)) return false;
    }
    const auto at = *instant_from_text(one.at("at").text());
    const auto hours = (at.ms - start_.ms) / 1000 / k_hour_s;
    if (wanted.day && hours / 24 != *wanted.day) return false;
    return !wanted.hour || hours % 24 == *wanted.hour;
  }

  const Story& story_;
  Shown& shown_;
  Instant start_;
  std::map<std::string, std::string> names_{{"another act", std::string(64, '7')},
                                            {"another item", std::string(32, '7')}};
  std::set<std::pair<StateCode, std::string>> hired_;
};

}  // namespace comity::sim
