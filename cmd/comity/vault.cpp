#include "vault.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include "court/rewrap.hpp"
#include "evidence/opener.hpp"
#include "evidence/parts.hpp"
#include "transfer/file.hpp"
#include "transfer/open.hpp"
#include "transfer/seal.hpp"
#include "transfer/sealed_bytes.hpp"
#include "transfer/survey_child.hpp"

namespace comity {
namespace {

constexpr std::uint64_t k_room_every_bytes = std::uint64_t{8} << 20;

/// Ends with limit.size when more comes than one item may have, and with store.full when going on
/// would take what the disk keeps free: how much will come is not known before. What the survey can
/// not read by itself it gets from here, as it passes.
class LimitedSource final : public node::Source {
 public:
  LimitedSource(node::Source& source, std::uint64_t bytes_max, const store::EvidenceFiles& files,
                transfer::SurveyChild& survey)
      : source_(source), files_(files), survey_(survey), left_(bytes_max) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (unasked_ >= k_room_every_bytes) {
      TRY(files_.check_room());
      unasked_ = 0;
    }
    TRY_LET(const std::size_t got, source_.read(into));
    if (got > left_) return fault(FaultCode::limit_size, "limits.item_bytes_max of comity.toml");
    left_ -= got;
    unasked_ += got;
    survey_.feed(into.first(got));
    return got;
  }

 private:
  node::Source& source_;
  const store::EvidenceFiles& files_;
  transfer::SurveyChild& survey_;
  std::uint64_t left_;
  std::uint64_t unasked_ = k_room_every_bytes;  // bytes since the disk was asked
};

/// Forgets an item's progress when the work on it is over, however it ends.
class Moving {
 public:
  Moving(Progress& progress, const ItemId& item) : progress_(progress), item_(item) {}
  Moving(const Moving&) = delete;
  Moving& operator=(const Moving&) = delete;
  ~Moving() { progress_.drop(item_); }

 private:
  Progress& progress_;
  ItemId item_;
};

}  // namespace

Result<node::SealOutcome> HomeVault::seal(const node::SealOrder& order, node::Source& source) {
  std::vector<formats::AgeRecipient> recipients;
  for (const auto& text : order.recipients) {
    TRY_LET(const auto recipient, formats::AgeRecipient::from_text(text));
    recipients.push_back(recipient);
  }
  // The desk says that it is not sealed: what lies there is of a run that died before it was told.
  TRY(parts_.files.remove(order.item));
  TRY(parts_.files.make(order.item));
  const Moving moving(parts_.progress, order.item);
  transfer::SurveyChild survey(parts_.survey_program, source.whole_file());
  LimitedSource limited(source, parts_.item_bytes_max, parts_.files, survey);
  transfer::WorkOptions options;
  options.progress = [this, item = order.item](std::uint64_t done) {
    parts_.progress.set(item, done);
  };
  options.stop = parts_.stop;
  options.media = order.media;
  auto sealed = transfer::seal_source(limited, recipients, parts_.random,
                                      parts_.files.directory(order.item), options);
  if (!sealed) {
    // Without its bytes the directory says nothing; a fault here changes nothing about that.
    std::ignore = parts_.files.remove(order.item);
    return std::unexpected(std::move(sealed).error());
  }
  return node::SealOutcome{.shape = sealed->shape,
                           .recipients = std::move(sealed->recipients),
                           .survey = surveyed(survey, *sealed, order.item)};
}

/// What was given as it passed can be asked for again: it is what was sealed, opened.
formats::Survey HomeVault::surveyed(transfer::SurveyChild& survey,
                                    const transfer::SealedItem& sealed, const ItemId& item) const {
  auto bytes = transfer::SealedBytes::open(parts_.files.directory(item), sealed);
  transfer::Again again;
  if (bytes)
    again = [&](std::span<std::uint8_t> into, std::uint64_t offset) {
      return bytes->read(into, offset);
    };
  return survey.finish(parts_.stop, again);
}

Result<void> HomeVault::open(const node::OpenOrder& order, node::Sink& sink) {
  TRY_LET(const Secret text, parts_.keys.identity(order.key_name));
  TRY_LET(const auto identity, formats::AgeIdentity::from_text(as_text(text.view())));
  transfer::WorkOptions options;
  options.stop = parts_.stop;
  const auto opened = transfer::open_sealed(parts_.files.directory(order.manifest.item),
                                            order.manifest.sealed, identity, sink, options);
  // The answer has begun, and can only be broken off: the place is named here.
  if (!opened)
    spdlog::warn("item {} is not opened to its end: {}: {}", order.manifest.item.hex(),
                 row_of(opened.error().code).name, opened.error().detail);
  return opened;
}

Result<HomeVault::Opened> HomeVault::begin_opening(const node::OpenOrder& order) {
  TRY_LET(const Secret text, parts_.keys.identity(order.key_name));
  TRY_LET(auto identity, formats::AgeIdentity::from_text(as_text(text.view())));
  TRY_LET(const auto file,
          transfer::File::open(parts_.files.sealed(order.manifest.item), O_RDONLY | O_CLOEXEC));
  Bytes prefix(order.manifest.sealed.prefix_size);
  TRY_LET(const auto got, file.read_at(prefix, 0));
  if (got != prefix.size()) return fault(FaultCode::evidence_incomplete, "the sealed file");
  return Opened{std::move(identity), std::move(prefix)};
}

Result<Bytes> HomeVault::header_for(const node::OpenOrder& order, const std::string& recipient) {
  TRY_LET(const auto reader, formats::AgeRecipient::from_text(recipient));
  TRY_LET(const auto opened, begin_opening(order));
  return court::rewrap(order.manifest.sealed, opened.prefix, opened.identity, reader,
                       parts_.random);
}

Result<Secret> HomeVault::part_key(const node::OpenOrder& order) {
  TRY_LET(const auto opened, begin_opening(order));
  TRY_LET(const Secret key,
          evidence::payload_key_of(order.manifest.sealed, opened.prefix, opened.identity));
  return evidence::part_key(key);
}

Result<node::FileBody> HomeVault::sealed(const ItemId& item, std::uint64_t offset,
                                         std::uint64_t length) {
  TRY_LET(auto file, parts_.files.open_sealed(item));
  return node::FileBody{.descriptor = file.release(), .offset = offset, .length = length};
}

Result<Bytes> HomeVault::tile(const ItemId& item, std::string_view path) {
  TRY_LET(auto bytes, parts_.files.tile(item, path));
  if (!bytes) return fault(FaultCode::not_found, std::string(path));
  return *std::move(bytes);
}

Result<void> HomeVault::remove(const ItemId& item) {
  return parts_.files.remove(item);
}

std::optional<std::uint64_t> HomeVault::bytes_done(const ItemId& item) {
  return parts_.progress.of(item);
}

}  // namespace comity
