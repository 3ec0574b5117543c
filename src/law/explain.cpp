#include "law/explain.hpp"

#include <algorithm>

#include "law/published.hpp"

namespace comity::law {
namespace {

using treaty::Instrument;
using treaty::Treaties;

std::string listed(const std::vector<std::string>& list, std::string_view none = "none") {
  return joined(list, none);
}

class Explaining {
 public:
  Explaining(const Profile& profile, const Treaties& treaties, std::string_view language)
      : profile_(profile),
        treaties_(treaties),
        instrument_(treaties.instrument(profile.instrument)),
        language_(language) {}

  std::vector<Saying> all() && {
    head();
    published();
    offences();
    authorisations();
    numbers();
    protection();
    partners();
    rules();
    return std::move(sayings_);
  }

 private:
  void say(std::string place, std::string words, bool is_public = false) {
    sayings_.push_back({std::move(place), std::move(words), is_public});
  }
  const std::string& text(const treaty::Texts& texts) const {
    return treaty::in_language(texts, language_);
  }
  std::string code_label(std::string_view list, const std::string& code) const {
    if (instrument_ == nullptr) return code;
    const auto values = instrument_->lists.find(list);
    if (values == instrument_->lists.end()) return code;
    const auto found = std::ranges::find(values->second, code, &treaty::Code::code);
    return found == values->second.end() ? code : text(found->label);
  }
  std::string labels(std::string_view list, const std::vector<std::string>& codes) const {
    std::vector<std::string> words;
    for (const auto& code : codes) words.push_back(code_label(list, code));
    return listed(words);
  }
  std::string measure_title(const std::string& code) const {
    for (const auto& adherence : profile_.instruments)
      if (const auto* instrument = treaties_.instrument(adherence.instrument))
        if (const auto* measure = instrument->measure(code)) return text(measure->title);
    return code;
  }
  std::string on_ground(const std::string& code) const {
    if (code.empty()) return " No ground is named: a person must say.";
    for (const auto& adherence : profile_.instruments)
      if (const auto* instrument = treaties_.instrument(adherence.instrument))
        if (const auto* ground = instrument->ground(code))
          return " It rests on " + code + " (article " + ground->clause + ": " +
                 text(ground->label) + ").";
    return " It rests on " + code + ".";
  }

  void head() {
    say("standing", profile_.illustrative
                        ? "ILLUSTRATIVE: not legal advice, not verified by anybody."
                        : "Its authors answer for every line.");
    for (const auto& adherence : profile_.instruments) {
      const auto* instrument = treaties_.instrument(adherence.instrument);
      say("instrument." + adherence.instrument,
          (instrument == nullptr ? adherence.instrument : text(instrument->short_title)) +
              ", reservations and declarations: " + listed(adherence.declarations) + ".",
          true);
    }
  }

  void published() {
    const auto& published = profile_.published;
    say("published.languages",
        "Requests are taken in: " + labels("language", profile_.languages) + ".", true);
    const auto& widest = published.scopes.empty() ? std::string("none") : published.scopes.back();
    say("published.scope",
        widest == "core"         ? "Help is given for the instrument's core offences as a rule."
        : widest == "convention" ? "Help is given for every offence of the instrument as a rule."
                                 : "Help is given for any serious crime as a rule.",
        true);
    if (!profile_.harm_test.empty())
      say("published.harm_test", "Of a serious crime it is asked: " + text(profile_.harm_test));
    say("published.dual_criminality",
        published.dual_criminality == "required"
            ? "Dual criminality is required, by conduct and not by name."
        : published.dual_criminality == "coercive"
            ? "Dual criminality is required for measures that compel."
            : "Dual criminality is not required.",
        true);
    for (const auto& [measure, policy] : published.dual_criminality_for)
      say("published.dual_criminality_for." + measure,
          measure_title(measure) + ": dual criminality is " + policy + ".", true);
    std::vector<std::string> measures;
    for (const auto& measure : published.measures) measures.push_back(measure_title(measure));
    say("published.measures", "Offered: " + listed(measures) + ".", true);
    say("published.data_categories",
        "Given: " + labels("data-category", published.data_categories) + ".", true);
    say("published.preservation_days",
        "Data are preserved for " + std::to_string(published.preservation_days) + " days.", true);
    say("published.channels", "Channels: " + listed(published.channels) + ".", true);
    say("published.documents", "To be attached: " + listed(published.documents, "nothing") + ".",
        true);
    say("published.without_treaty",
        published.without_treaty.empty() ? "Where no treaty binds both, no help is given."
                                         : "Where no treaty binds both, help may be given by: " +
                                               listed(published.without_treaty) + ".",
        true);
  }

  void offences() {
    for (const auto& offence : profile_.offences)
      say("offence." + offence.code, code_label("offence", offence.code) + ": " +
                                         text(offence.provision) + ", up to " +
                                         std::to_string(offence.max_penalty_years) + " years.");
  }

  void authorisations() {
    for (const auto& one : profile_.authorisations)
      say("authorisation." + one.category,
          code_label("data-category", one.category) + ": " + text(one.authority) + " (" +
              std::string(name_of(one.body)) + "), " + text(one.provision) + ".");
  }

  void numbers() {
    const auto& law = profile_.limits;
    const auto days = [](std::int64_t number) { return std::to_string(number) + " days"; };
    const auto hours = [](std::int64_t number) { return std::to_string(number) + " hours"; };
    say("limits.retention_days_max",
        "What was received is kept for at most " + days(law.retention_days_max) + ".");
    say("limits.secrecy_days_max",
        "Secrecy ends after " + days(law.secrecy_days_max) + " unless renewed with reasons.");
    say("limits.emergency_hours_max",
        "An emergency disclosure is authorised within " + hours(law.emergency_hours_max) + ".");
    say("limits.realtime_days_max",
        law.realtime_days_max == 0
            ? "There is no collection in real time."
            : "A collection in real time lasts at most " + days(law.realtime_days_max) + ".");
    say("limits.notice_deferral_days_max", "Telling the person concerned may be deferred by " +
                                               days(law.notice_deferral_days_max) + " at a time.");
    const auto& policy = profile_.service;
    say("service", "Policy: acknowledged within " + hours(policy.acknowledge_hours) +
                       ", checked within " + days(policy.complete_days) + ", decided within " +
                       days(policy.decide_days) + ", preserved within " +
                       hours(policy.preserve_hours) + ", emergencies within " +
                       hours(policy.emergency_hours) + ".");
  }

  void protection() {
    const auto& protection = profile_.data_protection;
    std::string conditions;
    for (const auto& condition : protection.conditions)
      conditions += (conditions.empty() ? "" : " ") + text(condition);
    say("data_protection.conditions",
        conditions.empty() ? "No condition is attached as a rule." : conditions);
    say("data_protection.onward", std::string("Onward transfer needs prior authorisation") +
                                      (protection.onward_in_writing ? ", in writing." : "."));
    say("data_protection.breach_notice_hours",
        "A breach is told within " + std::to_string(protection.breach_notice_hours) + " hours.");
    say("data_protection.provision", text(protection.provision));
    say("notice",
        std::string(profile_.notice.required
                        ? "The person concerned is told, or the telling is deferred with a date: "
                        : "The person concerned is not told as a rule: ") +
            text(profile_.notice.provision));
  }

  void partners() {
    for (const auto& partner : profile_.partners)
      say("partner." + partner.state.text(), partner.state.text() + " is " +
                                                 std::string(name_of(partner.trust)) + ": " +
                                                 text(partner.reasons) + on_ground(partner.ground));
  }

  void rules() {
    for (const auto& rule : profile_.rules)
      say("rule." + rule.code,
          "Asked" +
              (rule.measures.empty() ? std::string(" always") : " for " + listed(rule.measures)) +
              ": " + text(rule.question) + " (" + text(rule.provision) + ")" +
              on_ground(rule.ground));
  }

  const Profile& profile_;
  const Treaties& treaties_;
  const Instrument* instrument_;
  std::string_view language_;
  std::vector<Saying> sayings_;
};

// Places in the list of categories: the order of intrusiveness.
std::vector<std::string> categories_of(const Instrument* instrument) {
  std::vector<std::string> order;
  if (instrument == nullptr) return order;
  if (const auto list = instrument->lists.find("data-category"); list != instrument->lists.end())
    for (const auto& code : list->second) order.push_back(code.code);
  return order;
}

}  // namespace

std::vector<Saying> explain(const Profile& profile, const Treaties& treaties,
                            std::string_view language) {
  return Explaining(profile, treaties, language).all();
}

std::vector<Saying> review(const Profile& profile, const Treaties& treaties) {
  std::vector<Saying> odd;
  const auto* instrument = treaties.instrument(profile.instrument);
  if (instrument == nullptr) return odd;
  if (profile.illustrative)
    odd.push_back({"illustrative", "Nobody answers for this profile: it is illustrative."});
  const Authorisation* before = nullptr;
  for (const auto& category : categories_of(instrument)) {
    const auto* own = profile.authorisation(category);
    const bool given = std::ranges::find(profile.published.data_categories, category) !=
                       profile.published.data_categories.end();
    if (given && own == nullptr)
      odd.push_back(
          {"authorisation." + category, "The category is given, and no body authorises it."});
    if (own != nullptr && !given)
      odd.push_back(
          {"authorisation." + category, "A body is named, and the category is not given."});
    if (own != nullptr && before != nullptr && own->body < before->body)
      odd.push_back({"authorisation." + category,
                     "A more intrusive category than \"" + before->category +
                         "\" needs a less independent body: " + std::string(name_of(own->body)) +
                         " after " + std::string(name_of(before->body)) + "."});
    if (own != nullptr) before = own;
  }
  for (const auto& measure : instrument->measures)
    if (measure.court_authorised && profile.offers(measure.code)) {
      const auto* last = before;
      if (last == nullptr || last->body != Body::court)
        odd.push_back({"published.measures",
                       "\"" + measure.code + "\" is offered, and no court authorises its data."});
    }
  for (const auto& offence : instrument->offences) {
    const bool taken = std::ranges::find(profile.published.scopes, name_of(offence.scope)) !=
                       profile.published.scopes.end();
    if (taken && offence.scope != treaty::Scope::serious_crime &&
        profile.published.dual_criminality != "not-required" &&
        profile.offence(offence.code) == nullptr)
      odd.push_back(
          {"offence." + offence.code,
           "Dual criminality is required, and no provision corresponds to this offence."});
  }
  const bool real_time = std::ranges::any_of(instrument->measures, [&](const auto& measure) {
    return profile.offers(measure.code) && measure.field("collection_period") != nullptr;
  });
  if (real_time && profile.limits.realtime_days_max == 0)
    odd.push_back(
        {"limits.realtime_days_max", "Collection in real time is offered, and may last no day."});
  return odd;
}

std::vector<Difference> difference(const std::vector<Saying>& before,
                                   const std::vector<Saying>& after) {
  std::vector<Difference> differences;
  for (const auto& one : before) {
    const auto other = std::ranges::find(after, one.place, &Saying::place);
    if (other == after.end())
      differences.push_back({one.place, one.words, ""});
    else if (other->words != one.words)
      differences.push_back({one.place, one.words, other->words});
  }
  for (const auto& one : after)
    if (std::ranges::find(before, one.place, &Saying::place) == before.end())
      differences.push_back({one.place, "", one.words});
  return differences;
}

}  // namespace comity::law
