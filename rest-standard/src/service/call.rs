//! One routed request with its parameters, conditions and body, all faults collected.

use std::sync::Arc;

use http::{HeaderMap, header};
use serde_json::{Map, Value as Json};

use super::{Api, negotiate, route::Target};
use crate::{
    context::Caller,
    document::{
        Exchange, JSON, JSON_PATCH, MERGE_PATCH, Site,
        etag::{self, Condition},
    },
    error::{Error, Fault, Reason, Result},
    query::{Format, Holds, Parameters, Standard, parse},
    tree::Node,
};

/// Everything that an operation needs to know of its request.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) api: Arc<Api>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) target: Target,
    pub(super) caller: Caller,
    pub(super) parameters: Parameters,
    pub(super) conditions: Conditions,
    pub(super) faults: Vec<Fault>,
    /// What the answer holds.
    pub(super) holds: Holds,
    /// The query as received.
    pub(super) query: String,
}

impl Call {
    pub(super) fn node(&self) -> &Node {
        self.api.tree.node(self.target.node)
    }

    pub(super) fn site(&self) -> Site<'_> {
        Site { tree: &self.api.tree, root: &self.exchange.root }
    }

    /// Parses the query against what the method takes.
    pub(super) fn parse_query(&mut self, own: &[Standard], holds: Holds) {
        let mut accepted = Standard::COMMON.to_vec();
        accepted.extend_from_slice(own);
        let descriptor = self.node().descriptor;
        self.parameters = parse(&self.query, &accepted, Some(descriptor), holds, &mut self.faults);
        let exchange = Arc::make_mut(&mut self.exchange);
        negotiate::settle(exchange, self.parameters.format, holds, &mut self.faults);
        self.conditions.format = exchange.format;
        self.holds = holds;
    }

    /// Conditions stand on a resource; a collection has no entity tag that they could be about.
    pub(super) fn refuse_conditions(&mut self) {
        let sent = [
            ("If-Match", self.conditions.if_match.is_some()),
            ("If-None-Match", self.conditions.if_none_match.is_some()),
        ];
        for (name, _) in sent.into_iter().filter(|(_, sent)| *sent) {
            let detail = "means nothing for a collection; send it with a request for one resource";
            self.faults.push(Fault::header(Reason::InvalidParameter, name, detail));
        }
    }

    /// Ends the collection of faults: the first 400 kind found answers, else 422.
    pub(super) fn refuse_faults(&mut self) -> Result<()> {
        if !self.faults.is_empty() {
            return Err(Error::from_faults(std::mem::take(&mut self.faults)));
        }
        negotiate::check(&self.exchange, self.holds)
    }

    /// What answers when `error` ended the collection of faults: a body that cannot be read is told with the faults of
    /// parameters and headers, of which one of kind 400 wins.
    pub(super) fn weigh(&mut self, error: Error) -> Error {
        if error.reason() != Reason::UnsupportedMediaType {
            return error;
        }
        self.faults.extend_from_slice(error.faults());
        Error::from_faults(std::mem::take(&mut self.faults))
    }
}

/// `If-Match` and `If-None-Match` (RFC 9110 §13).
#[derive(Debug, Default)]
pub(super) struct Conditions {
    if_match: Option<Condition>,
    if_none_match: Option<Condition>,
    /// The format of the answer, whose tag `If-None-Match` is compared with.
    format: Format,
}

/// What the conditions say about a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Proceed,
    NotModified,
}

impl Conditions {
    pub(super) fn parse(headers: &HeaderMap, faults: &mut Vec<Fault>) -> Self {
        let mut one = |name: header::HeaderName, shown: &'static str| {
            let mut values = headers.get_all(name).into_iter().peekable();
            values.peek()?;
            // Several lines of a list header are one list (RFC 9110 §5.3).
            let joined = values.map(|value| value.to_str().unwrap_or_default()).collect::<Vec<_>>().join(",");
            let condition = Condition::parse(&joined);
            if condition.is_none() {
                let detail = "must be `*` or entity tags in quotes, such as `\"0123456789abcdef\"`";
                faults.push(Fault::header(Reason::InvalidParameter, shown, detail));
            }
            condition
        };
        Self {
            if_match: one(header::IF_MATCH, "If-Match"),
            if_none_match: one(header::IF_NONE_MATCH, "If-None-Match"),
            format: Format::Json,
        }
    }

    /// The condition that a resource has a tag.
    pub(super) fn if_match(condition: Condition) -> Self {
        Self { if_match: Some(condition), ..Self::default() }
    }

    /// Whether `If-None-Match` names the representation that the request asks for; `current` is its tag as JSON.
    fn meets(&self, current: &str) -> bool {
        let tag = etag::of_representation(current, self.format.tag_part());
        self.if_none_match.as_ref().is_some_and(|condition| condition.matches_weakly(&tag))
    }

    /// Judges a read of what has the tag `current` as JSON.
    pub(super) fn judge_read(&self, current: &str) -> Result<Verdict> {
        self.check_match(Some(current))?;
        Ok(if self.meets(current) { Verdict::NotModified } else { Verdict::Proceed })
    }

    /// Judges a call of a read-only method on a resource with the tag `current`, sent as GET or as POST.
    pub(super) fn judge_read_only(&self, current: &str, is_get: bool) -> Result<Verdict> {
        match self.judge_read(current)? {
            Verdict::NotModified if !is_get => Err(not_none_match()),
            verdict => Ok(verdict),
        }
    }

    /// Judges a write of a resource with the tag `current`; `None` where it does not exist.
    pub(super) fn judge_write(&self, current: Option<&str>, node: &Node) -> Result<()> {
        if node.descriptor.require_if_match && self.if_match.is_none() && current.is_some() {
            let description = "This resource is written with `If-Match` only; send the `etag` that was read.";
            return Err(Error::new(Reason::PreconditionRequired, description));
        }
        self.check_match(current)?;
        if current.is_some_and(|current| self.meets(current)) { Err(not_none_match()) } else { Ok(()) }
    }

    fn check_match(&self, current: Option<&str>) -> Result<()> {
        match &self.if_match {
            Some(_) if current.is_none() => Err(Error::new(
                Reason::PreconditionFailed,
                "The resource does not exist, so no `If-Match` holds for it.",
            )),
            Some(condition) if !current.is_some_and(|current| condition.matches_strongly(current)) => {
                Err(Error::new(
                    Reason::PreconditionFailed,
                    "The resource was changed since it was read; read it again.",
                ))
            }
            _ => Ok(()),
        }
    }
}

fn not_none_match() -> Error {
    Error::new(Reason::PreconditionFailed, "`If-None-Match` names the current state of the resource.")
}

/// How a PATCH body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    MergePatch,
    JsonPatch,
    Ndjson,
}

/// The media type of a body; a body without one is taken for JSON.
pub(super) fn media_type(headers: &HeaderMap, accepted: &[Media]) -> Result<Media> {
    let is_identity =
        |coding: &http::HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity") || coding.is_empty();
    let refuse = |name, detail: String| {
        Err(Error::from_faults(vec![Fault::header(Reason::UnsupportedMediaType, name, detail)]))
    };
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(is_identity) {
        return refuse("Content-Encoding", "must be left out; bodies are taken as they are".to_owned());
    }
    if headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        return refuse("Content-Type", "is there more than once".to_owned());
    }
    let found = match headers.get(header::CONTENT_TYPE) {
        // Only an import takes lines, and it takes nothing else.
        None if accepted.contains(&Media::Ndjson) => Some(Media::Ndjson),
        None => Some(Media::Json),
        Some(value) => {
            let text = value.to_str().unwrap_or_default();
            let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
            let charset = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
            let utf8 = charset
                .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
                .all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
            let named = [
                (JSON, Media::Json),
                (MERGE_PATCH, Media::MergePatch),
                (JSON_PATCH, Media::JsonPatch),
                (Format::Ndjson.media_type(), Media::Ndjson),
            ];
            named
                .into_iter()
                .find(|(name, _)| utf8 && essence.trim().eq_ignore_ascii_case(name))
                .map(|(_, media)| media)
        }
    };
    match found.filter(|media| accepted.contains(media)) {
        Some(media) => Ok(media),
        None => {
            let names: Vec<&str> = accepted
                .iter()
                .map(|media| match media {
                    Media::Json => JSON,
                    Media::MergePatch => MERGE_PATCH,
                    Media::JsonPatch => JSON_PATCH,
                    Media::Ndjson => Format::Ndjson.media_type(),
                })
                .collect();
            refuse("Content-Type", format!("must be {} in UTF-8", names.join(" or ")))
        }
    }
}

/// The members of a body that must be an object.
pub(super) fn members(
    body: Option<Result<Json, Fault>>,
    faults: &mut Vec<Fault>,
) -> Option<Map<String, Json>> {
    match body {
        Some(Ok(Json::Object(members))) => Some(members),
        Some(Ok(other)) => {
            let detail = format!("must be an object, got {}", crate::validate::excerpt(&other));
            faults.push(Fault::pointer(Reason::InvalidValue, "", detail));
            None
        }
        Some(Err(fault)) => {
            faults.push(fault);
            None
        }
        None => {
            faults.push(Fault::pointer(Reason::MalformedRequest, "", "is missing; send a JSON object"));
            None
        }
    }
}
