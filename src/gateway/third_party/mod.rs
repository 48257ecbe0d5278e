//! C2SP tlog-witness over HTTP: we witness the logs of our peers for whoever submits their
//! checkpoints, and submit our own to third parties.

pub mod client;
pub mod server;

/// Below the submission prefix, on both sides.
const ADD_CHECKPOINT: &str = "add-checkpoint";
/// Content type of a size that was cosigned last.
const SIZE: &str = "text/x.tlog.size";
