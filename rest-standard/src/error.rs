//! Why a request was refused: one error type from the rules of an author down to the store.
//!
//! An error carries what a client may know (reason, description, faults) and, apart from it, what only the log may
//! know (`source`). No HTTP types: `document` turns an error into a response.

use std::{any::Any, time::Duration};

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal, $retry:literal;)*) => {
        /// The machine-readable cause of an error, `additionalInfo.reason` on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[doc = $doc])+ $name,)* }

        impl Reason {
            /// All reasons, by status.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whether the same request may succeed when it is sent again.
            #[must_use]
            pub const fn retry(self) -> bool {
                match self { $(Self::$name => $retry,)* }
            }

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The sentence for a person where an error has none of its own.
            #[must_use]
            const fn sentence(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

reasons! {
    /// The body or the request line cannot be understood.
    MalformedRequest = 400, false;
    /// A query parameter that the method does not know.
    UnknownParameter = 400, false;
    /// A query parameter or header with a value that it cannot have.
    InvalidParameter = 400, false;
    /// A body member that the resource does not have.
    UnknownField = 400, false;
    /// A request id outside `[A-Za-z0-9_-]{1,64}`.
    InvalidRequestId = 400, false;
    /// No or wrong credentials.
    Unauthenticated = 401, false;
    /// The caller may not do this.
    PermissionDenied = 403, false;
    /// Nothing is at this address.
    NotFound = 404, false;
    /// The node does not have this method.
    MethodNotAllowed = 405, false;
    /// No representation that the client accepts.
    NotAcceptable = 406, false;
    /// The request did not arrive in time.
    RequestTimeout = 408, true;
    /// The id or a unique value is taken.
    AlreadyExists = 409, false;
    /// The current state forbids it.
    FailedPrecondition = 409, false;
    /// Children must be deleted first.
    HasChildren = 409, false;
    /// The first request with this id still runs.
    RequestInProgress = 409, true;
    /// Too many concurrent writers of the same resource.
    Aborted = 409, true;
    /// The address is retired.
    Gone = 410, false;
    /// `If-Match` or `If-None-Match` does not hold.
    PreconditionFailed = 412, false;
    /// The body is larger than the limit.
    ContentTooLarge = 413, false;
    /// The address is longer than the limit.
    UriTooLong = 414, false;
    /// The body is in a format that the method does not take.
    UnsupportedMediaType = 415, false;
    /// The service does not answer for this host.
    MisdirectedRequest = 421, false;
    /// A value breaks its field's declaration.
    InvalidValue = 422, false;
    /// The request id was used for another request.
    RequestIdReused = 422, false;
    /// The node demands `If-Match`.
    PreconditionRequired = 428, false;
    /// Too many requests.
    RateLimited = 429, true;
    /// The quota is used up.
    QuotaExceeded = 429, true;
    /// The header section is larger than the limit.
    HeadersTooLarge = 431, false;
    /// A fault of the service.
    Internal = 500, true;
    /// The service cannot answer at the moment.
    Unavailable = 503, true;
    /// The service is under maintenance.
    Maintenance = 503, true;
    /// The service took longer than its limit.
    Timeout = 504, true;
}

/// How many faults of one request are told at most; a request of this service's size limit could have half a million.
pub(crate) const MOST_FAULTS: usize = 100;
/// The longest place of a fault, in bytes.
const LONGEST_PLACE: usize = 256;

/// Where in the request a fault lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator {
    /// A JSON pointer (RFC 6901) into the body.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a header.
    Header(&'static str),
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is; the gravest of a request's faults decides the status.
    pub reason: Reason,
    /// Where it lies.
    pub locator: Locator,
    /// Where in the parameter's value, in characters from 0.
    pub position: Option<usize>,
    /// What is wrong, what was expected, and where it helps, what was probably meant.
    pub detail: String,
}

impl Fault {
    /// A fault in the body.
    pub fn pointer(reason: Reason, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut pointer = pointer.into();
        if pointer.len() > LONGEST_PLACE {
            pointer.truncate(pointer.floor_char_boundary(LONGEST_PLACE));
            pointer.push('…');
        }
        Self { reason, locator: Locator::Pointer(pointer), position: None, detail: detail.into() }
    }

    /// A fault in the query.
    pub fn parameter(reason: Reason, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { reason, locator: Locator::Parameter(name.into()), position: None, detail: detail.into() }
    }

    /// A fault in a header.
    pub fn header(reason: Reason, name: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, locator: Locator::Header(name), position: None, detail: detail.into() }
    }

    /// The same fault at a place in the parameter's value, in characters from 0.
    #[must_use]
    pub fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// The fault as a sentence, where a pointer leads into `place`.
    fn sentence(&self, place: &str) -> String {
        let detail = &self.detail;
        let end = if detail.ends_with('?') { "" } else { "." };
        match &self.locator {
            Locator::Pointer(at) if at.is_empty() => format!("The {place} {detail}{end}"),
            Locator::Pointer(at) => format!("The {place}'s `{at}` {detail}{end}"),
            Locator::Parameter(name) => format!("The parameter `{name}` {detail}{end}"),
            Locator::Header(name) => format!("The header `{name}` {detail}{end}"),
        }
    }
}

/// A refused request, or a service that cannot start.
///
/// Like `anyhow::Error` it does not implement [`std::error::Error`] itself, so that `?` turns any other error into an
/// `Internal` one whose text goes to the log and never to a client.
pub struct Error(Box<Inner>);

struct Inner {
    reason: Reason,
    description: String,
    faults: Vec<Fault>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with a sentence for a person; an empty one gives way to what the reason says.
    #[must_use]
    pub fn new(reason: Reason, description: impl Into<String>) -> Self {
        let mut description = description.into();
        if description.trim().is_empty() {
            reason.sentence().clone_into(&mut description);
        }
        Self(Box::new(Inner { reason, description, faults: Vec::new(), retry_after: None, source: None }))
    }

    /// The state of the resource forbids the call: 409 `FailedPrecondition`.
    #[must_use]
    pub fn failed_precondition(description: impl Into<String>) -> Self {
        Self::new(Reason::FailedPrecondition, description)
    }

    /// A value breaks a rule: 422 `InvalidValue`, with a JSON pointer such as `/volume`.
    #[must_use]
    pub fn invalid_value(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::from_faults(vec![Fault::pointer(Reason::InvalidValue, pointer, detail)])
    }

    /// The caller may not do this: 403 `PermissionDenied`.
    #[must_use]
    pub fn permission_denied(description: impl Into<String>) -> Self {
        Self::new(Reason::PermissionDenied, description)
    }

    /// Nothing is there: 404 `NotFound`.
    #[must_use]
    pub fn not_found(description: impl Into<String>) -> Self {
        Self::new(Reason::NotFound, description)
    }

    /// A fault of the service: 500 `Internal`. The text goes to the log only.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Reason::Internal, "The service met an unexpected fault.").with_source(source)
    }

    /// The error of code that panicked. What it said goes to the log only.
    pub(crate) fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::internal(format!("panic: {}", text.unwrap_or("without a message")))
    }

    /// All faults of a request as one error: the first 400 kind found names it, else the first fault. Of more than 100
    /// faults the first 100 are kept.
    ///
    /// # Panics
    ///
    /// Never: without faults it is an `Internal` error.
    #[must_use]
    pub fn from_faults(mut faults: Vec<Fault>) -> Self {
        let Some(first) = faults.iter().find(|fault| fault.reason.status() == 400).or(faults.first()) else {
            return Self::internal("an error without faults");
        };
        let description = match faults.len() {
            1 => first.sentence("body"),
            n if n > MOST_FAULTS => {
                format!(
                    "The request has more than {MOST_FAULTS} faults; `errors` names the first {MOST_FAULTS}."
                )
            }
            n => format!("The request has {n} faults; `errors` names each."),
        };
        let mut error = Self::new(first.reason, description);
        faults.truncate(MOST_FAULTS);
        error.0.faults = faults;
        error
    }

    /// Blames a single faulty value on the body only if that had it, which `is_sent` says of a member; else it is the
    /// resource's. A sentence of the author's stays.
    pub(crate) fn with_sent(mut self, is_sent: impl Fn(&str) -> bool) -> Self {
        if let [fault] = &*self.0.faults
            && let Locator::Pointer(at) = &fault.locator
            && ["body", "resource"].map(|place| fault.sentence(place)).contains(&self.0.description)
        {
            let is_sent = at.split('/').nth(1).is_some_and(is_sent);
            self.0.description = fault.sentence(if is_sent { "body" } else { "resource" });
        }
        self
    }

    /// Whether the description says nothing that the faults do not say.
    pub(crate) fn is_told_by_faults(&self) -> bool {
        let says_how_many = |text: &str| text.starts_with("The request has ");
        match &*self.0.faults {
            [] => false,
            [fault] => ["body", "resource"].map(|place| fault.sentence(place)).contains(&self.0.description),
            _ => says_how_many(&self.0.description),
        }
    }

    /// Another reason, where faults of several kinds meet and the first of them is not the one that answers.
    pub(crate) fn with_reason(mut self, reason: Reason) -> Self {
        self.0.reason = reason;
        self
    }

    /// Another sentence.
    pub(crate) fn with_description(mut self, description: String) -> Self {
        self.0.description = description;
        self
    }

    /// Adds what only the log may know.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds one fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.0.faults.push(fault);
        self
    }

    /// Says how long a client should wait before it tries again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The machine-readable cause.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The sentence for a person.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// All faults found in the request.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// How long a client should wait; `None` where the reason's default holds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What only the log may know.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.description)
    }
}

/// Readable text, since `fn main() -> Result<()>` prints an error with `Debug`.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.0.description, self.0.reason.name())?;
        for fault in &self.0.faults {
            write!(f, "\n  {:?}: {}", fault.locator, fault.detail)?;
        }
        match &self.0.source {
            Some(source) => write!(f, "\ncaused by: {source}"),
            None => Ok(()),
        }
    }
}

impl<E> From<E> for Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_description_gives_way_to_the_reasons() {
        assert_eq!(Error::failed_precondition(" ").description(), "The current state forbids it.");
        assert_eq!(Error::not_found("No such book.").description(), "No such book.");
    }

    #[test]
    fn a_value_that_was_not_sent_is_the_resources() {
        let error = || Error::invalid_value("/volume", "is too loud");
        assert_eq!(error().description(), "The body's `/volume` is too loud.");
        assert_eq!(
            error().with_sent(|name| name == "volume").description(),
            "The body's `/volume` is too loud."
        );
        assert_eq!(error().with_sent(|_| false).description(), "The resource's `/volume` is too loud.");
        let own = Error::failed_precondition("Hush.").with_fault(error().faults()[0].clone());
        assert_eq!(own.with_sent(|_| false).description(), "Hush.");
    }
}
