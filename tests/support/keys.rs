//! Keys of a served authority, as `keys list` shows them, and their rotation.

use super::{Authority, until};
use rogatory::format::wire::PeersRequest;
use serde_json::Value;
use std::collections::BTreeMap;

/// Every purpose of an online key, as commands name it.
pub const PURPOSES: [&str; 6] = ["packet", "evidence", "checkpoint", "cosign", "content", "tls"];

/// All keys, those that ended too.
pub fn keys(of: &Authority) -> Vec<Value> {
    of.json(&["keys", "list", "--all"])["keys"].as_array().unwrap().clone()
}

/// The key with this id.
pub fn key(of: &Authority, id: &str) -> Value {
    keys(of).into_iter().find(|key| key["id"] == id).unwrap_or_else(|| panic!("no key {id}"))
}

/// The key that is used for a purpose.
pub fn used(of: &Authority, purpose: &str) -> Value {
    let used = |key: &Value| key["purpose"] == purpose && key["state"] == "in_use";
    keys(of).into_iter().find(used).unwrap_or_else(|| panic!("no key for {purpose}"))
}

/// The id of the key that is used for a purpose.
pub fn in_use(of: &Authority, purpose: &str) -> String {
    id(&used(of, purpose)["id"])
}

/// Rotates, and gives the id of the new key of each purpose.
pub fn rotate(of: &Authority, purpose: &str) -> BTreeMap<String, String> {
    rotate_with(of, &[purpose])
}

/// The same with these arguments.
pub fn rotate_with(of: &Authority, arguments: &[&str]) -> BTreeMap<String, String> {
    let told = of.json(&[&["keys", "rotate"][..], arguments].concat());
    let new: BTreeMap<_, _> = told["rotated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (id(&one["purpose"]), id(&one["new"])))
        .collect();
    assert!(!new.is_empty(), "{told}");
    new
}

/// Waits until new keys are used.
pub async fn taken_up(of: &Authority, new: &BTreeMap<String, String>) {
    until("the new keys are in use", || async { new.iter().all(|(purpose, id)| in_use(of, purpose) == *id) })
        .await;
}

/// How many statements of a peer an authority holds.
pub async fn statements_of(of: &Authority, peer: &str) -> u64 {
    let peers = of.client().operator().peers(PeersRequest {}).await.unwrap().into_inner().peers;
    peers.into_iter().find(|found| found.authority == peer).unwrap().statements
}

fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a name: {value}")).to_owned()
}
