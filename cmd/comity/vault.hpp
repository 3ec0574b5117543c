// Evidence in the node's home: sealed from a stream, opened to one, served as it lies. It does what
// the desk has decided and logged, and asks nobody.
#pragma once

#include <stop_token>

#include "api/vault.hpp"
#include "formats/age_keys.hpp"
#include "keys/key_files.hpp"
#include "progress.hpp"
#include "store/evidence_files.hpp"
#include "transfer/seal.hpp"
#include "transfer/survey_child.hpp"

namespace comity {

class HomeVault final : public api::Vault {
 public:
  struct Parts {
    store::EvidenceFiles files;
    node::EvidenceKeys& keys;  // read from many threads
    Random& random;
    Progress& progress;
    std::uint64_t item_bytes_max;  // of plaintext
    std::filesystem::path survey_program;
    std::stop_token stop;  // ends what runs
  };
  explicit HomeVault(Parts parts) : parts_(std::move(parts)) {}

  Result<void> has_room() override { return parts_.files.check_room(); }
  Result<node::SealOutcome> seal(const node::SealOrder& order, node::Source& source) override;
  Result<void> open(const node::OpenOrder& order, node::Sink& sink) override;
  Result<Secret> part_key(const node::OpenOrder& order) override;
  Result<Bytes> header_for(const node::OpenOrder& order, const std::string& recipient) override;
  Result<node::FileBody> sealed(const ItemId& item, std::uint64_t offset,
                                std::uint64_t length) override;
  Result<Bytes> tile(const ItemId& item, std::string_view path) override;
  Result<void> remove(const ItemId& item) override;
  std::optional<std::uint64_t> bytes_done(const ItemId& item) override;

 private:
  struct Opened {
    formats::AgeIdentity identity;
    Bytes prefix;  // not yet checked against what was signed
  };
  Result<Opened> begin_opening(const node::OpenOrder& order);
  formats::Survey surveyed(transfer::SurveyChild& survey, const transfer::SealedItem& sealed,
                           const ItemId& item) const;

  Parts parts_;
};

}  // namespace comity
