//! Every bound on bytes from outside, in one place.

/// Serialized `Signed` of a header, status, evidence or statement, bytes.
pub const ENVELOPE: usize = 64 * 1024;
/// Signatures in an envelope.
pub const SIGNATURES: usize = 4;
/// Objects in a packet: the body and its attachments.
pub const OBJECTS: usize = 257;
/// Plaintext of a body, bytes.
pub const BODY: u64 = 1024 * 1024;
/// Default for the sum of a packet's ciphertext, bytes (4 GiB).
pub const PACKET: u64 = 4 << 30;
/// Ciphertext that travels inside `Start`, bytes.
pub const INLINE: u64 = 128 * 1024;
/// Ciphertext data of one chunk message, bytes: four chunks.
pub const CHUNK_MESSAGE: usize = 4 * crate::crypto::object::SEALED_CHUNK;
/// One gRPC message on the peer face, bytes.
pub const MESSAGE: usize = 1024 * 1024;
/// One gRPC message on the local face, bytes.
pub const LOCAL_MESSAGE: usize = 4 * 1024 * 1024;
/// Serialized key box, bytes.
pub const KEY_BOX: usize = 2048;
/// Sealed text of a status, plaintext bytes.
pub const STATUS_TEXT: u64 = 32 * 1024;
/// How long an authority may go on in a lower suite after it stated keys for a higher one,
/// milliseconds (a minute): what was being made is finished.
pub const SUITE_TAKEN_UP: u64 = 60 * 1000;
/// How long it may take until every peer has learnt of a suite that an authority takes up after its
/// founding, milliseconds (30 days): what peers made until then is taken in a lower one.
pub const SUITE_TRAVEL: u64 = 30 * 24 * 3600 * 1000;
/// Suites that a root names.
pub const SUITES: usize = 16;
/// Statements in a chain, or in one message.
pub const STATEMENTS: usize = 4096;
/// Keys that one statement ends.
pub const REVOCATIONS: usize = 64;
/// Statements shown in one Hello.
pub const SHOWN: usize = 64;
/// Digests in a Hello that say which statements are held.
pub const LOCATOR: usize = 16;
/// Rounds of one Hello: in the first nothing is shown, and then a whole chain is.
pub const ROUNDS: usize = STATEMENTS / SHOWN + 1;
/// Serialized pairing offer, bytes.
pub const OFFER: usize = 1024 * 1024;
/// Serialized leaf, bytes.
pub const LEAF: usize = 4096;
/// Signed note of a checkpoint, bytes.
pub const CHECKPOINT: usize = 8 * 1024;
/// Hashes in a proof.
pub const PROOF: usize = 64;
/// Consistency proofs that are asked for in one call.
pub const LINKS: usize = 256;
/// Body of a C2SP tlog-witness `add-checkpoint`, bytes.
pub const SUBMISSION: usize = CHECKPOINT + 4 * 1024;
/// Hashes of a proof in it.
pub const SUBMISSION_PROOF: usize = 63;
/// Verifier key of a witness, bytes of text.
pub const VERIFIER_KEY: usize = 512;
/// Entries in an acknowledgement.
pub const ACK_ENTRIES: usize = 16;
/// Findings in evidence.
pub const FINDINGS: usize = 64;
/// Code of a rule or an instrument in a finding, bytes.
pub const CODE: usize = 48;
/// Article and paragraph in a finding, bytes.
pub const ARTICLE: usize = 24;
/// Addresses in an offer.
pub const ADDRESSES: usize = 8;
/// Serialized list of a group, bytes: what a message of the local face holds.
pub const GROUP: usize = 3 * 1024 * 1024;
/// Members of a group.
pub const MEMBERS: usize = 16;
/// Notices that one side says of one pairing.
pub const NOTICES: u64 = 4096;
/// Kinds, or languages, that terms name.
pub const TERMS: usize = 64;
/// A language tag (BCP 47), bytes.
pub const LANGUAGE: usize = 35;
/// Suites that terms name.
pub const TERM_SUITES: usize = 8;
/// How far `created` may lead our clock, milliseconds (five minutes).
pub const CLOCK_LEAD: u64 = 5 * 60 * 1000;
/// Longest time from `created` to `expires`, milliseconds (two years).
pub const LIFETIME: u64 = 2 * 366 * 24 * 3600 * 1000;
/// A request file, bytes.
pub const REQUEST_FILE: u64 = 1024 * 1024;
/// A proof bundle, bytes (64 MiB).
pub const BUNDLE: usize = 64 << 20;
/// The signed part of a proof bundle: all but the ciphertext, bytes (16 MiB).
pub const BUNDLE_SIGNED: usize = 16 << 20;
/// Sealed part of what a courier carries, bytes: any message of the peer face, and a little.
pub const CARRIED_PART: usize = MESSAGE + ENVELOPE;
/// Frame of a file that a courier carries, bytes.
pub const CARRIED_FRAME: usize = CARRIED_PART + 4096;
/// Entries in a proof bundle.
pub const BUNDLE_ENTRIES: usize = 8192;
