//! What a service says of itself: the OpenAPI document and the documentation page, made when they are first asked for and
//! kept.

use std::sync::{Mutex, PoisonError};

use http::Method;
use sha2::{Digest as _, Sha256};

use super::{
    Api, Refusal, Request,
    call::{Conditions, Verdict},
    describe,
};
use crate::{
    document::{Data, Document, Exchange, HTML, JSON, NO_PAGE, Outcome},
    error::{Error, Fault, Reason},
    openapi::{self, Spec},
    query::{Standard, pairs},
};

/// How many documents are kept: each form for a few hosts by which the service is addressed.
const KEPT: usize = 12;

/// Which document is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The OpenAPI document.
    OpenApi,
    /// The documentation page.
    Page,
}

/// Which rendering of which document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    kind: Kind,
    spec: Spec,
    origin: String,
}

/// The documents that were asked for, the last one at the end, with their entity tags.
#[derive(Debug, Default)]
pub(super) struct Documents(Mutex<Vec<(Key, Document, String)>>);

impl Documents {
    /// The document, made by `make` unless it is kept. Nobody else waits while it is made.
    fn get(&self, key: Key, make: impl FnOnce(&Key) -> Document) -> (Document, String) {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, document, tag)) = lock().iter().find(|(kept, _, _)| *kept == key) {
            return (document.clone(), tag.clone());
        }
        let document = make(&key);
        let digest = Sha256::digest(&document.bytes);
        let hex = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let tag = format!("\"{hex}\"");
        let mut kept = lock();
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((key, document.clone(), tag.clone()));
        (document, tag)
    }
}

impl Api {
    /// Answers a request for a document.
    pub(super) fn answer_document(
        &self,
        request: &Request,
        exchange: &mut Exchange,
        conditions: &Conditions,
        mut faults: Vec<Fault>,
        kind: Kind,
    ) -> Result<(Outcome, Data), Refusal> {
        // A document has one format, whatever `Accept` says.
        exchange.vary = false;
        let spec = parameters(&request.query, kind, &mut faults);
        if !faults.is_empty() {
            return Err(Error::from_faults(faults).into());
        }
        if request.method == Method::OPTIONS {
            return Ok(describe::options_of(describe::allowed(self, None)));
        }
        let key = Key { kind, spec, origin: exchange.origin.clone() };
        let (document, tag) = self.documents.get(key, |key| self.make(key));
        let mut outcome = Outcome { status: 200, ..Outcome::default() };
        let verdict = conditions.judge_read(&tag)?;
        outcome.etag = Some(tag);
        if verdict == Verdict::NotModified {
            outcome.status = 304;
            return Ok((outcome, Data::NotModified));
        }
        Ok((outcome, Data::Document(document)))
    }

    fn make(&self, key: &Key) -> Document {
        let about = self.settings.about();
        match key.kind {
            Kind::OpenApi => {
                let document = openapi::document(&self.tree, &about, &key.origin, key.spec);
                Document { media_type: JSON, policy: NO_PAGE, bytes: document.to_text().into() }
            }
            Kind::Page => {
                let (page, policy) = openapi::page(&self.tree, &about, &key.origin);
                Document { media_type: HTML, policy, bytes: page.into() }
            }
        }
    }
}

/// The form of the document that a query asks for.
fn parameters(query: &str, kind: Kind, faults: &mut Vec<Fault>) -> Spec {
    let mut spec = None;
    for pair in pairs(query) {
        if pair.name == "openapi" && kind == Kind::OpenApi {
            match Spec::named(&pair.value) {
                _ if spec.is_some() => {
                    let fault = Fault::parameter(Reason::InvalidParameter, "openapi", "must be given once");
                    faults.push(fault);
                }

                Some(named) => spec = Some(named),
                None => faults.push(Fault::parameter(
                    Reason::InvalidParameter,
                    "openapi",
                    "must be `3.1` or `3.0`, the number of an OpenAPI form",
                )),
            }
        } else if pair.standard() != Some(Standard::RequestId) {
            let known = if kind == Kind::OpenApi {
                "; the document takes `openapi=3.1` or `openapi=3.0`"
            } else {
                ""
            };
            let name = pair.name.chars().take(40).collect::<String>();
            faults.push(Fault::parameter(
                Reason::UnknownParameter,
                name,
                format!("is not known here{known}"),
            ));
        }
    }
    spec.unwrap_or_default()
}
