//! Every response against the service's OpenAPI document: its status, headers and body must be what the document says.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use http::{Method, Uri};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value as Json, json};

use super::{TestResponse, xml::Reader};
use crate::{
    document::HTML,
    openapi::{self, Spec},
    query::{Format, Standard, pairs},
    service::Api,
};

/// The document of a service, read when the first response comes.
#[derive(Debug)]
pub(crate) struct Document {
    api: Arc<Api>,
    read: OnceLock<Read>,
}

/// A document that was read.
struct Read {
    /// The path of the entry point: `/api/v1`.
    root: String,
    paths: Vec<PathItem>,
    components: Json,
    /// The ids of the operations that may run methods or rules of the author's.
    author_code: HashSet<String>,
    /// Validators by the JSON of their schema.
    validators: Mutex<HashMap<(String, Form), Arc<Validator>>>,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("root", &self.root).finish_non_exhaustive()
    }
}

/// What an answer has of the members that its schema requires.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// All of them.
    Whole,
    /// Those that were selected.
    Selected,
}

struct PathItem {
    /// The segments; a parameter is `None`. A verb is part of the last one.
    segments: Vec<Option<String>>,
    verb: Option<String>,
    operations: Map<String, Json>,
}

impl Document {
    /// The document of `api`.
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api, read: OnceLock::new() }
    }

    /// Everything about a response that the document does not say; empty for one that keeps to it.
    pub(crate) fn faults(
        &self,
        method: &Method,
        uri: &Uri,
        has_body: bool,
        response: &TestResponse,
    ) -> Vec<String> {
        let read = self.read.get_or_init(|| self.read());
        let Some(operation) = read.operation(method, uri.path()) else { return Vec::new() };
        // A body where none is taken can be refused for what is wrong with any body.
        let of_a_body = has_body && matches!(response.status, 408 | 413 | 415);
        if of_a_body && operation.get("requestBody").is_none() {
            return Vec::new();
        }
        read.check(operation, response, is_selected(uri))
    }

    fn read(&self) -> Read {
        let document =
            openapi::document(&self.api.tree, &self.api.settings.about(), "http://localhost", Spec::V3_1);
        let mut document: Json = serde_json::from_str(&document.to_text()).expect("the document is JSON");
        let root = document["servers"][0]["url"].as_str().unwrap_or_default();
        let root = root.strip_prefix("http://localhost").unwrap_or(root).to_owned();
        let paths = document["paths"].as_object().into_iter().flatten();
        let paths = paths.map(|(path, item)| {
            let (path, verb) = match path.rsplit_once(':') {
                Some((path, verb)) => (path, Some(verb.to_owned())),
                None => (path.as_str(), None),
            };
            let segments = segments(path.strip_suffix('/').unwrap_or(path));
            PathItem {
                segments: segments
                    .into_iter()
                    .map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned()))
                    .collect(),
                verb,
                operations: item.as_object().cloned().unwrap_or_default(),
            }
        });
        let paths = paths.collect();
        let mut components = document["components"].take();
        for schema in components["schemas"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            close(schema);
        }
        let author_code = openapi::with_author_code(&self.api.tree);
        Read { root, paths, components, author_code, validators: Mutex::default() }
    }
}

/// Whether the query selects members, so that an answer need not have those that its schema requires.
fn is_selected(uri: &Uri) -> bool {
    pairs(uri.query().unwrap_or_default()).any(|pair| pair.standard() == Some(Standard::Select))
}

/// A schema without what it requires of objects.
fn relax(schema: &mut Json) {
    match schema {
        Json::Object(members) => {
            // A property called so is a schema, not a list.
            if members.get("required").is_some_and(Json::is_array) {
                members.remove("required");
            }
            members.values_mut().for_each(relax);
        }
        Json::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}

/// The segments of a path below the entry point, without its last slash; none for the entry point itself.
fn segments(path: &str) -> Vec<&str> {
    match path {
        "" => Vec::new(),
        path => path.strip_prefix('/').unwrap_or(path).split('/').collect(),
    }
}

/// Clients must take members that they do not know, so the document leaves objects open; a service has none of them.
fn close(schema: &mut Json) {
    match schema {
        Json::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), Json::Bool(false));
            }
            let inside =
                members.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "examples" | "default"));
            inside.for_each(|(_, member)| close(member));
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// A selection leaves the members in every resource that tell which one it is.
fn check_always(values: &Json, faults: &mut Vec<String>) {
    let resources = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
    for resource in resources {
        if resource["id"].is_null() || !resource["url"].is_string() {
            faults.push(format!("a selected resource has no `id` and `url`: {resource}"));
        }
    }
}

impl Read {
    /// The operation that answers the method at the path.
    fn operation(&self, method: &Method, path: &str) -> Option<&Json> {
        let below = path.strip_prefix(&self.root)?;
        let below = below.strip_suffix('/').unwrap_or(below);
        let (bare, _) = Format::split(below);
        let below = if bare.ends_with('/') { below } else { bare };
        let (at, last) = below.rfind('/').map_or((0, below), |at| (at, &below[at..]));
        let (below, verb) = match last.find(':') {
            Some(colon) => (&below[..at + colon], Some(&last[colon + 1..])),
            None => (below, None),
        };
        let segments = segments(below);
        let fits = |item: &&PathItem| {
            let same = |(declared, found): (&Option<String>, &&str)| match declared {
                Some(declared) => declared == found,
                None => !found.is_empty(),
            };
            item.verb.as_deref() == verb
                && item.segments.len() == segments.len()
                && item.segments.iter().zip(&segments).all(same)
        };
        let method =
            if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_ascii_lowercase() };
        // Of several that fit, the one with the fewest parameters is meant (OpenAPI 3.1, "Path Templating Matching").
        let parameters = |item: &&PathItem| item.segments.iter().filter(|segment| segment.is_none()).count();
        self.paths.iter().filter(fits).min_by_key(parameters)?.operations.get(&method)
    }

    fn check(&self, operation: &Json, response: &TestResponse, is_selected: bool) -> Vec<String> {
        let mut faults = Vec::new();
        let id = operation["operationId"].as_str().unwrap_or_default();
        let Some(declared) = operation["responses"].get(response.status.to_string()) else {
            faults.push(format!("the document does not know the status {} of `{id}`", response.status));
            return faults;
        };
        let declared = self.resolve(declared);
        for (name, header) in declared["headers"].as_object().into_iter().flatten() {
            let header = self.resolve(header);
            match response.headers.get(name.as_str()) {
                None if header["required"] == json!(true) => {
                    faults.push(format!("the header `{name}`, which the document promises, is missing"));
                }
                None => {}
                Some(value) => {
                    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    let value = match header["schema"]["type"].as_str() {
                        Some("integer") => text.parse::<i64>().map_or(json!(text), |number| json!(number)),
                        _ => json!(text),
                    };
                    let place = format!("the header `{name}`");
                    self.validate(&header["schema"], &value, &place, Form::Whole, &mut faults);
                }
            }
        }
        if response.text.is_empty() || response.headers.contains_key("content-encoding") {
            return faults;
        }
        let media = response.find_header("content-type").unwrap_or_default();
        // Pages are for people; the document is for programs.
        if media == HTML {
            return faults;
        }
        let Some(content) = declared["content"].get(media) else {
            faults.push(format!("the document does not know the media type {media:?} of `{id}`"));
            return faults;
        };
        let form = if is_selected && response.status == 200 { Form::Selected } else { Form::Whole };
        let body = match media {
            "application/xml" => {
                let reader = Reader {
                    resolve: &|schema| self.resolve(schema),
                    is_valid: &|schema, value| self.validator(schema, form).is_valid(value),
                };
                match reader.read(&response.text, &content["schema"]) {
                    Ok(body) => Cow::Owned(body),
                    Err(fault) => {
                        faults.push(fault);
                        return faults;
                    }
                }
            }
            "text/csv" | "application/x-ndjson" => Cow::Owned(Json::from(response.text.as_str())),
            _ => Cow::Borrowed(&response.body),
        };
        self.check_reason(id, declared, &body, response.status, &mut faults);
        self.validate(&content["schema"], &body, "the body", form, &mut faults);
        if form == Form::Selected && !["text/csv", "application/x-ndjson"].contains(&media) {
            check_always(&body["data"]["values"], &mut faults);
        }
        faults
    }

    /// A refusal must have one of the operation's declared reasons.
    fn check_reason(&self, id: &str, declared: &Json, body: &Json, status: u16, faults: &mut Vec<String>) {
        // What rules and methods write elsewhere is not declared, and can be refused there.
        const OF_OTHERS: [&str; 3] = ["AlreadyExists", "HasChildren", "InvalidValue"];
        let info = &body["status"]["additionalInfo"];
        let Some(reason) = info["reason"].as_str().or(body["reason"].as_str()) else { return };
        let mut known = declared["x-reasons"].as_array().into_iter().flatten();
        let by_author = OF_OTHERS.contains(&reason) && self.author_code.contains(id);
        if !by_author && known.all(|known| known != reason) {
            faults.push(format!("the document does not know the reason `{reason}` of a {status} of `{id}`"));
        }
    }

    fn resolve<'a>(&'a self, value: &'a Json) -> &'a Json {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/components"));
        pointer.and_then(|pointer| self.components.pointer(pointer)).unwrap_or(value)
    }

    fn validate(&self, schema: &Json, value: &Json, place: &str, form: Form, faults: &mut Vec<String>) {
        let validator = self.validator(schema, form);
        for error in validator.iter_errors(value) {
            let mut text = error.to_string();
            if text.len() > 300 {
                text.truncate(text.floor_char_boundary(300));
                text.push('…');
            }
            faults.push(format!(
                "{place} is not what the document says at `{}`: {text}",
                error.instance_path()
            ));
        }
    }

    fn validator(&self, schema: &Json, form: Form) -> Arc<Validator> {
        let key = (schema.to_string(), form);
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = validators.entry(key).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = json!({"schemas": self.components["schemas"]});
            if form == Form::Selected {
                relax(&mut whole);
            }
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            Arc::new(options.build(&whole).expect("the document's schemas can be read"))
        });
        validator.clone()
    }
}
