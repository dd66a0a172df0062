//! How a version of an API is served, and what it accepts at most.

use std::time::Duration;

use crate::openapi::{About, Contact, License, capitalised};

/// What a service accepts at most, and what it does unless told otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body in bytes: 1 MiB.
    pub body: usize,
    /// The deepest nesting of a JSON body: 64 levels, and 120 at most.
    pub depth: usize,
    /// The longest path and query in bytes: 8 KiB.
    pub uri: usize,
    /// How long a body may take to arrive: 10 s; then 408.
    pub body_time: Duration,
    /// How long the service may take to answer: 30 s; then 504.
    pub time: Duration,
    /// The page size of a list when none is asked for: 50.
    pub page_default: u64,
    /// The largest page size; a larger one is lowered to it: 1000.
    pub page_max: u64,
    /// How large a page may become before it ends early, by what its elements take in memory: 8 MiB.
    pub page_bytes: usize,
    /// How many items a batch has at most: 100.
    pub batch: usize,
    /// How far a list is counted when no exact count is asked for: 10,000.
    pub count: u64,
    /// How long an export may take from its beginning to its end: 10 min; then it breaks off.
    pub export_time: Duration,
    /// The largest body of an import in bytes: 1 GiB.
    pub import: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            depth: 64,
            uri: 8 << 10,
            body_time: Duration::from_secs(10),
            time: Duration::from_secs(30),
            page_default: 50,
            page_max: 1000,
            page_bytes: 8 << 20,
            batch: 100,
            count: 10_000,
            export_time: Duration::from_secs(600),
            import: 1 << 30,
        }
    }
}

/// How one version of an API is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name, kebab-case.
    pub name: String,
    /// The version's label, a path segment: `v1`.
    pub version: String,
    /// What all addresses start with, `/api`; empty for none.
    pub base_path: String,
    /// The scheme and authority that links start with, without a slash at the end; absent: the request's own host.
    pub public_url: Option<String>,
    /// Hosts beside loopback and the public URL's that a request may name.
    pub allowed_hosts: Vec<String>,
    /// The origins of other hosts whose pages may read and write.
    pub allowed_origins: Vec<String>,
    /// What is accepted at most.
    pub limits: Limits,
    /// Whether there is a documentation page.
    pub docs: bool,
    /// Whether answers are compressed for clients that take that.
    pub compression: bool,
    /// Whether the service counts its requests, for whoever watches it.
    pub metrics: bool,
    /// Whether each request has a span of its own, from its beginning to its answer, for whoever collects traces.
    pub traces: bool,
    /// What the documentation says of the service as a whole.
    pub profile: Profile,
}

/// What the documentation says of a service as a whole.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The name for people; absent: the service's name in words.
    pub title: Option<String>,
    /// What the service is for, in Markdown.
    pub description: String,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// Under which terms it can be used.
    pub license: Option<License>,
}

impl Settings {
    /// What documentation needs to know beside the resources.
    pub(crate) fn about(&self) -> About {
        let profile = &self.profile;
        About {
            title: profile.title.clone().unwrap_or_else(|| capitalised(&self.name.replace('-', " "))),
            description: profile.description.clone(),
            contact: profile.contact.clone(),
            license: profile.license.clone(),
            version: self.version.clone(),
            root_path: format!("{}/{}", self.base_path, self.version),
            page_default: self.limits.page_default,
            page_max: self.limits.page_max,
            batch_max: self.limits.batch,
        }
    }
}
