// Parts that are missing, swapped, bent or oversize, names that lead elsewhere, and manifests that
// describe another item than was sealed (spec/acts.md §3).
#include "evidence/manifest.hpp"
#include "exchange/act.hpp"
#include "forged_test.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;
using enum Fate;
using enum Kind;
using exchange::Part;

/// What travels is changed; what the act binds is not.
Edit loose(std::function<void(std::vector<Part>&)> change) {
  return [=](Craft& craft) { change(craft.parts); };
}
/// The first part changed, and bound as it is then.
Edit bound(std::function<void(Part&)> change) {
  return part([=](Craft&, Part& one) { change(one); });
}
Edit named(std::string name) {
  return bound([=](Part& one) { one.name = name; });
}
/// What the act says of its first part.
Edit binding(const std::string& member, Json value) {
  return set("/substance/parts/0/" + member, std::move(value));
}
/// The manifest says this, in its one form, and the act binds it so.
Edit manifest(std::string path, Json value) {
  return part([=](Craft&, Part& one) {
    auto json = must(formats::parse_json(one.bytes));
    at(json, path) = value;
    one.bytes = to_bytes(formats::canonical(json));
  });
}
Edit manifest_text(std::string what, std::string with) {
  return part([=](Craft&, Part& one) { one.bytes = replaced(one.bytes, what, with); });
}
Json repeated(std::size_t count, const Json& what) {
  auto list = Json::array();
  while (list.size() < count) list.push_back(what);
  return list;
}
Json digests(std::size_t count) {
  auto list = Json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(Digest{{std::uint8_t(i), 1}}.hex());
  return list;
}
const Json k_remark = Json::object({{"what", "a mail"}, {"reason", "privileged"}});

// clang-format off
std::vector<Forgery> parts() {
  return {
      {"part-missing", request, rejected, act_part, loose([](auto& all) { all.pop_back(); })},
      {"all-parts-missing", request, rejected, act_part, loose([](auto& all) { all.clear(); })},
      {"part-twice", request, rejected, act_part, loose([](auto& all) { all.push_back(all[0]); })},
      {"part-not-bound", request, rejected, act_part,
       loose([](auto& all) { all.push_back(all[0]), all.back().name = "more"; })},
      {"part-not-bound-and-turned-round", request, rejected, act_part,
       loose([](auto& all) { all.push_back(all[0]), all.back().name = "a\u202e" "b"; })},
      {"parts-swapped", request, rejected, act_part, loose([](auto& all) { std::swap(all[0].bytes, all[1].bytes); })},
      {"parts-salts-swapped", request, rejected, act_part,
       loose([](auto& all) { std::swap(all[0].salt, all[1].salt); })},
      {"part-changed", request, rejected, act_part, loose([](auto& all) { all[0].bytes[0] ^= 1; })},
      {"part-longer", request, rejected, act_part, loose([](auto& all) { all[0].bytes.push_back(' '); })},
      {"part-shorter", request, rejected, act_part, loose([](auto& all) { all[0].bytes.pop_back(); })},
      {"part-empty", request, rejected, act_part, loose([](auto& all) { all[0].bytes.clear(); })},
      {"part-of-another-salt", request, rejected, act_part, loose([](auto& all) { all[0].salt[0] ^= 1; })},
      {"part-with-a-byte-moved-into-its-salt", request, rejected, act_part,
       loose([](auto& all) { all[0].salt[15] = all[0].bytes[0], all[0].bytes.erase(all[0].bytes.begin()); })},
      {"part-of-another-media-type", request, rejected, act_part,
       loose([](auto& all) { all[0].media_type = "text/html"; })},
      {"part-in-capitals", request, rejected, act_part, loose([](auto& all) { all[0].name[0] -= 32; })},
      {"part-bound-as-html", request, rejected, act_part, bound([](Part& one) { one.media_type = "text/html"; })},
      {"part-bound-under-another-charset", request, rejected, act_part,
       bound([](Part& one) { one.media_type = "text/plain; charset=utf-7"; })},
      {"part-bound-with-a-header-in-its-type", request, refused, format_json,
       bound([](Part& one) { one.media_type = "text/plain\r\nX: y"; })},
      {"part-bound-twice", request, rejected, act_form,
       [](Craft& c) {
         auto again = at(c.act, "/substance/parts/0");
         at(c.act, "/substance/parts/-") = std::move(again);
       }},
      {"part-bound-by-another-digest", request, rejected, act_part, binding("digest", Digest{{7}}.hex())},
      {"part-bound-by-zeroes", request, rejected, act_form, binding("digest", Digest{}.hex())},
      {"part-bound-with-another-size", request, rejected, act_part, binding("size", 7)},
      {"part-bound-at-a-mebibyte-and-one", request, rejected, act_form,
       binding("size", exchange::k_part_bytes_max + 1)},
      {"part-bound-with-a-negative-size", request, rejected, act_form, binding("size", -1)},
      {"part-outside-the-form", request, rejected, act_part, named("confession")},
      {"part-named-as-a-field-of-the-body", request, rejected, act_part, named("requesting_authority")},
      {"part-33", request, rejected, act_form,
       [](Craft& c) { for (int i = 0; i < 33; ++i) { auto one = c.act.at("substance").at("parts").items()[0];
         at(c.act, "/substance/parts/-") = one.set("name", "p" + std::to_string(i)); } }},
      {"part-named-up", request, rejected, act_form, named("../../node.db")},
      {"part-named-from-the-root", request, rejected, act_form, named("/etc/passwd")},
      {"part-named-with-a-backslash", request, rejected, act_form, named("..\\node.db")},
      {"part-named-as-an-option", request, rejected, act_form, named("-rf")},
      {"part-named-hidden", request, rejected, act_form, named(".profile")},
      {"part-named-dots", request, rejected, act_form, named("..")},
      {"part-named-nothing", request, refused, format_field, named("")},
      {"part-named-turned-round", request, rejected, act_form, named("a\u202e" "b")},
      {"part-named-with-a-line", request, rejected, act_form, named("a\nb")},
      {"part-named-percent", request, rejected, act_form, named("%2e%2e")},
  };
}

std::vector<Forgery> manifests() {
  return {
      {"manifest-of-another-item", delivery, rejected, format_manifest, manifest("/item", ItemId{{9}}.hex())},
      {"manifest-of-another-exchange", delivery, rejected, format_manifest,
       manifest("/exchange", ExchangeId{{9}}.hex())},
      {"manifest-under-another-name", delivery, rejected, act_form, set("/substance/body/manifest", "other")},
      {"manifest-of-an-item-that-is-here", delivery, rejected, act_illegal, [](Craft& c) {
         const auto here = good(arrival).content.at("substance").at("body").at("item");
         manifest("/item", here)(c), set("/substance/body/item", here)(c); }},
      {"manifest-of-a-version-unknown", delivery, rejected, format_version, manifest("/format", "comity-manifest/9")},
      {"manifest-of-a-suite-unknown", delivery, rejected, format_version, manifest("/alg", "none")},
      {"manifest-with-a-member-too-many", delivery, rejected, format_field, manifest("/comment", "x")},
      {"manifest-with-a-member-twice", delivery, rejected, format_json,
       manifest_text("{\"alg\"", "{\"alg\":\"\",\"alg\"")},
      {"manifest-with-a-blank", delivery, rejected, format_json, manifest_text("\"alg\":", "\"alg\": ")},
      {"manifest-nested-past-its-limit", delivery, rejected, limit_depth,
       manifest("/omissions", Json::array({Json::array({Json::array({Json::array()})})}))},
      {"manifest-that-is-none", delivery, rejected, format_json,
       bound([](Part& one) { one.bytes = to_bytes(std::string_view("PK\3\4")); })},
      {"manifest-past-16-tebibytes", delivery, rejected, format_field,
       manifest("/plaintext_len", evidence::k_item_size_max + 1)},
      {"manifest-of-a-negative-length", delivery, rejected, format_field, manifest("/plaintext_len", -1)},
      {"manifest-with-a-chunk-too-many", delivery, rejected, format_manifest, manifest("/chunks", 3)},
      {"manifest-without-chunks", delivery, rejected, format_field, manifest("/chunks", 0)},
      {"manifest-with-another-total", delivery, rejected, format_manifest, manifest("/total_len", 100'001)},
      {"manifest-with-a-prefix-too-short", delivery, rejected, format_field, manifest("/prefix_len", 63)},
      {"manifest-with-a-prefix-too-long", delivery, rejected, format_field, manifest("/prefix_len", 65536 + 17)},
      {"manifest-without-recipients", delivery, rejected, format_manifest, manifest("/recipients", Json::array())},
      {"manifest-with-a-recipient-twice", delivery, rejected, format_manifest,
       manifest("/recipients", repeated(2, Digest{{1}}.hex()))},
      {"manifest-of-65-recipients", delivery, rejected, format_field, manifest("/recipients", digests(65))},
      {"manifest-sealed-to-others-only", delivery, rejected, format_manifest, manifest("/recipients", digests(2))},
      {"manifest-of-1001-omissions", delivery, rejected, format_field,
       manifest("/omissions", repeated(1001, k_remark))},
      {"manifest-of-a-media-unknown", delivery, rejected, format_field, manifest("/media", "executable")},
      {"manifest-of-a-clock-ten-years-off", delivery, rejected, format_field,
       manifest("/clock_offset_s", 3660 * k_day_s + 1)},
      {"manifest-with-a-time-of-two-spellings", delivery, rejected, format_manifest,
       manifest("/collected_at", "2026-03-06T00:00:00.000Z")},
      {"item-named-up", delivery, rejected, format_manifest, manifest("/name", "../../etc/passwd")},
      {"item-named-from-the-root", delivery, rejected, format_manifest, manifest("/name", "/etc/passwd")},
      {"item-named-with-a-backslash", delivery, rejected, format_manifest, manifest("/name", "C:\\autoexec.bat")},
      {"item-named-dot", delivery, rejected, format_manifest, manifest("/name", ".")},
      {"item-named-dots", delivery, rejected, format_manifest, manifest("/name", "..")},
      {"item-named-nothing", delivery, rejected, format_field, manifest("/name", "")},
      {"item-named-past-255-bytes", delivery, rejected, format_field, manifest("/name", std::string(256, 'a'))},
      {"item-named-with-a-line", delivery, rejected, format_manifest, manifest("/name", "a\nb")},
      {"item-named-with-a-tab", delivery, rejected, format_manifest, manifest("/name", "a\tb")},
      {"item-named-turned-round", delivery, rejected, format_manifest, manifest("/name", "report\u202e" "fdp.exe")},
      {"item-named-with-an-isolate", delivery, rejected, format_manifest, manifest("/name", "report\u2066.exe")},
      {"item-named-with-a-zero-width-space", delivery, rejected, format_manifest,
       manifest("/name", "report\u200b.pdf")},
      {"item-named-with-a-soft-hyphen", delivery, rejected, format_manifest, manifest("/name", "report\u00ad.pdf")},
      {"item-named-with-a-hangul-filler", delivery, rejected, format_manifest,
       manifest("/name", "report.pdf\u3164\u3164.exe")},
      {"item-named-with-spaces-of-another-kind", delivery, rejected, format_manifest,
       manifest("/name", "report.pdf\u2003\u2003.exe")},
      {"item-named-with-tags", delivery, rejected, format_manifest, manifest("/name", "report\U000e0041.pdf")},
      {"custodian-turned-round", delivery, rejected, format_manifest, manifest("/custodian", "Example \u202eliaM")},
      {"collector-of-zero-width", delivery, rejected, format_manifest, manifest("/collector", "\u200b")},
      {"tool-with-a-line", delivery, rejected, format_manifest, manifest("/tool", "exporter\nVerified: yes")},
      {"authorisation-turned-round", delivery, rejected, format_manifest,
       manifest("/authorisation", "\u2067Order 7/2026")},
      {"omission-turned-round", delivery, rejected, format_manifest,
       manifest("/omissions", Json::array({Json::object({{"what", "\u202eliam"}, {"reason", "x"}})}))},
  };
}
// clang-format on

}  // namespace

class Accompanied : public Forged {};
TEST_P(Accompanied, IsNotTaken) {
  play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Parts, Accompanied, testing::ValuesIn(parts()), test_name<Forgery>);
INSTANTIATE_TEST_SUITE_P(Manifests, Accompanied, testing::ValuesIn(manifests()),
                         test_name<Forgery>);

}  // namespace comity::corpus
