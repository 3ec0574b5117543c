#include "crypto/p256.hpp"

// EC_KEY is marked deprecated since 3.0, but only it takes a nonce of our own (RFC 6979): EVP
// learned deterministic ECDSA in 3.2, which Debian 12 does not have.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/der.hpp"
#include "crypto/digest.hpp"
#include "crypto/identifiers.hpp"
#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

using namespace identifiers;

constexpr std::size_t k_scalar_bytes = 32;
constexpr std::size_t k_point_bytes = 65;  // 0x04, x, y
constexpr int k_draws_max = 8;             // a draw fails once in 2^32

struct Release {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
  void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Number = std::unique_ptr<BIGNUM, Release>;
using Arithmetic = std::unique_ptr<BN_CTX, Release>;
using Point = std::unique_ptr<EC_POINT, Release>;

const EC_GROUP* curve() {
  static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  CHECK(group != nullptr);
  return group;
}
const BIGNUM* order() {
  return EC_GROUP_get0_order(curve());
}

Number secret_number(View bytes) {
  Number number(BN_secure_new());
  CHECK(number && BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), number.get()));
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

bool is_scalar(const BIGNUM* number) {
  return !BN_is_zero(number) && BN_cmp(number, order()) < 0;
}

/// scalar · G, in time that does not depend on the scalar.
Point times_base(const BIGNUM* scalar, BN_CTX* arithmetic) {
  Point point(EC_POINT_new(curve()));
  CHECK(point && EC_POINT_mul(curve(), point.get(), scalar, nullptr, nullptr, arithmetic) == 1);
  return point;
}

/// RFC 6979 §3.2 for SHA-256 and P-256: candidates for the nonce, one after another.
class Nonces {
 public:
  Nonces(const Secret& scalar, const Digest& digest) {
    v_.bytes.fill(1);
    // bits2octets: the digest modulo the order. Both are public.
    const Number reduced(BN_bin2bn(digest.bytes.data(), k_scalar_bytes, nullptr));
    CHECK(reduced);
    if (BN_cmp(reduced.get(), order()) >= 0) CHECK(BN_sub(reduced.get(), reduced.get(), order()));
    Digest h;
    CHECK(BN_bn2binpad(reduced.get(), h.bytes.data(), k_scalar_bytes) == k_scalar_bytes);
    for (const std::uint8_t step : {std::uint8_t{0}, std::uint8_t{1}})
      mix({v_.view(), View(&step, 1), scalar.view(), h.view()});
  }
  ~Nonces() {
    wipe(key_.bytes);
    wipe(v_.bytes);
  }
  Number next() {
    if (drawn_) {
      constexpr std::uint8_t zero[] = {0};
      mix({v_.view(), zero});
    }
    drawn_ = true;
    v_ = hmac_sha256(key_.view(), v_.view());
    return secret_number(v_.view());
  }

 private:
  void mix(std::initializer_list<View> pieces) {
    key_ = hmac_sha256(key_.view(), pieces);
    v_ = hmac_sha256(key_.view(), v_.view());
  }
  Digest key_, v_;
  bool drawn_ = false;
};

}  // namespace

void P256Key::Free::operator()(ec_key_st* key) const {
  EC_KEY_free(key);
}

Result<P256Key> P256Key::from_scalar(Secret scalar) {
  if (scalar.size() != k_scalar_bytes) return fault(FaultCode::crypto_key, "not 32 bytes");
  const Number number = secret_number(scalar.view());
  if (!is_scalar(number.get())) return fault(FaultCode::crypto_key, "not within the curve's order");
  const Arithmetic arithmetic(BN_CTX_secure_new());
  const Point point = times_base(number.get(), arithmetic.get());
  std::array<std::uint8_t, k_point_bytes> encoded;
  CHECK(EC_POINT_point2oct(curve(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                           encoded.size(), arithmetic.get()) == encoded.size());
  P256Key key;
  key.handle_.reset(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  CHECK(key.handle_ && EC_KEY_set_private_key(key.handle_.get(), number.get()) == 1 &&
        EC_KEY_set_public_key(key.handle_.get(), point.get()) == 1);
  key.scalar_ = std::move(scalar);
  key.spki_ = der::wrap(der::k_sequence, {k_p256, der::bits(encoded)});
  return key;
}

P256Key P256Key::generate(Random& random) {
  for (int draw = 0;; ++draw) {
    CHECK(draw < k_draws_max);
    Secret scalar(k_scalar_bytes);
    random.fill(scalar.writable());
    if (auto key = from_scalar(std::move(scalar))) return std::move(*key);
  }
}

Result<P256Key> P256Key::from_pem(std::string_view text) {
  TRY_LET(Bytes raw, crypto::from_pem("PRIVATE KEY", text));
  const Secret bytes(std::move(raw));
  // RFC 5958 §2 around RFC 5915 §3.
  der::Reader outer(bytes.view(), FaultCode::crypto_key);
  TRY_LET(der::Reader info, outer.enter(der::k_sequence));
  TRY(outer.end());
  TRY(info.take_exactly(k_zero, "not a PKCS#8 key of version 0"));
  TRY(info.take_exactly(k_p256, "not a key on the curve P-256"));
  TRY_LET(der::Reader wrapped, info.enter(der::k_octet_string));
  TRY(info.end());
  TRY_LET(der::Reader fields, wrapped.enter(der::k_sequence));
  TRY(wrapped.end());
  TRY(fields.take_exactly(k_one, "not an EC private key of version 1"));
  TRY_LET(const der::Element number, fields.take(der::k_octet_string));
  if (fields.at(der::constructed(0))) {
    TRY_LET(der::Reader parameters, fields.enter(der::constructed(0)));
    TRY(parameters.take_exactly(k_secp256r1, "not a key on the curve P-256"));
    TRY(parameters.end());
  }
  TRY_LET(P256Key key, from_scalar(Secret(to_bytes(number.content))));
  if (fields.at(der::constructed(1))) {
    TRY_LET(der::Reader public_half, fields.enter(der::constructed(1)));
    TRY_LET(const View point, public_half.take_bits());
    TRY(public_half.end());
    const View own = View(key.spki_).last(k_point_bytes);
    if (!std::ranges::equal(point, own))
      return fault(FaultCode::crypto_key, "the public half is not that of the private one");
  }
  TRY(fields.end());
  return key;
}

Secret P256Key::to_pem() const {
  // The layout never changes, so the secret number is copied once, into memory that wipes itself.
  constexpr auto before = encoded(0x30, 0x81, 0x87, 0x02, 0x01, 0x00);
  constexpr auto between = encoded(0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20);
  constexpr auto after = encoded(0xa1, 0x44, 0x03, 0x42, 0x00);
  const View point = View(spki_).last(k_point_bytes);
  Secret whole(before.size() + k_p256.size() + between.size() + k_scalar_bytes + after.size() +
               k_point_bytes);
  auto to = whole.writable().begin();
  for (const View part :
       {View(before), View(k_p256), View(between), scalar_.view(), View(after), point})
    to = std::copy(part.begin(), part.end(), to);
  std::string text = crypto::to_pem("PRIVATE KEY", whole.view());
  Secret pem(to_bytes(text));
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return pem;
}

P256Public P256Key::public_key() const {
  return P256Public::from_spki(spki_).value();
}

Bytes P256Key::sign(View message) const {
  return sign_digest(sha256(message));
}

Bytes P256Key::sign_digest(const Digest& digest) const {
  static const BIGNUM* const order_less_two = [] {
    BIGNUM* number = BN_dup(order());
    CHECK(number && BN_sub_word(number, 2) == 1);
    return number;
  }();
  const Arithmetic arithmetic(BN_CTX_secure_new());
  const Number r(BN_new()), inverse(BN_secure_new()), x(BN_new());
  CHECK(arithmetic && r && inverse && x);
  Nonces nonces(scalar_, digest);
  for (int draw = 0;; ++draw) {
    CHECK(draw < k_draws_max);
    const Number k = nonces.next();
    if (!is_scalar(k.get())) continue;
    const Point point = times_base(k.get(), arithmetic.get());
    CHECK(EC_POINT_get_affine_coordinates(curve(), point.get(), x.get(), nullptr,
                                          arithmetic.get()) == 1);
    CHECK(BN_nnmod(r.get(), x.get(), order(), arithmetic.get()) == 1);
    // Fermat: k^(n-2) is the inverse, without the branches on k that Euclid's way takes.
    CHECK(BN_mod_exp_mont_consttime(inverse.get(), k.get(), order_less_two, order(),
                                    arithmetic.get(), nullptr) == 1);
    const std::unique_ptr<ECDSA_SIG, Release> signature(ECDSA_do_sign_ex(
        digest.bytes.data(), k_scalar_bytes, inverse.get(), r.get(), handle_.get()));
    if (BN_is_zero(r.get()) || !signature) {
      ERR_clear_error();
      continue;
    }
    Bytes encoded(ECDSA_size(handle_.get()));
    auto* to = encoded.data();
    const int size = i2d_ECDSA_SIG(signature.get(), &to);
    CHECK(size > 0);
    encoded.resize(size);
    return encoded;
  }
}

Result<P256Public> P256Public::from_spki(View spki) {
  der::Reader outer(spki, FaultCode::crypto_key);
  TRY_LET(der::Reader fields, outer.enter(der::k_sequence));
  TRY(outer.end());
  TRY(fields.take_exactly(k_p256, "not a key on the curve P-256"));
  TRY_LET(const View point, fields.take_bits());
  TRY(fields.end());
  // One encoding a key: RFC 5480 §2.2 also knows compressed points, which are refused.
  if (point.size() != k_point_bytes || point[0] != 0x04)
    return fault(FaultCode::crypto_key, "not an uncompressed point");
  P256Public key;
  // A copy of the one curve: the library would compute its constants anew for each key.
  key.handle_.reset(EC_KEY_new(), EC_KEY_free);
  CHECK(key.handle_ != nullptr && EC_KEY_set_group(key.handle_.get(), curve()) == 1);
  if (EC_KEY_oct2key(key.handle_.get(), point.data(), point.size(), nullptr) != 1) {
    ERR_clear_error();
    return fault(FaultCode::crypto_key, "the point is not on the curve");
  }
  key.spki_ = to_bytes(spki);
  return key;
}

Result<P256Public> P256Public::from_pem(std::string_view text) {
  TRY_LET(const Bytes spki, crypto::from_pem("PUBLIC KEY", text));
  return from_spki(spki);
}

std::string P256Public::to_pem() const {
  return crypto::to_pem("PUBLIC KEY", spki_);
}

bool P256Public::verify(View message, View signature) const {
  return verify_digest(sha256(message), signature);
}

bool P256Public::verify_digest(const Digest& digest, View signature) const {
  // The certificates of a State's few signers are verified with each act: what held for these very
  // bytes a moment ago holds still. Key and digest have fixed sizes, so that one digest stands for
  // one triple only; what was refused is never remembered.
  thread_local std::array<Digest, 64> good_lately{};
  thread_local std::size_t next = 0;
  const auto triple = sha256({spki_, digest.view(), signature});
  if (std::ranges::find(good_lately, triple) != good_lately.end()) return true;
  // ECDSA_verify re-encodes what it read and refuses a signature that is not DER.
  const bool good = signature.size() <= static_cast<std::size_t>(ECDSA_size(handle_.get())) &&
                    ECDSA_verify(0, digest.bytes.data(), k_scalar_bytes, signature.data(),
                                 static_cast<int>(signature.size()), handle_.get()) == 1;
  if (!good) {
    ERR_clear_error();
    return false;
  }
  good_lately[next++ % good_lately.size()] = triple;
  return true;
}

}  // namespace comity::crypto
