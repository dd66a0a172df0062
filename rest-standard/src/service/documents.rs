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
    query::{Format, Standard, pairs},
};

/// What stands for the scheme and authority of a request in a kept document. No host can be called so (RFC 2606).
const ORIGIN: &str = "http://origin.invalid";

/// Which document is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The OpenAPI document.
    OpenApi,
    /// The documentation page.
    Page,
}

/// The documents that were asked for.
#[derive(Debug, Default)]
pub(super) struct Documents(Mutex<Vec<Kept>>);

/// One document. It is made once; for another host only the addresses in it change, so that a client that invents hosts
/// does not make the service work.
#[derive(Debug)]
struct Kept {
    kind: Kind,
    spec: Spec,
    /// With [`ORIGIN`] in its addresses.
    template: Document,
    /// As it was last asked for, with the origin and the entity tag.
    last: (String, Document, String),
}

impl Documents {
    /// The document for a host, and its entity tag. Nobody else waits while it is made.
    fn get(
        &self,
        kind: Kind,
        spec: Spec,
        origin: &str,
        make: impl FnOnce() -> Document,
    ) -> (Document, String) {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut template = None;
        if let Some(kept) = lock().iter().find(|kept| (kept.kind, kept.spec) == (kind, spec)) {
            let (last, document, tag) = &kept.last;
            if last == origin {
                return (document.clone(), tag.clone());
            }
            template = Some(kept.template.clone());
        }
        let template = template.unwrap_or_else(make);
        let document = addressed(&template, origin);
        let tag = entity_tag(&document);
        let mut kept = lock();
        kept.retain(|kept| (kept.kind, kept.spec) != (kind, spec));
        kept.push(Kept { kind, spec, template, last: (origin.to_owned(), document.clone(), tag.clone()) });
        (document, tag)
    }
}

/// The document with the addresses of a host.
fn addressed(template: &Document, origin: &str) -> Document {
    let text = String::from_utf8_lossy(&template.bytes).replace(ORIGIN, origin);
    Document { bytes: text.into(), ..template.clone() }
}

fn entity_tag(document: &Document) -> String {
    let digest = Sha256::digest(&document.bytes);
    let hex = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("\"{hex}\"")
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
        exchange.named = Some(Format::Json);
        let spec = parameters(&request.query, kind, &mut faults);
        if !faults.is_empty() {
            return Err(Error::from_faults(faults).into());
        }
        if request.method == Method::OPTIONS {
            return Ok(describe::options_of(describe::allowed(self, None)));
        }
        let (document, tag) = self.documents.get(kind, spec, &exchange.origin, || self.make(kind, spec));
        let mut outcome = Outcome { status: 200, ..Outcome::default() };
        let verdict = conditions.judge_read(&tag)?;
        outcome.etag = Some(tag);
        if verdict == Verdict::NotModified {
            outcome.status = 304;
        }
        Ok((outcome, Data::Document(document)))
    }

    fn make(&self, kind: Kind, spec: Spec) -> Document {
        let about = self.settings.about();
        match kind {
            Kind::OpenApi => {
                let document = openapi::document(&self.tree, &about, ORIGIN, spec);
                Document { media_type: JSON, policy: NO_PAGE, bytes: document.to_text().into() }
            }
            Kind::Page => {
                let (page, policy) = openapi::page(&self.tree, &about, ORIGIN);
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
