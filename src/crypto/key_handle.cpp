#include "crypto/key_handle.hpp"

#include <openssl/evp.h>

namespace comity::crypto {

void FreeKey::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

}  // namespace comity::crypto
