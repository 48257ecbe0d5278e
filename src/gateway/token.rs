//! The section `[token]` of the configuration, and the folder of keys that goes with it.

use crate::crypto::token::Place;
use crate::exchange::ExchangeError;
use crate::exchange::key_folder::KeyFolder;
use crate::exchange::key_token::{IN_TOKEN, KeyToken, TokenSettings};
use crate::format::wire::purpose::Code as Purpose;
use crate::store::key_files::KeyFiles;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file in the data directory that says which PIN the token refused.
const REFUSED: &str = "token.refused";

/// The section as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSection {
    /// The PKCS#11 module: an absolute path.
    pub module: PathBuf,
    /// The token's label; or its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The number of its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u64>,
    /// A private file with the PIN.
    pub pin_file: PathBuf,
    /// Purposes whose new keys are made in the token; left out: all that it can hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<Vec<String>>,
}

/// The section as it was checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "TokenSection")]
pub struct TokenConfig(pub TokenSettings);

impl TryFrom<TokenSection> for TokenConfig {
    type Error = String;

    fn try_from(section: TokenSection) -> Result<Self, String> {
        let TokenSection { module, label, slot, pin_file, purposes } = section;
        // A library that is loaded: where it lies must not depend on where we are.
        if !module.is_absolute() {
            return Err(format!("module: {} is no absolute path", module.display()));
        }
        let place = match (label, slot) {
            (Some(label), None) => Place::Label(label),
            (None, Some(slot)) => Place::Slot(slot),
            _ => return Err("name the token by label or by slot, one of both".into()),
        };
        let purposes = match purposes {
            Some(names) => names.iter().map(|name| purpose(name)).collect::<Result<_, _>>()?,
            None => IN_TOKEN.to_vec(),
        };
        Ok(Self(TokenSettings { module, place, pin_file, purposes }))
    }
}

fn purpose(name: &str) -> Result<Purpose, String> {
    let found = IN_TOKEN.into_iter().find(|purpose| purpose.as_str_name() == name);
    found.ok_or_else(|| match name {
        "content" => "purposes: content keys stay files: they are X-Wing, which no token has".into(),
        _ => {
            let names: Vec<_> = IN_TOKEN.iter().map(Purpose::as_str_name).collect();
            format!("purposes: {name:?} is none of {}", names.join(", "))
        }
    })
}

/// The folder of keys of a data directory, logged in to the token if one is named.
pub fn key_folder(
    data: &Path,
    files: KeyFiles,
    token: Option<&TokenConfig>,
) -> Result<KeyFolder, ExchangeError> {
    let open = |TokenConfig(settings): &TokenConfig| KeyToken::open(settings, &data.join(REFUSED));
    Ok(KeyFolder::new(files, token.map(open).transpose()?))
}
