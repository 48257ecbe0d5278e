//! What the doctor says of the files of a PKI, read anew each time.

use super::TlsConfig;
use crate::exchange::doctor::Check;
use crate::exchange::doctor::pki::{Certificate, List, authorities, certificate, lists};
use crate::format::Millis;

impl TlsConfig {
    /// A line for each kind of file that is named.
    pub fn examine(&self, now: Millis) -> Vec<Check> {
        let mut checks = Vec::new();
        let given = self.given(now).map(|given| {
            given.map(|given| Certificate { left: given.until.saturating_sub(now), named: given.named })
        });
        checks.extend(given.transpose().map(certificate));
        match self.pki() {
            Ok(None) => {}
            Err(why) => checks.push(authorities(&Err(why))),
            Ok(Some(pki)) => {
                let left = |until: Millis| until.checked_sub(now).filter(|left| *left > 0);
                let found = pki.ends.iter().map(|(name, until)| (name.clone(), left(*until))).collect();
                checks.push(authorities(&Ok(found)));
                let found: Vec<_> = pki
                    .crls
                    .iter()
                    .map(|crl| List {
                        file: crl.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                        due: crl.next_update.saturating_mul(1000),
                    })
                    .collect();
                checks.push(lists(&found, pki.grace.as_millis() as u64, now));
            }
        }
        checks
    }
}
