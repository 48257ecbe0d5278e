//! A small PKI, made by the commands that OPERATIONS shows.

use super::Authority;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A key on P-256 as SEC 1.
pub const P256_SEC1: &str = "openssl ecparam -name prime256v1 -genkey -noout -out xa.key";
/// A key on P-384 as PKCS#8.
pub const P384_PKCS8: &str = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out xa.key";
/// An RSA key as PKCS#1.
pub const RSA_PKCS1: &str = "openssl genrsa -traditional -out xa.key 2048";

/// An authority for certificates, in a folder.
pub struct Pki {
    pub folder: PathBuf,
    /// The blocks of commands: the authority, a certificate, a list, a revocation.
    blocks: Vec<String>,
}

impl Pki {
    pub fn new(dir: &Path) -> Self {
        let folder = dir.join("pki");
        std::fs::create_dir(&folder).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (_, section) = text.split_once("## Certificates of a PKI of your own\n").expect("the section");
        let (section, _) = section.split_once("\n## ").unwrap();
        let blocks =
            section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0.to_owned());
        let pki = Self { folder, blocks: blocks.collect() };
        assert_eq!(pki.blocks.len(), 4);
        pki.run(&pki.blocks[0]);
        pki.list("");
        pki
    }

    /// Runs commands in the folder.
    pub fn run(&self, script: &str) {
        let ran = Command::new("sh").arg("-euc").arg(script).current_dir(&self.folder).output().unwrap();
        assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Makes a key by a command and has it certified, as `NAME.key` and `NAME.pem`; `more` are
    /// options of the authority's.
    pub fn certify(&self, name: &str, key: &str, more: &str) {
        self.run(&key.replace("xa.", &format!("{name}.")));
        self.certify_again(name, more);
    }

    /// A new certificate of a key that is there.
    pub fn certify_again(&self, name: &str, more: &str) {
        let block = self.blocks[1].replace(P256_SEC1, "").replace("xa.", &format!("{name}."));
        self.run(&format!("{} {more}", block.trim_end()));
    }

    pub fn revoke(&self, name: &str) {
        self.run(&self.blocks[3].replace("xa.", &format!("{name}.")));
    }

    /// Makes the list of what is revoked.
    pub fn list(&self, more: &str) {
        self.run(&format!("{} {more}", self.blocks[2].trim_end()));
    }

    pub fn path(&self, file: &str) -> String {
        self.folder.join(file).to_str().unwrap().to_owned()
    }

    /// Puts a key and its certificate where a gateway looks for them.
    pub fn put(&self, name: &str, authority: &Authority) {
        for kind in ["key", "pem"] {
            let to = authority.data.join(format!("tls.{kind}"));
            std::fs::copy(self.folder.join(format!("{name}.{kind}")), &to).unwrap();
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// Adds `[tls]` to a configuration: the files of [`Pki::put`], and more lines.
pub fn configure(authority: &Authority, more: &str) {
    let text = std::fs::read_to_string(authority.config()).unwrap();
    let text = text.split("\n[tls]").next().unwrap().to_owned();
    let tls = "[tls]\nsource = \"pem\"\ncertificate = \"tls.pem\"\nkey = \"tls.key\"";
    std::fs::write(authority.config(), format!("{text}\n{tls}\n{more}\n")).unwrap();
}
