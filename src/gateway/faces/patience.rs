//! A call of a peer has a place among those of its key, and an end: what is said in one message, and
//! answered in one, within a time. Streams have a time for each frame.

use crate::gateway::tls::PeerConnection;
use http::{Request, Response};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tonic::Status;
use tonic::body::Body;
use tower::Service;

/// A call takes this long at most, from its headers to its answer.
const CALL: Duration = Duration::from_secs(60);
/// Calls with a time of their own for each frame (`faces/peer.rs`, `dispatch/reverse.rs`).
const STREAMS: [&str; 2] = ["/rogatory.peer.v1.Peer/Deliver", "/rogatory.v1.Peer/Collect"];

/// A service whose calls end.
#[derive(Debug, Clone)]
pub struct Patient<S>(pub S);

impl<S, B> Service<Request<B>> for Patient<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let place = request.extensions().get::<PeerConnection>().map(|connection| connection.line.call());
        let Some(place) = place.unwrap_or_default() else {
            return Box::pin(async { Ok(Status::resource_exhausted("busy").into_http()) });
        };
        let streams = STREAMS.contains(&request.uri().path());
        let call = self.0.call(request);
        Box::pin(async move {
            // Held until the answer, or its first message.
            let _place = place;
            let late = |_| Ok(Status::deadline_exceeded("no message in time").into_http());
            match streams {
                true => call.await,
                false => tokio::time::timeout(CALL, call).await.unwrap_or_else(late),
            }
        })
    }
}
