//! Authorities whom an operator trusts to certify peers, and their lists of what is revoked:
//! asked in addition to the statements of peers, never in place of them.

use crate::format::Millis;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use rustls::{CertificateError, Error, OtherError};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use webpki::{CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, RevocationOptionsBuilder};

/// What the certificates of peers are held against.
pub struct Pki {
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    /// Name of each, and when it ends, milliseconds: nothing is decided by it.
    pub(super) ends: Vec<(String, Millis)>,
    pub(super) crls: Vec<Crl>,
    /// A list is still good for this long after its next one was due.
    pub(super) grace: Duration,
}

/// A list of revoked certificates.
pub(super) struct Crl {
    pub(super) list: CertRevocationList<'static>,
    /// When the next one is due, seconds.
    pub(super) next_update: u64,
    pub(super) file: PathBuf,
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} authorities, {} CRLs", self.anchors.len(), self.crls.len())
    }
}

impl Pki {
    /// Whether an authority certified this, and revoked nothing on the way to it. Where there
    /// are lists, each issuer on the way needs one. One that is stale is taken with a warning
    /// for a while, and then refuses what would need it.
    pub(super) fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
        usage: fn() -> KeyUsage,
    ) -> Result<(), Error> {
        let all: Vec<&CertRevocationList<'_>> = self.crls.iter().map(|crl| &crl.list).collect();
        let path = |lists: &[&CertRevocationList<'_>], policy| {
            let options = RevocationOptionsBuilder::new(lists).ok();
            let options = options.map(|options| options.with_expiration_policy(policy).build());
            // No list is left of those that there were: nothing can be said.
            if options.is_none() && !self.crls.is_empty() {
                return Err(webpki::Error::UnknownRevocationStatus);
            }
            EndEntityCert::try_from(certificate)?
                .verify_for_usage(
                    rustls::crypto::ring::default_provider().signature_verification_algorithms.all,
                    &self.anchors,
                    intermediates,
                    now,
                    usage(),
                    options,
                    None,
                )
                .map(drop)
        };
        let verified = match path(&all, ExpirationPolicy::Enforce) {
            Err(webpki::Error::CrlExpired { .. }) => {
                let good = |crl: &&Crl| now.as_secs() < crl.next_update.saturating_add(self.grace.as_secs());
                let lists: Vec<_> = self.crls.iter().filter(good).map(|crl| &crl.list).collect();
                let verified = path(&lists, ExpirationPolicy::Ignore);
                for crl in self.crls.iter().filter(|crl| crl.next_update <= now.as_secs()) {
                    let (file, taken) = (crl.file.display(), good(&crl));
                    tracing::warn!(%file, taken, "the CRL is stale: its next one is overdue");
                }
                verified
            }
            verified => verified,
        };
        verified.map_err(|error| {
            let certificate = super::certificate::describe(Some(std::slice::from_ref(certificate)));
            tracing::warn!(certificate, %error, "refused: the configured authorities do not vouch for this certificate");
            Error::InvalidCertificate(match error {
                webpki::Error::CertRevoked => CertificateError::Revoked,
                webpki::Error::UnknownIssuer => CertificateError::UnknownIssuer,
                webpki::Error::UnknownRevocationStatus => CertificateError::UnknownRevocationStatus,
                error => CertificateError::Other(OtherError(Arc::new(error))),
            })
        })
    }
}
