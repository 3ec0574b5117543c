#include "exchange/duty.hpp"

#include <algorithm>

#include "crypto/certificate.hpp"
#include "crypto/digest.hpp"
#include "exchange/body.hpp"

namespace comity::exchange {
namespace {

std::unexpected<Fault> refuse(ActType type, std::string_view why) {
  return fault(FaultCode::act_officer, std::string(name_of(type)) + ": " + std::string(why));
}

bool holds_any(const Signer& signer, const std::vector<std::string>& roles) {
  return std::ranges::any_of(roles, [&](const std::string& role) {
    return std::ranges::find(signer.roles, role) != signer.roles.end();
  });
}

}  // namespace

Haste haste_of(const Substance& substance) {
  const auto body = read_body(substance.type, substance.body);
  if (!body) return Haste::none;
  if (const auto* request = std::get_if<RequestBody>(&*body))
    return request->recipient ? Haste::none : Haste::on_duty;
  if (const auto* acceptance = std::get_if<AcceptanceBody>(&*body))
    return acceptance->secured_at ? Haste::on_duty : Haste::none;
  if (const auto* notice = std::get_if<NoticeBody>(&*body))
    return notice->kind == NoticeKind::preservation_renewed ? Haste::on_duty : Haste::none;
  if (const auto* delivery = std::get_if<DeliveryBody>(&*body))
    return delivery->emergency ? Haste::emergency : Haste::none;
  return Haste::none;
}

std::span<const Duty> duties_of(ActType type, Haste haste) {
  static const std::vector<std::string> k_approvers = {"officer:approver", "officer:deputy"};
  static const std::vector<std::string> k_on_duty = {"officer:approver", "officer:deputy",
                                                     "officer:duty"};
  static const Duty k_reviewer = {"reviewer", {"officer:reviewer", "officer:approver"}, false};
  static const std::vector<Duty> k_none;
  static const std::vector<Duty> k_written = {
      {"drafter", {"officer:drafter", "officer:approver", "officer:deputy", "officer:duty"}}};
  static const std::vector<Duty> k_approved = {{"approver", k_approvers}};
  static const std::vector<Duty> k_called = {{"approver", k_on_duty}};
  static const std::vector<Duty> k_decided = {{"approver", k_approvers}, k_reviewer};
  static const std::vector<Duty> k_secured = {{"approver", k_on_duty}, k_reviewer};
  static const std::vector<Duty> k_released = {{"approver", k_approvers},
                                               {"executor", {"officer:executor"}}};
  static const std::vector<Duty> k_in_emergency = {{"approver", k_approvers},
                                                   {"executor", {"officer:executor"}, false}};
  const bool on_duty = haste == Haste::on_duty;
  switch (type) {
    case ActType::supplement:
    case ActType::query:
      return k_written;
    case ActType::notice:
      return on_duty ? k_called : k_written;
    case ActType::request:
      return on_duty ? k_called : k_approved;
    case ActType::acceptance:
      return on_duty ? k_secured : k_decided;
    case ActType::refusal:
    case ActType::postponement:
      return k_decided;
    case ActType::consultation:
    case ActType::withdrawal:
    case ActType::closure:
    case ActType::return_:
    case ActType::resumption:
    case ActType::authorisation:
    case ActType::proposal:
    case ActType::reply:
    case ActType::annulment:
      return k_approved;
    case ActType::delivery:
      return haste == Haste::emergency ? k_in_emergency : k_released;
    case ActType::arrival:
    case ActType::completion:
      return k_none;
  }
  return k_approved;
}

std::span<const Duty> duties_of(const Substance& substance) {
  return duties_of(substance.type, haste_of(substance));
}

Signer signer_of(std::string_view duty, const crypto::Certificate& certificate) {
  return {std::string(duty), certificate.subject().common_name, certificate.fingerprint(),
          crypto::sha256(certificate.public_spki()), certificate.subject().roles};
}

bool same_officer(const Signer& a, const Signer& b) {
  return a.certificate == b.certificate || a.key == b.key || a.name == b.name;
}

Result<void> check_duties(ActType type, std::span<const Signer> signers, Haste haste) {
  const auto duties = duties_of(type, haste);
  for (const auto& duty : duties)
    if (duty.required && std::ranges::find(signers, duty.name, &Signer::duty) == signers.end())
      return refuse(type, "no officer signed as " + duty.name);
  for (const auto& signer : signers) {
    const auto duty = std::ranges::find(duties, signer.duty, &Duty::name);
    if (duty == duties.end())
      return refuse(type, signer.name + " signed as " + signer.duty + ", which is not asked for");
    if (!holds_any(signer, duty->roles))
      return refuse(type, signer.name + " holds no role to sign as " + duty->name);
    if (std::ranges::count(signers, signer.duty, &Signer::duty) > 1)
      return refuse(type, "two officers signed as " + signer.duty);
  }
  for (std::size_t i = 0; i < signers.size(); ++i)
    for (std::size_t j = i + 1; j < signers.size(); ++j)
      if (same_officer(signers[i], signers[j]))
        return refuse(type, signers[i].name + " signed twice; two different officers are needed");
  return {};
}

Result<void> check_duties(const Substance& substance, std::span<const Signer> signers) {
  return check_duties(substance.type, signers, haste_of(substance));
}

}  // namespace comity::exchange
