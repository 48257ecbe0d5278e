//! A certificate as a log line names it.

use crate::crypto::hash::sha256;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

/// Characters of a subject that are shown: it is a stranger's to choose.
const SUBJECT: usize = 96;

/// SHA-256 of its SubjectPublicKeyInfo, its subject, and when it is valid.
pub(super) fn describe(certificates: Option<&[CertificateDer<'_>]>) -> String {
    let Some(certificate) = certificates.and_then(<[_]>::first) else {
        return "no certificate".into();
    };
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else {
        return format!("no X.509 certificate: SHA-256 {}", hex::encode(sha256(certificate)));
    };
    let subject: String =
        parsed.subject().to_string().chars().flat_map(char::escape_default).take(SUBJECT).collect();
    let (key, validity) = (hex::encode(sha256(parsed.public_key().raw)), parsed.validity());
    let day = |time: x509_parser::time::ASN1Time| time.to_datetime().date().to_string();
    format!(
        "SPKI SHA-256 {key}, {subject}, valid {} to {}",
        day(validity.not_before),
        day(validity.not_after)
    )
}

/// The certificate that we present.
pub(super) fn ours(credentials: &ClientConfig) -> String {
    let held = credentials.client_auth_cert_resolver.resolve(&[], &[]);
    describe(held.as_ref().map(|held| held.cert.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_named_and_a_strangers_subject_is_bounded() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("XA\n{}", "x".repeat(500)));
        params.not_before = rcgen::date_time_ymd(2026, 1, 2);
        params.not_after = rcgen::date_time_ymd(2027, 3, 4);
        let certificate = params.self_signed(&key).unwrap();
        let said = describe(Some(&[certificate.der().clone()]));
        assert!(said.starts_with("SPKI SHA-256 ") && said.contains("CN=XA\\nxxx"), "{said}");
        assert!(said.ends_with("2026-01-02 to 2027-03-04") && !said.contains('\n'), "{said}");
        assert!(said.len() == 13 + 64 + 2 + SUBJECT + 8 + 24, "{said}");
        assert_eq!(describe(None), "no certificate");
        assert!(describe(Some(&[CertificateDer::from(vec![1, 2, 3])])).starts_with("no X.509"));
    }
}
