//! `rogatory carry`: a file for a courier, where two authorities have no line.

use super::error::CliError;
use super::{Context, output};
use clap::Subcommand;
use prost::Message as _;
use rogatory::format::carried::MAGIC;
use rogatory::format::limits;
use rogatory::format::wire::{CarriedFrame, CarryOutDone, CarryOutRequest, carry_out_frame};
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Frames that wait to be taken.
const FRAMES: usize = 4;

/// Exchange with a peer by a courier's stick, where there is no line
#[derive(Subcommand)]
#[command(after_help = "There and back:\n  1. here:  rogatory carry out XB --out to-xb.carried\n  \
2. there: rogatory carry in to-xb.carried; then rogatory carry out XA --out to-xa.carried\n  \
3. here:  rogatory carry in to-xa.carried\n\n\
What a file carries is what a line would: the same packets, statuses and evidence, the same entries in \
both ledgers. Until an answer comes back, the next file holds it again; twice is once. Files are \
sealed to the peer. It needs the role officer.")]
pub enum Carry {
    /// Write what waits for a peer, and answers to the last file of its own, into one file
    #[command(after_help = "Example:\n  rogatory carry out XB --out /media/stick/to-xb.carried")]
    Out {
        /// Authority id of the peer
        peer: String,
        /// The file; it must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take a file that a courier brought
    #[command(after_help = "Example:\n  rogatory carry in /media/stick/to-xa.carried\n\n\
Exit code 4: something of it was put off or could not be taken, which is listed.")]
    In {
        /// The file
        file: PathBuf,
    },
}

impl Carry {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Out { peer, out } => carry_out(context, peer, &out).await,
            Self::In { file } => carry_in(context, &file).await,
        }
    }
}

async fn carry_out(context: &Context, peer: String, path: &Path) -> Result<(), CliError> {
    let gateway = context.gateway().await?;
    let mut frames = gateway.officer().carry_out(CarryOutRequest { peer: peer.clone() }).await?.into_inner();
    let failed = |error: std::io::Error| CliError::file(path, &error);
    let file =
        File::options().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => CliError::failed(format!("{} is there already", path.display()))
                .hint("nothing was overwritten: choose another name"),
            _ => failed(error),
        })?;
    let mut out = BufWriter::new(file);
    let written = async {
        out.write_all(MAGIC).map_err(failed)?;
        let done = loop {
            let frame = frames.message().await?.and_then(|frame| frame.frame);
            match frame {
                Some(carry_out_frame::Frame::Carried(frame)) => {
                    out.write_all(&frame.encode_length_delimited_to_vec()).map_err(failed)?;
                }
                Some(carry_out_frame::Frame::Done(done)) => break done,
                None => return Err(CliError::failed("the gateway did not end the file")),
            }
        };
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(failed)?;
        Ok(done)
    };
    let done = match written.await {
        Ok(done) => done,
        Err(error) => {
            // Half a file would be taken for a whole one by whoever carries it.
            std::fs::remove_file(path).map_err(failed)?;
            return Err(error);
        }
    };
    let bytes = path.metadata().map_err(failed)?.len();
    let CarryOutDone { packets, told, answers, held } = done;
    if context.json {
        println!(
            "{}",
            serde_json::json!({
                "file": path, "bytes": bytes, "peer": peer, "packets": packets, "told": told,
                "answers": answers, "held": held,
            })
        );
        return Ok(());
    }
    println!("{}  {}, for {peer}", path.display(), output::bytes(bytes));
    println!("{packets} packets, {told} statuses and the like, {answers} answers");
    if held > 0 {
        println!("{held} packets can't go now: rogatory outbox --peer {peer}");
    }
    println!("there: rogatory carry in {}", path.display());
    Ok(())
}

async fn carry_in(context: &Context, path: &Path) -> Result<(), CliError> {
    let mut file = BufReader::new(File::open(path).map_err(|error| CliError::file(path, &error))?);
    let mut first = vec![0; MAGIC.len()];
    if file.read_exact(&mut first).is_err() || first != MAGIC {
        return Err(CliError::input(format!("{} is no file that rogatory carry out wrote", path.display())));
    }
    let gateway = context.gateway().await?;
    let (sender, receiver) = mpsc::channel(FRAMES);
    let reader = tokio::task::spawn_blocking(move || {
        while let Some(frame) = read_frame(&mut file)? {
            // The gateway has enough, and says why.
            if sender.blocking_send(frame).is_err() {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    });
    let reply = gateway.officer().carry_in(ReceiverStream::new(receiver)).await;
    let read = reader.await.map_err(|error| CliError::failed(format!("the file was not read: {error}")))?;
    let mut reply = reply?.into_inner();
    if let Err(error) = read {
        reply.left.push(format!("the rest of the file: {error}"));
    }
    if context.json {
        println!(
            "{}",
            serde_json::json!({
                "file": path, "peer": reply.peer, "made": output::time(reply.created), "packets": reply.packets,
                "told": reply.told, "answers": reply.answers, "complete": reply.complete, "left": reply.left,
            })
        );
    } else {
        println!("from {}, made {}", reply.peer, output::time(reply.created));
        println!(
            "{} packets, {} statuses and the like, {} answers",
            reply.packets, reply.told, reply.answers
        );
        for left in &reply.left {
            println!("left: {left}");
        }
        if reply.packets + reply.told > 0 {
            println!("answers wait: rogatory carry out {} --out FILE", reply.peer);
        }
    }
    if !reply.complete {
        return Err(CliError::open("the file is not whole: what came before the fault was taken")
            .hint(format!("copy it once more, and take it again: rogatory carry in {}", path.display()))
            .told());
    }
    match reply.left.len() {
        0 => Ok(()),
        count => Err(CliError::open(format!("{count} things were put off or not taken"))
            .hint(format!("what still waits comes again with the next file of {}'s", reply.peer))
            .told()),
    }
}

/// The next frame; none: the file ends here.
fn read_frame(file: &mut impl Read) -> std::io::Result<Option<CarriedFrame>> {
    let bad = |what: &str| std::io::Error::new(ErrorKind::InvalidData, what.to_owned());
    let (mut length, mut byte) = (0_usize, [0]);
    for shift in (0..28).step_by(7) {
        match file.read(&mut byte)? {
            0 if shift == 0 => return Ok(None),
            0 => return Err(bad("it ends early")),
            _ => length |= usize::from(byte[0] & 0x7f) << shift,
        }
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    if byte[0] & 0x80 != 0 || length > limits::CARRIED_FRAME {
        return Err(bad("a frame is too long"));
    }
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).map_err(|_| bad("it ends early"))?;
    CarriedFrame::decode(bytes.as_slice()).map(Some).map_err(|_| bad("a frame can't be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rogatory::format::wire::{CarriedPart, carried_frame};

    #[test]
    fn frames_are_bounded_before_they_are_read() {
        let part = CarriedPart { sealed: None, ciphertext: vec![7; 300] };
        let frame = CarriedFrame { frame: Some(carried_frame::Frame::Part(part)) };
        let bytes = frame.encode_length_delimited_to_vec();
        let mut twice = &[&bytes[..], &bytes].concat()[..];
        assert_eq!(read_frame(&mut twice).unwrap(), Some(frame.clone()));
        assert_eq!(read_frame(&mut twice).unwrap(), Some(frame));
        assert_eq!(read_frame(&mut twice).unwrap(), None);
        for cut in 1..bytes.len() {
            assert!(read_frame(&mut &bytes[..cut]).is_err(), "cut at {cut}");
        }
        for long in [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xff, 0xff, 0xff, 0x7f]] {
            assert_eq!(read_frame(&mut &*long).unwrap_err().to_string(), "a frame is too long");
        }
    }
}
