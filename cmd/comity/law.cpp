#include "law.hpp"

#include "cli/law_data.hpp"
#include "court/state_files.hpp"
#include "directory/entry.hpp"

namespace comity {
Result<node::Charter> load_charter(const store::Home& home, View own_entry) {
  const auto& settings = home.settings();
  // As of its own day: a node whose root has ended must start, or no other could follow it.
  TRY_LET(const auto entry, court::open_entry_file(own_entry));
  if (entry.state != settings.state || entry.exercise != settings.exercise)
    return fault(FaultCode::directory_entry, "entry.p7m and comity.toml disagree");

  const auto data = home.data();
  TRY_LET(const auto treaties, cli::load_treaties(data));
  TRY_LET(auto profile, cli::load_profile(data, settings.profile, treaties));
  const std::string world = settings.exercise ? "exercise" : "real";
  const auto& instrument = *treaties.instrument(profile.instrument);
  TRY_LET(auto status, cli::load_register(data, world, instrument));
  if (status.exercise() != settings.exercise || profile.exercise != settings.exercise)
    return fault(FaultCode::act_exercise, "data/profiles/" + settings.profile +
                                              ".toml, data/status/" + world + "/" +
                                              instrument.code + ".toml");

  TRY_LET(auto records, cli::load_record_kinds(data));

  return node::Charter{.state = settings.state,
                       .authority_code = settings.authority_code,
                       .exercise = settings.exercise,
                       .origin_prefix = settings.log_origin_prefix,
                       .instrument = instrument,
                       .status = std::move(status),
                       .profile = std::move(profile),
                       .records = std::move(records),
                       .root = entry.root};
}

}  // namespace comity
