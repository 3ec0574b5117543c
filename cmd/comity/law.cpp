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
  TRY_LET(auto treaties, cli::load_treaties(data));
  TRY_LET(auto profile, cli::load_profile(data, settings.profile, treaties));
  const std::string world = settings.exercise ? "exercise" : "real";
  TRY_LET(auto registers, cli::load_registers(data, world, treaties));
  if (profile.exercise != settings.exercise)
    return fault(FaultCode::act_exercise, "data/profiles/" + settings.profile + ".toml");
  for (const auto& status : registers)
    if (status.exercise() != settings.exercise)
      return fault(FaultCode::act_exercise,
                   "data/status/" + world + "/" + status.instrument() + ".toml");
  // Without the register of its main instrument a node could take no request at all.
  if (treaty::register_of(registers, profile.instrument) == nullptr)
    return fault(FaultCode::no_file,
                 "data/status/" + world + "/" + profile.instrument + ".toml: who is bound by it?");

  TRY_LET(auto records, cli::load_record_kinds(data));

  return node::Charter{.state = settings.state,
                       .authority_code = settings.authority_code,
                       .exercise = settings.exercise,
                       .origin_prefix = settings.log_origin_prefix,
                       .treaties = std::make_shared<const treaty::Treaties>(std::move(treaties)),
                       .registers = std::move(registers),
                       .profile = std::move(profile),
                       .records = std::move(records),
                       .root = entry.root};
}

}  // namespace comity
