//! Hostile peers, strangers and people over real connections, as one table. A row says who does
//! what, what is told in return, by how many entries the ledger grows, and what the log says.
//!
//! A family of rows is played on gateways of its own, one row after the other. After it the ledger
//! has grown by the entries of its rows and no more, the gateway has held no more memory than the
//! family may take, nothing panicked, and a peer that has nothing to do with it exchanges as before.

#[path = "hostile/connections.rs"]
mod connections;
#[path = "hostile/evidence.rs"]
mod evidence;
#[path = "hostile/grpc.rs"]
mod grpc;
#[path = "hostile/http2.rs"]
mod http2;
#[path = "hostile/local.rs"]
mod local;
#[path = "hostile/log.rs"]
mod log;
#[path = "hostile/packets.rs"]
mod packets;
#[path = "hostile/stage.rs"]
mod stage;
#[path = "hostile/statuses.rs"]
mod statuses;
mod support;
#[path = "hostile/wires.rs"]
mod wires;

use stage::{check, play};

#[test]
fn the_table_is_long_enough_and_its_references_stand() {
    let families = [
        http2::rows(),
        grpc::rows(),
        packets::rows(),
        evidence::rows(),
        statuses::rows(),
        local::rows(),
        connections::rows(),
    ];
    let here: usize = families.iter().map(|rows| check(rows)).sum();
    let all: usize = families.iter().map(Vec::len).sum();
    println!("{here} rows are played here, {} elsewhere", all - here);
    assert!(here >= 200, "{here} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_no_client_sends_end_a_stream_or_a_connection() {
    play("http2", http2::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_that_are_not_in_order_get_a_signed_answer() {
    play("packets", packets::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_a_peer_may_not_state_changes_nothing() {
    play("evidence", evidence::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_may_not_be_said_count_for_nothing() {
    play("statuses", statuses::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_no_client_makes_are_refused() {
    play("grpc", grpc::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_files_and_people_of_the_machine_stay_where_they_belong() {
    play("local", local::rows(), 96).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_many_or_linger_keep_nobody_out() {
    play("connections", connections::rows(), 64).await;
}
