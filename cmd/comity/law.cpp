#include "law.hpp"

#include <algorithm>

#include "directory/entry.hpp"

namespace comity {
namespace {

constexpr std::size_t k_data_bytes_max = std::size_t{4} * 1024 * 1024;
constexpr auto k_instrument = "un-cybercrime-2024.toml";

std::string small(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace

Result<node::Charter> load_charter(const store::Home& home, View own_entry, Instant now) {
  const auto& settings = home.settings();
  TRY_LET(const auto entry, directory::open_entry(own_entry, now));
  if (entry.state != settings.state || entry.exercise != settings.exercise)
    return fault(FaultCode::directory_entry, "entry.p7m and comity.toml disagree");

  const auto data = home.data();
  TRY_LET(const Bytes instrument_file,
          store::read_bounded(data / "instruments" / k_instrument, k_data_bytes_max));
  TRY_LET(auto instrument, treaty::load_instrument(instrument_file, k_instrument));

  const std::string status_name = settings.exercise ? "exercise.toml" : "real.toml";
  TRY_LET(const Bytes status_file,
          store::read_bounded(data / "status" / status_name, k_data_bytes_max));
  TRY_LET(auto status, treaty::load_status(status_file, status_name, instrument));

  const std::string profile_name =
      settings.exercise ? "exercise.toml" : small(settings.state.text()) + ".toml";
  TRY_LET(const Bytes profile_file,
          store::read_bounded(data / "profiles" / profile_name, k_data_bytes_max));
  TRY_LET(auto profile, law::load_profile(profile_file, profile_name, instrument));
  if (status.exercise() != settings.exercise || profile.exercise != settings.exercise)
    return fault(FaultCode::act_exercise, profile_name + " and " + status_name);

  return node::Charter{.state = settings.state,
                       .authority_code = settings.authority_code,
                       .exercise = settings.exercise,
                       .origin_prefix = settings.log_origin_prefix,
                       .instrument = std::move(instrument),
                       .status = std::move(status),
                       .profile = std::move(profile),
                       .root = entry.root};
}

}  // namespace comity
