#include "crypto/der.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/pem.hpp"

namespace comity::crypto {
namespace {

constexpr auto k_code = FaultCode::format_cms;

bool takes(std::string_view text) {
  const Bytes bytes = from_hex(text).value();
  der::Reader reader(bytes, k_code);
  return reader.take().has_value() && reader.done();
}
Result<Instant> time_of(std::uint8_t tag, std::string_view text) {
  const Bytes bytes = der::wrap(tag, {as_bytes(text)});
  return der::Reader(bytes, k_code).take_time();
}
bool takes_unsigned(std::string_view text) {
  const Bytes bytes = from_hex(text).value();
  return der::Reader(bytes, k_code).take_unsigned().has_value();
}

}  // namespace

TEST(Der, RefusesEveryOtherEncodingOfALength) {
  EXPECT_TRUE(takes("040100"));
  EXPECT_TRUE(takes("0400"));
  EXPECT_FALSE(takes("04810100")) << "padded";
  EXPECT_FALSE(takes("0482000100")) << "padded";
  EXPECT_FALSE(
      takes("248004010000"
            "00"))
      << "indefinite";
  EXPECT_FALSE(
      takes("0402"
            "00"))
      << "cut";
  EXPECT_FALSE(takes("04")) << "cut";
  EXPECT_FALSE(takes("")) << "nothing";
  EXPECT_FALSE(
      takes("0484000000"
            "0100"))
      << "longer than any limit";
  EXPECT_FALSE(takes("0488ffffffffffffffff")) << "overflow";
  EXPECT_FALSE(
      takes("1f8101"
            "00"))
      << "a tag of several bytes";
  EXPECT_FALSE(takes("04010000")) << "a byte left over";
}

TEST(Der, TakesTheOneEncodingOfANumber) {
  EXPECT_TRUE(takes_unsigned("020100"));
  EXPECT_TRUE(takes_unsigned("02020080"));
  EXPECT_FALSE(takes_unsigned("0200"));
  EXPECT_FALSE(takes_unsigned("02020001")) << "padded";
  EXPECT_FALSE(takes_unsigned("020180")) << "negative";
}

TEST(Der, TakesTimesInTheFormThatTheirYearAsksFor) {
  EXPECT_EQ(to_text(time_of(der::k_utc_time, "260131235959Z").value()), "2026-01-31T23:59:59Z");
  EXPECT_EQ(to_text(time_of(der::k_utc_time, "500131235959Z").value()), "1950-01-31T23:59:59Z");
  EXPECT_EQ(to_text(time_of(der::k_generalized_time, "20500101000000Z").value()),
            "2050-01-01T00:00:00Z");
  EXPECT_FALSE(time_of(der::k_generalized_time, "20491231235959Z"));
  EXPECT_FALSE(time_of(der::k_utc_time, "2601312359Z"));
  EXPECT_FALSE(time_of(der::k_utc_time, "260131235959+0000"));
  EXPECT_FALSE(time_of(der::k_utc_time, "260132235959Z"));
  EXPECT_FALSE(time_of(der::k_utc_time, "26013123595aZ"));
  EXPECT_FALSE(time_of(der::k_generalized_time, "20500101000000.5Z"));
}

RC_GTEST_PROP(Der, TimesComeBack, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 253402300800);
  const Instant at{seconds * 1000};
  const Bytes bytes = der::time(at);
  der::Reader reader(bytes, k_code);
  RC_ASSERT(reader.take_time().value() == at);
}

RC_GTEST_PROP(Der, WhatIsWrappedComesBack, (const Bytes& bytes)) {
  const Bytes wrapped = der::wrap(der::k_octet_string, {bytes});
  der::Reader reader(wrapped, k_code);
  RC_ASSERT(to_bytes(reader.take(der::k_octet_string).value().content) == bytes);
  RC_ASSERT(reader.end().has_value());
}

TEST(Der, WrapsLengthsOfEverySize) {
  for (const std::size_t size : {0UL, 127UL, 128UL, 255UL, 256UL, 65535UL, 65536UL, 1UL << 20}) {
    const Bytes wrapped = der::wrap(der::k_octet_string, {Bytes(size, 7)});
    der::Reader reader(wrapped, k_code);
    EXPECT_EQ(reader.take().value().content.size(), size);
  }
}

TEST(Pem, ComesBackAndForgivesOnlyLineEnds) {
  const Bytes der(100, 0xa5);
  const std::string text = to_pem("CERTIFICATE", der);
  EXPECT_EQ(from_pem("CERTIFICATE", text), der);
  std::string crlf;
  for (const char c : text) (crlf += c == '\n' ? "\r" : "") += c;
  EXPECT_EQ(from_pem("CERTIFICATE", crlf), der);
  EXPECT_EQ(from_pem("CERTIFICATE", text.substr(0, text.size() - 1)), der);
  EXPECT_EQ(from_pem("PRIVATE KEY", text).error().code, FaultCode::format_pem);
  EXPECT_FALSE(from_pem("CERTIFICATE", " " + text));
  EXPECT_FALSE(from_pem("CERTIFICATE", text + "\n"));
  EXPECT_FALSE(from_pem("CERTIFICATE", text + text));
  EXPECT_FALSE(from_pem("CERTIFICATE", text.substr(0, text.size() - 20)));
  EXPECT_FALSE(from_pem("CERTIFICATE", ""));
  for (const char* odd :
       {"QUJD\nQUJD\n", "QUJD \n", "\nQUJD\n", "QUI\n", "QU=D\n", "Proc-Type: 4\n"})
    EXPECT_FALSE(from_pem("CERTIFICATE", std::string("-----BEGIN CERTIFICATE-----\n") + odd +
                                             "-----END CERTIFICATE-----\n"))
        << odd;
}

TEST(Pem, HasALimit) {
  const Bytes der(k_pem_bytes_max, 1);
  EXPECT_EQ(from_pem("X", to_pem("X", der)).error().code, FaultCode::limit_size);
  std::string text = to_pem("X", Bytes(18000, 1));
  ASSERT_LE(text.size(), k_pem_bytes_max);
  EXPECT_TRUE(from_pem("X", text));
}

RC_GTEST_PROP(Pem, EveryBlockComesBack, (const Bytes& der)) {
  RC_ASSERT(from_pem("X", to_pem("X", der)).value() == der);
}

}  // namespace comity::crypto
