//! One routed request with its parameters, conditions and body, all faults collected.

use std::sync::Arc;

use http::{HeaderMap, header};
use serde_json::{Map, Value as Json};

use super::{Api, route::Target};
use crate::{
    context::Caller,
    document::{Exchange, JSON, JSON_PATCH, MERGE_PATCH, PROBLEM, Site, etag::Condition},
    error::{Error, Fault, Reason, Result},
    query::{Parameters, Selection, Standard, parse},
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
    /// Whether `Accept` lets the answer be JSON.
    pub(super) accepts_json: bool,
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
    pub(super) fn parse_query(&mut self, own: &[Standard], is_list: bool) {
        let mut accepted = Standard::COMMON.to_vec();
        accepted.extend_from_slice(own);
        let descriptor = self.node().descriptor;
        self.parameters = parse(&self.query, &accepted, Some(descriptor), is_list, &mut self.faults);
        Arc::make_mut(&mut self.exchange).vary &= !self.parameters.format;
    }

    /// What tells the representation that is asked for from the whole resource as JSON, as parts of its entity tag.
    pub(super) fn representation(&self) -> Vec<String> {
        self.parameters.select.iter().map(Selection::tag).collect()
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
        // A suffix or `$format` decides before `Accept`, and then the answer does not vary.
        if self.exchange.vary && !self.accepts_json { Err(not_acceptable()) } else { Ok(()) }
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
        }
    }

    /// The condition that a resource has a tag.
    pub(super) fn if_match(condition: Condition) -> Self {
        Self { if_match: Some(condition), if_none_match: None }
    }

    /// Judges a read of a representation with the tag `current`.
    pub(super) fn judge_read(&self, current: &str) -> Result<Verdict> {
        self.check_match(Some(current))?;
        match &self.if_none_match {
            Some(condition) if condition.matches_weakly(current) => Ok(Verdict::NotModified),
            _ => Ok(Verdict::Proceed),
        }
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
        match (&self.if_none_match, current) {
            (Some(condition), Some(current)) if condition.matches_weakly(current) => Err(not_none_match()),
            _ => Ok(()),
        }
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
        None => Some(Media::Json),
        Some(value) => {
            let text = value.to_str().unwrap_or_default();
            let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
            let charset = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
            let utf8 = charset
                .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
                .all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
            let named =
                [(JSON, Media::Json), (MERGE_PATCH, Media::MergePatch), (JSON_PATCH, Media::JsonPatch)];
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

/// What `Accept` says about a media type (RFC 9110 §12.5.1): its quality, by the most specific range that covers it.
fn quality(headers: &HeaderMap, media_type: &str) -> f32 {
    let mut best: Option<(u8, f32)> = None;
    let lines = headers.get_all(header::ACCEPT).into_iter();
    for range in lines.flat_map(|line| line.to_str().unwrap_or_default().split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next().unwrap_or_default() {
            exact if exact.eq_ignore_ascii_case(media_type) => 3,
            range if range.eq_ignore_ascii_case("application/*") => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // A weight that is none takes the range out.
        let weight = |quality: &str| quality.parse().ok().filter(|weight| (0.0..=1.0).contains(weight));
        let quality = quality.map_or(1.0, |quality| weight(quality).unwrap_or(0.0));
        if best.is_none_or(|(other, _)| specificity > other) {
            best = Some((specificity, quality));
        }
    }
    best.map_or(0.0, |(_, quality)| quality)
}

/// The refusal of a request whose answer the client would not take.
pub(super) fn not_acceptable() -> Error {
    Error::new(
        Reason::NotAcceptable,
        "This address answers in `application/json`, which `Accept` leaves out.",
    )
}

/// Whether `Accept` lets the answer be JSON.
pub(super) fn accepts_json(headers: &HeaderMap) -> bool {
    // A list without an element says nothing (RFC 9110 §5.6.1.2).
    let says_nothing = |line: &http::HeaderValue| line.as_bytes().iter().all(|byte| b" \t,".contains(byte));
    headers.get_all(header::ACCEPT).iter().all(says_nothing) || quality(headers, JSON) > 0.0
}

/// Whether `Accept` ranks `application/problem+json` above `application/json`.
pub(super) fn prefers_problem(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ACCEPT) && quality(headers, PROBLEM) > quality(headers, JSON)
}
