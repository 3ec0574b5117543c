#include "node/statistics.hpp"

#include <algorithm>
#include <tuple>

namespace comity::node {
namespace {

using exchange::NoticeKind;
using formats::Json;

class Tally {
 public:
  void add(const Counted& one) {
    of_ = &one;
    count("requests");
    for (const auto& act : one.acts) std::visit([&](const auto& body) { told(body); }, act.body);
    stage("acknowledged",
          [](const StandingAct& act) { return act.record.side == Side::requested; });
    stage("decided", [](const StandingAct& act) {
      return act.record.type == ActType::acceptance || act.record.type == ActType::refusal;
    });
    stage("delivered", [](const StandingAct& act) { return act.record.type == ActType::delivery; });
    stage("closed", [](const StandingAct& act) { return act.record.type == ActType::closure; });
  }

  Statistics result() {
    Statistics statistics;
    for (const auto& [key, number] : counts_) {
      const auto& [incoming, what, by, value] = key;
      statistics.counts.push_back({incoming, what, by, value, number});
    }
    for (auto& [key, times] : times_) {
      std::ranges::sort(times);
      const auto& [incoming, name] = key;
      statistics.stages.push_back(
          {incoming, name, times.size(), quantile(times, 5), quantile(times, 9)});
    }
    return statistics;
  }

 private:
  using Key = std::tuple<bool, std::string, std::string, std::string>;

  /// The smallest value that at least so many tenths do not exceed (nearest rank).
  static std::int64_t quantile(const std::vector<std::int64_t>& sorted, std::size_t tenths) {
    const auto rank = (sorted.size() * tenths + 9) / 10;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
  }

  void count(const std::string& what) {
    ++counts_[Key{of_->incoming, what, "", ""}];
    ++counts_[Key{of_->incoming, what, "state", of_->partner.text()}];
    ++counts_[Key{of_->incoming, what, "measure", of_->measure}];
    if (!of_->article.empty()) ++counts_[Key{of_->incoming, what, "article", of_->article}];
  }
  void count_by(const std::string& what, const std::string& by, const std::string& key) {
    ++counts_[Key{of_->incoming, what, by, key}];
  }
  template <typename Ends>
  void stage(const std::string& name, Ends&& ends) {
    const auto asked = std::ranges::find(of_->acts, ActType::request,
                                         [](const StandingAct& act) { return act.record.type; });
    const auto ended = std::ranges::find_if(of_->acts, ends);
    if (asked == of_->acts.end() || ended == of_->acts.end()) return;
    const auto took_s = (ended->record.logged_at.ms - asked->record.logged_at.ms) / 1000;
    times_[{of_->incoming, name}].push_back(std::max<std::int64_t>(took_s, 0));
  }

  void told(const exchange::RequestBody&) {}
  void told(const exchange::AcceptanceBody& body) {
    count(body.refused              ? "accepted in part"
          : body.conditions.empty() ? "accepted"
                                    : "accepted under conditions");
    if (!body.refused) return;
    for (const auto& ground : body.refused->grounds) count_by("accepted in part", "ground", ground);
  }
  void told(const exchange::RefusalBody& body) {
    count("refused");
    for (const auto& ground : body.grounds) count_by("refused", "ground", ground);
    if (body.consultation_impossible) count("refused without consultation");
  }
  void told(const exchange::DeliveryBody& body) {
    count("deliveries");
    if (body.emergency) count("deliveries in an emergency");
  }
  void told(const exchange::WithdrawalBody&) { count("withdrawn"); }
  void told(const exchange::ClosureBody&) { count("closures"); }
  void told(const exchange::ReturnBody&) { count("returned"); }
  void told(const exchange::ConsultationBody&) { count("consultations"); }
  void told(const exchange::PostponementBody& body) {
    count("postponed");
    count_by("postponed", "ground", body.ground);
  }
  void told(const exchange::AuthorisationBody&) { count("authorisations"); }
  void told(const exchange::ProposalBody& body) {
    count_by("proposals", "kind", std::string(name_of(body.kind)));
  }
  void told(const exchange::ReplyBody& body) { count(body.agrees ? "agreed" : "declined"); }
  void told(const exchange::NoticeBody& body) {
    count_by("notices", "kind", std::string(name_of(body.kind)));
    if (body.kind == NoticeKind::notification_deferred) count("notifications deferred");
    if (body.kind == NoticeKind::deletion)
      counts_[Key{of_->incoming, "items deleted", "", ""}] += body.items.size();
  }
  void told(const exchange::AnnulmentBody&) { count("annulments"); }
  template <typename Other>
  void told(const Other&) {}

  const Counted* of_ = nullptr;
  std::map<Key, std::uint64_t> counts_;
  std::map<std::pair<bool, std::string>, std::vector<std::int64_t>> times_;
};

void leave_out_small(std::vector<Count>& counts) {
  // A group adds up to its total: one number left out alone would follow from the others.
  std::map<std::tuple<bool, std::string, std::string>, std::vector<Count*>> groups;
  for (auto& count : counts)
    if (!count.by.empty()) groups[{count.incoming, count.what, count.by}].push_back(&count);
  for (auto& count : counts)
    if (count.by.empty() && *count.number < k_published_least) count.number.reset();
  for (auto& [key, group] : groups) {
    std::ranges::sort(group, {}, [](const Count* one) { return *one->number; });
    const auto small = static_cast<std::size_t>(std::ranges::count_if(
        group, [](const Count* one) { return *one->number < k_published_least; }));
    const auto left_out = small == 1 ? std::min<std::size_t>(2, group.size()) : small;
    for (std::size_t i = 0; i < left_out; ++i) group[i]->number.reset();
  }
}

}  // namespace

Statistics statistics_of(const std::vector<Counted>& exchanges) {
  Tally tally;
  for (const auto& one : exchanges) tally.add(one);
  return tally.result();
}

Statistics published(Statistics statistics) {
  leave_out_small(statistics.counts);
  for (auto& stage : statistics.stages)
    if (stage.number < k_published_least) {
      stage.number = 0;
      stage.median_s.reset();
      stage.ninth_decile_s.reset();
    }
  return statistics;
}

Json to_json(const Statistics& statistics) {
  const auto direction = [](bool incoming) { return incoming ? "in" : "out"; };
  auto counts = Json::array(), stages = Json::array();
  for (const auto& one : statistics.counts) {
    auto json = Json::object({{"direction", direction(one.incoming)},
                              {"what", one.what},
                              {"by", one.by},
                              {"key", one.key}});
    json.set("number", one.number ? Json(*one.number) : Json());
    counts.push_back(std::move(json));
  }
  for (const auto& one : statistics.stages) {
    auto json = Json::object({{"direction", direction(one.incoming)}, {"stage", one.name}});
    const bool is_shown = one.median_s.has_value();
    json.set("number", is_shown ? Json(one.number) : Json());
    json.set("median_s", is_shown ? Json(*one.median_s) : Json());
    json.set("ninth_decile_s", is_shown ? Json(*one.ninth_decile_s) : Json());
    stages.push_back(std::move(json));
  }
  return Json::object({{"counts", std::move(counts)}, {"stages", std::move(stages)}});
}

}  // namespace comity::node
