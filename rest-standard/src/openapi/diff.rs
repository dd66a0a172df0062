//! What separates two OpenAPI 3.1 documents of one service, in words for a person, and what of it breaks clients.
//!
//! A change breaks when a request that was right is refused, or when an answer holds what a client may not expect: a
//! member that is gone, null where there was none, a name that an enum did not have. What only makes a new request
//! possible does not. Services refuse unknown parameters and members, so taking one away breaks. A wider bound on a value
//! in an answer does not: clients read bounds before they write, not after they read.
//!
//! Nothing of the service is read here, so that documents of earlier releases compare as well.

mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use schema::{Direction, Place, Reached, Schemas};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    /// Whether a client that was right before can fail.
    pub(crate) breaking: bool,
    /// What differs, in words.
    pub(crate) text: String,
}

/// The differences from `old` to `new`: breaking ones first, each kind sorted by its text.
#[must_use]
pub(crate) fn differences(old: &Json, new: &Json) -> Vec<Difference> {
    let mut comparison = Comparison { old, new, found: Found::default(), schemas: Schemas::new(old, new) };
    comparison.operations();
    comparison.schemas.finish(&mut comparison.found);
    let mut all: Vec<_> = comparison.found.0.into_iter().collect();
    all.sort_by(|left, right| right.breaking.cmp(&left.breaking).then_with(|| left.text.cmp(&right.text)));
    all
}

/// What was found; a difference of something shared is found at each of its uses and kept once.
#[derive(Default)]
struct Found(BTreeSet<Difference>);

impl Found {
    fn breaks(&mut self, text: String) {
        self.add(true, text);
    }

    fn is_new(&mut self, text: String) {
        self.add(false, text);
    }

    fn add(&mut self, breaking: bool, text: String) {
        self.0.insert(Difference { breaking, text });
    }
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One operation of a document.
#[derive(Clone, Copy)]
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    item: &'a Json,
    operation: &'a Json,
}

impl<'a> Operation<'a> {
    /// Method and path, as a person writes them.
    fn address(self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The same without the names of parameters in the path, which no request shows.
    fn shape(self) -> String {
        let segments = self.path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        format!("{} {}", self.method, segments.collect::<Vec<_>>().join("{}"))
    }

    /// The names of the parameters in the path, in order.
    fn places(self) -> Vec<&'a str> {
        self.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
    }
}

/// The operations of a document by their id, or by method and path where they have none.
fn operations(document: &Json) -> BTreeMap<String, Operation<'_>> {
    let mut operations = BTreeMap::new();
    for (path, item) in members(&document["paths"]) {
        let item = schema::resolve(document, item).value;
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let found = Operation { path, method, item, operation };
                let id = operation["operationId"].as_str().map_or_else(|| found.address(), str::to_owned);
                operations.insert(id, found);
            }
        }
    }
    operations
}

/// The members of an object; none of anything else.
fn members(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}

struct Comparison<'a> {
    old: &'a Json,
    new: &'a Json,
    found: Found,
    schemas: Schemas<'a>,
}

impl<'a> Comparison<'a> {
    fn operations(&mut self) {
        let (old, mut new) = (operations(self.old), operations(self.new));
        let mut gone = Vec::new();
        for (id, before) in &old {
            match new.remove(id) {
                Some(after) => {
                    if before.shape() != after.shape() {
                        let (from, to) = (before.address(), after.address());
                        self.found.breaks(format!("`{id}` moved from {from} to {to}"));
                    }
                    self.operation(id, *before, after);
                }
                None => gone.push((id, *before)),
            }
        }
        for (id, before) in gone {
            let same =
                new.iter().find(|(_, after)| after.shape() == before.shape()).map(|(id, _)| id.clone());
            match same.and_then(|id| new.remove_entry(&id)) {
                Some((other, after)) => {
                    let address = after.address();
                    self.found.breaks(format!(
                        "`{id}` ({address}) is called `{other}`; requests stay as they are, generated methods do not"
                    ));
                    self.operation(&other, before, after);
                }
                None => self.found.breaks(format!("`{id}` ({}) was removed", before.address())),
            }
        }
        for (id, added) in new {
            self.found.is_new(format!("`{id}` ({}) was added", added.address()));
        }
    }

    fn operation(&mut self, id: &str, old: Operation<'a>, new: Operation<'a>) {
        if !is_true(&old.operation["deprecated"]) && is_true(&new.operation["deprecated"]) {
            self.found.is_new(format!("`{id}` is deprecated"));
        }
        self.parameters(id, old, new);
        self.body(id, &old.operation["requestBody"], &new.operation["requestBody"]);
        self.answers(id, &old.operation["responses"], &new.operation["responses"]);
    }

    fn parameters(&mut self, id: &str, old: Operation<'a>, new: Operation<'a>) {
        let (before, mut after) = (parameters(self.old, old), parameters(self.new, new));
        for (key, old) in before {
            let name = old.shown();
            let Some(new) = after.remove(&key) else {
                self.found.breaks(format!("`{id}`: the {name} was removed"));
                continue;
            };
            let subject = match (old.reached.name, new.reached.name) {
                (Some(old), Some(new)) if old == new => format!("the shared {name}"),
                _ => format!("`{id}`: the {name}"),
            };
            match (old.is_required(), new.is_required()) {
                (false, true) => self.found.breaks(format!("{subject} became required")),
                (true, false) => self.found.is_new(format!("{subject} became optional")),
                _ => {}
            }
            let place = Place::new(subject, Direction::Request);
            let schemas = (&old.reached.value["schema"], &new.reached.value["schema"]);
            if let (Some(old), Some(new)) = (fields(schemas.0), fields(schemas.1)) {
                self.fields(&place, &old, &new);
                continue;
            }
            self.schemas.compare(&place, schemas.0, schemas.1, &mut self.found);
        }
        for added in after.into_values() {
            let name = added.shown();
            if added.is_required() {
                self.found.breaks(format!("`{id}`: the required {name} was added"));
            } else {
                self.found.is_new(format!("`{id}`: the {name} was added"));
            }
        }
    }

    /// What a list can be ordered by: its pattern says the same, but not to a person.
    fn fields(&mut self, place: &Place, old: &BTreeSet<&str>, new: &BTreeSet<&str>) {
        for field in old.difference(new) {
            self.found.breaks(format!("{place} no longer takes `{field}`"));
        }
        for field in new.difference(old) {
            self.found.is_new(format!("{place} takes `{field}`"));
        }
    }

    fn body(&mut self, id: &str, old: &'a Json, new: &'a Json) {
        let (old, new) = (schema::resolve(self.old, old).value, schema::resolve(self.new, new).value);
        let is_required = |body: &Json| is_true(&body["required"]);
        match (old.is_null(), new.is_null()) {
            (true, true) => return,
            (true, false) if is_required(new) => {
                return self.found.breaks(format!("`{id}`: a required body was added"));
            }
            (true, false) => return self.found.is_new(format!("`{id}`: a body was added")),
            (false, true) => return self.found.breaks(format!("`{id}`: the body was removed")),
            (false, false) => {}
        }
        match (is_required(old), is_required(new)) {
            (false, true) => self.found.breaks(format!("`{id}`: the body became required")),
            (true, false) => self.found.is_new(format!("`{id}`: the body became optional")),
            _ => {}
        }
        self.content(&format!("`{id}`: the body"), Direction::Request, &old["content"], &new["content"]);
    }

    fn answers(&mut self, id: &str, old: &'a Json, new: &'a Json) {
        for (status, before) in members(old) {
            match new.get(status) {
                Some(after) => self.answer(id, status, before, after),
                None if is_success(status) => {
                    self.found.breaks(format!("`{id}`: the answer {status} was removed"));
                }
                None => self.found.is_new(format!("`{id}`: the error {status} was removed")),
            }
        }
        for (status, _) in members(new).filter(|(status, _)| old.get(status.as_str()).is_none()) {
            if is_success(status) {
                let text = format!("`{id}`: the answer {status} was added, which a client may not expect");
                self.found.breaks(text);
            } else {
                self.found.is_new(format!("`{id}`: the error {status} was added"));
            }
        }
    }

    fn answer(&mut self, id: &str, status: &str, old: &'a Json, new: &'a Json) {
        let (old, new) = (schema::resolve(self.old, old), schema::resolve(self.new, new));
        let subject = match (old.name, new.name) {
            (Some(old), Some(new)) if old == new => format!("the shared answer `{new}`"),
            _ => format!("`{id}`: the answer {status}"),
        };
        for (name, _) in members(&old.value["headers"]) {
            if new.value["headers"].get(name).is_none() {
                self.found.breaks(format!("{subject}: the header `{name}` was removed"));
            }
        }
        for (name, _) in members(&new.value["headers"]) {
            if old.value["headers"].get(name).is_none() {
                self.found.is_new(format!("{subject}: the header `{name}` was added"));
            }
        }
        self.content(&subject, Direction::Answer, &old.value["content"], &new.value["content"]);
    }

    fn content(&mut self, subject: &str, direction: Direction, old: &'a Json, new: &'a Json) {
        let is_alone = members(new).count() == 1;
        for (media, before) in members(old) {
            match new.get(media) {
                Some(after) => {
                    let subject =
                        if is_alone { subject.to_owned() } else { format!("{subject} as `{media}`") };
                    let place = Place::new(subject, direction);
                    self.schemas.compare(&place, &before["schema"], &after["schema"], &mut self.found);
                }
                None => self.found.breaks(format!("{subject}: the media type `{media}` was removed")),
            }
        }
        for (media, _) in members(new).filter(|(media, _)| old.get(media.as_str()).is_none()) {
            self.found.is_new(format!("{subject}: the media type `{media}` was added"));
        }
    }
}

/// A parameter of an operation.
struct Parameter<'a> {
    reached: Reached<'a>,
}

impl Parameter<'_> {
    fn is_required(&self) -> bool {
        is_true(&self.reached.value["required"])
    }

    /// `query parameter` and the name.
    fn shown(&self) -> String {
        let text = |member| self.reached.value[member].as_str().unwrap_or_default();
        match text("in") {
            "header" => format!("header `{}`", text("name")),
            place => format!("{place} parameter `{}`", text("name")),
        }
    }
}

/// The parameters of an operation by place and name; one of a path is known by its position.
fn parameters<'a>(document: &'a Json, operation: Operation<'a>) -> BTreeMap<(String, String), Parameter<'a>> {
    let mut parameters = BTreeMap::new();
    let places = operation.places();
    // What an operation says of a parameter replaces what its path says.
    for list in [&operation.item["parameters"], &operation.operation["parameters"]] {
        for parameter in list.as_array().into_iter().flatten() {
            let reached = schema::resolve(document, parameter);
            let text = |member| reached.value[member].as_str().unwrap_or_default().to_owned();
            let (place, mut name) = (text("in"), text("name"));
            match place.as_str() {
                "path" => {
                    if let Some(at) = places.iter().position(|place| *place == name) {
                        name = at.to_string();
                    }
                }
                // HTTP knows no case in names of headers.
                "header" => name.make_ascii_lowercase(),
                _ => {}
            }
            parameters.insert((place, name), Parameter { reached });
        }
    }
    parameters
}

/// The fields that a parameter names, where the document lists them.
fn fields(schema: &Json) -> Option<BTreeSet<&str>> {
    Some(schema["x-fields"].as_array()?.iter().filter_map(Json::as_str).collect())
}

fn is_true(value: &Json) -> bool {
    value.as_bool() == Some(true)
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

#[cfg(test)]
mod tests;
