//! The services of `proto/rogatory/peer` and `proto/rogatory/local`, as generated.
#![allow(missing_docs, clippy::all, clippy::pedantic)]

/// Peer face.
pub mod peer {
    tonic::include_proto!("rogatory.peer.v1");
}

/// Local face.
pub mod local {
    tonic::include_proto!("rogatory.local.v1");
}
