//! `[tls]` in the configuration, and the files that it names: a key and certificates that an
//! authority's own PKI made for this gateway, and authorities for those of peers.

use super::pki::{Crl, Pki};
use super::public_key;
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::sign::Signer as _;
use crate::crypto::tls_key::{TlsPrivate, from_sec1};
use crate::format::Millis;
use crate::gateway::config::Span;
use crate::store::key_files;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use serde::Deserialize;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use webpki::{OwnedCertRevocationList, anchor_from_trusted_cert};
use zeroize::{Zeroize as _, Zeroizing};

/// A file of certificates has this many bytes at most ...
const CERTIFICATES: u64 = 64 * 1024;
/// ... and this many certificates.
const CHAIN: usize = 8;
/// A list of revoked certificates.
const CRL: u64 = 16 << 20;
/// Files of such lists.
const CRLS: usize = 64;

/// Where our TLS key comes from, and who besides statements vouches for those of peers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// Whether we make our own keys and certificates, or a PKI does.
    pub source: Source,
    /// Our certificate and those of intermediate authorities behind it, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Authorities that have to vouch for every peer's certificate, PEM; left out: none.
    pub authorities: Option<PathBuf>,
    /// Their lists of what is revoked, PEM or DER.
    pub crls: Vec<PathBuf>,
    /// How long a list is taken after its next one was due.
    pub stale_crl: Span,
    /// How often the files are looked at.
    pub watch: Span,
}

/// Who makes our TLS key and certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// This gateway.
    Own,
    /// Somebody else, in PEM files.
    Pem,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            source: Source::Own,
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            authorities: None,
            crls: Vec::new(),
            stale_crl: Span(Duration::from_secs(72 * 3600)),
            watch: Span(Duration::from_secs(30)),
        }
    }
}

/// A key with its certificates, as they were read.
pub struct Given {
    /// As [`TlsPrivate::read`] takes it.
    pub document: Zeroizing<Vec<u8>>,
    /// The file of certificates.
    pub certificates: Vec<u8>,
    /// When the first certificate ends.
    pub until: Millis,
    /// Whether it names what peers with other programs look for.
    pub named: bool,
    /// What somebody should know about them.
    pub warnings: Vec<String>,
}

impl TlsConfig {
    /// Makes paths relative to the folder of the configuration, and refuses what makes no sense.
    pub fn settle(&mut self, folder: &Path) -> Result<(), String> {
        let named = !self.certificate.as_os_str().is_empty() && !self.key.as_os_str().is_empty();
        if (self.source == Source::Pem) != named {
            return Err("tls: source = \"pem\" needs certificate and key, and only it takes them".into());
        }
        if self.authorities.is_none() && !self.crls.is_empty() || self.crls.len() > CRLS {
            return Err(format!("tls: crls are those of authorities, {CRLS} at most"));
        }
        if self.watch.0.is_zero() {
            return Err("tls.watch: at least 1s".into());
        }
        for path in self.paths_mut() {
            *path = folder.join(&*path);
        }
        Ok(())
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let own = (self.source == Source::Pem).then_some([&mut self.certificate, &mut self.key]);
        own.into_iter().flatten().chain(self.authorities.as_mut()).chain(&mut self.crls)
    }

    /// What tells whether a file is another than before: its time, length and number.
    pub fn stamps(&self) -> Vec<Option<(SystemTime, u64, u64)>> {
        use std::os::unix::fs::MetadataExt as _;
        let mut config = self.clone();
        let stamp = |path: &mut PathBuf| {
            let found = std::fs::metadata(path).ok()?;
            Some((found.modified().ok()?, found.len(), found.ino()))
        };
        config.paths_mut().map(stamp).collect()
    }

    /// Reads our key and certificates, where a PKI makes them.
    pub fn given(&self, now: Millis) -> Result<Option<Given>, String> {
        if self.source == Source::Own {
            return Ok(None);
        }
        let certificates = bounded(&self.certificate, CERTIFICATES)?;
        let document = private_key(&self.key)?;
        let wrong = |why: &str| format!("{}: {why}", self.certificate.display());
        let chain = chain(&certificates).map_err(|why| wrong(&why))?;
        let key = TlsPrivate::read(&document).map_err(|_| unfit(&self.key))?;
        if public_key(Some(&chain)).as_deref() != Some(key.public_key()) {
            return Err(wrong("the first certificate is of another key than the one that is given"));
        }
        let (_, leaf) = x509_parser::parse_x509_certificate(&chain[0])
            .map_err(|_| wrong("the first certificate can't be read"))?;
        let seconds = i64::try_from(now / 1000).unwrap_or(i64::MAX);
        let (from, until) = (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
        if seconds < from || seconds >= until {
            return Err(wrong("the first certificate is not valid now"));
        }
        let mut warnings = Vec::new();
        let name =
            rustls::pki_types::ServerName::try_from(super::SERVER_NAME).map_err(|e| wrong(&e.to_string()))?;
        let first = webpki::EndEntityCert::try_from(&chain[0]).map_err(|error| wrong(&error.to_string()))?;
        let named = first.verify_is_valid_for_subject_name(&name).is_ok();
        if !named {
            warnings
                .push(wrong("it does not name DNS:rogatory, which peers with other programs may look for"));
        }
        if until - seconds < 30 * 86_400 {
            warnings.push(wrong("the first certificate ends in less than 30 days"));
        }
        Ok(Some(Given { document, certificates, until: millis(until), named, warnings }))
    }

    /// Reads the authorities and their lists.
    pub fn pki(&self) -> Result<Option<Pki>, String> {
        let Some(file) = &self.authorities else { return Ok(None) };
        let (mut anchors, mut ends) = (Vec::new(), Vec::new());
        let authorities = chain_of(&bounded(file, CERTIFICATES)?, usize::MAX);
        for certificate in authorities.map_err(|why| format!("{}: {why}", file.display()))? {
            let anchor = anchor_from_trusted_cert(&certificate)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            anchors.push(anchor.to_owned());
            let (_, shown) = x509_parser::parse_x509_certificate(&certificate)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            ends.push((shown.subject().to_string(), millis(shown.validity().not_after.timestamp())));
        }
        let mut crls = Vec::new();
        for file in &self.crls {
            read_crls(file, &mut crls).map_err(|why| format!("{}: {why}", file.display()))?;
        }
        Ok(Some(Pki { anchors, ends, crls, grace: self.stale_crl.0 }))
    }
}

impl Pki {
    /// Lists whose next one is overdue, in words.
    pub fn stale(&self) -> Vec<String> {
        let now = UnixTime::now().as_secs();
        let stale = self.crls.iter().filter(|crl| crl.next_update <= now);
        stale.map(|crl| format!("{}: the CRL is stale", crl.file.display())).collect()
    }

    /// How many authorities and lists there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.anchors.len(), self.crls.len())
    }
}

/// Seconds since 1970 as milliseconds.
fn millis(seconds: i64) -> Millis {
    u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)
}

/// The certificates in a file that was looked at before, and a digest of all.
pub(super) fn presented(certificates: &[u8]) -> Result<(Vec<CertificateDer<'static>>, Digest), String> {
    Ok((chain(certificates)?, sha256(certificates)))
}

fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    chain_of(pem, CHAIN)
}

fn chain_of(pem: &[u8], most: usize) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).take(most.saturating_add(1)).collect();
    match read {
        Ok(chain) if chain.is_empty() => Err("there is no PEM certificate in it".into()),
        Ok(chain) if chain.len() > most => Err(format!("there are more than {most} certificates in it")),
        Ok(chain) => Ok(chain),
        Err(error) => Err(format!("no PEM: {error}")),
    }
}

fn private_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let pem = key_files::read_private(path).map_err(|error| error.to_string())?;
    let mut found = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| format!("{}: no private key in PEM: {error}", path.display()))?;
    let document = match &found {
        PrivateKeyDer::Sec1(sec1) => from_sec1(sec1.secret_sec1_der()).map_err(|_| unfit(path)),
        other => Ok(Zeroizing::new(other.secret_der().to_vec())),
    };
    found.zeroize();
    document
}

fn unfit(path: &Path) -> String {
    format!("{}: a TLS key is on P-256 or P-384, or RSA of 2048 to 4096 bits", path.display())
}

fn read_crls(file: &Path, crls: &mut Vec<Crl>) -> Result<(), String> {
    let bytes = bounded(file, CRL)?;
    let lists: Vec<CertificateRevocationListDer<'_>> = match bytes.first() {
        Some(0x30) => vec![bytes.as_slice().into()],
        _ => CertificateRevocationListDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("no PEM: {error}"))?,
    };
    if lists.is_empty() {
        return Err("there is no CRL in it".into());
    }
    for list in lists {
        let parsed = OwnedCertRevocationList::from_der(&list).map_err(|error| error.to_string())?;
        let (_, shown) = x509_parser::parse_x509_crl(&list).map_err(|error| error.to_string())?;
        let next_update = shown.next_update().ok_or("the CRL does not say when the next one is due")?;
        let next_update = u64::try_from(next_update.timestamp()).unwrap_or(0);
        crls.push(Crl { list: parsed.into(), next_update, file: file.to_owned() });
    }
    Ok(())
}

fn bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() as u64 > most {
        true => Err(format!("{}: is longer than {most} bytes", path.display())),
        false => Ok(bytes),
    }
}
