// What comes back for an act: receipts of another log or of none, shrunk and forked checkpoints,
// rejections that are not the addressee's word (spec/peer-protocol.md §4 and §5). Whatever it is,
// the act stays as it was and is sent again.
#include <fmt/format.h>

#include "custody/log.hpp"
#include "forged_test.hpp"
#include "formats/sight.hpp"
#include "formats/tlog_proof.hpp"
#include "node/office.hpp"
#include "snapshot.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using custody::EntryKind;

/// A log as its State would have it believed: other entries under its own key.
class Lie {
 public:
  Lie(State& of, const std::string& log) : of_(&of), log_(log) {
    for (const auto& row : must(of.rows().entries(log, 0, 1'000'000))) entries.push_back(row.entry);
  }
  std::uint64_t size() const { return entries.size(); }
  std::uint64_t index_of(const Digest& act) const {
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (must(custody::read_entry(entries[i])).facts.find("act") != nullptr &&
          must(custody::read_entry(entries[i])).facts.at("act") == Json(act.hex()))
        return i;
    give_up({not_found, "an entry of that act"});
  }
  void rewrite(std::uint64_t index, const std::function<void(custody::Entry&)>& change) {
    auto entry = must(custody::read_entry(entries[index]));
    change(entry);
    entries[index] = must(custody::write_entry(entry));
  }
  /// The receipt of an entry under a checkpoint of the first `size` entries.
  std::string receipt(std::uint64_t index, std::uint64_t size) const {
    auto batch = begun(custody::LogState::fresh(of_->origin(log_)), 0, size);
    must(batch.seal(signer()));
    return batch.receipt(index);
  }
  Json consistency(std::uint64_t from, std::uint64_t to) const {
    auto first = begun(custody::LogState::fresh(of_->origin(log_)), 0, from);
    auto second = begun(must(first.seal(signer())), from, to);
    must(second.seal(signer()));
    auto hashes = Json::array();
    for (const auto& hash : second.consistency()) hashes.push_back(base64(hash.view()));
    return hashes;
  }

  std::vector<Bytes> entries;

 private:
  custody::CheckpointSigner signer() const {
    return [this](std::string_view, std::string_view text) -> Result<std::string> {
      return of_->sign_checkpoint(log_, must(formats::parse_checkpoint(text)));
    };
  }
  custody::Batch begun(custody::LogState state, std::uint64_t from, std::uint64_t to) const {
    custody::Batch batch(std::move(state));
    for (auto i = from; i < to; ++i) must(batch.append(entries[i]));
    return batch;
  }

  State* of_;
  std::string log_;
};

/// A request that was taken, whose answer is withheld: Burkina Faso waits for it.
struct Asked {
  Good request = world().request();
  Good other = world().request();  // receipted
  State& bfa = world().bfa;
  State& kgz = world().kgz;
  std::string log = kgz.log_of(bfa);
  Asked() { carry(other); }

  std::string held() const { return must(bfa.rows().partner(kgz.code()))->checkpoint; }
  std::uint64_t held_size() const {
    const auto verifier = kgz.verifier(log);
    return must(formats::open_checkpoint(as_bytes(held()), std::span(&verifier, 1))).size;
  }
  /// What Kyrgyzstan truly says.
  Json answer() const {
    const auto letter = letter_of(Json::array({act_json(request.p7m, request.parts)}), held());
    const auto body = must(hand_over(kgz, bfa, letter));
    return must(formats::parse_json(body)).at("answers").items().at(0);
  }
  Lie lie() const { return {kgz, log}; }
  node::ActRecord record() const { return must(bfa.rows().act(request.id)).value(); }
};
Asked& asked() {
  static Asked one;
  return one;
}

using Change = std::function<void(Json& answer, Asked& asked)>;

Change say(std::string member, Json value) {
  return [=](Json& answer, Asked&) { answer.set(member, value); };
}
Change without(std::string member) {
  return [=](Json& answer, Asked&) { answer.members().erase(member); };
}
Change receipt(std::function<std::string(Asked&)> make) {
  return [=](Json& answer, Asked& all) { answer.set("receipt", make(all)); };
}
/// The true receipt, taken apart.
Change proof(std::function<void(formats::TlogProof&)> change) {
  return [=](Json& answer, Asked&) {
    auto taken = must(formats::parse_tlog_proof(as_bytes(answer.at("receipt").text())));
    change(taken);
    answer.set("receipt", formats::to_text(taken));
  };
}
/// The true log but for the act's entry, well signed.
Change entry(std::function<void(custody::Entry&)> change) {
  return receipt([=](Asked& all) {
    auto lie = all.lie();
    const auto index = lie.index_of(all.request.id);
    lie.rewrite(index, change);
    return lie.receipt(index, lie.size());
  });
}
Change note(std::string_view what, std::string_view with) {
  return proof([=](formats::TlogProof& one) {
    one.checkpoint = as_text(replaced(as_bytes(one.checkpoint), what, with));
  });
}
/// The log cut to `size` entries or grown to it, the last of them the act's.
std::string rewritten(Asked& all, std::uint64_t size, Json* growth = nullptr) {
  auto lie = all.lie();
  const auto act = lie.entries[lie.index_of(all.request.id)];
  lie.entries.resize(size, act);
  lie.entries[size - 1] = act;
  lie.rewrite(0, [](custody::Entry& first) { first.salt[0] ^= 1; });
  if (growth) *growth = lie.consistency(all.held_size(), size);
  return lie.receipt(size - 1, size);
}
void regrown(Json& answer, Asked& all) {
  auto growth = Json::array();
  answer.set("receipt", rewritten(all, all.held_size() + 3, &growth));
  answer.set("consistency", growth);
}

exchange::Rejection word(Asked& all) {
  return {.exercise = true,
          .act = all.request.id,
          .exchange = all.record().exchange,
          .from = all.kgz.code(),
          .to = all.bfa.code(),
          .code = act_incomplete,
          .made_at = all.kgz.now};
}
Json rejecting(Asked& all, View content, const Signer& by) {
  return Json::object(
      {{"act", all.request.id.hex()},
       {"rejection", base64(by.sign(content, crypto::CmsForm::encapsulated, all.kgz.now))}});
}
Change rejection(std::function<void(exchange::Rejection&)> change) {
  return [=](Json& answer, Asked& all) {
    auto said = word(all);
    change(said);
    answer = rejecting(all, exchange::rejection_content(said), all.kgz.authority());
  };
}
Change rejection_by(const Signer& signer) {
  return [&signer](Json& answer, Asked& all) {
    answer = rejecting(all, exchange::rejection_content(word(all)), signer);
  };
}
Change rejection_text(std::string_view what, std::string_view with) {
  return [=](Json& answer, Asked& all) {
    const auto content = replaced(exchange::rejection_content(word(all)), what, with);
    answer = rejecting(all, content, all.kgz.authority());
  };
}
Json digests(std::size_t count, std::size_t bytes = 32) {
  auto list = Json::array();
  while (list.size() < count) list.push_back(base64(Bytes(bytes, 7)));
  return list;
}
Json fault_of(std::string_view code, std::string_view detail) {
  return Json::object({{"fault", Json::object({{"code", code}, {"detail", detail}})}});
}

struct Lying {
  const char* name;
  FaultCode code;
  Change change;
};

// clang-format off
std::vector<Lying> receipts() {
  return {
      {"receipt-of-another-act", log_proof, receipt([](Asked& a) {
        return must(a.bfa.rows().act(a.other.id))->receipt; })},
      {"receipt-of-another-entry", log_proof, receipt([](Asked& a) { return a.lie().receipt(0, a.lie().size()); })},
      {"receipt-at-another-index", log_proof, proof([](auto& p) { p.index -= 1; })},
      {"receipt-at-an-index-beyond", log_proof, proof([](auto& p) { p.index += 1'000; })},
      {"receipt-with-a-hash-changed", log_proof, proof([](auto& p) { p.hashes.at(0).bytes[0] ^= 1; })},
      {"receipt-with-a-hash-missing", log_proof, proof([](auto& p) { p.hashes.pop_back(); })},
      {"receipt-with-a-hash-more", log_proof, proof([](auto& p) { p.hashes.push_back(Digest{{1}}); })},
      {"receipt-without-its-entry", format_proof, proof([](auto& p) { p.extra.reset(); })},
      {"receipt-with-its-entry-changed", log_proof, proof([](auto& p) { p.extra->back() ^= 1; })},
      {"receipt-that-logged-a-rejection", log_proof, entry([](auto& e) { e.kind = EntryKind::act_rejected,
        e.facts.set("code", "act.form"); })},
      {"receipt-that-logged-another-signature", log_proof, entry([](auto& e) { e.facts.set("p7m",
        Digest{{7}}.hex()); })},
      {"receipt-that-logged-another-exchange", log_proof, entry([](auto& e) { e.facts.set("exchange",
        ExchangeId{{7}}.hex()); })},
      {"receipt-that-logged-another-act", log_proof, receipt([](Asked& a) { auto lie = a.lie();
        const auto i = lie.index_of(a.request.id); lie.rewrite(i, [](auto& e) { e.facts.set("act",
        Digest{{7}}.hex()); }); return lie.receipt(i, lie.size()); })},
      {"receipt-of-the-log-with-another-state", crypto_signature, receipt([](Asked& a) { Lie lie(a.kgz,
        a.kgz.log_of(world().cub)); lie.entries = a.lie().entries; return lie.receipt(lie.index_of(a.request.id),
        lie.size()); })},
      {"receipt-of-the-internal-log", crypto_signature, receipt([](Asked& a) { Lie lie(a.kgz, "internal");
        lie.entries = a.lie().entries; return lie.receipt(lie.index_of(a.request.id), lie.size()); })},
      {"receipt-of-another-states-log", crypto_signature, receipt([](Asked& a) { Lie lie(world().cub,
        "partner/BFA"); lie.entries = a.lie().entries; return lie.receipt(lie.index_of(a.request.id), lie.size());
        })},
      {"receipt-of-ones-own-log", crypto_signature, receipt([](Asked& a) { Lie lie(a.bfa, "partner/KGZ");
        lie.entries = a.lie().entries; return lie.receipt(lie.index_of(a.request.id), lie.size()); })},
      {"checkpoint-unsigned", format_note, proof([](auto& p) { p.checkpoint.resize(p.checkpoint.find("\n\n") + 2);
        })},
      {"checkpoint-with-its-signature-bent", crypto_signature, proof([](auto& p) {
        auto& c = p.checkpoint[p.checkpoint.size() - 10]; c = c == 'A' ? 'B' : 'A'; })},
      {"checkpoint-of-another-origin", crypto_signature, note("KGZ.comity.example", "KGZ.comity.invalid")},
      {"checkpoint-of-a-size-with-a-zero-before", crypto_signature, note("\n", "\n0")},
      {"checkpoint-shrunk", log_proof, receipt([](Asked& a) { return rewritten(a, a.held_size() - 1); })},
      {"checkpoint-forked", log_inconsistent, receipt([](Asked& a) { return rewritten(a, a.held_size()); })},
      {"checkpoint-regrown-from-another-past", log_proof, regrown},
      {"growth-not-proven", log_proof, say("consistency", Json::array())},
      {"growth-proven-by-noise", log_proof, say("consistency", digests(3))},
      {"growth-of-65-hashes", format_field, say("consistency", digests(65))},
      {"growth-of-short-hashes", format_field, say("consistency", digests(2, 31))},
      {"growth-in-no-base64", format_base64, say("consistency", Json::array({"*"}))},
      {"growth-as-text", format_field, say("consistency", "none")},
      {"receipt-as-a-number", format_field, say("receipt", 1)},
      {"receipt-empty", format_field, say("receipt", "")},
      {"receipt-of-noise", format_proof, say("receipt", "thank you")},
      {"receipt-past-512-kibibytes", format_field, say("receipt", std::string(formats::k_tlog_proof_bytes_max + 1,
        'x'))},
  };
}

std::vector<Lying> rejections() {
  auto& w = world();
  return {
      {"rejection-of-another-act", peer_protocol, rejection([](auto& r) { r.act = asked().other.id; })},
      {"rejection-in-another-exchange", peer_protocol, rejection([](auto& r) { r.exchange = ExchangeId{{7}}; })},
      {"rejection-from-another-state", peer_protocol, rejection([](auto& r) { r.from = world().cub.code(); })},
      {"rejection-to-another-state", peer_protocol, rejection([](auto& r) { r.to = world().cub.code(); })},
      {"rejection-of-the-real-world", peer_protocol, rejection([](auto& r) { r.exercise = false; })},
      {"rejection-signed-by-another-state", act_signature, rejection_by(w.cub.authority())},
      {"rejection-signed-by-its-reader", act_signature, rejection_by(w.bfa.authority())},
      {"rejection-signed-by-an-officer", act_signature, rejection_by(w.kgz.officer(0))},
      {"rejection-signed-by-a-stolen-key", directory_revoked, rejection_by(w.stolen_of_kgz)},
      {"rejection-with-a-code-unknown", act_form, rejection_text("act.incomplete", "act.displeasing")},
      {"rejection-with-a-blank", act_form, rejection_text("\"act\":", "\"act\": ")},
      {"rejection-with-a-member-twice", act_form, rejection_text("{\"act\"", "{\"act\":\"\",\"act\"")},
      {"rejection-turned-right-to-left", act_form, rejection_text("\"detail\":\"\"", "\"detail\":\"\u202eon\"")},
      {"rejection-that-is-an-act", act_form, [](Json& answer, Asked& a) { answer = rejecting(a,
        must(crypto::cms_open(good(Kind::acceptance).p7m)).content, a.kgz.authority()); }},
      {"rejection-of-no-signature", format_cms, [](Json& answer, Asked& a) { answer = Json::object({{"act",
        a.request.id.hex()}, {"rejection", base64(exchange::rejection_content(word(a)))}}); }},
      {"rejection-in-no-base64", format_base64, [](Json& answer, Asked& a) { answer = Json::object({{"act",
        a.request.id.hex()}, {"rejection", "*"}}); }},
      {"rejection-as-true", format_field, [](Json& answer, Asked& a) { answer = Json::object({{"act",
        a.request.id.hex()}, {"rejection", true}}); }},
      {"rejection-beside-a-receipt", format_field, [](Json& answer, Asked& a) { auto both = rejecting(a,
        exchange::rejection_content(word(a)), a.kgz.authority()); answer = both.set("receipt",
        answer.at("receipt")); }},
  };
}

std::vector<Lying> shapes() {
  return {
      {"answer-that-is-none", peer_protocol, [](Json& answer, Asked&) { answer = Json("taken"); }},
      {"answer-of-nothing", format_field, [](Json& answer, Asked&) { answer = Json::object(); }},
      {"answer-to-another-act", peer_protocol, say("act", Digest{{7}}.hex())},
      {"answer-to-no-act", format_field, without("act")},
      {"answer-with-a-member-too-many", format_field, say("valid_until", "2027-01-01")},
      {"answer-without-growth", log_proof, without("consistency")},
      {"fault-beside-a-receipt", format_field, [](Json& answer, Asked&) { answer.set("fault", fault_of("act.gap",
        "").at("fault")); }},
      {"fault-without-a-code", format_field, [](Json& answer, Asked&) { answer = Json::object({{"fault",
        Json::object()}}); }},
      {"fault-with-a-code-unknown", peer_protocol, [](Json& answer, Asked&) { answer = fault_of("act.displeasing",
        "no"); }},
      {"fault-with-words-turned-round", act_gap, [](Json& answer, Asked&) { answer = fault_of("act.gap",
        "\u202ekcab"); }},
  };
}
// clang-format on

/// Checkpoints of Kyrgyzstan's own log as a letter shows them to it.
std::string shown(State& by, std::uint64_t size, std::string_view origin = {}) {
  auto& all = asked();
  const auto name = origin.empty() ? all.kgz.origin(all.log) : std::string(origin);
  return by.sign_checkpoint(all.log, {.origin = name, .size = size, .root = Digest{{7}}});
}
Edit knowing(std::function<std::string()> note) {
  return letter([=](Json& json) { json.set("known", note()); });
}

// clang-format off
std::vector<Forgery> checkpoints() {
  using enum Fate;
  using enum Kind;
  return {
      {"knows-a-checkpoint-of-its-own-key", request, refused, crypto_signature,
       knowing([] { return shown(world().bfa, 3); })},
      {"knows-a-checkpoint-of-another-state", request, refused, crypto_signature,
       knowing([] { return shown(world().cub, 3); })},
      {"knows-a-checkpoint-of-another-log", request, refused, crypto_signature,
       knowing([] { return shown(world().kgz, 3, "KGZ.comity.example/partner/CUB"); })},
      {"knows-a-checkpoint-with-its-size-bent", request, refused, crypto_signature,
       knowing([] { return std::string(as_text(replaced(as_bytes(asked().held()), "\n", "\n1"))); })},
      {"knows-a-checkpoint-unsigned", request, refused, format_note,
       knowing([] { const auto held = asked().held(); return held.substr(0, held.find("\n\n") + 2); })},
  };
}
// clang-format on

void PrintTo(const Lying& lying, std::ostream* out) {
  *out << lying.name;
}

/// Gives Burkina Faso this answer and expects nothing but another try.
void put_off(Asked& all, const Result<Bytes>& body, FaultCode code) {
  const auto home = all.bfa.folder();
  const auto before = Snapshot::of(home);
  const node::Letter letter{.to = all.kgz.code(), .acts = {all.request.id}};
  must(all.bfa.ask([&](node::Desk& desk) { return desk.letter_answered(letter, body); }));
  const auto waiting = must(all.bfa.rows().outbox(all.request.id));
  ASSERT_TRUE(waiting) << "it is no longer waiting for an answer";
  const auto said = waiting->last_fault;
  EXPECT_EQ(said.substr(0, said.find(':')), row_of(code).name) << said;
  EXPECT_FALSE(formats::text_flaw(said, true)) << said;
  EXPECT_EQ(all.record().standing, node::Standing::logged);
  // Two notes that prove a fork are kept, for people.
  EXPECT_EQ(Snapshot::of(home).changes_since(before),
            code == log_inconsistent ? "outbox +1 -1, setting +1" : "outbox +1 -1");
}

}  // namespace

class Answering : public testing::TestWithParam<Lying> {
 public:
  /// After them all, the true answer still counts.
  static void TearDownTestSuite() { carry(asked().request); }
};

TEST_P(Answering, IsNotBelieved) {
  auto answer = asked().answer();
  GetParam().change(answer, asked());
  const auto body = Json::object({{"answers", Json::array({answer})}});
  put_off(asked(), to_bytes(formats::canonical(body)), GetParam().code);
}
class Showing : public Forged {};
TEST_P(Showing, IsNotBelieved) {
  play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Checkpoints, Showing, testing::ValuesIn(checkpoints()),
                         test_name<Forgery>);

/// Signed with our own key, so no partner made it up: this disk is old, or the key was stolen. The
/// node stops before it signs anything more, and nothing of the turn is kept.
TEST(Showing, ANewerOrOtherLogOfOursStopsTheNode) {
  auto& all = asked();
  const auto size = must(all.kgz.rows().log(all.log))->size;
  for (const auto& [note, code] : {std::pair{shown(all.kgz, size + 5), log_rolled_back},
                                   std::pair{shown(all.kgz, size), log_inconsistent},
                                   std::pair{shown(all.kgz, size - 1), log_inconsistent}}) {
    const auto before = Snapshot::of(all.kgz.folder());
    const auto copy = all.kgz.folder().parent_path() / fmt::format("copy-{}", note.size());
    std::filesystem::remove_all(copy);
    all.kgz.copy_disk(copy);
    const auto letter =
        letter_of(Json::array({act_json(all.request.p7m, all.request.parts)}), note);
    const auto turned = all.kgz.turn({[&](node::Desk& desk) -> node::Afterwards {
      EXPECT_FALSE(desk.take_letter(all.bfa.code(), letter));
      return {};
    }});
    ASSERT_FALSE(turned);
    EXPECT_EQ(turned.error().code, code) << turned.error().detail;
    EXPECT_EQ(Snapshot::of(all.kgz.folder()).changes_since(before), "setting +1")
        << "why it stopped";
    const auto again = all.kgz.restart();
    ASSERT_FALSE(again) << "it is stopped for good";
    EXPECT_EQ(again.error().code, log_rolled_back);
    all.kgz.put_back_disk(copy);
    must(all.kgz.restart());
  }
}

namespace {

std::vector<Lying> answers() {
  auto all = receipts();
  for (auto& more : {rejections(), shapes()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Answers, Answering, testing::ValuesIn(answers()), test_name<Lying>);

}  // namespace comity::corpus
