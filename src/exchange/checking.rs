//! The rules of requests, with what a gateway knows around a request.

use super::Exchange;
use crate::format::id::AuthorityId;
use crate::format::wire::{Request, urgency::Code as Urgency};
use crate::request::rules::{self, Circumstances, Deficiency};

impl Exchange {
    /// What a request to this recipient lacks, and whether it was known what the recipient takes.
    pub fn check_request(
        &self,
        request: &Request,
        urgency: Urgency,
        recipient: Option<&AuthorityId>,
    ) -> (Vec<Deficiency>, bool) {
        // An authority that is not paired has told us no terms; sending to it fails by itself.
        let peer = recipient.and_then(|recipient| self.directory.peer(recipient).ok());
        let around = Circumstances {
            urgency,
            now: Some(self.now()),
            taken: peer.as_ref().map(|peer| &peer.taken),
            ..Circumstances::default()
        };
        (rules::check(request, &around), peer.is_some())
    }
}
