// Any bytes as an envelope, and any edits of a good one: refused, or the same statement still. The
// signature is checked last, so the whole grammar is reached without breaking one.
#include <cstdlib>

#include "crypto/cms.hpp"
#include "crypto/edits_test.hpp"
#include "crypto/exercise_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::crypto;
  static const exercise::State state("BFA");
  static const Bytes content = to_bytes(std::string_view("{\"exercise\":true}"));
  static const Bytes whole =
      cms_sign(content, state.key, state.authority, exercise::k_now, CmsForm::encapsulated).value();
  static const Bytes apart =
      cms_sign(content, state.key, state.authority, exercise::k_now, CmsForm::detached).value();

  const View bytes(data, size);
  for (const Bytes& envelope : {to_bytes(bytes), edited(whole, bytes)})
    if (const auto opened = cms_open(envelope))
      if (opened->content != content || opened->signer != state.authority ||
          opened->signing_time != exercise::k_now)
        std::abort();
  for (const Bytes& envelope : {to_bytes(bytes), edited(apart, bytes)})
    if (const auto opened = cms_open_detached(envelope, content))
      if (opened->signer != state.authority) std::abort();
  return 0;
}
