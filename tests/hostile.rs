//! Hostile peers, strangers and people over real connections, as one table. A row says who does
//! what, what is told in return, by how many entries the ledger grows, and what the log says.
//!
//! A family of rows is played on gateways of its own, one row after the other. After it the ledger
//! has grown by the entries of its rows and no more, the gateway has held no more memory than the
//! family may take, nothing panicked, and a peer that has nothing to do with it exchanges as before.

#[path = "hostile/http2.rs"]
mod http2;
#[path = "hostile/packets.rs"]
mod packets;
#[path = "hostile/stage.rs"]
mod stage;
mod support;
#[path = "hostile/wires.rs"]
mod wires;

use stage::{check, play};

#[test]
fn the_table_is_long_enough_and_its_references_stand() {
    let rows: Vec<_> = [http2::rows(), packets::rows()].into_iter().flatten().collect();
    let here = check(&rows);
    println!("{here} rows are played here, {} elsewhere", rows.len() - here);
    assert!(here >= 20, "{here} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_no_client_sends_end_a_stream_or_a_connection() {
    play("http2", http2::rows(), 64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_that_are_not_in_order_get_a_signed_answer() {
    play("packets", packets::rows(), 64).await;
}
