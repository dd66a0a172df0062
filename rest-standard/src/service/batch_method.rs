//! The batch verbs: one standard method on several resources of a collection, all of them or none.
//!
//! A batch is one plan and so one commit. Its items are planned in their order by what plans a single request, and what
//! is wrong with each is told with the place of the item.

use std::{collections::HashSet, sync::Arc};

use http::HeaderMap;
use serde_json::{Map, Value as Json};

use super::{
    call::{Call, Conditions, Media, media_type, members},
    create::{self, Create},
    delete::Below,
    done::Done,
    plan::Plan,
    read::is_frozen,
    refused::Refused,
    update::{self, Update},
};
use crate::{
    descriptor::BatchMethod,
    document::etag::{self, Condition},
    error::{Error, Fault, MOST_FAULTS, Reason, Result},
    query::Holds,
    store::Record,
    validate::{self, Body, did_you_mean, excerpt, join_pointer},
    value::{Id, Path},
};

/// A checked batch.
#[derive(Debug)]
pub(super) enum Batch {
    Get(Vec<Id>),
    Create(Vec<Create>),
    Update(Vec<(Target, Update)>),
    Delete(Vec<Target>),
}

/// The resource that an item is about, and the state that it must be in.
#[derive(Debug)]
pub(super) struct Target {
    id: Id,
    conditions: Conditions,
}

impl Batch {
    pub(super) fn method(&self) -> BatchMethod {
        match self {
            Self::Get(_) => BatchMethod::Get,
            Self::Create(_) => BatchMethod::Create,
            Self::Update(_) => BatchMethod::Update,
            Self::Delete(_) => BatchMethod::Delete,
        }
    }

    /// The ids of the resources that are to be changed, in one order for all batches.
    pub(super) fn changed(&self) -> Vec<&Id> {
        let mut ids: Vec<&Id> = match self {
            Self::Get(_) | Self::Create(_) => Vec::new(),
            Self::Update(items) => items.iter().map(|(target, _)| &target.id).collect(),
            Self::Delete(targets) => targets.iter().map(|target| &target.id).collect(),
        };
        ids.sort_unstable();
        ids
    }
}

/// Checks the request.
pub(super) fn prepare(
    call: &mut Call,
    method: BatchMethod,
    headers: &HeaderMap,
    body: Option<Result<Json, Fault>>,
) -> Result<Batch> {
    call.parse_query(&[], Holds::Other);
    call.refuse_conditions();
    media_type(headers, &[Media::Json])?;
    let Some(members) = members(body, &mut call.faults) else {
        return Err(Error::from_faults(std::mem::take(&mut call.faults)));
    };
    let name = if method == BatchMethod::Get { "ids" } else { "items" };
    only(&members, &[name], "", &mut call.faults);
    let most = call.api.settings.limits.batch;
    let items = array(&members, name, most, &mut call.faults);
    let reader = Reader { call, at: format!("/{name}"), seen: HashSet::new() };
    let batch = match method {
        BatchMethod::Get => Batch::Get(reader.all(items, Reader::id)),
        BatchMethod::Create => Batch::Create(reader.all(items, Reader::create)),
        BatchMethod::Update => Batch::Update(reader.all(items, Reader::update)),
        BatchMethod::Delete => Batch::Delete(reader.all(items, Reader::delete)),
    };
    call.refuse_faults()?;
    Ok(batch)
}

/// The elements of the one member that a batch has; none where there are too many.
fn array<'a>(members: &'a Map<String, Json>, name: &str, most: usize, faults: &mut Vec<Fault>) -> &'a [Json] {
    let detail = match members.get(name) {
        Some(Json::Array(items)) if items.len() <= most => return items,
        Some(Json::Array(items)) => format!("must have at most {most} elements, got {}", items.len()),
        Some(other) => format!("must be an array, got {}", excerpt(other)),
        None => "is required: an array".to_owned(),
    };
    faults.push(Fault::pointer(Reason::InvalidValue, join_pointer("", name), detail));
    &[]
}

/// Refuses members that an object of a batch does not have.
fn only(members: &Map<String, Json>, known: &[&str], at: &str, faults: &mut Vec<Fault>) {
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        if faults.len() > MOST_FAULTS {
            break;
        }
        let hint = did_you_mean(name, known.iter().copied());
        let detail = format!("is not a member of this object{hint}");
        faults.push(Fault::pointer(Reason::UnknownField, join_pointer(at, name), detail));
    }
}

/// Reads the items of a batch.
struct Reader<'a> {
    call: &'a mut Call,
    /// The array's place.
    at: String,
    /// The ids that items before have.
    seen: HashSet<Id>,
}

impl Reader<'_> {
    fn all<T>(mut self, items: &[Json], mut one: impl FnMut(&mut Self, &Json, &str) -> Option<T>) -> Vec<T> {
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if self.call.faults.len() > MOST_FAULTS {
                break;
            }
            let at = format!("{}/{index}", self.at);
            read.extend(one(&mut self, item, &at));
        }
        read
    }

    fn refuse<T>(&mut self, at: impl Into<String>, detail: impl Into<String>) -> Option<T> {
        self.call.faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
        None
    }

    fn object<'a>(&mut self, item: &'a Json, at: &str) -> Option<&'a Map<String, Json>> {
        match item {
            Json::Object(members) => Some(members),
            other => self.refuse(at, format!("must be an object, got {}", excerpt(other))),
        }
    }

    fn id(&mut self, item: &Json, at: &str) -> Option<Id> {
        let kind = self.call.node().id_kind();
        let id = create::required_id(kind, Some(item), at, &mut self.call.faults)?;
        self.once(id, at)
    }

    fn once(&mut self, id: Id, at: &str) -> Option<Id> {
        if self.seen.insert(id.clone()) {
            return Some(id);
        }
        self.refuse(at, format!("is there twice: `{id}` stands before"))
    }

    fn create(&mut self, item: &Json, at: &str) -> Option<Create> {
        let members = self.object(item, at)?;
        let descriptor = self.call.node().descriptor;
        let create = create::checked(descriptor, members, at, &mut self.call.faults);
        if let Some(id) = &create.id {
            self.once(id.clone(), &join_pointer(at, "id"))?;
        }
        Some(create)
    }

    fn update(&mut self, item: &Json, at: &str) -> Option<(Target, Update)> {
        let members = self.object(item, at)?;
        only(members, &["id", "etag", "patch"], at, &mut self.call.faults);
        let target = self.target(members, at);
        let at = join_pointer(at, "patch");
        let patch = match members.get("patch") {
            Some(patch) => self.object(patch, &at)?,
            None => return self.refuse(at, "is required: a JSON merge patch"),
        };
        let fields = self.call.node().descriptor.fields;
        validate::partial(fields, patch, Body::Resource, &at, &mut self.call.faults);
        Some((target?, Update::Merge(patch.clone())))
    }

    fn delete(&mut self, item: &Json, at: &str) -> Option<Target> {
        let members = self.object(item, at)?;
        only(members, &["id", "etag"], at, &mut self.call.faults);
        self.target(members, at)
    }

    fn target(&mut self, members: &Map<String, Json>, at: &str) -> Option<Target> {
        let place = join_pointer(at, "id");
        let kind = self.call.node().id_kind();
        let id = create::required_id(kind, members.get("id"), &place, &mut self.call.faults);
        let id = id.and_then(|id| self.once(id, &place));
        let conditions = match members.get("etag") {
            None | Some(Json::Null) => Conditions::default(),
            Some(sent) => match sent.as_str().and_then(Condition::parse) {
                Some(condition) => Conditions::if_match(condition),
                None => {
                    let detail = format!("must be an entity tag with its quotes, got {}", excerpt(sent));
                    return self.refuse(join_pointer(at, "etag"), detail);
                }
            },
        };
        Some(Target { id: id?, conditions })
    }
}

/// Plans the batch.
pub(super) async fn plan(call: &Call, batch: &Batch, plan: &Arc<Plan>, dry: bool) -> Result<Done> {
    plan.check_owner(call.node(), &call.target.path).await?;
    let mut refused = Refused::default();
    let items = match batch {
        Batch::Get(ids) => {
            let records = get(call, ids).await?;
            let frozen = is_frozen(&call.api, call.node(), &call.target.path).await?;
            return Ok(Done::Got { records, frozen });
        }
        Batch::Create(creates) => {
            let place = |index| format!("/items/{index}");
            create(call, creates, place, plan, dry, &mut refused).await?
        }
        Batch::Update(items) => {
            let targets = items.iter().map(|(target, _)| target).collect();
            let found = find(call, targets, plan, false).await?;
            update(call, items, found, plan, &mut refused).await?
        }
        Batch::Delete(targets) => {
            let found = find(call, targets.iter().collect(), plan, true).await?;
            delete(call, found, plan, &mut refused).await?
        }
    };
    refused.finish()?;
    Ok(Done::Batch(batch.method(), items))
}

async fn get(call: &Call, ids: &[Id]) -> Result<Vec<Arc<Record>>> {
    let paths: Vec<Path> = ids.iter().map(|id| call.target.path.join(id.clone())).collect();
    let mut refused = Refused::default();
    let mut found = Vec::with_capacity(ids.len());
    let records = call.api.store.read_all(call.target.node, &paths).await?;
    for (index, (record, id)) in records.into_iter().zip(ids).enumerate() {
        match record {
            Some(record) => found.push(record),
            None => refused.fault(absent(format!("/ids/{index}"), id)),
        }
    }
    refused.finish()?;
    Ok(found)
}

fn absent(at: String, id: &Id) -> Fault {
    Fault::pointer(Reason::NotFound, at, format!("must be the id of a resource that exists, got `{id}`"))
}

/// Plans creates below an owner that exists; `place` is where each one's body stands.
pub(super) async fn create(
    call: &Call,
    creates: &[Create],
    place: impl Fn(usize) -> String,
    plan: &Arc<Plan>,
    dry: bool,
    refused: &mut Refused,
) -> Result<Vec<Done>> {
    let missing = creates.iter().filter(|create| create.id.is_none()).count();
    let mut made = create::make_ids(call, missing, dry).await?.into_iter();
    let mut done = Vec::with_capacity(creates.len());
    for (index, create) in creates.iter().enumerate() {
        let id = if create.id.is_none() { made.next() } else { None };
        let at = place(index);
        done.extend(refused.sort(create::put(call, create, id, plan).await, &at, &at)?);
    }
    Ok(done)
}

/// A resource that an item is about, as it was before the batch.
type Found = (Path, Arc<Record>);

/// Finds every resource and judges its condition, before anything is planned: an item does not change what another one
/// is judged by, and no rule runs for a batch that is refused here. With `live`, what is soft-deleted is not there.
async fn find(call: &Call, targets: Vec<&Target>, plan: &Arc<Plan>, live: bool) -> Result<Vec<Found>> {
    let node = call.node();
    let mut refused = Refused::default();
    let mut found = Vec::with_capacity(targets.len());
    for (index, target) in targets.into_iter().enumerate() {
        let path = call.target.path.join(target.id.clone());
        let found_there = plan.current(node, &path).await?;
        let Some(record) = found_there.filter(|record| !live || record.deletion.is_none()) else {
            refused.fault(absent(format!("/items/{index}/id"), &target.id));
            continue;
        };
        let tag = etag::of_revision(record.revision);
        if let Err(error) = target.conditions.judge_write(Some(&tag), node) {
            let detail = match error.reason() {
                Reason::PreconditionRequired => "is required: the `etag` of the resource that was read",
                _ => "is not the tag of the resource as it is now; read it again",
            };
            refused.fault(Fault::pointer(error.reason(), format!("/items/{index}/etag"), detail));
        }
        found.push((path, record));
    }
    refused.finish()?;
    Ok(found)
}

async fn update(
    call: &Call,
    items: &[(Target, Update)],
    found: Vec<Found>,
    plan: &Arc<Plan>,
    refused: &mut Refused,
) -> Result<Vec<Done>> {
    let mut done = Vec::with_capacity(items.len());
    for (index, ((_, update), (path, record))) in items.iter().zip(found).enumerate() {
        // A rule of an item before may have changed the resource since.
        let planned = plan.planned(call.target.node, &path).unwrap_or(Some(record.clone()));
        let outcome = match planned {
            Some(before) => update::change(call, update, &path, before, plan).await,
            None => Err(deleted_meanwhile()),
        };
        let description = "The resource was updated.";
        let outcome = outcome.map(|_| Done::Changed { path, before: record, description });
        let at = format!("/items/{index}");
        done.extend(refused.sort(outcome, &at, &format!("{at}/patch"))?);
    }
    Ok(done)
}

async fn delete(
    call: &Call,
    found: Vec<Found>,
    plan: &Arc<Plan>,
    refused: &mut Refused,
) -> Result<Vec<Done>> {
    let mut done = Vec::with_capacity(found.len());
    for (index, (path, record)) in found.into_iter().enumerate() {
        let outcome = match plan.planned(call.target.node, &path) {
            Some(None) => Err(deleted_meanwhile()),
            _ => plan.delete(call.node(), &path, Below::Refuse).await,
        };
        let outcome = outcome.map(|_| match call.node().descriptor.soft_delete {
            Some(_) => Done::Changed { path, before: record, description: "The resource was deleted." },
            None => Done::Deleted { before: Some(record) },
        });
        let at = format!("/items/{index}");
        done.extend(refused.sort(outcome, &at, &at)?);
    }
    Ok(done)
}

fn deleted_meanwhile() -> Error {
    Error::not_found("A rule of an item before it deletes the resource.")
}
