//! The witness: one call, small bodies, one request a connection.

use super::{ADD_CHECKPOINT, SIZE};
use crate::exchange::Exchange;
use crate::exchange::third_party::Verdict;
use crate::format::limits;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 64;
/// A request is read and answered within this time.
const REQUEST: Duration = Duration::from_secs(10);
/// A body is too large from so many bytes on ...
const BEYOND: usize = limits::SUBMISSION + 1;
/// ... and is read on up to so many bytes.
const DROPPED: usize = 4 << 20;

type Answer = Response<Full<Bytes>>;

/// Serves until `stop`.
pub async fn serve(exchange: Arc<Exchange>, listener: TcpListener, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let exchange = exchange.clone();
                tokio::spawn(async move {
                    connection(exchange, stream).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the witness was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(exchange: Arc<Exchange>, stream: TcpStream) {
    let service = service_fn(|request| {
        let exchange = exchange.clone();
        async move { Ok::<_, Infallible>(answer(&exchange, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Twice: once to read, once to answer.
    match tokio::time::timeout(REQUEST * 2, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a submission ended"),
        Err(_) => tracing::debug!("a submission took too long"),
    }
}

async fn answer(exchange: &Exchange, request: Request<Incoming>) -> Answer {
    if request.uri().path().strip_prefix('/') != Some(ADD_CHECKPOINT) {
        return plain(StatusCode::NOT_FOUND, "only add-checkpoint is served\n");
    }
    if request.method() != Method::POST {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "POST a checkpoint\n");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return answer;
    }
    let body = match tokio::time::timeout(REQUEST, whole(request.into_body())).await {
        Ok(Ok(Some(body))) => body,
        Ok(Ok(None)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n"),
        Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the body did not come\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the body did not come in time\n"),
    };
    match exchange.add_checkpoint(&body).await {
        Ok(verdict) => said(verdict),
        Err(error) => {
            tracing::error!(%error, "a submission failed here");
            plain(StatusCode::SERVICE_UNAVAILABLE, "not now\n")
        }
    }
}

/// The body; none, if it is too large. What is too much is read and dropped up to a point: a
/// connection that is closed while its other end still writes may lose the answer.
async fn whole(mut body: Incoming) -> Result<Option<Vec<u8>>, hyper::Error> {
    let (mut read, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        match length {
            0..=limits::SUBMISSION => read.extend_from_slice(&data),
            BEYOND..=DROPPED => read.clear(),
            _ => break,
        }
    }
    Ok((length <= limits::SUBMISSION).then_some(read))
}

fn said(verdict: Verdict) -> Answer {
    match verdict {
        Verdict::Cosigned(line) => with(StatusCode::OK, line.into()),
        Verdict::Malformed => plain(StatusCode::BAD_REQUEST, "malformed\n"),
        Verdict::Unsigned => plain(StatusCode::FORBIDDEN, "not signed by this log\n"),
        Verdict::Unknown => plain(StatusCode::NOT_FOUND, "not a log that is witnessed here\n"),
        Verdict::Unproved => plain(StatusCode::UNPROCESSABLE_ENTITY, "the proof does not hold\n"),
        Verdict::Conflict(size) => {
            let mut answer = with(StatusCode::CONFLICT, format!("{size}\n").into());
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(SIZE));
            answer
        }
        Verdict::TooSoon(wait) => {
            let mut answer = plain(StatusCode::TOO_MANY_REQUESTS, "cosigned a moment ago\n");
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.div_ceil(1000)));
            answer
        }
    }
}

fn plain(code: StatusCode, text: &'static str) -> Answer {
    with(code, Bytes::from_static(text.as_bytes()))
}

fn with(code: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = code;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}
