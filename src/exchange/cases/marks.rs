//! What others sent us under a limit of use: for intelligence and not as evidence, or not to be
//! passed on. It goes along with a packet of ours where its sender has consented in a signed packet:
//! UNTOC 18(19), UNCAC 46(19), 1988 7(13). It is found by its packet's id, by the digests of its
//! attachments, and by that of its body as `fetch` writes it; whoever copies words is not found.

use crate::crypto::hash::{Digest, sha256};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::packet::Header;
use crate::format::wire::consent_to_use::Step;
use crate::format::wire::financial_intelligence::Onward;
use crate::format::wire::request::Content;
use crate::format::wire::{Request, kind::Code as Kind};
use crate::request::content::kind;
use crate::request::file::json_file;
use crate::request::rules::{Limit, Limits};
use std::collections::HashMap;

/// What is marked, and what its senders said about it since.
#[derive(Default)]
pub struct Marks {
    packets: HashMap<PacketId, Vec<Marked>>,
    /// Packets that a file came with, by its SHA-256.
    files: HashMap<Digest, Vec<PacketId>>,
    /// What was said about a packet, oldest first.
    words: HashMap<PacketId, Vec<Word>>,
}

/// A packet that came under a limit.
struct Marked {
    sender: AuthorityId,
    kind: Kind,
    intelligence_only: bool,
    no_dissemination: bool,
    /// The packet itself consents to a use that it describes.
    consented: bool,
}

/// Somebody's word about the use of a packet.
struct Word {
    sender: AuthorityId,
    /// The packet that says it.
    said_in: PacketId,
    step: Step,
}

impl Marks {
    /// Takes a packet that came.
    pub fn take(&mut self, header: &Header, body: &Request) {
        let (sender, id) = (&header.sender, header.id);
        if let Some(Content::ConsentToUse(consent)) = &body.content {
            for about in consent.packets.iter().filter_map(|id| PacketId::from_bytes(id).ok()) {
                let word = Word { sender: sender.clone(), said_in: id, step: consent.step() };
                self.words.entry(about).or_default().push(word);
            }
        }
        let Some(handling) = body.handling.as_ref().filter(|it| it.intelligence_only || it.no_dissemination)
        else {
            return;
        };
        let as_evidence = match &body.content {
            Some(Content::FinancialIntelligence(told)) => told.onward() == Onward::AsEvidence,
            _ => false,
        };
        let marked = Marked {
            sender: sender.clone(),
            kind: header.kind,
            intelligence_only: handling.intelligence_only && !as_evidence,
            no_dissemination: handling.no_dissemination,
            consented: handling.consented,
        };
        let attached = body.attachments.iter().filter_map(|attachment| attachment.sha256[..].try_into().ok());
        for digest in attached.chain([sha256(&json_file(body, "Request"))]) {
            self.files.entry(digest).or_default().push(id);
        }
        self.packets.entry(id).or_default().push(marked);
    }

    /// Forgets a packet whose content was erased.
    pub fn forget(&mut self, sender: &AuthorityId, id: &PacketId) {
        if let Some(all) = self.packets.get_mut(id) {
            all.retain(|marked| marked.sender != *sender);
        }
        if self.packets.get(id).is_none_or(Vec::is_empty) {
            self.packets.remove(id);
            self.files.retain(|_, of| {
                of.retain(|other| other != id);
                !of.is_empty()
            });
        }
        self.words.retain(|_, words| {
            words.retain(|word| word.said_in != *id || word.sender != *sender);
            !words.is_empty()
        });
    }

    /// The limits of what a request to `recipient` takes along.
    pub fn limits(&self, request: &Request, recipient: &AuthorityId) -> Limits {
        let Some(kind) = kind(request) else { return Limits::default() };
        let of_packet = |id: &PacketId| {
            let marked = self.packets.get(id).into_iter().flatten();
            marked.filter_map(|marked| self.limit(id, marked, kind, recipient)).max()
        };
        let of_file = |digest: &[u8]| {
            let digest: Digest = digest.try_into().ok()?;
            self.files.get(&digest)?.iter().filter_map(of_packet).max()
        };
        let linked = request.linked_packets.iter().filter_map(|id| PacketId::from_bytes(id).ok());
        Limits {
            attachments: request.attachments.iter().map(|attached| of_file(&attached.sha256)).collect(),
            linked: linked.filter_map(|id| of_packet(&id)).max(),
        }
    }

    fn limit(&self, id: &PacketId, marked: &Marked, kind: Kind, recipient: &AuthorityId) -> Option<Limit> {
        let back = marked.sender == *recipient;
        let limit = match () {
            () if marked.intelligence_only && marked.kind != kind => match back {
                true => Limit::IntelligenceReturned,
                false => Limit::Intelligence,
            },
            () if marked.no_dissemination && !back => Limit::PassingOn,
            () => return None,
        };
        let mut words = self.words.get(id).into_iter().flatten();
        // The newest word of the sender is the one that counts.
        match words.rfind(|word| word.sender == marked.sender && word.step != Step::Asked) {
            Some(Word { step: Step::Given, .. }) => None,
            Some(Word { step: Step::GivenOnConditions, .. }) => Some(Limit::Conditional),
            None if marked.consented => Some(Limit::Conditional),
            _ => Some(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use crate::format::id::CaseId;
    use crate::format::wire::{self, Attachment, Handling};

    const FILE: Digest = [7; 32];

    fn name(text: &str) -> AuthorityId {
        AuthorityId::parse(text).unwrap()
    }

    fn header(sender: &str, content: &Request) -> Header {
        let entropy = SystemEntropy::default();
        Header {
            sender: name(sender),
            recipient: name("XA"),
            id: PacketId::fresh(1, &entropy).unwrap(),
            case_id: CaseId::fresh(1, &entropy).unwrap(),
            case_seq: 0,
            case_prev: None,
            kind: kind(content).unwrap(),
            urgency: wire::urgency::Code::Routine,
            created: 1,
            expires: 2,
            schema: 1,
            in_reply_to: None,
            replaces: None,
            objects: Vec::new(),
            key_box_digest: [0; 32],
            content_key_id: [0; 32],
        }
    }

    fn intelligence(handling: Handling, onward: Onward) -> Request {
        let told = wire::FinancialIntelligence { onward: onward.into(), ..Default::default() };
        Request {
            content: Some(Content::FinancialIntelligence(told)),
            handling: Some(handling),
            attachments: vec![Attachment { sha256: FILE.to_vec(), ..Attachment::default() }],
            ..Request::default()
        }
    }

    fn consent(step: Step, about: PacketId) -> Request {
        let packets = vec![about.bytes().to_vec()];
        let consent = wire::ConsentToUse { step: step.into(), packets, ..Default::default() };
        Request { content: Some(Content::ConsentToUse(consent)), ..Request::default() }
    }

    fn attaching(content: Content) -> Request {
        Request { content: Some(content), ..intelligence(Handling::default(), Onward::None) }
    }

    fn mla() -> Request {
        attaching(Content::MutualLegalAssistance(wire::MutualLegalAssistance::default()))
    }

    #[test]
    fn intelligence_goes_along_with_its_own_kind_or_with_the_consent_of_its_sender() {
        let marked = Handling { intelligence_only: true, ..Handling::default() };
        let body = intelligence(marked.clone(), Onward::OnRequest);
        let told = header("XC", &body);
        let mut marks = Marks::default();
        marks.take(&told, &body);
        let attached = |marks: &Marks, request: &Request, to: &str| {
            let limits = marks.limits(request, &name(to));
            assert_eq!(limits.attachments.len(), 1);
            limits.attachments[0]
        };
        assert_eq!(attached(&marks, &mla(), "XB"), Some(Limit::Intelligence));
        assert_eq!(attached(&marks, &mla(), "XC"), Some(Limit::IntelligenceReturned));
        let same = Request { handling: None, ..body.clone() };
        assert_eq!(attached(&marks, &same, "XB"), None, "the same kind");
        let link = |id: PacketId| Request {
            linked_packets: vec![id.bytes().to_vec()],
            attachments: Vec::new(),
            ..mla()
        };
        assert_eq!(marks.limits(&link(told.id), &name("XB")).linked, Some(Limit::Intelligence));
        let other = header("XC", &body).id;
        assert_eq!(marks.limits(&link(other), &name("XB")).linked, None, "another packet");
        let written =
            Attachment { sha256: sha256(&json_file(&body, "Request")).to_vec(), ..Default::default() };
        let copied = Request { attachments: vec![written], ..mla() };
        assert_eq!(attached(&marks, &copied, "XB"), Some(Limit::Intelligence), "the body as it was fetched");
        // The newest word of the sender counts, and nobody else's.
        for (by, step, left) in [
            ("XB", Step::Given, Some(Limit::Intelligence)),
            ("XC", Step::Asked, Some(Limit::Intelligence)),
            ("XC", Step::Given, None),
            ("XC", Step::Denied, Some(Limit::Intelligence)),
            ("XC", Step::GivenOnConditions, Some(Limit::Conditional)),
        ] {
            let said = consent(step, told.id);
            let word = header(by, &said);
            marks.take(&word, &said);
            assert_eq!(attached(&marks, &mla(), "XB"), left, "{by} {step:?}");
            if step == Step::GivenOnConditions {
                marks.forget(&name("XC"), &word.id);
                assert_eq!(attached(&marks, &mla(), "XB"), Some(Limit::Intelligence), "it was erased");
            }
        }
        marks.forget(&name("XB"), &told.id);
        assert_eq!(attached(&marks, &mla(), "XB"), Some(Limit::Intelligence), "another's");
        marks.forget(&name("XC"), &told.id);
        assert_eq!(attached(&marks, &mla(), "XB"), None);
        assert!(marks.files.is_empty() && marks.packets.is_empty());
        // Consent that the packet itself gives.
        for (handling, onward, left) in [
            (marked.clone(), Onward::AsEvidence, None),
            (marked.clone(), Onward::AsIntelligence, Some(Limit::Intelligence)),
            (Handling { consented: true, ..marked }, Onward::None, Some(Limit::Conditional)),
            (
                Handling { no_dissemination: true, ..Handling::default() },
                Onward::None,
                Some(Limit::PassingOn),
            ),
        ] {
            let body = intelligence(handling, onward);
            let mut marks = Marks::default();
            marks.take(&header("XC", &body), &body);
            assert_eq!(attached(&marks, &mla(), "XB"), left, "{body:?}");
            if left == Some(Limit::PassingOn) {
                assert_eq!(attached(&marks, &mla(), "XC"), None, "back to where it came from");
            }
        }
    }
}
