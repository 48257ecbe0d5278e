//! The page for programs.

use super::Identity;
use super::page::{Page, case_state};
use crate::cli::output::{event as event_name, kind, time};
use rogatory::ledger::bundle::{Proof, Said};
use rogatory::request::file::enum_name;
use serde_json::{Value, json};

/// Everything on the page and the numbers behind it, as one object.
pub fn write(page: &Page, proof: &Proof, identity: Identity) -> Value {
    let header = &proof.header.header;
    let steps: Vec<Value> = proof
        .steps
        .iter()
        // The first row of the page is the packet itself.
        .zip(page.events.iter().skip(1))
        .map(|(step, row)| {
            let (what, code, cause) = match &step.said {
                Said::Evidence { event, cause, .. } => ("evidence", event_name(*event as i32), *cause as i32),
                Said::StatusEvidence { event, cause, .. } => {
                    ("status_evidence", event_name(*event as i32), *cause as i32)
                }
                Said::Status { status, .. } => ("status", enum_name("Status.Code", status.code as i32), 0),
            };
            json!({
                "index": step.index, "at": time(step.at), "logged": time(step.logged), "author": row.author,
                "what": what, "code": code, "cause": if cause == 0 { Value::Null } else { enum_name("Cause.Code", cause).into() },
                "digest": hex::encode(step.digest), "proves": row.meaning.proves, "does_not_prove": row.meaning.not,
                "refused": matches!(step.said, Said::Status { refused: true, .. }),
                "peer_entry": step.place.as_ref().map(|place| json!({
                    "index": place.index, "at": time(place.at), "size": place.size, "root": hex::encode(place.root),
                })),
            })
        })
        .collect();
    let parties: Vec<Value> = page
        .parties
        .iter()
        .map(|party| {
            json!({
                "authority": party.name, "role": party.role, "fingerprint": party.hex.replace(' ', ""),
                "words": party.words, "compared": party.compared, "statements": party.statements,
            })
        })
        .collect();
    let cosignatures: Vec<Value> = proof
        .witnesses
        .iter()
        .map(|witness| {
            json!({
                "by": witness.by.as_str(), "log": witness.origin, "at": time(witness.at), "size": witness.size,
                "root": hex::encode(witness.root), "index": witness.index,
            })
        })
        .collect();
    json!({
        "proved": identity == Identity::Compared,
        "verdict": page.verdict,
        "packet": header.id.to_string(), "packet_digest": hex::encode(proof.header.digest),
        "case": header.case_id.to_string(), "kind": kind(header.kind as i32),
        "sender": header.sender.as_str(), "recipient": header.recipient.as_str(),
        "created": time(header.created), "state": case_state(proof),
        "maker": proof.maker.authority().as_str(), "made_at": time(proof.made_at), "digest": hex::encode(proof.digest),
        "log": proof.checkpoint.origin, "size": proof.checkpoint.size, "root": hex::encode(proof.checkpoint.root),
        "parties": parties, "steps": steps, "absent": page.absent, "cosignatures": cosignatures,
        "entries": proof.entries.len(), "entries_cosigned": proof.covered(),
        "peer_trees": proof.peer_trees, "peer_trees_linked": proof.linked, "signatures": proof.signatures,
        "disclosed": proof.disclosed.iter().map(|object| json!({
            "object": object.number, "bytes": object.size, "sha256": hex::encode(object.sha256),
            "commitment": hex::encode(object.sealed.commitment),
            "plaintext_digest": hex::encode(object.sealed.plaintext_digest),
        })).collect::<Vec<_>>(),
        "remarks": page.remarks, "limits": page.limits,
    })
}
