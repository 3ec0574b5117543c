// What a hostile program does to the peers' door before and around a letter: TLS, HTTP framing,
// addresses, ranges, bodies without end (spec/peer-protocol.md §1, §2). Every call is made with a
// certificate that the node knows, unless that is the trick; nothing of any may be kept.
#include <fmt/format.h>
#include <sys/resource.h>

#include "forged_test.hpp"
#include "live_node.hpp"
#include "raw_tls.hpp"
#include "snapshot.hpp"
#include "wire/client.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using std::string_literals::operator""s;

/// Kyrgyzstan behind its door, impatient: what a slow caller may take is a second.
struct Stage {
  State& bfa = world().bfa;
  State& kgz = world().kgz;
  Good released = [] {  // an item that Burkina Faso may have
    const auto request = world().request();
    carry(request);
    carry(world().acceptance(request));
    auto delivery = world().delivery(request);
    carry(delivery);
    return delivery;
  }();
  ItemId sealed = [] {  // and one that nobody decided to deliver
    const auto request = world().request();
    carry(request);
    carry(world().acceptance(request));
    return world().sealed_item(request);
  }();
  wire::ServerLimits limits = [] {
    wire::ServerLimits one;
    one.handshake = one.header = one.stall = one.idle = wire::milliseconds(1000);
    one.whole_body_bytes_per_s_min = 4096;
    return one;
  }();
  LiveNode node{kgz, limits};
  std::string item = released.content.at("substance").at("body").at("item").text();
};
Stage& stage() {
  static Stage one;
  return one;
}

/// Cuts TLS, or an HTTP answer: 0 is no answer at all.
struct Trick {
  const char* name;
  int status;
  std::optional<FaultCode> code;  // of the problem; none: nothing is said, or a right answer
  std::function<std::string(RawTls&)> says;
  bool is_endless = false;
};
struct Handshake {
  const char* name;
  std::function<TlsTrick()> trick;
};

const std::string k_get = "GET /comity/v1/entry HTTP/1.1\r\nHost: kgz\r\n\r\n";
const std::string k_close = "Connection: close\r\n";

std::string head(std::string_view line, std::string_view fields = "") {
  return fmt::format("{} HTTP/1.1\r\nHost: kgz\r\n{}\r\n", line, fields);
}
std::string post(std::string_view fields, std::string_view body = "") {
  return head("POST /comity/v1/acts", fields) + std::string(body);
}
std::string fields(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += fmt::format("X{}: y\r\n", i);
  return all;
}
/// Says these bytes and hears what comes.
std::function<std::string(RawTls&)> say(std::string bytes) {
  return [=](RawTls& wire) {
    wire.send(bytes);
    return wire.rest();
  };
}
std::function<std::string(RawTls&)> get(const std::string& target, const std::string& fields = "") {
  return say(head("GET " + target, fields + k_close));
}
std::function<std::string(RawTls&)> item(const std::string& path, const std::string& fields = "") {
  return [=](RawTls& wire) {
    wire.send(head("GET /comity/v1/items/" + stage().item + path, fields + k_close));
    return wire.rest();
  };
}
std::function<std::string(RawTls&)> sealed_item() {
  return [](RawTls& wire) {
    wire.send(head("GET /comity/v1/items/" + stage().sealed.hex() + "/sealed", k_close));
    return wire.rest();
  };
}
/// Sends these bytes again and again until nobody takes them any more.
std::function<std::string(RawTls&)> endless(std::string first, std::string again) {
  return [=](RawTls& wire) {
    wire.send(first);
    for (int i = 0; i < 100'000 && wire.send(again); ++i) continue;
    return wire.rest();
  };
}
/// One byte, and then nothing.
std::function<std::string(RawTls&)> drip(std::string first) {
  return [=](RawTls& wire) {
    wire.send(first);
    return wire.rest(10'000);
  };
}
const std::string k_chunked = "Transfer-Encoding: chunked\r\n";

// clang-format off
std::vector<Trick> framings() {
  return {
      {"length-and-chunks", 400, bad_usage, say(post("Content-Length: 2\r\n" + k_chunked, "0\r\n\r\n" + k_get))},
      {"chunks-and-length", 400, bad_usage, say(post(k_chunked + "Content-Length: 2\r\n", "0\r\n\r\n" + k_get))},
      {"two-lengths", 400, bad_usage, say(post("Content-Length: 2\r\nContent-Length: 40\r\n", "{}" + k_get))},
      {"the-same-length-twice", 400, bad_usage, say(post("Content-Length: 2\r\nContent-Length: 2\r\n",
        "{}" + k_get))},
      {"lengths-in-a-list", 400, bad_usage, say(post("Content-Length: 2, 40\r\n", "{}" + k_get))},
      {"length-with-a-sign", 400, bad_usage, say(post("Content-Length: +2\r\n", "{}" + k_get))},
      {"length-negative", 400, bad_usage, say(post("Content-Length: -2\r\n", "{}" + k_get))},
      {"length-in-hexadecimal", 400, bad_usage, say(post("Content-Length: 0x2\r\n", "{}" + k_get))},
      {"length-past-64-bits", 400, bad_usage, say(post("Content-Length: 18446744073709551618\r\n", "{}" + k_get))},
      {"length-empty", 400, bad_usage, say(post("Content-Length:\r\n", "{}" + k_get))},
      {"two-encodings", 400, bad_usage, say(post(k_chunked + k_chunked, "0\r\n\r\n" + k_get))},
      {"encoding-of-identity-then-chunks", 400, bad_usage, say(post("Transfer-Encoding: identity, chunked\r\n",
        "0\r\n\r\n" + k_get))},
      {"encoding-misspelt", 400, bad_usage, say(post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + k_get))},
      {"encoding-with-a-tab", 400, bad_usage, say(post("Transfer-Encoding:\tchunked\x0b\r\n", "0\r\n\r\n" + k_get))},
      {"encoding-of-gzip", 400, bad_usage, say(post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + k_get))},
      {"field-with-a-blank-before-its-colon", 400, bad_usage, say(post("Content-Length : 2\r\n", "{}" + k_get))},
      {"field-folded", 400, bad_usage, say(post("X: a\r\n b\r\nContent-Length: 2\r\n", "{}" + k_get))},
      {"field-without-a-colon", 400, bad_usage, say(post("Nothing\r\n", "") + k_get)},
      {"field-without-a-name", 400, bad_usage, say(post(": x\r\n", "") + k_get)},
      {"field-with-a-zero-byte", 400, bad_usage, say(post("X: a\0b\r\n"s, "") + k_get)},
      {"field-with-a-bare-return", 400, bad_usage, say(post("X: a\rContent-Length: 2\r\n", "{}" + k_get))},
      {"lines-that-end-bare", 400, bad_usage, say("GET /comity/v1/entry HTTP/1.1\nHost: kgz\n\n" + k_get)},
      {"a-blank-line-bare", 400, bad_usage,
        say("GET /comity/v1/entry HTTP/1.1\r\nHost: kgz\r\n\n" + k_get + "\r\n\r\n")},
      {"chunk-size-with-a-prefix", 400, bad_usage, say(post(k_chunked, "0x2\r\n{}\r\n0\r\n\r\n" + k_get))},
      {"chunk-size-with-a-sign", 400, bad_usage, say(post(k_chunked, "+2\r\n{}\r\n0\r\n\r\n" + k_get))},
      {"chunk-size-past-64-bits", 400, bad_usage, say(post(k_chunked,
        "10000000000000002\r\n{}\r\n0\r\n\r\n" + k_get))},
      {"chunk-size-missing", 400, bad_usage, say(post(k_chunked, "\r\n{}\r\n0\r\n\r\n" + k_get))},
      {"chunk-that-ends-elsewhere", 400, bad_usage, say(post(k_chunked, "2\r\n{}x\r\n0\r\n\r\n" + k_get))},
      {"chunk-with-an-endless-extension", 400, bad_usage, say(post(k_chunked, "2;" + std::string(100'000,
        'x') + "\r\n{}\r\n0\r\n\r\n"))},
      {"chunk-line-that-ends-bare", 400, bad_usage, say(post(k_chunked, "2\n{}\n0\n\n" + k_get))},
  };
}

std::vector<Trick> heads() {
  return {
      {"no-host", 400, bad_usage, say("GET /comity/v1/entry HTTP/1.1\r\n\r\n")},
      {"two-hosts", 400, bad_usage, say(head("GET /comity/v1/entry", "Host: other\r\n"))},
      {"http-1-0", 400, bad_usage, say("GET /comity/v1/entry HTTP/1.0\r\nHost: kgz\r\n\r\n")},
      {"http-0-9", 400, bad_usage, say("GET /comity/v1/entry\r\n\r\n")},
      {"http-2-preface", 400, bad_usage, say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
      {"http-9-9", 400, bad_usage, say("GET /comity/v1/entry HTTP/9.9\r\nHost: kgz\r\n\r\n")},
      {"absolute-target", 400, bad_usage, say(head("GET http://bfa/comity/v1/entry"))},
      {"connect", 400, bad_usage, say(head("CONNECT bfa:443"))},
      {"star", 400, bad_usage, say(head("OPTIONS *"))},
      {"method-in-small-letters", 400, bad_usage, say(head("get /comity/v1/entry", k_close))},
      {"method-unknown", 405, method, say(head("BREW /comity/v1/entry", k_close))},
      {"method-delete", 405, method, say(head("DELETE /comity/v1/entry", k_close))},
      {"method-get-of-acts", 405, method, get("/comity/v1/acts")},
      {"method-post-of-an-item", 405, method, say(head("POST /comity/v1/items/00/sealed",
        "Content-Length: 0\r\n" + k_close))},
      {"head-past-16-kibibytes", 413, limit_size, say(head("GET /comity/v1/entry", "X: " + std::string(16'384,
        'a') + "\r\n"))},
      {"65-fields", 400, limit_count, say(head("GET /comity/v1/entry", fields(64)))},
      {"expectation-unknown", 400, bad_usage, say(post("Expect: tea\r\nContent-Length: 2\r\n", "{}"))},
      {"a-second-call-behind-a-wrong-one", 400, bad_usage,
        say("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + k_get + k_get)},
  };
}

std::vector<Trick> addresses() {
  return {
      {"path-of-dots", 400, bad_usage, get("/comity/v1/../v1/entry")},
      {"path-of-dots-encoded", 400, bad_usage, get("/comity/v1/%2e%2e/v1/entry")},
      {"path-with-a-slash-encoded", 400, bad_usage, get("/comity/v1%2fentry")},
      {"path-with-a-backslash", 400, bad_usage, get("/comity\\v1\\entry")},
      {"path-with-a-zero-byte", 400, bad_usage, get("/comity/v1/entry%00")},
      {"path-with-an-empty-segment", 400, bad_usage, get("/comity//v1/entry")},
      {"path-that-ends-in-a-slash", 400, bad_usage, get("/comity/v1/entry/")},
      {"path-encoded-by-half", 400, bad_usage, get("/comity/v1/entry%2")},
      {"path-encoded-past-ascii", 400, bad_usage, get("/comity/v1/entr%c3%bf")},
      {"path-in-capitals", 404, not_found, get("/Comity/V1/Entry")},
      {"path-of-another-version", 404, not_found, get("/comity/v2/entry")},
      {"path-of-the-officers", 404, not_found, get("/v1/exchanges")},
      {"path-of-the-console", 404, not_found, get("/")},
      {"path-with-a-parameter", 404, not_found, get("/comity/v1/entry;v=2")},
      {"query", 400, bad_usage, get("/comity/v1/entry?state=CUB")},
      {"query-with-a-name-twice", 400, bad_usage, get("/comity/v1/entry?a=1&a=2")},
      {"item-of-no-hexadecimal", 404, not_found, get("/comity/v1/items/x/sealed")},
      {"item-in-capitals", 404, not_found, get("/comity/v1/items/00112233445566778899AABBCCDDEEFF/sealed")},
      {"item-unknown", 404, evidence_unknown, get("/comity/v1/items/00112233445566778899aabbccddeeff/sealed")},
      {"item-nobody-released", 404, evidence_unknown, sealed_item()},
      {"range-beyond-the-end", 416, std::nullopt, item("/sealed", "Range: bytes=999999999-\r\n")},
      {"range-past-64-bits", 416, std::nullopt, item("/sealed", "Range: bytes=18446744073709551615-\r\n")},
      {"tile-of-dots", 400, bad_usage, item("/tiles/../../node.db")},
      {"tile-of-no-number", 404, not_found, item("/tiles/0/abc")},
      {"tile-with-a-zero-less", 404, not_found, item("/tiles/0/0")},
      {"tile-of-257-hashes", 404, not_found, item("/tiles/0/000.p/257")},
      {"tile-of-no-hashes", 404, not_found, item("/tiles/0/000.p/0")},
      {"tile-of-entries", 404, not_found, item("/tiles/entries/000")},
      {"tile-of-a-level-beyond", 404, not_found, item("/tiles/64/000")},
  };
}

std::vector<Trick> bodies() {
  return {
      {"body-in-gzip", 400, format_json, say(post("Content-Encoding: gzip\r\nContent-Length: 20\r\n" + k_close,
        "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"s))},
      {"body-of-another-kind", 400, format_json,
        say(post("Content-Type: text/html\r\nContent-Length: 6\r\n" + k_close, "<html>"))},
      {"body-announced-past-its-limit", 413, limit_size, say(post("Content-Length: 8388609\r\n"))},
      {"body-announced-past-all-disks", 413, limit_size, say(post("Content-Length: 999999999999999999\r\n"))},
      {"body-in-chunks-past-its-limit", 413, limit_size, endless(post(k_chunked), "4000\r\n" + std::string(0x4000,
        ' ') + "\r\n"), true},
      {"chunk-announced-past-its-limit", 413, limit_size, say(post(k_chunked, "fffffffff\r\n"))},
      {"body-in-chunks-of-one-byte", 0, std::nullopt, [](RawTls& wire) { return endless(post(k_chunked),
        "1\r\n \r\n")(wire); }},
      {"trailers-without-end", 400, std::nullopt, endless(post(k_chunked, "2\r\n{}\r\n0\r\n"), "X: y\r\n"), true},
      {"fields-without-end", 413, limit_size, endless("GET /comity/v1/entry HTTP/1.1\r\nHost: kgz\r\n", "X: y\r\n"),
        true},
      {"target-without-end", 413, limit_size, endless("GET /", "aaaaaaaaaaaaaaaa"), true},
      {"body-that-stops", 0, std::nullopt, drip(post("Content-Length: 20\r\n", "{"))},
      {"chunk-that-stops", 0, std::nullopt, drip(post(k_chunked, "14\r\n{"))},
      {"head-that-stops", 0, std::nullopt, drip("GET /comity/v1/entry HTTP/1.1\r\nHos")},
      {"nothing-at-all", 0, std::nullopt, drip("")},
  };
}

std::vector<Handshake> handshakes() {
  auto& w = world();
  const auto as = [](const Signer& who) { return [&who] { return TlsTrick{.as = &who}; }; };
  const auto old = [&w](int version) { return [&w, version] { return TlsTrick{.as = &w.bfa.tls(),
    .version = version, .ciphers = "ALL:@SECLEVEL=0"}; }; };
  const auto groups = [&w](const char* names) { return [&w, names] { return TlsTrick{.as = &w.bfa.tls(),
    .groups = names}; }; };
  const auto suite = [&w](const char* name) { return [&w, name] { return TlsTrick{.as = &w.bfa.tls(),
    .more = [name](SSL_CTX* c) { SSL_CTX_set_ciphersuites(c, name); }}; }; };
  return {
      {"no-certificate", [] { return TlsTrick{}; }},
      {"certificate-of-an-authority", as(w.bfa.authority())},
      {"certificate-of-an-officer", as(w.bfa.officer(0))},
      {"certificate-of-the-node-itself", as(w.kgz.tls())},
      {"certificate-not-in-the-entry", [&w] { static const auto other = w.bfa.certified("node", {},
        crypto::Usage::tls); return TlsTrick{.as = &other}; }},
      {"certificate-of-a-stolen-key", as(w.stolen_of_bfa)},
      {"tls-1-2", old(TLS1_2_VERSION)},
      {"tls-1-1", old(TLS1_1_VERSION)},
      {"tls-1-0", old(TLS1_VERSION)},
      {"group-of-521-bits", groups("P-521")},
      {"group-of-x448", groups("X448")},
      {"group-of-finite-fields", groups("ffdhe2048")},
      {"suite-with-short-tags", suite("TLS_AES_128_CCM_8_SHA256")},
  };
}
// clang-format on

void PrintTo(const Trick& trick, std::ostream* out) {
  *out << trick.name;
}
void PrintTo(const Handshake& handshake, std::ostream* out) {
  *out << handshake.name;
}

int status_of(const std::string& answer) {
  if (!answer.starts_with("HTTP/1.1 ")) return 0;
  return (answer[9] - '0') * 100 + (answer[10] - '0') * 10 + (answer[11] - '0');
}
std::size_t answers_in(const std::string& said) {
  std::size_t count = 0;
  for (auto at = said.find("HTTP/1.1 "); at != said.npos; at = said.find("HTTP/1.1 ", at + 1))
    ++count;
  return count;
}

/// The door still serves the one who calls as he should.
void expect_open() {
  auto& all = stage();
  auto client =
      must(wire::Client::over_tls({"127.0.0.1", all.node.port()}, identity_of(all.bfa.tls()),
                                  all.kgz.tls().certificate.fingerprint()));
  const auto answer = client.ask("POST", "/comity/v1/acts", {}, letter_of(Json::array()), 10);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 200) << as_text(answer->body);
}

}  // namespace

class Door : public testing::TestWithParam<Trick> {};
TEST_P(Door, AnswersOnceOrNotAndKeepsNothing) {
  auto& all = stage();
  const auto before = bytes_of(all.kgz.folder());
  RawTls wire(all.node.port(), {.as = &all.bfa.tls()});
  ASSERT_TRUE(wire.has_shaken_hands());
  const auto said = GetParam().says(wire);
  // Who still sends while he is answered may find the line cut before he reads.
  if (GetParam().is_endless && said.empty()) return expect_open();
  EXPECT_EQ(status_of(said), GetParam().status) << said.substr(0, 600);
  EXPECT_LE(answers_in(said), 1U) << said.substr(0, 1000);
  EXPECT_FALSE(said.ends_with("(open)")) << "the connection stays";
  if (GetParam().code)
    EXPECT_NE(said.find(fmt::format("urn:comity:error:{}\"", row_of(*GetParam().code).name)),
              said.npos)
        << said.substr(0, 600);
  EXPECT_EQ(bytes_of(all.kgz.folder()), before);
  expect_open();
}
INSTANTIATE_TEST_SUITE_P(Framings, Door, testing::ValuesIn(framings()), test_name<Trick>);
INSTANTIATE_TEST_SUITE_P(Heads, Door, testing::ValuesIn(heads()), test_name<Trick>);
INSTANTIATE_TEST_SUITE_P(Addresses, Door, testing::ValuesIn(addresses()), test_name<Trick>);
INSTANTIATE_TEST_SUITE_P(Bodies, Door, testing::ValuesIn(bodies()), test_name<Trick>);

class Channel : public testing::TestWithParam<Handshake> {};
TEST_P(Channel, IsNotMade) {
  auto& all = stage();
  const auto before = bytes_of(all.kgz.folder());
  RawTls wire(all.node.port(), GetParam().trick());
  wire.send(k_get);
  EXPECT_EQ(wire.rest(), "");
  EXPECT_EQ(bytes_of(all.kgz.folder()), before);
  expect_open();
}
INSTANTIATE_TEST_SUITE_P(Handshakes, Channel, testing::ValuesIn(handshakes()),
                         test_name<Handshake>);

TEST(Channel, IsNotMadeOfBytesThatAreNoTls) {
  for (const auto& bytes : {k_get, std::string(1000, '\0'), "\x16\x03\x01\xff\xff"s,
                            "\x80\x2e\x01\0\2\0\x15\0\0\0\x10"s, "SSH-2.0-x\r\n"s}) {
    Wire wire(stage().node.port());
    wire.send(bytes);
    const auto said = wire.rest();
    EXPECT_EQ(said.find("HTTP"), said.npos);
    EXPECT_FALSE(said.ends_with("(open)"));
  }
  expect_open();
}

TEST(Channel, LetsNobodyRenegotiateOrResume) {
  auto& all = stage();
  RawTls wire(all.node.port(), {.as = &all.bfa.tls()});
  ASSERT_TRUE(wire.has_shaken_hands());
  EXPECT_EQ(SSL_renegotiate(wire.connection()), 0) << "TLS 1.3 has none";
  // A flood of key updates is answered in kind or cut, and costs nobody else anything.
  for (int i = 0; i < 100; ++i) {
    if (SSL_key_update(wire.connection(), SSL_KEY_UPDATE_REQUESTED) != 1) break;
    if (SSL_do_handshake(wire.connection()) != 1) break;
  }
  wire.send(k_get);
  wire.rest();
  EXPECT_FALSE(SSL_SESSION_is_resumable(SSL_get_session(wire.connection())));
  expect_open();
}

/// Ten thousand callers who say nothing, as many at once as this machine lets one process hold.
TEST(Crowd, OfIdleCallersBarsNoPartner) {
  rlimit files = {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  const std::size_t at_once = std::min<std::size_t>(10'000, (files.rlim_cur - 200) / 2);
  std::deque<Wire> idle;
  for (std::size_t i = 0; i < 10'000; ++i) {
    idle.emplace_back(stage().node.port());
    if (idle.size() > at_once) idle.pop_front();
    if (i % 1000 == 999) expect_open();
  }
  expect_open();
}

}  // namespace comity::corpus
