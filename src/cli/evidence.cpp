// comity evidence: items on their way from custodian to court.
#include "cli/verbs.hpp"

namespace comity::cli {

void add_evidence(Verb& root, Context& context) {
  auto group = root.verb("evidence", "Seal, release, open and destroy evidence");
  add_evidence_add(group, context);
  add_evidence_decisions(group, context);
  add_evidence_views(group, context);
  add_evidence_wait(group, context);
  add_evidence_open(group, context);
  add_evidence_prove(group, context);
  add_evidence_recipient(group, context);
}

}  // namespace comity::cli
