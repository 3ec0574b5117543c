// JSON that two readers could read differently, in letters and in acts (RFC 8259 within RFC 7493,
// RFC 8785), and words that show an officer something else than was signed.
#include "exchange/act.hpp"
#include "forged_test.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using enum Fate;
using enum Kind;
using std::string_literals::operator""s;

/// Something more in front of, or behind, the bytes.
Bytewise before(std::string what) {
  return [=](const Bytes& bytes) { return to_bytes(what + std::string(as_text(bytes))); };
}
Bytewise behind(std::string what) {
  return [=](const Bytes& bytes) { return to_bytes(std::string(as_text(bytes)) + what); };
}
Bytewise instead(std::string what) {
  return [=](const Bytes&) { return to_bytes(what); };
}
Bytes wide(const Bytes& bytes) {
  Bytes out = {0xff, 0xfe};
  for (const auto byte : bytes) out.insert(out.end(), {byte, 0});
  return out;
}
std::string nested(int depth) {
  return std::string(std::size_t(depth), '[') + std::string(std::size_t(depth), ']');
}
Edit acts(std::size_t count) {
  return letter([=](Json& json) {
    while (json.at("acts").size() < count) json["acts"].push_back(json.at("acts").items()[0]);
  });
}
Edit parts(std::size_t count) {
  return letter([=](Json& json) {
    auto& list = at(json, "/acts/0/parts");
    while (list.size() < count) list.push_back(list.items()[0]);
  });
}
/// A field of the form that stands in the body, or one that travels as a part, says this.
Edit field(std::string says) {
  return set("/substance/body/fields/requesting_authority", says);
}
Edit facts(std::string say) {
  return part_says("summary_of_facts", say);
}
Edit words(std::string say) {
  return part_says("text", say);
}
Edit reasons(std::string say) {
  return part_says("reasons", say);
}

const std::string k_made = "\"made_at\":";

// clang-format off
std::vector<Forgery> letters() {
  return {
      {"letter-empty", request, refused, format_json, body(instead(""))},
      {"letter-of-blanks", request, refused, format_json, body(instead("  \n "))},
      {"letter-of-null", request, refused, format_field, body(instead("null"))},
      {"letter-of-an-array", request, refused, format_field, body(instead("[]"))},
      {"letter-of-zeroes", request, refused, format_json, body(instead(std::string(64, '\0')))},
      {"letter-cut", request, refused, format_json, body([](Bytes b) { return b.pop_back(), b; })},
      {"letter-twice", request, refused, format_json,
       body([](const Bytes& b) { return behind(std::string(as_text(b)))(b); })},
      {"letter-with-a-byte-order-mark", request, refused, format_json, body(before("\xef\xbb\xbf"))},
      {"letter-in-utf-16", request, refused, format_json, body(wide)},
      {"letter-with-a-comment", request, refused, format_json, body(before("/* to you */"))},
      {"letter-with-a-trailing-comma", request, refused, format_json, body("\"known\":null}", "\"known\":null,}")},
      {"letter-in-single-quotes", request, refused, format_json, body("\"known\"", "'known'")},
      {"letter-with-a-member-twice", request, refused, format_json, body("{\"acts\"", "{\"acts\":[],\"acts\"")},
      {"letter-with-a-member-twice-escaped", request, refused, format_json,
       body("{\"acts\"", "{\"\\u0061cts\":[],\"acts\"")},
      {"letter-with-a-member-too-many", request, refused, format_field, letter("/from", "CUB")},
      {"letter-with-a-member-in-other-letters", request, refused, format_field, body("\"acts\"", "\"Acts\"")},
      {"letter-without-acts", request, refused, format_field, letter_without("/acts")},
      {"letter-with-acts-that-are-none", request, refused, format_field, letter("/acts", Json::object())},
      {"letter-with-a-number-for-an-act", request, refused, format_field, letter("/acts/0", 1)},
      {"letter-with-a-member-too-many-in-an-act", request, refused, format_field, letter("/acts/0/receipt", "x")},
      {"letter-without-parts", request, refused, format_field, letter_without("/acts/0/parts")},
      {"letter-of-129-acts", request, refused, format_field, acts(129)},
      {"letter-of-33-parts", request, refused, format_field, parts(33)},
      {"letter-nested-past-its-limit", request, refused, limit_depth,
       body("\"known\":null", "\"known\":" + nested(8))},
      {"letter-nested-a-million-deep", request, refused, limit_depth,
       body("\"known\":null", "\"known\":" + nested(1'000'000))},
      {"letter-past-eight-mebibytes", request, refused, limit_size, body(behind(std::string(8 << 20, ' ')))},
      {"letter-that-knows-a-number", request, refused, format_field, letter("/known", 5)},
      {"letter-that-knows-true", request, refused, format_field, letter("/known", true)},
      {"letter-that-knows-an-empty-text", request, refused, format_note, letter("/known", "")},
      {"letter-that-knows-noise", request, refused, format_note, letter("/known", "comity")},
      {"signature-in-no-base64", request, refused, format_base64, letter("/acts/0/p7m", "MII*")},
      {"signature-in-base64-with-lines", request, refused, format_base64, letter("/acts/0/p7m", "MIIB\nMIIB")},
      {"signature-in-base64-of-urls", request, refused, format_base64, letter("/acts/0/p7m", "MI-_")},
      {"signature-in-base64-unpadded", request, refused, format_base64, letter("/acts/0/p7m", "MIIBMA")},
      {"signature-in-base64-with-spare-bits", request, refused, format_base64, letter("/acts/0/p7m", "MIIBMB==")},
      {"salt-of-15-bytes", request, refused, format_field, letter("/acts/0/parts/0/salt", base64(Bytes(15)))},
      {"salt-of-17-bytes", request, refused, format_field, letter("/acts/0/parts/0/salt", base64(Bytes(17)))},
      {"part-past-a-mebibyte", request, refused, limit_size,
       letter("/acts/0/parts/0/bytes", base64(Bytes(exchange::k_part_bytes_max + 1)))},
      {"part-with-a-member-too-many", request, refused, format_field, letter("/acts/0/parts/0/erased", "")},
      {"part-with-a-name-of-65-bytes", request, refused, format_field,
       letter("/acts/0/parts/0/name", std::string(65, 'a'))},
      {"part-with-half-a-surrogate", request, refused, format_json,
       body("\"media_type\":\"", "\"media_type\":\"\\ud800")},
      {"part-with-bytes-that-are-no-utf-8", request, refused, format_json,
       body("\"media_type\":\"", "\"media_type\":\"\xff")},
  };
}

std::vector<Forgery> contents() {
  return {
      {"act-empty", request, rejected, act_form, content(instead(""))},
      {"act-of-null", request, rejected, act_form, content(instead("null"))},
      {"act-of-an-array", request, rejected, act_form, content(instead("[]"))},
      {"act-with-a-line-end", request, rejected, act_form, content(behind("\n"))},
      {"act-with-a-blank", request, rejected, act_form, text("\"comity\":", "\"comity\": ")},
      {"act-with-a-byte-order-mark", request, rejected, act_form, content(before("\xef\xbb\xbf"))},
      {"act-with-members-out-of-order", request, rejected, act_form,
       text("{\"comity\":\"act/1\",", "{\"order\":{},\"comity\":\"act/1\",")},
      {"act-with-a-member-twice", request, rejected, act_form,
       text("{\"comity\"", "{\"comity\":\"act/1\",\"comity\"")},
      {"act-with-a-state-twice", request, rejected, act_form,
       text("\"state\":\"KGZ\"", "\"state\":\"CUB\",\"state\":\"KGZ\"")},
      {"act-with-a-letter-escaped", request, rejected, act_form, text("\"act/1\"", "\"\\u0061ct/1\"")},
      {"act-with-a-slash-escaped", request, rejected, act_form, text("\"act/1\"", "\"act\\/1\"")},
      {"act-of-another-version", request, rejected, act_form, set("/comity", "act/2")},
      {"substance-of-another-version", request, rejected, act_form, set("/substance/comity", "substance/2")},
      {"act-with-a-member-too-many", request, rejected, act_form, set("/note", "by the way")},
      {"substance-with-a-member-too-many", request, rejected, act_form, set("/substance/priority", 1)},
      {"order-with-a-member-too-many", request, rejected, act_form, set("/order/delayed", false)},
      {"act-without-officers", request, rejected, act_form,
       [](Craft& c) { c.keeps_officers = true; remove(c.act, "/officers"); }},
      {"act-without-order", request, rejected, act_form,
       content([](const Bytes& b) { return replaced(b, "\"order\":", "\"ordre\":"); })},
      {"member-in-look-alike-letters", request, rejected, act_form, text(k_made, "\"m\xd0\xb0" "de_at\":")},
      {"member-of-a-prototype", request, rejected, act_form, set("/substance/body/__proto__", Json::object())},
      {"sequence-as-a-fraction", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":1.0}")},
      {"sequence-with-an-exponent", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":1e0}")},
      {"sequence-with-a-zero-before", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":01}")},
      {"sequence-as-minus-zero", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":-0}")},
      {"sequence-past-two-to-the-53", request, rejected, act_form,
       text("\"sequence\":1}", "\"sequence\":9007199254740992}")},
      {"sequence-past-two-to-the-64", request, rejected, act_form,
       text("\"sequence\":1}", "\"sequence\":18446744073709551617}")},
      {"sequence-past-all-numbers", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":1e400}")},
      {"sequence-as-text", request, rejected, act_form, set("/order/sequence", "1")},
      {"sequence-not-a-number", request, rejected, act_form, text("\"sequence\":1}", "\"sequence\":NaN}")},
      {"exercise-as-text", request, rejected, act_form, set("/substance/exercise", "true")},
      {"exercise-as-null", request, rejected, act_form, set("/substance/exercise", Json())},
      {"digest-in-capitals", query, rejected, act_form,
       [](Craft& c) { auto& id = at(c.act, "/order/previous"); auto big = id.text();
         for (auto& one : big) if (one >= 'a') one -= 32; id = big; }},
      {"half-a-surrogate", request, rejected, act_form, text("\"act/1\"", "\"act/1\\ud800\"")},
      {"surrogates-the-wrong-way-round", request, rejected, act_form, text("\"act/1\"", "\"\\udc00\\ud800\"")},
      {"surrogates-in-utf-8", request, rejected, act_form, text("\"act/1\"", "\"\xed\xa0\x80\"")},
      {"overlong-utf-8", request, rejected, act_form, text("\"act/1\"", "\"\xc0\xaf\"")},
      {"zero-byte-escaped", request, rejected, act_form, text("\"act/1\"", "\"act/1\\u0000\"")},
      {"zero-byte", request, rejected, act_form, text("\"act/1\"", "\"act/1\0\""s)},
      {"delete-character", request, rejected, act_form, text("\"act/1\"", "\"act/1\x7f\"")},
      {"nested-past-its-limit", request, rejected, act_form,
       text("\"comity\":\"act/1\"", "\"comity\":" + nested(17))},
      {"nested-a-hundred-thousand-deep", request, rejected, act_form,
       text("\"comity\":\"act/1\"", "\"comity\":" + nested(100'000))},
      {"content-past-256-kibibytes", request, rejected, act_form,
       set("/substance/body/fields/requesting_authority", std::string(exchange::k_content_bytes_max, 'a'))},
      {"five-officers", request, rejected, act_form,
       [](Craft& c) { c.seals.assign(5, c.seals[0]); for (int i = 0;
         auto& one : c.seals) one.duty += std::to_string(i++); }},
      {"a-rejection-in-the-place-of-an-act", request, rejected, act_form,
       content([](const Bytes&) { return exchange::rejection_content({.exercise = true, .act = Digest{{1}},
         .from = world().bfa.code(), .to = world().kgz.code(), .code = act_form, .made_at = world().bfa.now}); })},
      {"an-entry-in-the-place-of-an-act", request, rejected, act_form,
       content([](const Bytes&) { return directory::entry_content(world().bfa.entry()); })},
      {"a-substance-in-the-place-of-an-act", request, rejected, act_form,
       content([](const Bytes& b) {
         return to_bytes(formats::canonical(must(formats::parse_json(b)).at("substance"))); })},
  };
}

std::vector<Forgery> sights() {
  return {
      {"field-turned-right-to-left", request, rejected, act_incomplete, field("Ministry \u202eyrtsinim")},
      {"field-with-an-isolate", request, rejected, act_incomplete, field("Ministry \u2066of\u2069 Justice")},
      {"field-with-an-arabic-mark", request, rejected, act_incomplete, field("Ministry \u061cof Justice")},
      {"field-with-a-zero-width-space", request, rejected, act_incomplete, field("Min\u200bistry")},
      {"field-with-a-soft-hyphen", request, rejected, act_incomplete, field("Min\u00adistry")},
      {"field-with-a-byte-order-mark", request, rejected, act_incomplete, field("Min\ufeffistry")},
      {"field-with-an-invisible-joiner", request, rejected, act_incomplete, field("Min\u034fistry")},
      {"field-of-hangul-fillers", request, rejected, act_incomplete, field("\u3164\u115f\u1160\uffa0")},
      {"field-of-blank-braille", request, rejected, act_incomplete, field("\u2800\u2800")},
      {"field-of-blanks", request, rejected, act_incomplete, field(" \u00a0\u3000")},
      {"field-with-a-vowel-separator", request, rejected, act_incomplete, field("Min\u180eistry")},
      {"field-with-a-variation", request, rejected, act_incomplete, field("Ministry\ufe00")},
      {"field-with-tags", request, rejected, act_incomplete, field("Ministry\U000e0041\U000e007f")},
      {"field-in-private-use", request, rejected, act_incomplete, field("Ministry \ue000")},
      {"field-in-private-planes", request, rejected, act_incomplete, field("Ministry \U000f0000")},
      {"field-with-a-line-separator", request, rejected, act_incomplete, field("Ministry\u2028Approved: yes")},
      {"field-with-a-next-line", request, rejected, act_incomplete, field("Ministry\u0085Approved: yes")},
      {"field-of-two-lines", request, rejected, act_incomplete, field("Ministry\nApproved: yes")},
      {"field-with-a-terminal-escape", request, rejected, act_form, field("Ministry\x1b[2J")},
      {"field-with-a-carriage-return", request, rejected, act_form, field("Ministry\rApproved")},
      {"facts-turned-right-to-left", request, rejected, act_incomplete, facts("Not \u202eton\u202c guilty")},
      {"facts-with-a-terminal-escape", request, rejected, act_incomplete, facts("Facts\x1b]0;owned\x07")},
      {"facts-that-are-no-utf-8", request, rejected, act_incomplete, facts("Facts \xff\xfe")},
      {"facts-of-nothing", request, rejected, act_incomplete, facts("")},
      {"question-turned-right-to-left", query, rejected, act_form, words("How far \u202eraf woh")},
      {"question-with-a-terminal-escape", query, rejected, act_form, words("How far\x1b[2J")},
      {"question-that-is-no-utf-8", query, rejected, act_form, words("How far \xff")},
      {"question-of-nothing", query, rejected, act_form, words("")},
      {"question-of-zero-width", query, rejected, act_form, words("\u200b\u200b")},
      {"consultation-turned-right-to-left", consultation, rejected, act_form, words("\u202enoitatlusnoc")},
      {"reasons-turned-right-to-left", refusal, rejected, act_form, reasons("\u2067snosaer")},
      {"reasons-with-a-zero-byte", refusal, rejected, act_form, reasons("Reasons\0behind"s)},
      {"why-no-consultation-turned-round", refusal, rejected, act_form,
       set("/substance/body/consultation_impossible", "\u202eemit oN")},
      {"ground-in-look-alike-letters", refusal, rejected, act_form, set("/substance/body/grounds/0", "R21\u0410")},
  };
}
// clang-format on

}  // namespace

class Written : public Forged {};
TEST_P(Written, IsNotTaken) {
  play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Letters, Written, testing::ValuesIn(letters()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Contents, Written, testing::ValuesIn(contents()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Sights, Written, testing::ValuesIn(sights()), test_name<Forgery>);

}  // namespace comity::corpus
