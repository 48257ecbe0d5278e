//! Submitting our checkpoints to a third-party witness.

use super::{ADD_CHECKPOINT, SIZE};
use crate::exchange::{Exchange, ExchangeError};
use crate::gateway::config::ThirdPartyConfig;
use crate::ledger::submission::decimal;
use crate::ledger::third_party::ThirdParty;
use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

/// A whole exchange, with connecting.
const CALL: Duration = Duration::from_secs(20);
/// An answer holds a few lines.
const ANSWER: usize = 8 * 1024;
/// How often to look whether there is something to submit.
const LOOK: Duration = Duration::from_secs(1);
/// After failures, the wait doubles up to this.
const LONGEST: Duration = Duration::from_secs(900);

/// Submits to one witness.
pub struct Submitter {
    exchange: Arc<Exchange>,
    witness: ThirdParty,
    url: Uri,
    tls: Option<TlsConnector>,
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
enum SubmitError {
    #[error("not reached: {0}")]
    Unreached(String),
    #[error("answered {0}: {1}")]
    Answered(StatusCode, String),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

struct Answer {
    code: StatusCode,
    is_size: bool,
    body: Bytes,
}

impl Submitter {
    /// Whether this can be submitted to.
    pub fn check(config: &ThirdPartyConfig) -> Result<(ThirdParty, Uri), String> {
        let witness = ThirdParty::parse(&config.vkey).map_err(|error| error.to_string())?;
        let whole = format!("{}/{ADD_CHECKPOINT}", config.url.trim_end_matches('/'));
        let url: Uri = whole.parse().map_err(|_| "is no URL".to_owned())?;
        match (url.scheme_str(), url.host()) {
            (Some("http" | "https"), Some(_)) if url.query().is_none() => Ok((witness, url)),
            _ => Err("is no http or https URL".into()),
        }
    }

    /// For a witness of the configuration.
    pub fn new(exchange: Arc<Exchange>, config: &ThirdPartyConfig) -> Result<Self, String> {
        let (witness, url) = Self::check(config)?;
        let tls = match url.scheme_str() {
            Some("https") => Some(connector()?),
            _ => None,
        };
        Ok(Self { exchange, witness, url, tls })
    }

    /// Submits what is new, at most once in `interval` milliseconds, until `stop`.
    pub async fn run(self, interval: u64, stop: CancellationToken) {
        let interval = Duration::from_millis(interval);
        let mut failures = 0_u32;
        let verifier_key = self.exchange.identity.log_verifier_key();
        tracing::info!(witness = self.witness.name(), verifier_key, "submitting checkpoints of our log");
        loop {
            let wait = match self.turn().await {
                Ok(None) => LOOK,
                Ok(Some(size)) => {
                    tracing::info!(witness = self.witness.name(), size, "a witness cosigned our log");
                    failures = 0;
                    interval
                }
                Err(error) => {
                    let wait = interval.saturating_mul(1 << failures.min(10)).min(LONGEST.max(interval));
                    failures += 1;
                    tracing::warn!(witness = self.witness.name(), %error, again_in = ?wait, "a witness did not cosign our log");
                    wait
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Submits the newest checkpoint, if there is more than cosignatures behind the last one.
    async fn turn(&self) -> Result<Option<u64>, SubmitError> {
        let mut old = None;
        // Once more where it had cosigned another size than we know of.
        for again in [true, false] {
            let Some((submission, checkpoint)) = self.exchange.submission(&self.witness, old)? else {
                return Ok(None);
            };
            let call = tokio::time::timeout(CALL, self.post(submission.encode()));
            let answer = call.await.map_err(|_| SubmitError::Unreached("no answer in time".into()))??;
            let text = || String::from_utf8_lossy(&answer.body).trim().chars().take(120).collect::<String>();
            match answer.code {
                StatusCode::OK => {
                    let taken = self.exchange.take_third_party(&self.witness, &checkpoint, &answer.body);
                    return Ok(Some(taken.await?));
                }
                StatusCode::CONFLICT if again && answer.is_size => match decimal(&text()) {
                    Some(size) => old = Some(size),
                    None => return Err(SubmitError::Answered(answer.code, text())),
                },
                code => return Err(SubmitError::Answered(code, text())),
            }
        }
        Err(SubmitError::Answered(StatusCode::CONFLICT, "twice".into()))
    }

    async fn post(&self, body: Vec<u8>) -> Result<Answer, SubmitError> {
        let failed = |error: &dyn std::fmt::Display| SubmitError::Unreached(error.to_string());
        let host = self.url.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = self.url.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| failed(&error))?;
        match &self.tls {
            None => self.over(stream, body).await,
            Some(tls) => {
                let name = ServerName::try_from(host).map_err(|error| failed(&error))?;
                let stream = tls.connect(name, stream).await.map_err(|error| failed(&error))?;
                self.over(stream, body).await
            }
        }
    }

    async fn over(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        body: Vec<u8>,
    ) -> Result<Answer, SubmitError> {
        let failed = |error: &dyn std::fmt::Display| SubmitError::Unreached(error.to_string());
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let authority = self.url.authority().map(ToString::to_string).unwrap_or_default();
        let request = Request::post(self.url.path())
            .header(HOST, authority)
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(&error))?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
            let code = response.status();
            let is_size = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == SIZE);
            let body =
                Limited::new(response.into_body(), ANSWER).collect().await.map_err(|error| failed(&error))?;
            Ok(Answer { code, is_size, body: body.to_bytes() })
        };
        // The connection is driven beside the exchange, and dropped with it.
        tokio::pin!(exchange);
        tokio::select! {
            answer = &mut exchange => answer,
            ended = connection => match ended {
                Ok(()) => exchange.await,
                Err(error) => Err(failed(&error)),
            },
        }
    }
}

/// TLS to servers that the system's certificate authorities vouch for. What counts is the
/// cosignature; TLS keeps others from seeing how our log grows.
fn connector() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err("https needs the system's certificate authorities, and there are none".into());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
