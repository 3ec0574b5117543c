#include "outbox.hpp"

#include <fmt/format.h>

#include "formats/fields.hpp"

namespace comity {
namespace {
constexpr int k_letter_deadline_s = 60;  // a slow link and a large part
}

Fault fault_of(const wire::Response& response) {
  auto detail = fmt::format("the other node answered {}", response.status);
  const auto problem = formats::parse_json(response.body);
  const auto* name = problem ? problem->find("code") : nullptr;
  const auto code = name && name->is_text() ? fault_code(name->text()) : std::nullopt;
  if (code) detail += fmt::format(", {}", name->text());
  return {code.value_or(FaultCode::peer_protocol), std::move(detail)};
}

Result<std::unique_ptr<Outbox>> Outbox::make(api::Mailbox& mailbox,
                                             const wire::TlsIdentity& identity) {
  std::unique_ptr<Outbox> outbox(new Outbox(mailbox));
  TRY(outbox->peers_.set_identity(identity));
  return outbox;
}

void Outbox::send(std::vector<node::Letter> letters) {
  for (auto& letter : letters) {
    wire::PeerAddress to{.state = letter.to,
                         .host = letter.endpoint.host,
                         .port = letter.endpoint.port,
                         .certificates = letter.tls_certificates};
    wire::PeerRequest request{.method = "POST",
                              .target = "/comity/v1/acts",
                              .content_type = "application/json",
                              .body = std::move(letter.body),
                              .deadline_s = k_letter_deadline_s};
    const auto sent = std::make_shared<const node::Letter>(std::move(letter));
    peers_.send(std::move(to), std::move(request), [this, sent](Result<wire::PeerResponse> got) {
      Result<Bytes> answer = std::unexpected(Fault{});
      if (!got)
        answer = std::unexpected(std::move(got).error());
      else if (got->status != 200)
        answer = std::unexpected(fault_of(*got));
      else
        answer = std::move(got->body);
      mailbox_.finish([sent, answer = std::move(answer)](node::Desk& desk) -> node::Afterwards {
        // A fault here is about this letter alone, and the outbox keeps its acts until a receipt.
        std::ignore = desk.letter_answered(*sent, answer);
        return {};
      });
    });
  }
}

}  // namespace comity
