//! Replay: the views that follow from the entries, one entry after the other.
//!
//! The gateway, recovery and the auditor all come through [`apply`]; there is no other way
//! in which a view changes.

use super::LedgerError;
use super::entry::Entry;
use super::records::{
    self, AlarmRecord, CaseRecord, Direction, OutcomeRecord, PacketRecord, PeerRecord, PendingRecord,
    StatusRecord, ViewsMut, Waiting, WitnessRecord,
};
use super::third_party::ThirdParty;
use crate::format::evidence::{Evidence, Named, Subject};
use crate::format::id::{AuthorityId, CaseId};
use crate::format::status::SignedStatus;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use prost::Message;

/// Applies one entry to the views.
pub fn apply(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    match entry.leaf.kind {
        Kind::KeyStatement => {
            views.put_once(records::statement(entry.leaf.peer.as_ref(), entry.index), Vec::new());
        }
        Kind::Pairing => super::pairing::paired(entry, views)?,
        Kind::EvidenceIssued => evidence_issued(entry, views)?,
        Kind::EvidenceReceived => evidence_received(entry, views)?,
        Kind::StatusIssued => status_issued(entry, views)?,
        Kind::StatusReceived => status_received(entry, views)?,
        Kind::Confirmation => super::pairing::confirmed(entry, views)?,
        Kind::CosignatureReceived => cosignature_received(entry, views)?,
        Kind::Cosigned => cosigned(entry, views)?,
        Kind::Alarm => alarm(entry, views)?,
        Kind::Resigned => resigned(entry, views)?,
        Kind::Opening | Kind::Strangers => {}
        Kind::Erased | Kind::Held | Kind::Released => super::erasure::apply(entry, views)?,
        Kind::PairingNotice => super::pairing::said_by(entry, views)?,
        Kind::Unspecified => return Err(entry.wrong("has no kind")),
    }
    witnessed(entry, views)?;
    if let (Some(case_id), Some(peer)) = (&entry.leaf.case_id, &entry.leaf.peer) {
        views.put_once(records::timeline(case_id, peer, entry.index), Vec::new());
    }
    Ok(())
}

fn evidence_issued(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let evidence = entry.danger_evidence()?;
    let Subject::Known(named) = &evidence.subject else {
        return Ok(());
    };
    if named.is_status {
        return Ok(());
    }
    let (direction, other) = match evidence.event {
        Event::SubmissionAcceptance | Event::SubmissionRejection | Event::RelayFailure => {
            (Direction::Out, &named.recipient)
        }
        _ => (Direction::In, &named.sender),
    };
    let key = records::packet(direction, other, &named.id);
    let mut record = match records::read::<PacketRecord>(views, &key)? {
        // Another packet under a bound id: the refusal is about that one, not about this.
        Some(record) if record.digest != named.digest => return Ok(()),
        Some(record) => record,
        None => new_packet(entry, direction, named, &key, views)?,
    };
    // Whom it would be told has lost the packet.
    if evidence.event == Event::ContentHandover && record.index >= super::pairing::peer(views, other)?.era {
        let waiting = PendingRecord {
            what: Waiting::Evidence as u32,
            urgency: record.urgency,
            id: record.id.clone(),
            case_id: record.case_id.clone(),
            seq: 0,
        };
        put(views, records::pending(other, entry.index), &waiting);
    }
    record.outcomes.push(outcome(entry, evidence, false));
    put(views, key, &record);
    Ok(())
}

/// The first entry about a packet: it holds the header, and moves the case's chain.
fn new_packet(
    entry: &Entry,
    direction: Direction,
    named: &Named,
    key: &[u8],
    views: &mut dyn ViewsMut,
) -> Result<PacketRecord, LedgerError> {
    let signed = entry.danger_header()?;
    if signed.digest != named.digest {
        return Err(entry.wrong("holds another header than its evidence names"));
    }
    let header = &signed.header;
    let other = if direction == Direction::Out { &header.recipient } else { &header.sender };
    let case_key = records::case(&header.case_id, other);
    let mut case = records::read::<CaseRecord>(views, &case_key)?
        .unwrap_or_else(|| CaseRecord { opened_by_us: direction == Direction::Out, ..CaseRecord::default() });
    let head = if direction == Direction::Out { &mut case.our_packets } else { &mut case.their_packets };
    if head.count == header.case_seq {
        head.push(&signed.digest);
    }
    put(views, case_key, &case);
    views.put_once(records::boxed(direction, entry.index), key.to_vec());
    let record = PacketRecord {
        direction: direction as u32,
        peer: other.to_string(),
        id: header.id.bytes().to_vec(),
        case_id: header.case_id.bytes().to_vec(),
        case_seq: header.case_seq,
        digest: signed.digest.to_vec(),
        kind: header.kind.into(),
        urgency: header.urgency.into(),
        created: header.created,
        expires: header.expires,
        objects: header.objects.len() as u32,
        bytes: header.bytes(),
        index: entry.index,
        outcomes: Vec::new(),
        resigned: 0,
    };
    if direction == Direction::Out {
        let waiting = PendingRecord {
            what: Waiting::Packet as u32,
            urgency: record.urgency,
            id: record.id.clone(),
            case_id: record.case_id.clone(),
            seq: record.case_seq,
        };
        put(views, records::pending(other, entry.index), &waiting);
    }
    Ok(record)
}

/// The header that is sent from now on.
fn resigned(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let id = entry.leaf.id.ok_or_else(|| entry.wrong("names no packet"))?;
    let key = records::packet(Direction::Out, peer(entry)?, &id);
    let unknown = || entry.wrong("signs anew what was not sent");
    let mut record: PacketRecord = records::read(views, &key)?.ok_or_else(unknown)?;
    record.resigned = entry.index + 1;
    put(views, key, &record);
    Ok(())
}

fn evidence_received(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let evidence = entry.danger_evidence()?;
    let other = peer(entry)?;
    let Some(about) = entry.leaf.about else { return Ok(()) };
    if let Some((key, mut record)) = own_status(views, other, entry, about)? {
        record.outcome.get_or_insert_with(|| outcome(entry, evidence, true));
        put(views, key, &record);
        views.remove(records::pending(other, about));
        return Ok(());
    }
    // Evidence about bytes that could not be ascribed settles the packet that it answers.
    let Some(id) = entry.leaf.id else { return Ok(()) };
    let key = records::packet(Direction::Out, other, &id);
    let Some(mut record) = records::read::<PacketRecord>(views, &key)? else { return Ok(()) };
    record.outcomes.push(outcome(entry, evidence, true));
    if record.is_settled() {
        views.remove(records::pending(other, record.index));
    }
    put(views, key, &record);
    Ok(())
}

/// The status of ours that an entry answers, if it answers a status: its sequence number
/// stands in the leaf's `object`.
fn own_status(
    views: &dyn ViewsMut,
    other: &AuthorityId,
    entry: &Entry,
    about: u64,
) -> Result<Option<(Vec<u8>, StatusRecord)>, LedgerError> {
    let Some(case_id) = &entry.leaf.case_id else { return Ok(None) };
    let key = records::status(Direction::Out, other, case_id, u64::from(entry.leaf.object));
    Ok(match views.get(&key)? {
        Some(bytes) => {
            let record =
                StatusRecord::decode(bytes.as_slice()).map_err(|_| entry.wrong("meets a bad record"))?;
            (record.index == about).then_some((key, record))
        }
        None => None,
    })
}

fn status_issued(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let signed = SignedStatus::danger_unverified(entry.object(0)?)?;
    let status = &signed.carried.value;
    move_statuses(entry, views, Direction::Out, &status.peer, &status.case_id, &signed)?;
    let waiting = PendingRecord {
        what: Waiting::Status as u32,
        urgency: 0,
        id: status.id.bytes().to_vec(),
        case_id: status.case_id.bytes().to_vec(),
        seq: status.seq,
    };
    put(views, records::pending(&status.peer, entry.index), &waiting);
    Ok(())
}

fn status_received(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let evidence = entry.danger_evidence()?;
    let signed = SignedStatus::danger_unverified(entry.object(1)?)?;
    let status = &signed.carried.value;
    let record = move_statuses(entry, views, Direction::In, &status.author, &status.case_id, &signed)?;
    let record = StatusRecord { outcome: Some(outcome(entry, evidence, false)), ..record };
    put(views, records::status(Direction::In, &status.author, &status.case_id, status.seq), &record);
    Ok(())
}

fn move_statuses(
    entry: &Entry,
    views: &mut dyn ViewsMut,
    direction: Direction,
    other: &AuthorityId,
    case_id: &CaseId,
    signed: &SignedStatus,
) -> Result<StatusRecord, LedgerError> {
    let status = &signed.carried.value;
    let case_key = records::case(case_id, other);
    let mut case: CaseRecord =
        records::read(views, &case_key)?.ok_or_else(|| entry.wrong("is about an unknown case"))?;
    let head = if direction == Direction::Out { &mut case.our_statuses } else { &mut case.their_statuses };
    if head.count != status.seq {
        return Err(entry.wrong("breaks the order of statuses"));
    }
    head.push(&signed.digest);
    put(views, case_key, &case);
    let record = StatusRecord {
        id: status.id.bytes().to_vec(),
        digest: signed.digest.to_vec(),
        code: status.code.into(),
        index: entry.index,
        outcome: None,
    };
    put(views, records::status(direction, other, case_id, status.seq), &record);
    Ok(record)
}

fn cosignature_received(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let checkpoint = super::checkpoint::Checkpoint::danger_unverified(entry.object(0)?)?;
    let Some(peer) = &entry.leaf.peer else {
        let witness = ThirdParty::parse_bytes(entry.object(1)?)?;
        let key = records::witness(witness.name());
        let before: WitnessRecord = records::read(views, &key)?.unwrap_or_default();
        if checkpoint.size > before.cosigned_size {
            let (cosigned_size, cosigned_time) = (checkpoint.size, entry.leaf.at);
            put(views, key, &WitnessRecord { cosigned_size, cosigned_time });
        }
        return Ok(());
    };
    let key = records::peer(peer);
    if let Some(mut record) = records::read::<PeerRecord>(views, &key)?
        && checkpoint.size > record.cosigned_size
    {
        record.cosigned_size = checkpoint.size;
        record.cosigned_at = entry.index;
        record.cosigned_time = entry.leaf.at;
        put(views, key, &record);
    }
    Ok(())
}

fn cosigned(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let checkpoint = super::checkpoint::Checkpoint::danger_unverified(entry.object(0)?)?;
    let key = records::peer(peer(entry)?);
    if let Some(mut record) = records::read::<PeerRecord>(views, &key)?
        && checkpoint.size > record.endorsed_size
    {
        record.endorsed_size = checkpoint.size;
        record.endorsed_root = checkpoint.root.to_vec();
        record.endorsed_at = entry.index;
        record.endorsed_time = entry.leaf.at;
        put(views, key, &record);
    }
    Ok(())
}

fn alarm(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let (code, at) = (entry.leaf.code, entry.leaf.at);
    let about = super::alarm::contradicted(code, entry.object(0)?, at)?;
    put(views, records::alarm(peer(entry)?, code, &about), &AlarmRecord { index: entry.index, at, code });
    Ok(())
}

fn witnessed(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let (Some((size, root)), Some(peer)) = (entry.leaf.witnessed, &entry.leaf.peer) else {
        return Ok(());
    };
    let key = records::peer(peer);
    let Some(mut record) = records::read::<PeerRecord>(views, &key)? else { return Ok(()) };
    if size > record.witnessed_size {
        record.witnessed_size = size;
        record.witnessed_root = root.to_vec();
        record.witnessed_at = entry.index;
        put(views, key, &record);
    }
    Ok(())
}

fn outcome(entry: &Entry, evidence: &Evidence, by_peer: bool) -> OutcomeRecord {
    OutcomeRecord {
        event: evidence.event.into(),
        cause: evidence.cause.into(),
        at: evidence.at,
        index: entry.index,
        by_peer,
    }
}

fn peer(entry: &Entry) -> Result<&AuthorityId, LedgerError> {
    entry.leaf.peer.as_ref().ok_or_else(|| entry.wrong("names no peer"))
}

fn put(views: &mut dyn ViewsMut, key: Vec<u8>, record: &impl Message) {
    views.put(key, record.encode_to_vec());
}
