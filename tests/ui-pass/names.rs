//! Names that look wrong to a short rule and are right.

use rest_standard::prelude::*;

macro_rules! collections {
    ($($name:ident $segment:literal)*) => {$(
        #[resource(collection = $segment)]
        pub struct $name { pub inner: String }
    )*};
}

macro_rules! singletons {
    ($($name:ident $segment:literal)*) => {$(
        #[resource(singleton = $segment)]
        pub struct $name { pub inner: Option<String> }
    )*};
}

collections! {
    People "people" Children "children" Data "data" Media "media" Series "series" Feet "square-feet"
    Criteria "criteria" Statuses "statuses" Addresses "addresses" Analyses "analyses" Menus "menus"
    Mp3Files "mp3-files" Requests "switch-port-open-requests" OpenRequests "open-requests" Indices "indices"
    Documents "documents" Dependencies "dependencies" Boxes "boxes" Larvae "larvae" Spacecraft "spacecraft"
    OpenDays "open-days" UpdateChannels "update-channels"
}

/// The lists do not know the plural.
#[resource(collection = "shrimp", singular = "shrimp")]
pub struct Shrimp {
    pub inner: String,
}

/// It begins with a verb.
#[resource(collection = "send-alls", singular = "send-all")]
pub struct SendAll {
    pub inner: String,
}

/// The lists take the `s` for a plural's.
#[resource(singleton = "dns", singular = "dns")]
pub struct Dns {
    pub inner: Option<String>,
}

singletons! {
    Status "status" Address "home-address" Analysis "analysis" Progress "progress" Settings "settings"
    StateMachine "state-machine" Bus "event-bus" Canvas "canvas" News "news" Health "health" Statistics "statistics"
}

pub fn main() {}
