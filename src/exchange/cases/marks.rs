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
use crate::request::file::request_json;
use crate::request::rules::{Limit, Limits};
use prost::Message as _;
use std::collections::{HashMap, HashSet};

/// What is marked, and what its senders said about it since.
#[derive(Default)]
pub struct Marks {
    packets: HashMap<PacketId, Vec<Marked>>,
    /// Marked packets that a file came with, by its SHA-256.
    files: HashMap<Digest, Vec<(AuthorityId, PacketId)>>,
    /// Files and packets that we sent: what comes back marked is ours all the same.
    own_files: HashSet<Digest>,
    own_packets: HashSet<PacketId>,
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
    /// The packet itself consents to its use as evidence.
    as_evidence: bool,
}

/// Somebody's word about the use of a packet.
struct Word {
    sender: AuthorityId,
    /// The packet that says it.
    said_in: PacketId,
    step: Step,
}

impl Marks {
    /// Takes a packet of ours, so that nobody can limit what it holds.
    pub fn own(&mut self, id: PacketId, body: &Request) {
        self.own_packets.insert(id);
        let digests = body.attachments.iter().filter_map(|attached| attached.sha256[..].try_into().ok());
        self.own_files.extend::<Vec<Digest>>(digests.collect());
    }

    /// Takes a packet that came; `bytes` are its body's.
    pub fn take(&mut self, header: &Header, body: &Request, bytes: &[u8]) {
        let (sender, id) = (&header.sender, header.id);
        if let Some(Content::ConsentToUse(consent)) = &body.content {
            let about = consent.packets.iter().filter_map(|id| PacketId::from_bytes(id).ok());
            // What nobody marked needs no word, and is not remembered.
            let about: HashSet<PacketId> = about.filter(|about| self.is_marked(sender, about)).collect();
            for about in about {
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
            intelligence_only: handling.intelligence_only,
            no_dissemination: handling.no_dissemination,
            consented: handling.consented,
            as_evidence,
        };
        // Whoever claims more than came with it claims nothing with that.
        let came = header.objects.len().saturating_sub(1);
        let attached = body.attachments.iter().take(came);
        let attached = attached.filter_map(|attachment| attachment.sha256[..].try_into().ok());
        // As `fetch` writes it, and as a proof bundle is taken apart: without what is not known here.
        let known = body.encode_to_vec();
        let written = [bytes, &known].into_iter().filter_map(|body| request_json(body).ok());
        let written: Vec<Digest> = written.map(|json| sha256(&json)).collect();
        for digest in attached.chain(written) {
            let own = self.own_files.contains(&digest);
            let of = self.files.entry(digest).or_default();
            if !own && !of.contains(&(sender.clone(), id)) {
                of.push((sender.clone(), id));
            }
        }
        self.packets.entry(id).or_default().push(marked);
    }

    fn is_marked(&self, sender: &AuthorityId, id: &PacketId) -> bool {
        self.packets.get(id).is_some_and(|all| all.iter().any(|marked| marked.sender == *sender))
    }

    /// A peer said something about the use of packets of its own, and what it said is not here any
    /// more: nothing that it said before is known to stand.
    pub fn unheard(&mut self, sender: &AuthorityId) {
        self.words.values_mut().for_each(|words| words.retain(|word| word.sender != *sender));
        self.words.retain(|_, words| !words.is_empty());
    }

    /// Forgets a packet whose content was erased. With a word, those before it fall: what it took
    /// back does not come to life again.
    pub fn forget(&mut self, sender: &AuthorityId, id: &PacketId) {
        if self.is_marked(sender, id) {
            self.packets.entry(*id).or_default().retain(|marked| marked.sender != *sender);
            self.packets.retain(|_, all| !all.is_empty());
            self.files.retain(|_, of| {
                of.retain(|other| *other != (sender.clone(), *id));
                !of.is_empty()
            });
        }
        for words in self.words.values_mut() {
            let said = words.iter().rposition(|word| word.said_in == *id && word.sender == *sender);
            if let Some(said) = said {
                let behind = words.split_off(said + 1);
                words.retain(|word| word.sender != *sender);
                words.extend(behind);
            }
        }
        self.words.retain(|_, words| !words.is_empty());
    }

    /// The limits of what a request to `recipient` takes along.
    pub fn limits(&self, request: &Request, recipient: &AuthorityId) -> Limits {
        let Some(kind) = kind(request) else { return Limits::default() };
        let of_packet = |id: &PacketId, sender: Option<&AuthorityId>| {
            let marked = self.packets.get(id).into_iter().flatten();
            let marked = marked.filter(|marked| sender.is_none_or(|sender| *sender == marked.sender));
            marked.filter_map(|marked| self.limit(id, marked, kind, recipient)).max()
        };
        let of_file = |digest: &[u8]| {
            let digest: Digest = digest.try_into().ok()?;
            self.files.get(&digest)?.iter().filter_map(|(sender, id)| of_packet(id, Some(sender))).max()
        };
        let linked = request.linked_packets.iter().filter_map(|id| PacketId::from_bytes(id).ok());
        Limits {
            attachments: request.attachments.iter().map(|attached| of_file(&attached.sha256)).collect(),
            linked: linked
                .filter(|id| !self.own_packets.contains(id))
                .filter_map(|id| of_packet(&id, None))
                .max(),
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
            None if marked.as_evidence && limit != Limit::PassingOn => None,
            None if marked.consented => Some(Limit::Conditional),
            _ => Some(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use crate::crypto::object::Sealed;
    use crate::format::id::CaseId;
    use crate::format::wire::{self, Attachment, Handling};

    const FILE: Digest = [7; 32];

    fn name(text: &str) -> AuthorityId {
        AuthorityId::parse(text).unwrap()
    }

    fn take(marks: &mut Marks, header: &Header, body: &Request) {
        marks.take(header, body, &body.encode_to_vec());
    }

    fn header(sender: &str, content: &Request) -> Header {
        let sealed = Sealed {
            ciphertext_length: 1,
            chunk_root: [0; 32],
            commitment: [0; 32],
            plaintext_digest: [0; 32],
        };
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
            objects: vec![sealed; content.attachments.len() + 1],
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
        take(&mut marks, &told, &body);
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
        let written = Attachment {
            sha256: sha256(&request_json(&body.encode_to_vec()).unwrap()).to_vec(),
            ..Default::default()
        };
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
            take(&mut marks, &word, &said);
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
            take(&mut marks, &header("XC", &body), &body);
            assert_eq!(attached(&marks, &mla(), "XB"), left, "{body:?}");
            if left == Some(Limit::PassingOn) {
                assert_eq!(attached(&marks, &mla(), "XC"), None, "back to where it came from");
            }
        }
    }

    #[test]
    fn what_was_taken_back_stays_taken_back_when_its_word_is_erased() {
        let marked = Handling { intelligence_only: true, ..Handling::default() };
        for (onward, free) in [(Onward::OnRequest, false), (Onward::AsEvidence, true)] {
            let body = intelligence(marked.clone(), onward);
            let told = header("XC", &body);
            let mut marks = Marks::default();
            take(&mut marks, &told, &body);
            let limit = |marks: &Marks| marks.limits(&mla(), &name("XB")).attachments[0];
            let [given, denied] = [Step::Given, Step::Denied].map(|step| {
                let said = consent(step, told.id);
                let word = header("XC", &said);
                take(&mut marks, &word, &said);
                word
            });
            assert_eq!(limit(&marks), Some(Limit::Intelligence), "the newest word counts");
            marks.forget(&name("XC"), &denied.id);
            assert!(marks.words.is_empty());
            assert_eq!(limit(&marks).is_none(), free, "as if nothing had been said");
            take(&mut marks, &given, &consent(Step::Given, told.id));
            assert_eq!(limit(&marks), None);
            marks.unheard(&name("XC"));
            assert_eq!(limit(&marks).is_none(), free);
        }
        // Who marked nothing is not remembered, whatever it says.
        let mut marks = Marks::default();
        let said = consent(Step::Given, header("XC", &mla()).id);
        take(&mut marks, &header("XC", &said), &said);
        assert!(marks.words.is_empty());
    }

    #[test]
    fn nobody_limits_what_we_sent_before_and_a_strict_limit_is_not_hidden() {
        let passing = Handling { no_dissemination: true, ..Handling::default() };
        let body = intelligence(passing, Onward::None);
        let mut marks = Marks::default();
        let sent = header("XA", &body);
        marks.own(sent.id, &mla());
        take(&mut marks, &Header { id: sent.id, ..header("XC", &body) }, &body);
        let linked = Request { linked_packets: vec![sent.id.bytes().to_vec()], ..mla() };
        let limits = marks.limits(&linked, &name("XB"));
        assert_eq!((limits.attachments[0], limits.linked), (None, None), "it is ours");
        // Claimed by a body, and not come with it.
        let mut marks = Marks::default();
        take(&mut marks, &Header { objects: Vec::new(), ..header("XC", &body) }, &body);
        assert_eq!(marks.limits(&mla(), &name("XB")).attachments[0], None);
        // An answer to XC that links what XC and what XD marked.
        let only = intelligence(Handling { intelligence_only: true, ..Handling::default() }, Onward::None);
        let (one, other) = (header("XC", &only), header("XD", &body));
        take(&mut marks, &one, &only);
        take(&mut marks, &other, &body);
        let linked_packets = [one.id, other.id].map(|id| id.bytes().to_vec()).to_vec();
        let answer = Request { linked_packets, ..mla() };
        assert_eq!(marks.limits(&answer, &name("XC")).linked, Some(Limit::PassingOn));
    }
}
