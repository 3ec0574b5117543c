#include "cli/officer_key.hpp"

#include "cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "keys/secret_file.hpp"

namespace comity::cli {
namespace {

Fault of_file(const std::filesystem::path& file, const Fault& inner) {
  return {inner.code, file.filename().string() + ": " + inner.detail};
}

}  // namespace

std::string plain_role(std::string_view role) {
  constexpr std::string_view k_kind = "officer:";
  return std::string(role.starts_with(k_kind) ? role.substr(k_kind.size()) : role);
}

Result<OfficerKey> OfficerKey::load(const std::filesystem::path& file) {
  TRY(check_file(file));
  TRY_LET(const Secret pem, keys::read_secret(file));
  auto key = crypto::P256Key::from_pem(as_text(pem.view()));
  if (!key) return std::unexpected(of_file(file, key.error()));
  const std::filesystem::path beside = file.string() + ".crt";
  TRY(check_file(beside));
  TRY_LET(const Bytes text, keys::read_public(beside));
  auto certificate = crypto::Certificate::from_pem(as_text(text));
  if (!certificate) return std::unexpected(of_file(beside, certificate.error()));
  if (certificate->usage() != crypto::Usage::officer)
    return fault(FaultCode::crypto_usage, beside.filename().string() + ": is no officer's");
  if (certificate->public_spki() != key->public_spki())
    return fault(FaultCode::crypto_key, beside.filename().string() + ": is another key's");
  return OfficerKey(*std::move(key), *std::move(certificate));
}

bool OfficerKey::has_role(std::string_view role) const {
  return std::ranges::any_of(certificate_.subject().roles, [&](const std::string& held) {
    return plain_role(held) == plain_role(role);
  });
}

Result<Bytes> OfficerKey::sign(View content, Instant signing_time) const {
  return crypto::cms_sign(content, key_, certificate_, signing_time, crypto::CmsForm::detached);
}

std::string OfficerKey::call_header(std::string_view method, std::string_view target,
                                    const StateCode& node, Instant now, Random& random,
                                    std::optional<View> body) const {
  const std::string time = to_text_ms(now);
  const std::string nonce = hex(random.draw<16>());
  const std::string text = call_text(method, target, node, time, nonce, body);
  return fmt::format("v1 {} {} {} {}", certificate_.fingerprint().hex(), time, nonce,
                     base64(key_.sign(as_bytes(text))));
}

std::string call_text(std::string_view method, std::string_view target, const StateCode& node,
                      std::string_view time, std::string_view nonce, std::optional<View> body) {
  return fmt::format("comity-call/1\n{}\n{}\n{}\n{}\n{}\n{}\n", method, target, node.text(), time,
                     nonce, body ? crypto::sha256(*body).hex() : "bulk");
}

}  // namespace comity::cli
