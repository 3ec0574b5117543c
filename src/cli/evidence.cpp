// comity evidence: items on their way from custodian to court.
#include "cli/verbs.hpp"

namespace comity::cli {

void add_evidence(Verb& root, Context& context) {
  auto group = root.verb("evidence", "Seal, release, open and destroy evidence",
                         "  comity evidence add 9f2c41 disk.img --custodian … --as executor\n"
                         "  comity evidence release 9f2c41 77ab03 --as executor --as approver\n"
                         "  comity evidence wait --request 9f2c41 --as approver\n"
                         "  comity evidence open 77ab03 -o disk.img --as approver\n");
  add_evidence_add(group, context);
  add_evidence_decisions(group, context);
  add_evidence_screening(group, context);
  add_evidence_live(group, context);
  add_evidence_views(group, context);
  add_evidence_wait(group, context);
  add_evidence_open(group, context);
  add_evidence_prove(group, context);
  add_evidence_recipient(group, context);
}

}  // namespace comity::cli
