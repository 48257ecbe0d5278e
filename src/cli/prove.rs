//! `rogatory ledger prove`: one file that proves what became of a packet.

use super::error::CliError;
use super::{Context, output, packets};
use clap::Args;
use prost::Message as _;
use rogatory::format::limits;
use rogatory::format::wire::{Bundle, DiscloseRequest, prove_frame};
use rogatory::ledger::bundle::{self, Proof, tlog_proof};
use rogatory::ledger::checkpoint::verifier_key;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Write what the ledger holds about a packet into one file, with every proof, for a court
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory ledger prove 0191f3a0-… --out proof.bundle\n  \
rogatory ledger prove 0191f3a0-… --out proof.bundle --disclose 0 --disclose 2\n\n\
Whoever gets the file runs: rogatory verify-bundle proof.bundle --fingerprint XA=… --fingerprint XB=…\n\
It needs the role auditor; with --disclose the role officer, and each disclosure is recorded as an \
opening.\nA bundle holds 64 MiB at most.")]
pub struct Prove {
    /// Packet id
    packet: String,
    /// The bundle
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
    /// Disclose an object: 0 is the body, from 1 the attachments; may be given again
    #[arg(long, value_name = "OBJECT", num_args = 1..)]
    disclose: Vec<u32>,
    /// Also write each entry's proof as a C2SP .tlog-proof, with the log's verifier keys
    #[arg(long, value_name = "DIR")]
    tlog_proofs: Option<PathBuf>,
}

impl Prove {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let packet = packets::name(&self.packet, self.peer.as_ref())?;
        unused(&self.out)?;
        let gateway = context.gateway().await?;
        let mut frames = match self.disclose.is_empty() {
            true => gateway.auditor().prove(packet).await?.into_inner(),
            false => {
                let request = DiscloseRequest { packet: Some(packet), objects: self.disclose.clone() };
                gateway.officer().disclose(request).await?.into_inner()
            }
        };
        let (mut bundle, mut size) = (Bundle::default(), 0);
        while let Some(frame) = frames.message().await? {
            let (bytes, to) = match frame.frame {
                Some(prove_frame::Frame::Signed(bytes)) => (bytes, &mut bundle.signed),
                Some(prove_frame::Frame::Data(data)) => {
                    let position = data.position as usize;
                    if position == bundle.ciphertexts.len() {
                        bundle.ciphertexts.push(Vec::new());
                    }
                    let to = bundle.ciphertexts.get_mut(position);
                    (data.data, to.ok_or_else(|| CliError::failed("the gateway sent objects out of order"))?)
                }
                None => return Err(CliError::failed("the gateway sent an unknown frame")),
            };
            size += bytes.len();
            if size > limits::BUNDLE {
                return Err(CliError::failed("the gateway sent more than a bundle may hold (64 MiB)"));
            }
            to.extend_from_slice(&bytes);
        }
        let bytes = bundle.encode_to_vec();
        // What is handed to a court was verified here as it will be there.
        let proof = tokio::task::block_in_place(|| bundle::open(&bytes))
            .map_err(|error| CliError::failed(format!("the bundle does not verify: {error}")))?;
        write_new(&self.out, &bytes)?;
        let proofs = match &self.tlog_proofs {
            Some(dir) => write_tlog_proofs(dir, &proof)?,
            None => 0,
        };
        let (maker, peer) = (proof.maker.authority(), proof.peer.authority());
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "file": self.out, "bytes": bytes.len(), "digest": hex::encode(proof.digest),
                    "packet": proof.header.header.id.to_string(), "entries": proof.entries.len(),
                    "log": proof.checkpoint.origin, "size": proof.checkpoint.size,
                    "disclosed": proof.disclosed.iter().map(|object| object.number).collect::<Vec<_>>(),
                    "tlog_proofs": proofs,
                    "fingerprints": {
                        maker.as_str(): hex::encode(proof.maker.fingerprint()),
                        peer.as_str(): hex::encode(proof.peer.fingerprint()),
                    },
                })
            );
            return Ok(());
        }
        println!("{}  {}", self.out.display(), output::bytes(bytes.len() as u64));
        println!(
            "{} entries of {}, proved in its tree of {}; {} signatures; {} objects disclosed",
            proof.entries.len(),
            proof.checkpoint.origin,
            proof.checkpoint.size,
            proof.signatures,
            proof.disclosed.len()
        );
        if proofs > 0 {
            println!("{proofs} single proofs (C2SP tlog-proof)");
        }
        println!(
            "verify it anywhere: rogatory verify-bundle {} --fingerprint {maker}=… --fingerprint {peer}=…",
            self.out.display()
        );
        Ok(())
    }
}

/// Nothing is overwritten.
pub fn unused(path: &Path) -> Result<(), CliError> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(CliError::failed(format!("{} is there already", path.display()))
            .hint("nothing was overwritten: choose another name")),
    }
}

/// Writes a file that must not be there yet.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    unused(path)?;
    let failed = |error: std::io::Error| CliError::file(path, &error);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// One `.tlog-proof` an entry, and the verifier keys of the log; gives the number of proofs.
pub fn write_tlog_proofs(dir: &Path, proof: &Proof) -> Result<usize, CliError> {
    std::fs::create_dir_all(dir).map_err(|error| CliError::file(dir, &error))?;
    let keys = proof
        .maker
        .keys()
        .iter()
        .filter(|key| key.purpose == rogatory::format::wire::purpose::Code::Checkpoint);
    let keys: String =
        keys.filter_map(|key| verifier_key(&proof.maker, &key.id)).map(|key| key + "\n").collect();
    write_new(&dir.join("log.vkey"), keys.as_bytes())?;
    for proved in &proof.entries {
        let name = format!("{:010}.tlog-proof", proved.entry.index);
        write_new(&dir.join(name), &tlog_proof::write(proof, proved))?;
    }
    Ok(proof.entries.len())
}
