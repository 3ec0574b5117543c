// The groups of verbs, each declared and carried out in files of its own.
#pragma once

#include "cli/context.hpp"

namespace comity::cli {

void add_init(Verb& root, Context& context);
void add_root(Verb& root, Context& context);
void add_key(Verb& root, Context& context);
void add_officer(Verb& root, Context& context);
void add_directory(Verb& root, Context& context);
void add_request(Verb& root, Context& context);
void add_evidence(Verb& root, Context& context);
void add_export(Verb& root, Context& context);
void add_verify(Verb& root, Context& context);
void add_log(Verb& root, Context& context);
void add_due(Verb& root, Context& context);
void add_stats(Verb& root, Context& context);
void add_treaty(Verb& root, Context& context);
void add_profile(Verb& root, Context& context);
void add_backup(Verb& root, Context& context);
void add_restore(Verb& root, Context& context);  // restore, restored, origin
void add_doctor(Verb& root, Context& context);
void add_node(Verb& root, Context& context);  // serve, status, version

// Parts of `request` and `evidence`.
void add_request_drafts(Verb& request, Context& context);     // new, check, approve, send, …
void add_request_steps(Verb& request, Context& context);      // query, supplement, withdraw, …
void add_request_decisions(Verb& request, Context& context);  // consult, accept, refuse
void add_request_life(Verb& request, Context& context);       // return, postpone, propose, …
void add_request_views(Verb& request, Context& context);      // list, show, assess
void add_request_render(Verb& request, Context& context);     // render
void add_request_wait(Verb& request, Context& context);
void add_evidence_add(Verb& evidence, Context& context);
void add_evidence_live(Verb& evidence, Context& context);  // live, follow, end
void add_evidence_open(Verb& evidence, Context& context);
void add_evidence_views(Verb& evidence, Context& context);  // list, show, status
void add_evidence_wait(Verb& evidence, Context& context);
void add_evidence_recipient(Verb& evidence, Context& context);
void add_evidence_prove(Verb& evidence, Context& context);
void add_evidence_decisions(Verb& evidence, Context& context);  // release, first, destroy, refetch
void add_evidence_screening(Verb& evidence, Context& context);  // screen, quarantine, clear

}  // namespace comity::cli
