#include "exchange/duty.hpp"

#include <algorithm>

#include "crypto/certificate.hpp"
#include "crypto/digest.hpp"

namespace comity::exchange {
namespace {

std::unexpected<Fault> refuse(ActType type, std::string_view why) {
  return fault(FaultCode::act_officer, std::string(name_of(type)) + ": " + std::string(why));
}

Result<void> check_duty(ActType type, const Duty& duty, std::span<const Signer> signers) {
  const auto signer = std::ranges::find(signers, duty.name, &Signer::duty);
  if (signer == signers.end()) return refuse(type, "no officer signed as " + duty.name);
  const auto holds = [&](const std::string& role) {
    return std::ranges::find(signer->roles, role) != signer->roles.end();
  };
  if (std::ranges::none_of(duty.roles, holds))
    return refuse(type, signer->name + " holds no role to sign as " + duty.name);
  return {};
}

bool same_officer(const Signer& a, const Signer& b) {
  return a.certificate == b.certificate || a.key == b.key || a.name == b.name;
}

}  // namespace

std::span<const Duty> duties_of(ActType type) {
  static const std::vector<Duty> k_none;
  static const std::vector<Duty> k_written = {{"drafter", {"officer:drafter", "officer:approver"}}};
  static const std::vector<Duty> k_approved = {{"approver", {"officer:approver"}}};
  static const std::vector<Duty> k_released = {{"approver", {"officer:approver"}},
                                               {"executor", {"officer:executor"}}};
  switch (type) {
    case ActType::supplement:
    case ActType::query:
      return k_written;
    case ActType::request:
    case ActType::consultation:
    case ActType::acceptance:
    case ActType::refusal:
    case ActType::withdrawal:
    case ActType::closure:
      return k_approved;
    case ActType::delivery:
      return k_released;
    case ActType::arrival:
    case ActType::completion:
      return k_none;
  }
  return k_approved;
}

Signer signer_of(std::string_view duty, const crypto::Certificate& certificate) {
  return {std::string(duty), certificate.subject().common_name, certificate.fingerprint(),
          crypto::sha256(certificate.public_spki()), certificate.subject().roles};
}

Result<void> check_duties(ActType type, std::span<const Signer> signers) {
  const auto duties = duties_of(type);
  for (const auto& duty : duties) TRY(check_duty(type, duty, signers));
  if (signers.size() != duties.size())
    return refuse(type, "it bears " + std::to_string(signers.size()) + " signatures of officers, " +
                            std::to_string(duties.size()) + " are asked for");
  for (std::size_t i = 0; i < signers.size(); ++i)
    for (std::size_t j = i + 1; j < signers.size(); ++j)
      if (same_officer(signers[i], signers[j]))
        return refuse(type, signers[i].name + " signed twice; two different officers are needed");
  return {};
}

}  // namespace comity::exchange
