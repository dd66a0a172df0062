//! From the raw path of a request to the one node it names.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::Api;
use crate::{
    codec::{parse_integer, parse_uuid},
    descriptor::{IdKind, Method, Verb},
    document::Site,
    error::{Error, Fault, Reason, Result},
    openapi,
    query::Format,
    tree::{Node, NodeId, Tree},
    validate::did_you_mean,
    value::{Id, LONGEST_TEXT_ID, Path},
};

/// What a path names.
#[derive(Debug)]
pub(super) enum Route {
    /// `/ping`
    Ping,
    /// `/health/live`
    Live,
    /// `/health/ready`
    Ready,
    /// The entry point of the version.
    Root,
    /// The OpenAPI document.
    Document,
    /// The documentation page.
    Page,
    /// A node or a verb on one.
    Node(Target),
}

/// A collection, resource, singleton, or a verb on one of them.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The node.
    pub(super) node: NodeId,
    /// Whether the collection itself is meant and not one of its resources.
    pub(super) is_collection: bool,
    /// The resource's ids, or those of the collection's parent.
    pub(super) path: Path,
    /// Whether the collection below every parent is meant whose path begins with this one (AIP-159).
    pub(super) across: bool,
    /// The verb.
    pub(super) verb: Option<Verb>,
}

/// A route with what is wrong in its path.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) route: Route,
    /// Malformed ids in the path.
    pub(super) faults: Vec<Fault>,
}

fn not_found() -> Error {
    Error::new(Reason::NotFound, "Nothing is at this address.")
}

/// Resolves `path`. The flag says whether it is below a version, also when nothing is there.
pub(super) fn resolve(api: &Api, path: &str) -> (bool, Result<Found>) {
    let path = path.strip_suffix('/').unwrap_or(path);
    match Format::split(path).0 {
        "/ping" => return (false, Ok(Found { route: Route::Ping, faults: Vec::new() })),
        "/health/live" => return (false, Ok(Found { route: Route::Live, faults: Vec::new() })),
        "/health/ready" => return (false, Ok(Found { route: Route::Ready, faults: Vec::new() })),
        _ => {}
    }
    match path {
        // At the root of the service are those of its newest version.
        "/openapi.json" => return (false, Ok(Found { route: Route::Document, faults: Vec::new() })),
        "/docs" if api.settings.docs => return (false, Ok(Found { route: Route::Page, faults: Vec::new() })),
        _ => {}
    }
    let Some(rest) =
        path.strip_prefix(&api.settings.base_path).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    else {
        let text = format!("Nothing is at this address; the API begins at `{}`.", api.root_path);
        return (false, Err(Error::new(Reason::NotFound, text)));
    };
    let rest = rest.strip_prefix('/').unwrap_or_default();
    let below = rest.strip_prefix(&api.settings.version);
    match below.filter(|below| below.is_empty() || below.starts_with(['/', '.'])) {
        Some(below) => (true, below_version(api, below)),
        None => (false, Err(wrong_version(api, rest))),
    }
}

fn wrong_version(api: &Api, rest: &str) -> Error {
    let (found, is_last) = rest.split_once('/').map_or((rest, true), |(found, _)| (found, false));
    if found.is_empty() && !is_last {
        return not_found();
    }
    let supported = &api.settings.version;
    let is_label = found
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        || found.parse::<jiff::civil::Date>().is_ok();
    if is_label {
        return Error::new(
            Reason::NotFound,
            format!("This service has no such version; it has `{supported}`."),
        );
    }
    let base = &api.settings.base_path;
    Error::new(
        Reason::MalformedRequest,
        format!("The address names no version; supported is `{supported}`: begin with `{base}/{supported}`."),
    )
}

/// Resolves what follows the version: empty, a suffix, or `/` and segments.
fn below_version(api: &Api, rest: &str) -> Result<Found> {
    if rest == "/openapi.json" {
        return Ok(Found { route: Route::Document, faults: Vec::new() });
    }
    if rest == "/docs" && api.settings.docs {
        return Ok(Found { route: Route::Page, faults: Vec::new() });
    }
    let Some(rest) = rest.strip_prefix('/') else {
        return match strip_format(rest, None) {
            ("", _) => Ok(Found { route: Route::Root, faults: Vec::new() }),
            _ => Err(not_found()),
        };
    };
    // A verb follows a literal colon in the raw path; `%3A` is data.
    let last = rest.rfind('/').map_or(0, |at| at + 1);
    let (rest, verb) = match rest[last..].find(':') {
        Some(at) => (&rest[..last + at], Some(&rest[last + at + 1..])),
        None => (rest, None),
    };
    let (rest, verb) = strip_format(rest, verb);
    let mut at = Position::default();
    let mut segments = rest.split('/').peekable();
    while let Some(raw) = segments.next() {
        let segment = decode(raw)?;
        at.step(api, &segment, segments.peek().is_none() && verb.is_none())?;
    }
    let Some(node) = at.node else { return Err(not_found()) };
    if let Some(verb) = verb {
        at.verb =
            Some(find_verb(api.tree.node(node), &decode(verb)?, at.is_collection).ok_or_else(|| {
                let descriptor = api.tree.node(node).descriptor;
                let of_collection = descriptor.collection_verbs().any(|other| other.name() == verb);
                let of_one = descriptor.resource_verbs().any(|other| other.name() == verb);
                let verbs = descriptor.collection_verbs().chain(descriptor.resource_verbs()).map(Verb::name);
                let hint = match (of_collection, of_one) {
                    (true, _) => format!("; `:{verb}` is a verb of the collection, not of one resource."),
                    (_, true) => format!("; `:{verb}` is a verb of one resource, not of the collection."),
                    _ => sentence_end(&did_you_mean(verb, verbs)),
                };
                Error::new(Reason::NotFound, format!("There is no such verb on this address{hint}"))
            })?);
    }
    let across = at.settle_every(&api.tree, api.tree.node(node));
    let Position { faults, is_collection, path, verb, .. } = at;
    let target = Target { node, is_collection, path, across, verb };
    Ok(Found { route: Route::Node(target), faults })
}

fn sentence_end(hint: &str) -> String {
    if hint.is_empty() { ".".to_owned() } else { hint.to_owned() }
}

/// Takes a known format suffix off the end of the path, which is after the verb where there is one.
fn strip_format<'a>(rest: &'a str, verb: Option<&'a str>) -> (&'a str, Option<&'a str>) {
    match verb {
        Some(verb) => (rest, Some(Format::split(verb).0)),
        None => (Format::split(rest).0, None),
    }
}

/// Decodes percent-encoding after the path was split, so that an encoded slash or colon is data.
fn decode(raw: &str) -> Result<Cow<'_, str>> {
    percent_encoding::percent_decode_str(raw).decode_utf8().map_err(|_| {
        Error::new(Reason::MalformedRequest, "A segment of the path is not UTF-8 once it is decoded.")
    })
}

fn find_verb(node: &Node, name: &str, is_collection: bool) -> Option<Verb> {
    let is_it = |verb: &Verb| verb.name() == name;
    match is_collection {
        true => node.descriptor.collection_verbs().find(is_it),
        false => node.descriptor.resource_verbs().find(is_it),
    }
}

/// What stands for the id of every resource (AIP-159). No id is spelled so.
pub(super) const EVERY: &str = "-";

#[derive(Default)]
struct Position {
    faults: Vec<Fault>,
    node: Option<NodeId>,
    is_collection: bool,
    path: Path,
    verb: Option<Verb>,
    /// The position in the path of the first id that is `-`, with the collection that it is of.
    every: Option<(usize, NodeId)>,
    /// The collection of the first id behind it that is another.
    one_after: Option<NodeId>,
}

impl Position {
    /// Whether the elements of `node` across its parents are asked for. Anywhere else `-` is a malformed id.
    fn settle_every(&mut self, tree: &Tree, node: &Node) -> bool {
        let Some((at, of)) = self.every else { return false };
        if self.is_collection
            && matches!(self.verb, None | Some(Verb::Export))
            && node.descriptor.across_parents
        {
            let Some(one) = self.one_after else {
                self.path.0.truncate(at);
                return true;
            };
            let detail = "in the path must be `-`, as an id before it is".to_owned();
            let parameter = openapi::id_parameter(tree.node(one).descriptor);
            self.faults.push(Fault::parameter(Reason::MalformedRequest, parameter, detail));
            return false;
        }
        let detail = if node.descriptor.across_parents {
            "in the path must be one id: `-`, across all, is for the list and the export alone"
        } else {
            "in the path must be one id: `-` is for collections that are listed across their parents"
        };
        let parameter = openapi::id_parameter(tree.node(of).descriptor);
        self.faults.push(Fault::parameter(Reason::MalformedRequest, parameter, detail.to_owned()));
        false
    }

    fn step(&mut self, api: &Api, segment: &str, is_last: bool) -> Result<()> {
        if self.verb.is_some() {
            return Err(not_found());
        }
        if let (true, Some(node)) = (self.is_collection, self.node) {
            let node = api.tree.node(node);
            if is_last
                && node.descriptor.slash_verbs
                && !matches!(node.id_kind(), Some(IdKind::Slug | IdKind::Text))
            {
                self.verb = find_verb(node, segment, true);
                if self.verb.is_some() {
                    return Ok(());
                }
            }
            if segment == EVERY && !is_last {
                self.every.get_or_insert((self.path.0.len(), node.id));
                self.path.0.push(Id::Integer(0));
                self.is_collection = false;
                return Ok(());
            }
            // A malformed id names no other node, so it is told with the other faults of the request.
            let id = parse_id(node, segment).unwrap_or_else(|expected| {
                let detail = format!("in the path must be {expected}");
                let parameter = openapi::id_parameter(node.descriptor);
                self.faults.push(Fault::parameter(Reason::MalformedRequest, parameter, detail));
                Id::Integer(0)
            });
            if self.every.is_some() {
                self.one_after.get_or_insert(node.id);
            }
            self.path.0.push(id);
            self.is_collection = false;
            return Ok(());
        }
        let children = match self.node {
            Some(node) => &api.tree.node(node).children,
            None => api.tree.roots(),
        };
        if let Some(child) =
            children.iter().find(|child| api.tree.node(**child).descriptor.segment == segment)
        {
            self.node = Some(*child);
            self.is_collection = api.tree.node(*child).id_kind().is_some();
            return Ok(());
        }
        if let Some(node) = self.node.map(|node| api.tree.node(node))
            && is_last
            && node.descriptor.slash_verbs
        {
            self.verb = find_verb(node, segment, false);
            if self.verb.is_some() {
                return Ok(());
            }
        }
        if let Some(below) = self.node.is_none().then(|| across(api, segment)).flatten() {
            let text = format!("Nothing is at this address; below all parents it is at `{below}`.");
            return Err(Error::new(Reason::NotFound, text));
        }
        let names = children.iter().map(|child| api.tree.node(*child).descriptor.segment);
        let hint = did_you_mean(segment, names);
        Err(Error::new(Reason::NotFound, format!("Nothing is at this address{}", sentence_end(&hint))))
    }
}

/// The address of the collection with this segment across its parents, where there is one.
fn across(api: &Api, segment: &str) -> Option<String> {
    let node = api.tree.nodes().iter().find(|node| node.descriptor.segment == segment)?;
    let is_there = node.descriptor.across_parents && node.descriptor.methods.has(Method::List);
    let site = Site { tree: &api.tree, root: &api.root_path };
    is_there.then(|| site.collection_url(node, &Path::default()))
}

/// The id in a path segment, or what it must be.
fn parse_id(node: &Node, segment: &str) -> Result<Id, &'static str> {
    let (id, expected) = match node.id_kind() {
        Some(IdKind::Uuid) => (parse_uuid(segment).map(Id::Uuid), UUID_FORM),
        Some(IdKind::Integer) => {
            // One address for each resource: `01` is none.
            let id = parse_integer(segment).filter(|id| id.to_string() == segment);
            (id.map(Id::Integer), "an integer")
        }
        Some(IdKind::Text) => (is_text_id(segment).then(|| Id::Slug(segment.to_owned())), TEXT_FORM),
        Some(IdKind::Slug) | None => (is_slug(segment).then(|| Id::Slug(segment.to_owned())), SLUG_FORM),
    };
    id.ok_or(expected)
}

/// The id in a body, or what it must be.
pub(super) fn id_in_body(kind: Option<IdKind>, json: &Json) -> Result<Id, &'static str> {
    let text = json.as_str();
    let (id, expected) = match kind {
        Some(IdKind::Uuid) => (text.and_then(parse_uuid).map(Id::Uuid), UUID_FORM),
        Some(IdKind::Integer) => (json.as_i64().map(Id::Integer), "an integer"),
        Some(IdKind::Text) => {
            (text.filter(|text| is_text_id(text)).map(|text| Id::Slug(text.to_owned())), TEXT_FORM)
        }
        Some(IdKind::Slug) | None => {
            (text.filter(|text| is_slug(text)).map(|text| Id::Slug(text.to_owned())), SLUG_FORM)
        }
    };
    id.ok_or(expected)
}

const UUID_FORM: &str = "a UUID, such as `cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`";

/// What a slug looks like.
pub(super) const SLUG_FORM: &str =
    "1 to 63 lower-case letters, digits and inner hyphens, such as `house-alarm`";

/// What a text that is an id looks like.
const TEXT_FORM: &str = "1 to 255 characters without control characters, and not `-`, `.` or `..`";

/// Whether `text` can be the id of a row of an existing table. `-` stands for all parents in an address (AIP-159), and a client
/// takes `.` and `..` out of one (RFC 3986, section 5.2.4), however they are encoded.
fn is_text_id(text: &str) -> bool {
    let length = text.chars().count() as u64;
    (1..=LONGEST_TEXT_ID).contains(&length)
        && !text.chars().any(char::is_control)
        && !["-", ".", ".."].contains(&text)
}

/// Whether `text` is `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
pub(super) fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(inner)
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
}
