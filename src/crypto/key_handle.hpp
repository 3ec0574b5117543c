// Owns a key object of the cryptographic library without showing the library.
#pragma once

#include <memory>

struct evp_pkey_st;

namespace comity::crypto {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;  // wipes a private key
};
using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

}  // namespace comity::crypto
