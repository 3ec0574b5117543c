#include "directory/trust.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace comity::directory {
namespace {

constexpr std::array<std::string_view, 4> k_statuses = {"in_force", "superseded", "revoked",
                                                        "expired"};
constexpr std::array<std::string_view, 4> k_changes = {"first", "renewal", "root_announced",
                                                       "root_confirmed"};

const Revoked* revocation_of(const std::vector<Revoked>& list, const Digest& certificate) {
  const auto found = std::ranges::find(list, certificate, &Revoked::certificate);
  return found == list.end() ? nullptr : &*found;
}

Result<void> not_revoked(const std::vector<Revoked>& list, const Digest& certificate, Instant at) {
  const auto* revoked = revocation_of(list, certificate);
  if (revoked == nullptr || at < revoked->revoked_from) return {};
  return fault(FaultCode::directory_revoked, "the certificate was revoked from " +
                                                 to_text(revoked->revoked_from) + ": " +
                                                 revoked->reason);
}

/// Once revoked, an entry without a time is worth nothing at any time.
Result<void> whole_unrevoked(const Accepted& accepted, Instant at) {
  if (accepted.status != EntryStatus::revoked ||
      at < accepted.revoked_from.value_or(accepted.entry.valid_from))
    return {};
  return fault(FaultCode::directory_revoked, "the whole entry was revoked");
}

Result<void> check_times(const Entry& offered, Instant now) {
  if (now >= offered.valid_to)
    return fault(FaultCode::directory_expired, "it was valid to " + to_text(offered.valid_to));
  if (now < offered.valid_from)
    return fault(FaultCode::directory_entry,
                 "it is valid only from " + to_text(offered.valid_from));
  return {};
}

Result<const Authority*> with_role(const Accepted& accepted, const Authority& authority,
                                   const std::vector<std::string>& roles, Instant at) {
  TRY(usable_at(accepted, authority.certificate, crypto::Usage::authority, at));
  for (const auto& role : roles)
    if (std::ranges::find(authority.roles, role) != authority.roles.end()) return &authority;
  return fault(FaultCode::directory_role,
               authority.code + " of " + accepted.entry.state.text() + " holds none of the roles");
}

}  // namespace

std::string_view name_of(EntryStatus status) {
  return k_statuses[static_cast<std::size_t>(status)];
}

Result<EntryStatus> entry_status(std::string_view name) {
  const auto found = std::ranges::find(k_statuses, name);
  if (found == k_statuses.end())
    return fault(FaultCode::format_field, "\"" + std::string(name) + "\" is no status of an entry");
  return static_cast<EntryStatus>(found - k_statuses.begin());
}

std::string_view name_of(Change change) {
  return k_changes[static_cast<std::size_t>(change)];
}

Result<Change> consider(const std::optional<Accepted>& current, const Entry& offered,
                        const std::optional<Digest>& fingerprint_given, bool exercise,
                        Instant now) {
  if (offered.exercise != exercise)
    return fault(FaultCode::directory_exercise, offered.exercise
                                                    ? "the entry is for exercises"
                                                    : "the entry is not for exercises");
  TRY(check_times(offered, now));
  const bool confirmed = fingerprint_given == fingerprint(offered);
  if (fingerprint_given && !confirmed)
    return fault(FaultCode::directory_fingerprint, "the entry's is " + fingerprint(offered).hex());
  const auto needs_confirmation = [&](std::string why) -> Result<void> {
    if (confirmed) return {};
    return fault(FaultCode::directory_fingerprint, std::move(why));
  };
  if (!current) {
    TRY(needs_confirmation("a first entry is accepted only with its fingerprint"));
    return Change::first;
  }
  const auto& entry = current->entry;
  if (offered.state != entry.state)
    return fault(FaultCode::directory_entry,
                 "it is of " + offered.state.text() + ", not of " + entry.state.text());
  if (offered.serial <= entry.serial)
    return fault(FaultCode::directory_serial, "its serial is " + std::to_string(offered.serial) +
                                                  "; in force is " + std::to_string(entry.serial));
  if (current->status == EntryStatus::revoked)
    TRY(needs_confirmation("after a revocation the fingerprint must be confirmed anew"));
  if (offered.root == entry.root) return Change::renewal;
  if (entry.next_root == fingerprint(offered)) return Change::root_announced;
  if (confirmed) return Change::root_confirmed;
  return fault(FaultCode::directory_root, "the new root is " + fingerprint(offered).hex());
}

bool keys_changed(const std::optional<Entry>& before, const Entry& after) {
  if (!before || before->root != after.root) return true;
  return !std::ranges::all_of(after.authorities, [&](const Authority& authority) {
    return std::ranges::any_of(before->authorities, [&](const Authority& known) {
      return known.code == authority.code && known.certificate == authority.certificate;
    });
  });
}

EntryStatus status_at(const Accepted& accepted, Instant now) {
  if (accepted.status != EntryStatus::in_force) return accepted.status;
  const auto& entry = accepted.entry;
  return now >= entry.valid_from && now < entry.valid_to ? EntryStatus::in_force
                                                         : EntryStatus::expired;
}

Result<void> usable_at(const Accepted& accepted, const crypto::Certificate& certificate,
                       crypto::Usage usage, Instant at) {
  const auto& entry = accepted.entry;
  if (at < entry.valid_from || at >= entry.valid_to)
    return fault(
        FaultCode::directory_expired,
        "the entry was valid from " + to_text(entry.valid_from) + " to " + to_text(entry.valid_to));
  TRY(whole_unrevoked(accepted, at));
  TRY(not_revoked(entry.revoked, certificate.fingerprint(), at));
  TRY(not_revoked(accepted.revoked_since, certificate.fingerprint(), at));
  return crypto::verify_issued(certificate, entry.root, usage, at);
}

Result<void> unrevoked_at(std::span<const Accepted> history, const Digest& certificate,
                          Instant at) {
  const auto newest = std::ranges::max_element(
      history, {}, [](const Accepted& accepted) { return accepted.entry.serial; });
  if (newest == history.end()) return fault(FaultCode::directory_unknown);
  TRY(whole_unrevoked(*newest, at));
  TRY(not_revoked(newest->entry.revoked, certificate, at));
  return not_revoked(newest->revoked_since, certificate, at);
}

std::vector<Revoked> lifted_by(const Accepted& before, const Entry& after) {
  std::vector<Revoked> lifted;
  for (const auto* list : {&before.entry.revoked, &before.revoked_since})
    for (const auto& revoked : *list) {
      const auto* still = revocation_of(after.revoked, revoked.certificate);
      if (still == nullptr || still->revoked_from > revoked.revoked_from) lifted.push_back(revoked);
    }
  return lifted;
}

Result<const Authority*> authority_for(const Accepted& accepted,
                                       const crypto::Certificate& certificate,
                                       const std::vector<std::string>& roles, Instant at) {
  const auto& authorities = accepted.entry.authorities;
  const auto found = std::ranges::find(authorities, certificate, &Authority::certificate);
  if (found == authorities.end())
    return fault(FaultCode::directory_role,
                 "no authority of " + accepted.entry.state.text() + " has this certificate");
  return with_role(accepted, *found, roles, at);
}

Result<const Authority*> authority_for(const Accepted& accepted, std::string_view code,
                                       const std::vector<std::string>& roles, Instant at) {
  Result<const Authority*> answer =
      fault(FaultCode::directory_role,
            accepted.entry.state.text() + " has no authority \"" + std::string(code) + "\"");
  for (const auto& authority : accepted.entry.authorities) {
    if (authority.code != code) continue;
    answer = with_role(accepted, authority, roles, at);
    if (answer) break;  // the other certificate of the same authority may have ended
  }
  return answer;
}

}  // namespace comity::directory
