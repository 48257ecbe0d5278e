//! Keys that others may have: what they signed by right stands, what a thief makes of them is
//! refused, and nothing is lost or doubled on the way to the keys that take their place.

mod support;

#[path = "compromise/notices.rs"]
mod notices;
#[path = "compromise/places.rs"]
mod places;
#[path = "compromise/processes.rs"]
mod processes;
