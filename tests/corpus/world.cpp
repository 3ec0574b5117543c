#include "world.hpp"

#include <stdlib.h>

#include "evidence/manifest.hpp"
#include "exchange/body.hpp"
#include "formats/age_keys.hpp"
#include "treaty/sample_test.hpp"

namespace comity::corpus {
namespace {

/// In memory if there is such a place: what disks do is tested elsewhere.
std::filesystem::path make_folder() {
  const std::filesystem::path memory = "/dev/shm";
  const auto parent =
      std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
  std::string shape = parent / "comity-corpus-XXXXXX";
  CHECK(::mkdtemp(shape.data()) != nullptr);
  return shape;
}

Json to_json(const exchange::Part& part) {
  return Json::object({{"name", part.name},
                       {"media_type", part.media_type},
                       {"salt", base64(part.salt)},
                       {"bytes", base64(part.bytes)}});
}

Signer police(State& of) {
  return of.certified("Police (exercise)", {"authority:central-authority"},
                      crypto::Usage::authority);
}

Good good_of(State& author, State& victim, const Digest& id) {
  const auto record = must(author.rows().act(id));
  CHECK(record.has_value());
  Good good{.author = &author, .victim = &victim, .id = id, .p7m = record->p7m};
  for (const auto& part : must(author.rows().parts(id.hex()))) good.parts.push_back(part.part);
  good.content = must(formats::parse_json(must(crypto::cms_open(good.p7m)).content));
  return good;
}

ExchangeId exchange_of(const Good& good) {
  return must(ExchangeId::from_hex(good.content.at("substance").at("exchange").text()));
}

Json about(const Good& good, std::string_view type) {
  return Json::object({{"type", type}, {"exchange", exchange_of(good).hex()}});
}

}  // namespace

Json act_json(View p7m, const std::vector<exchange::Part>& parts) {
  auto list = Json::array();
  for (const auto& part : parts) list.push_back(to_json(part));
  return Json::object({{"p7m", base64(p7m)}, {"parts", std::move(list)}});
}

Bytes letter_of(const Json& acts, const Json& known) {
  return to_bytes(formats::canonical(Json::object({{"acts", acts}, {"known", known}})));
}

Answered hand_over(State& to, const State& from, View letter) {
  const auto answer =
      to.ask([&](node::Desk& desk) { return desk.take_letter(from.code(), letter); });
  if (!answer) return std::unexpected(answer.error());
  return (*answer)->body;
}

void carry(const Good& good) {
  const auto held = must(good.author->rows().partner(good.victim->code()));
  const auto known = held && !held->checkpoint.empty() ? Json(held->checkpoint) : Json();
  const auto body = letter_of(Json::array({act_json(good.p7m, good.parts)}), known);
  const auto answer = must(hand_over(*good.victim, *good.author, body));
  const node::Letter letter{.to = good.victim->code(), .acts = {good.id}, .body = body};
  must(good.author->ask(
      [&](node::Desk& desk) { return desk.letter_answered(letter, Result<Bytes>(answer)); }));
  const auto record = must(good.author->rows().act(good.id));
  CHECK(record.has_value());
  if (record->standing == node::Standing::receipted) return;
  const auto waiting = must(good.author->rows().outbox(good.id));
  give_up({FaultCode::act_rejected, waiting ? waiting->last_fault : std::string(as_text(answer))});
}

World::World()
    : folder_(make_folder()),
      bfa("BFA", folder_ / "bfa"),
      kgz("KGZ", folder_ / "kgz"),
      cub("CUB", folder_ / "cub"),
      stolen_of_bfa(police(bfa)),
      stolen_of_kgz(police(kgz)),
      stolen_of_officer(
          bfa.certified("Officer ten (exercise)", {"officer:approver"}, crypto::Usage::officer)) {
  for (auto* one : {&bfa, &kgz, &cub})
    for (auto* other : {&bfa, &kgz, &cub})
      if (one != other) one->accept(*other);
  const auto renew = [&](State& of, State& at, const Signer& police,
                         std::vector<const Signer*> gone) {
    auto entry = of.entry(2);
    entry.authorities.push_back(
        {"police", {{"en", "Police (exercise)"}}, {"central-authority"}, police.certificate});
    for (const auto* one : gone)
      entry.revoked.push_back({one->certificate.fingerprint(), of.now.plus_s(-k_day_s), "Stolen"});
    at.accept(entry, of.root_key());
  };
  renew(bfa, kgz, stolen_of_bfa, {&stolen_of_bfa, &stolen_of_officer});
  renew(kgz, bfa, stolen_of_kgz, {&stolen_of_kgz});
  // Both logs of the two have begun, so that no forgery is the first entry.
  const auto first = request();
  carry(first);
  carry(acceptance(first));
}

World::~World() {
  std::filesystem::remove_all(folder_);
}

Good World::decided(State& author, State& victim, const Json& input) {
  const auto sent = author.decide(input);
  return good_of(author, victim, must(Digest::from_hex(sent.at("act").text())));
}

Good World::request(std::string_view measure) {
  return request(bfa, kgz, measure);
}

Good World::request(State& from, State& to, std::string_view measure) {
  const auto& of = treaty::sample::measure(measure);
  return decided(from, to,
                 Json::object({{"type", "request"},
                               {"to", to.code().text()},
                               {"measure", of.code},
                               {"fields", treaty::sample::full_form(of)}}));
}

Good World::acceptance(const Good& request) {
  auto& at = *request.victim;
  const auto assessment = must(at.ask([&](node::Desk& desk) {
    return desk.assessment(at.officer(0).as_caller(), exchange_of(request));
  }));
  auto answers = Json::array();
  for (const auto& question : assessment.at("questions").items())
    answers.push_back(
        Json::object({{"code", question.at("code").text()},
                      {"answer", question.at("accept_if").text() == "no" ? "no" : "yes"},
                      {"reasons", "As examined (exercise)"}}));
  return decided(at, *request.author,
                 about(request, "acceptance").set("answers", std::move(answers)));
}

Good World::refusal(const Good& request) {
  auto& at = *request.victim;
  const auto assessment = must(at.ask([&](node::Desk& desk) {
    return desk.assessment(at.officer(0).as_caller(), exchange_of(request));
  }));
  return decided(at, *request.author,
                 about(request, "refusal")
                     .set("grounds", Json::array({assessment.at("refusal_grounds").items().at(0)}))
                     .set("reasons", "For the ground named (exercise)")
                     .set("consultation_impossible", "No time is left (exercise)"));
}

ItemId World::sealed_item(const Good& request, std::string_view name) {
  auto& at = *request.victim;
  const auto who = at.officer(1).as_caller();
  const auto input = Json::object({{"name", name},
                                   {"media", "file"},
                                   {"custodian", "Example Mail (exercise)"},
                                   {"collector", "Officer two (exercise)"},
                                   {"collected_at", to_text(at.now)},
                                   {"tool", "exporter 3.1 (exercise)"},
                                   {"authorisation", "Exercise order 7/2026"}});
  const auto begun = must(
      at.ask([&](node::Desk& desk) { return desk.begin_item(who, exchange_of(request), input); }));
  const auto item = must(ItemId::from_hex(begun.at("item").text()));
  const auto order = must(at.ask([&](node::Desk& desk) { return desk.seal_order(who, item); }));
  node::SealOutcome outcome{.shape = {.prefix_size = 400,
                                      .prefix_sha256 = {{1}},
                                      .plaintext_size = 100'000,
                                      .plaintext_sha256 = {{2}},
                                      .chunk_root = {{3}}}};
  for (const auto& one : order.recipients)
    outcome.recipients.push_back(must(formats::AgeRecipient::from_text(one)).id());
  must(at.ask([&](node::Desk& desk) { return desk.item_sealed(who, item, outcome); }));
  return item;
}

Good World::delivery(const Good& request, std::string_view name) {
  const auto item = sealed_item(request, name);
  return decided(*request.victim, *request.author,
                 about(request, "delivery").set("item", item.hex()));
}

Good World::arrival(const Good& delivery) {
  auto& at = *delivery.victim;
  const auto item =
      must(ItemId::from_hex(delivery.content.at("substance").at("body").at("item").text()));
  must(at.ask([&](node::Desk& desk) { return desk.item_arrived(item); }));
  for (const auto& act : must(at.rows().acts(exchange_of(delivery))))
    if (act.type == node::ActType::arrival) return good_of(at, *delivery.author, act.id);
  give_up({FaultCode::not_found, "an arrival"});
}

World& world() {
  static World one;
  return one;
}

}  // namespace comity::corpus
