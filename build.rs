//! Compiles the protos in pure Rust: messages for `format`, services for `gateway`.

use prost::Message as _;
use std::path::Path;

const FILES: [&str; 3] =
    ["rogatory/v1/envelope.proto", "rogatory/peer/v1/service.proto", "rogatory/local/v1/service.proto"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = std::env::var("OUT_DIR")?;
    let set = protox::compile(FILES, ["proto"])?;
    std::fs::write(Path::new(&out).join("descriptors.bin"), set.encode_to_vec())?;

    let mut messages = set.clone();
    messages.file.retain(|file| file.package() == "rogatory.v1");
    tonic_prost_build::configure().build_client(false).build_server(false).compile_fds(messages)?;

    let mut services = set;
    services.file.retain(|file| file.package() != "rogatory.v1");
    tonic_prost_build::configure()
        .extern_path(".rogatory.v1", "crate::format::wire")
        .compile_fds(services)?;
    Ok(())
}
