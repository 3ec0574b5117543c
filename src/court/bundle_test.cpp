// What an export holds, what it leaves out, and what it says of that.
#include "court/bundle.hpp"

#include "court/rewrap.hpp"
#include "court/verify_fixture_test.hpp"
#include "evidence/opener.hpp"

namespace comity::court {
namespace {

using testing::HasSubstr;
using testing::Not;

class Exports : public VerifyFixture {
 protected:
  std::unique_ptr<sample::Exchange> exchange_ = played();
  BundleInput input_ = exchange_->input();

  static bool holds_bytes(const Bundle& bundle, View needle) {
    return std::ranges::any_of(bundle.files, [&](const BundleFile& file) {
      return !std::ranges::search(file.bytes, needle).empty();
    });
  }
};

TEST_F(Exports, LeaveNeitherBytesNorSaltOfAWithheldPart) {
  const auto& persons = input_.acts[0].parts[1].part;
  ASSERT_EQ(persons.name, "persons");
  ASSERT_TRUE(holds_bytes(*compose(input_), as_bytes(base64(persons.salt))));
  input_.purpose = Purpose::defence;
  input_.withheld = {{exchange_->ids[0], "persons", "protects a witness"}};
  const auto bundle = *compose(input_);
  EXPECT_FALSE(holds_bytes(bundle, persons.bytes));
  EXPECT_FALSE(holds_bytes(bundle, as_bytes(base64(persons.salt))));
  EXPECT_FALSE(holds_bytes(bundle, persons.salt));

  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::holds, "act.parts", "acts/0001"));
  EXPECT_TRUE(says(report, Verdict::not_present, "absent", "acts/0001-request.parts/persons"));
  EXPECT_THAT(to_text(report), HasSubstr("withheld: protects a witness"));
}

TEST_F(Exports, AreNotMadeWhenAPartToBeWithheldIsNotFound) {
  input_.withheld = {{exchange_->ids[0], "person", "misspelt"}};
  EXPECT_EQ(compose(input_).error().code, FaultCode::act_part);
  input_.withheld = {{exchange_->ids[1], "persons", "of another act"}};
  EXPECT_EQ(compose(input_).error().code, FaultCode::act_part);
}

TEST_F(Exports, SayInTheReadmeWhatIsWithheldAndWhy) {
  input_.withheld = {{exchange_->ids[0], "persons", "protects @EXPORTER@\nFILES ARE WHOLE"}};
  const auto bundle = *compose(input_);
  const std::string text(
      as_text(std::ranges::find(bundle.files, "README.txt", &BundleFile::path)->bytes));
  EXPECT_THAT(text, HasSubstr("WHAT IS WITHHELD HERE\n\nBFA decided"));
  EXPECT_THAT(text, HasSubstr("acts/0001-request.parts/persons\n"
                              "    withheld: protects @EXPORTER@ FILES ARE WHOLE\n"));
  input_.withheld.clear();
  const auto all = *compose(input_);
  EXPECT_THAT(
      std::string(as_text(std::ranges::find(all.files, "README.txt", &BundleFile::path)->bytes)),
      Not(HasSubstr("WITHHELD")));
}

/// A manifest is a part of the delivery and a file of the item: withheld in one place and shown in
/// the other, it would be out.
TEST_F(Exports, ShowWithheldBytesNowhereElse) {
  const auto digest = crypto::sha256(exchange_->manifest_bytes);
  input_.withheld = {{exchange_->ids[2], "manifest", "names a source", digest}};
  EXPECT_EQ(compose(input_).error().code, FaultCode::act_part);
  input_.items[0].why_withheld = "names a source";
  const auto bundle = *compose(input_);
  EXPECT_FALSE(holds_bytes(bundle, exchange_->manifest_bytes));
  EXPECT_THAT(bundle.references, testing::IsEmpty());
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::not_present, "absent", "evidence/"));
}

TEST_F(Exports, AreTheSameInPieces) {
  const auto whole = *compose(input_);
  BundleInput about = input_;
  about.acts.clear();
  about.items.clear();
  about.proofs.clear();
  about.consistency.clear();
  Bundle pieces{.index = index_about(about)};
  for (std::size_t i = 0; i < input_.acts.size(); ++i)
    pieces.add(*compose_act(about, i + 1, input_.acts[i]));
  for (const auto& state : input_.states) pieces.add(*compose_state(about, state));
  for (const auto& proof : input_.proofs) pieces.add(*compose_custody(proof));
  for (const auto& proof : input_.consistency) pieces.add(*compose_consistency(proof));
  pieces.add(*compose_item(about, input_.items[0]));
  EXPECT_TRUE(check_withheld(about, pieces.index));
  pieces.add(compose_readme(pieces.index));
  EXPECT_EQ(pieces.index, whole.index);
  EXPECT_EQ(pieces.files, whole.files);
  EXPECT_EQ(pieces.references, whole.references);
}

TEST_F(Exports, NameWhatWasErased) {
  input_.acts[0].parts[0].erased = "retention ended";
  input_.acts[0].parts[0].part.bytes.clear();
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_THAT(to_text(report), HasSubstr("erased: retention ended"));
}

TEST_F(Exports, AreNotMadeOfPartsThatDoNotBind) {
  input_.acts[0].parts[0].part.bytes.push_back('!');
  EXPECT_EQ(compose(input_).error().code, FaultCode::act_part);
  input_.acts[0].parts.pop_back();
  EXPECT_EQ(compose(input_).error().code, FaultCode::act_part);
}

TEST_F(Exports, HoldWithoutEvidence) {
  input_.items.clear();
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::not_present, "item.delivery", "acts/0003"));
}

TEST_F(Exports, HoldWithAManifestAlone) {
  input_.items = {{.manifest = exchange_->manifest_bytes,
                   .why_no_sealed = "left to the court",
                   .why_no_plaintext = "left to the court"}};
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_THAT(to_text(report), HasSubstr("left to the court"));
}

TEST_F(Exports, HoldWithoutAnyReceiptOrCustodyEntry) {
  for (auto& act : input_.acts) act.receipt.clear();
  input_.proofs.clear();
  input_.consistency.clear();
  for (auto& state : input_.states) state.checkpoint.clear(), state.internal_checkpoint.clear();
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::not_present, "absent", "receipts/0001"));
}

TEST_F(Exports, AreMadeByEitherSide) {
  auto& asked = exchange_->asked;
  input_.exporter = asked.code;
  input_.partner = exchange_->asking.code;
  std::swap(input_.states[0], input_.states[1]);
  input_.states[0].internal_checkpoint.clear();
  input_.states[1].internal_checkpoint.clear();
  input_.proofs.clear();
  for (std::uint64_t i = 0; i < asked.partner.entries.size(); ++i)
    input_.proofs.push_back({false, asked.partner.receipt(i)});
  std::swap(exchange_->asking.authority_key, asked.authority_key);  // who signs in the sample
  std::swap(exchange_->asking.authority, asked.authority);
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
}

TEST_F(Exports, OpenToAFreshReaderWithoutNewChunks) {
  sample::SeededRandom random(3);
  const auto reader = formats::AgeIdentity::generate(random);
  const auto& item = exchange_->item;
  const auto prefix = View(item.file).first(item.shape.prefix_size);
  const auto header = *rewrap(item.shape, prefix, item.identity, reader.recipient(), random);

  // What the reader makes of it: the new header, then the chunks as they are.
  auto shape = item.shape;
  shape.prefix_size = header.size();
  shape.prefix_sha256 = crypto::sha256(header);
  Bytes whole = header;
  append(whole, View(item.file).subspan(item.shape.prefix_size));
  EXPECT_EQ(*evidence::open_item(shape, whole, reader), item.plaintext);

  const auto shown = [&](const Bytes& bytes) {
    auto input = exchange_->input();
    input.items[0].header = bytes;
    input.items[0].plaintext = false;
    return check(*exchange_, input);
  };
  // Made in secret, it is an access that nobody was told of.
  EXPECT_TRUE(says(shown(header), Verdict::fails, "item.header", "evidence/"));
  exchange_->log_header(header, reader.recipient());
  const auto another = *rewrap(item.shape, prefix, item.identity, reader.recipient(), random);
  EXPECT_TRUE(says(shown(another), Verdict::fails, "item.header", "evidence/"));
  const auto report = shown(header);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::holds, "item.header", "evidence/"));

  const auto stranger = formats::AgeIdentity::generate(random);
  EXPECT_EQ(rewrap(item.shape, prefix, stranger, reader.recipient(), random).error().code,
            FaultCode::crypto_open);
  EXPECT_EQ(rewrap(item.shape, header, item.identity, reader.recipient(), random).error().code,
            FaultCode::evidence_chunk);
}

/// The requester corrects an act that the other State rejected: the first one is void, and an
/// export shows both.
TEST_F(Exports, ShowWhatWasRejectedAsVoid) {
  auto& exchange = *exchange_;
  const auto void_act = exchange.make(exchange::Side::requester, exchange::QueryBody{}, {});
  const auto content = exchange::act_content(void_act);
  const exchange::Rejection rejection{.exercise = true,
                                      .act = exchange::act_id(content),
                                      .exchange = exchange.id,
                                      .from = exchange.asked.code,
                                      .to = exchange.asking.code,
                                      .code = FaultCode::act_time,
                                      .detail = "an hour ahead",
                                      .made_at = exchange.now};
  BundleAct rejected{.p7m = exchange.asking.sign(content, exchange.now)};
  rejected.rejection = exchange.asked.sign(exchange::rejection_content(rejection), exchange.now);
  exchange.acts.push_back(rejected);
  exchange.act(exchange::Side::requester, exchange::QueryBody{});
  input_ = exchange.input();
  auto report = check(exchange, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  EXPECT_TRUE(says(report, Verdict::holds, "act.rejection", "acts/0005"));
  EXPECT_TRUE(says(report, Verdict::holds, "act.order", "acts/0006"));

  // A rejection that the author made up for itself voids nothing that the check would pass over.
  input_.acts[4].rejection =
      exchange.asking.sign(exchange::rejection_content(rejection), exchange.now);
  report = check(exchange, input_);
  EXPECT_TRUE(says(report, Verdict::fails, "act.rejection", "acts/0005")) << to_text(report);
}

TEST_F(Exports, SpanAsManyEntriesAsAnExchangeMay) {
  auto& entries = input_.states[1].entries;
  entries.clear();
  for (auto serial = static_cast<std::int64_t>(k_entries_of_a_state_max); serial >= 1; --serial) {
    auto entry = exchange_->asked.entry(serial);
    entries.push_back(*directory::sign_entry(entry, exchange_->asked.root_key));
  }
  const auto report = check(*exchange_, input_);
  EXPECT_EQ(report.exit_code(), 0) << to_text(report);
  entries.insert(
      entries.begin(),
      *directory::sign_entry(exchange_->asked.entry(std::int64_t{k_entries_of_a_state_max} + 1),
                             exchange_->asked.root_key));
  EXPECT_EQ(compose(input_).error().code, FaultCode::limit_count);
}

TEST_F(Exports, AreRefusedBeforeTheyContradictThemselves) {
  auto input = input_;
  input.states.pop_back();
  EXPECT_FALSE(compose(input).has_value());
  input = input_;
  input.states[0].entries.clear();
  EXPECT_FALSE(compose(input).has_value());
  input = input_;
  std::swap(input.states[0].entries, input.states[1].entries);
  EXPECT_FALSE(compose(input).has_value());
  input = input_;
  input.exchange.bytes.fill(7);  // the item is of the other one
  EXPECT_FALSE(compose(input).has_value());
  input = input_;
  input.items[0].sealed = false;
  input.items[0].header = to_bytes(std::string_view("header"));
  EXPECT_FALSE(compose(input).has_value());
}

TEST_F(Exports, TellInTheReadmeHowToCheckThemByHand) {
  const auto bundle = *compose(input_);
  const auto found = std::ranges::find(bundle.files, "README.txt", &BundleFile::path);
  ASSERT_NE(found, bundle.files.end());
  const std::string text(as_text(found->bytes));
  EXPECT_THAT(text, HasSubstr("--trust BFA=FINGERPRINT --trust KGZ=FINGERPRINT"));
  EXPECT_THAT(text, HasSubstr("-attime " + std::to_string(input_.made_at.seconds())));
  EXPECT_THAT(text, HasSubstr("THIS IS AN EXERCISE"));
  EXPECT_THAT(text, Not(HasSubstr("@EXPORTER@")));
  EXPECT_TRUE(
      std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

}  // namespace
}  // namespace comity::court
