//! Who may call what on the local face: by the user id that the kernel vouches for.
//! Whoever is not named has no role.

use crate::gateway::config::LocalFace;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Request, Status};

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Drafts, sends, reads, answers.
    Officer,
    /// Pairs and configures; sees no content.
    Operator,
    /// Reads the ledger; sees no content.
    Auditor,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Roles {
    officers: Vec<u32>,
    operators: Vec<u32>,
    auditors: Vec<u32>,
}

impl Roles {
    /// As configured.
    pub fn new(config: &LocalFace) -> Self {
        Self {
            officers: config.officers.clone(),
            operators: config.operators.clone(),
            auditors: config.auditors.clone(),
        }
    }

    /// The caller's name for the table of pseudonyms, if it has the role.
    pub fn demand<T>(&self, role: Role, request: &Request<T>) -> Result<String, Status> {
        let uid = request
            .extensions()
            .get::<UdsConnectInfo>()
            .and_then(|info| info.peer_cred)
            .map(|credentials| credentials.uid())
            .ok_or_else(|| Status::unauthenticated("the system does not say who calls"))?;
        let (holders, word) = match role {
            Role::Officer => (&self.officers, "officer"),
            Role::Operator => (&self.operators, "operator"),
            Role::Auditor => (&self.auditors, "auditor"),
        };
        match holders.contains(&uid) {
            true => Ok(format!("uid {uid}")),
            false => {
                tracing::warn!(uid, role = word, "refused: the user has not this role");
                Err(Status::permission_denied(format!(
                    "user {uid} is no {word}: see [local] in the configuration"
                )))
            }
        }
    }
}
