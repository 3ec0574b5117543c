// Directory entries that a hostile State, or whoever holds its keys, offers to officers: the next
// entry of Burkina Faso, changed in one place and signed anew (spec/directory.md). Considering one
// changes nothing, whatever it is.
#include "crypto/cms.hpp"
#include "forged_test.hpp"
#include "snapshot.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using std::string_literals::operator""s;

struct Offer {
  State& of = world().bfa;
  Json entry = must(formats::parse_json(directory::entry_content(of.entry(3))));
  const crypto::P256Key* key = &of.root_key();
  const crypto::Certificate* signer = &of.root();
  Instant signed_at = of.entry(3).issued_at;
  std::optional<Digest> fingerprint;
  std::function<Bytes(Bytes)> content;  // on the canonical bytes
  std::function<Bytes(Bytes)> p7m;

  Json input() const {
    auto bytes = to_bytes(formats::canonical(entry));
    if (content) bytes = content(bytes);
    auto file =
        must(crypto::cms_sign(bytes, *key, *signer, signed_at, crypto::CmsForm::encapsulated));
    if (p7m) file = p7m(file);
    auto json = Json::object({{"p7m", base64(file)}});
    if (fingerprint) json.set("fingerprint", fingerprint->hex());
    return json;
  }
};

struct Offered {
  const char* name;
  FaultCode code;
  std::function<void(Offer&)> change;
};
void PrintTo(const Offered& offered, std::ostream* out) {
  *out << offered.name;
}

using Change = std::function<void(Offer&)>;
Change says(std::string path, Json value) {
  return [=](Offer& offer) { at(offer.entry, path) = value; };
}
Change lacks(std::string path) {
  return [=](Offer& offer) { remove(offer.entry, path); };
}
Change text(std::string what, std::string with) {
  return [=](Offer& offer) {
    offer.content = [=](const Bytes& bytes) { return replaced(bytes, what, with); };
  };
}
Change times(std::string path, std::size_t count) {
  return [=](Offer& offer) {
    auto& list = at(offer.entry, path);
    while (list.size() < count) list.push_back(list.items()[0]);
  };
}
Json certificate(const Signer& signer) {
  return base64(signer.certificate.der());
}
/// A root that the forger made himself, of this State by its name.
struct Root {
  crypto::P256Key key;
  crypto::Certificate certificate;
};
const Root& forged_root() {
  static const Root one = [] {
    Seeded random("another root");
    const auto& own = world().bfa.root();
    auto key = crypto::P256Key::generate(random);
    auto made =
        must(crypto::issue_root(key, own.subject(), own.not_before(), own.not_after(), random));
    return Root{std::move(key), std::move(made)};
  }();
  return one;
}
/// All of the entry, certified anew under the forger's root.
void under_forged_root(Offer& offer) {
  Seeded random("under another root");
  const auto& root = forged_root();
  const auto again = [&](const Signer& of) {
    auto key = crypto::P256Key::generate(random);
    return base64(
        must(crypto::issue(root.key, root.certificate, key.public_spki(), of.certificate.subject(),
                           of.certificate.usage(), root.certificate.not_before(),
                           root.certificate.not_after(), random, of.certificate.hosts()))
            .der());
  };
  at(offer.entry, "/root") = base64(root.certificate.der());
  at(offer.entry, "/authorities/0/certificate") = again(offer.of.authority());
  at(offer.entry, "/tls/0") = again(offer.of.tls());
  offer.key = &root.key;
  offer.signer = &root.certificate;
}

// clang-format off
std::vector<Offered> trust() {
  return {
      {"entry-of-the-serial-in-force", directory_serial, says("/serial", 2)},
      {"entry-rolled-back", directory_serial, says("/serial", 1)},
      {"entry-of-serial-zero", directory_entry, says("/serial", 0)},
      {"entry-under-a-root-not-announced", directory_root, under_forged_root},
      {"entry-under-a-root-with-the-fingerprint-of-the-old", directory_fingerprint, [](Offer& o) {
        o.fingerprint = world().bfa.root().fingerprint(); under_forged_root(o); }},
      {"entry-with-another-fingerprint-read-out", directory_fingerprint, [](Offer& o) { o.fingerprint = Digest{{7}};
        }},
      {"entry-signed-by-the-authority", directory_entry, [](Offer& o) { o.key = &o.of.authority().key;
        o.signer = &o.of.authority().certificate; }},
      {"entry-signed-by-another-states-root", directory_entry, [](Offer& o) { o.key = &world().cub.root_key();
        o.signer = &world().cub.root(); }},
      {"entry-signed-by-a-forged-root", directory_entry, [](Offer& o) { o.key = &forged_root().key;
        o.signer = &forged_root().certificate; }},
      {"entry-of-another-state-under-ones-own-root", directory_entry, says("/state", "CUB")},
      {"entry-of-its-reader", directory_entry, says("/state", "KGZ")},
      {"entry-of-another-states-root", directory_entry, [](Offer& o) { at(o.entry,
        "/root") = base64(world().cub.root().der()); }},
      {"entry-of-the-real-world", directory_exercise, says("/exercise", false)},
      {"entry-expired", directory_expired, says("/valid_to", "2026-03-05T00:00:00Z")},
      {"entry-not-valid-yet", directory_entry, says("/valid_from", "2027-01-01T00:00:00Z")},
      {"entry-that-ends-before-it-begins", directory_entry, says("/valid_to", "2026-01-02T00:00:00Z")},
      {"entry-beyond-its-root", directory_entry, says("/valid_to", "2090-01-01T00:00:00Z")},
      {"entry-issued-at-another-time-than-signed", directory_entry, says("/issued_at", "2026-03-04T00:00:00Z")},
      {"entry-that-announces-its-own-root", directory_entry, [](Offer& o) { at(o.entry,
        "/next_root") = o.of.root().fingerprint().hex(); }},
      {"entry-that-revokes-tomorrow", directory_entry, says("/revoked", Json::array({Json::object({{"certificate",
        Digest{{7}}.hex()}, {"revoked_from", "2026-12-01T00:00:00Z"}, {"reason", "x"}})}))},
  };
}

std::vector<Offered> members() {
  auto& w = world();
  return {
      {"authority-of-another-state", directory_entry, says("/authorities/0/certificate",
        certificate(w.cub.authority()))},
      {"authority-that-is-an-officer", directory_entry, says("/authorities/0/certificate",
        certificate(w.bfa.officer(0)))},
      {"authority-that-is-the-tls-end", directory_entry, says("/authorities/0/certificate",
        certificate(w.bfa.tls()))},
      {"authority-with-a-role-not-certified", directory_entry, says("/authorities/0/roles/0", "supreme-court")},
      {"authority-without-roles", directory_entry, says("/authorities/0/roles", Json::array())},
      {"authority-twice", directory_entry, times("/authorities", 2)},
      {"authorities-33", directory_entry, times("/authorities", 33)},
      {"authorities-none", directory_entry, says("/authorities", Json::array())},
      {"authority-in-look-alike-letters", directory_entry, says("/authorities/0/code", "minis\u0442ry")},
      {"tls-of-another-state", directory_entry, says("/tls/0", certificate(w.cub.tls()))},
      {"tls-that-is-an-authority", directory_entry, says("/tls/0", certificate(w.bfa.authority()))},
      {"tls-none", directory_entry, says("/tls", Json::array())},
      {"tls-five-times", directory_entry, times("/tls", 5)},
      {"endpoint-of-another-host", directory_entry, says("/endpoint/host", "kgz.example")},
      {"endpoint-with-a-path", directory_entry, says("/endpoint/host", "node.example/admin")},
      {"endpoint-with-a-user", directory_entry, says("/endpoint/host", "root@node.example")},
      {"endpoint-in-capitals", directory_entry, says("/endpoint/host", "NODE.example")},
      {"endpoint-with-a-dot-behind", directory_entry, says("/endpoint/host", "node.example.")},
      {"endpoint-in-look-alike-letters", directory_entry, says("/endpoint/host", "n\u043ede.example")},
      {"endpoint-at-port-zero", directory_entry, says("/endpoint/port", 0)},
      {"endpoint-at-port-65536", directory_entry, says("/endpoint/port", 65536)},
      {"logs-with-one-key-for-two", directory_entry, [](Offer& o) { at(o.entry, "/logs/anchor") = at(o.entry,
        "/logs/partner"); }},
      {"logs-with-a-key-of-31-bytes", directory_entry, says("/logs/partner", base64(Bytes(31, 7)))},
      {"logs-with-a-plus-in-their-origin", directory_entry, says("/logs/origin_prefix", "a+b/")},
      {"logs-with-a-line-in-their-origin", directory_entry, says("/logs/origin_prefix", "a\nb/")},
      {"name-turned-right-to-left", directory_entry, says("/names/en", "State \u202eAFB")},
      {"name-with-a-zero-width-space", directory_entry, says("/names/en", "Sta\u200bte")},
      {"name-of-hangul-fillers", directory_entry, says("/names/en", "\u3164")},
      {"name-without-english", directory_entry, lacks("/names/en")},
      {"contact-with-letters-for-a-number", directory_entry, says("/second_contacts/0/phone", "+996 CALL ME")},
      {"contact-with-two-numbers", directory_entry, says("/second_contacts/0/phone", "+996 1;+226 2")},
      {"contact-turned-right-to-left", directory_entry, says("/second_contacts/0/how", "\u2067ask for me")},
      {"contacts-none", directory_entry, says("/second_contacts", Json::array())},
      {"entry-with-a-member-too-many", directory_entry, says("/supersedes", "KGZ")},
      {"entry-without-a-member", directory_entry, lacks("/revoked")},
      {"entry-with-a-member-twice", directory_entry, text("\"state\":\"BFA\"",
        "\"state\":\"CUB\",\"state\":\"BFA\"")},
      {"entry-with-a-blank", directory_entry, text("\"state\":", "\"state\": ")},
      {"entry-of-another-format", directory_entry, says("/format", "comity-directory-entry/2")},
      {"entry-past-256-kibibytes", limit_size, says("/names/en", std::string(directory::k_entry_bytes_max, 'a'))},
      {"entry-in-no-envelope", format_cms, [](Offer& o) { o.p7m = [](const Bytes& b) {
        return must(crypto::cms_open(b)).content; }; }},
      {"entry-with-its-signature-bent", crypto_signature, [](Offer& o) { o.p7m = [](Bytes b) { return b.back() ^= 1,
        b; }; }},
      {"entry-that-is-an-act", directory_entry, [](Offer& o) { o.content = [](const Bytes&) {
        return must(crypto::cms_open(good(Kind::request).p7m)).content; }; }},
  };
}
// clang-format on

}  // namespace

class Introduced : public testing::TestWithParam<Offered> {};
TEST_P(Introduced, IsNotAccepted) {
  Offer offer;
  GetParam().change(offer);
  auto& reader = world().kgz;
  const auto before = bytes_of(reader.folder());
  const auto considered = reader.ask([&](node::Desk& desk) {
    return desk.consider_entry(reader.officer(0).as_caller(), offer.input());
  });
  ASSERT_FALSE(considered) << formats::canonical(*considered);
  EXPECT_EQ(row_of(considered.error().code).name, row_of(GetParam().code).name)
      << considered.error().detail;
  EXPECT_EQ(bytes_of(reader.folder()), before);
}
INSTANTIATE_TEST_SUITE_P(Trust, Introduced, testing::ValuesIn(trust()), test_name<Offered>);
INSTANTIATE_TEST_SUITE_P(Members, Introduced, testing::ValuesIn(members()), test_name<Offered>);

TEST(Introduced, IsAcceptableUnchanged) {
  auto& reader = world().kgz;
  const auto considered = reader.ask([&](node::Desk& desk) {
    return desk.consider_entry(reader.officer(0).as_caller(), Offer().input());
  });
  EXPECT_TRUE(considered) << considered.error().detail;
}

}  // namespace comity::corpus
