//! What an operation can be refused with: its statuses and, of each, exactly the reasons that its declaration allows.

use super::operation::{Kind, Refusal};
use crate::{
    descriptor::{BatchMethod, CustomMethod, FieldDescriptor, IdKind, Target, UNDELETE},
    document::wire_name,
    error::Reason,
    tree::{Node, Tree},
};

/// What of an operation decides how it can be refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) tree: &'a Tree,
    pub(super) node: &'a Node,
    pub(super) kind: Kind,
    pub(super) method: &'static str,
    pub(super) has_ids: bool,
    pub(super) on_collection: bool,
    pub(super) has_body: bool,
}

/// The refusals of reading the entry point.
pub(super) fn of_entry_point() -> Vec<Refusal> {
    [400, 406, 414, 421, 503].into_iter().map(|status| Refusal::new(status, plain(status))).collect()
}

/// The refusals, but for those of a wrong method and of what the HTTP library refuses by itself.
pub(super) fn of(facts: Facts<'_>) -> Vec<Refusal> {
    let Facts { node, kind, method, has_ids, on_collection, has_body, .. } = facts;
    let writes = kind.is_write(method);
    // The items of a batch say which tags their resources must have.
    let has_tags = names_items(kind);
    let names_resources = has_tags || matches!(kind, Kind::Batch(BatchMethod::Get));
    let conditional = !on_collection || has_tags;
    let told = [
        (400, true),
        (403, method != "GET"),
        (404, has_ids || names_resources || matches!(kind, Kind::Custom(_))),
        (406, true),
        (408, has_body),
        (409, writes || matches!(kind, Kind::Custom(_))),
        (412, conditional),
        (413, has_body),
        (414, true),
        (415, has_body),
        (421, true),
        (422, has_body || writes),
        (428, conditional && writes && node.descriptor.require_if_match),
        (500, true),
        (503, true),
        (504, true),
    ];
    let told = told.into_iter().filter(|(_, can)| *can);
    told.map(|(status, _)| Refusal::new(status, reasons(facts, status))).collect()
}

/// Whether the operation may run methods or rules of the author's. What these write elsewhere can be refused for reasons
/// that no declaration tells.
pub(super) fn runs_author_code(tree: &Tree, node: &Node, kind: Kind) -> bool {
    match single(kind) {
        Kind::Custom(method) => !is_undelete(node, method),
        Kind::Create | Kind::Replace | Kind::Patch => node.descriptor.rules.is_some(),
        Kind::Delete => {
            let below = tree.descendants(node.id).into_iter().map(|below| tree.node(below).descriptor);
            let mut asked = below.filter(|below| !below.is_singleton()).chain([node.descriptor]);
            asked.any(|descriptor| descriptor.rules.is_some())
        }
        Kind::EntryPoint
        | Kind::List
        | Kind::ListAcross
        | Kind::Read
        | Kind::Batch(_)
        | Kind::Export
        | Kind::ExportAcross
        | Kind::Import => false,
    }
}

/// What is done to each resource.
fn single(kind: Kind) -> Kind {
    match kind {
        Kind::Batch(BatchMethod::Get) => Kind::Read,
        Kind::Batch(BatchMethod::Create) | Kind::Import => Kind::Create,
        Kind::Export => Kind::List,
        Kind::ExportAcross => Kind::ListAcross,
        Kind::Batch(BatchMethod::Update) => Kind::Patch,
        Kind::Batch(BatchMethod::Delete) => Kind::Delete,
        kind => kind,
    }
}

/// The reasons of a status that has the same ones everywhere.
fn plain(status: u16) -> Vec<Reason> {
    match status {
        400 => vec![
            Reason::MalformedRequest,
            Reason::UnknownParameter,
            Reason::InvalidParameter,
            Reason::InvalidRequestId,
        ],
        503 => vec![Reason::Unavailable],
        _ => Reason::ALL.iter().copied().filter(|reason| reason.status() == status).collect(),
    }
}

fn reasons(facts: Facts<'_>, status: u16) -> Vec<Reason> {
    let Facts { tree, node, kind, method, on_collection, .. } = facts;
    let writes = kind.is_write(method);
    let takes_body = ["POST", "PUT", "PATCH"].contains(&method);
    let told = match status {
        400 => {
            let mut reasons = plain(400);
            if takes_body {
                reasons.insert(3, Reason::UnknownField);
            }
            return reasons;
        }
        409 => vec![
            (Reason::AlreadyExists, can_be_taken(node, kind)),
            (
                Reason::FailedPrecondition,
                matches!(kind, Kind::Patch)
                    || runs_author_code(tree, node, kind)
                    || (matches!(single(kind), Kind::Delete) && !node.referrers.is_empty())
                    || (writes && can_be_frozen(node, on_collection && !names_items(kind))),
            ),
            (Reason::HasChildren, matches!(single(kind), Kind::Delete) && has_child_collections(tree, node)),
            (Reason::RequestInProgress, writes),
            // Whatever stands on one resource waits for its turn.
            (Reason::Aborted, writes || !on_collection),
        ],
        422 => vec![
            (Reason::InvalidValue, takes_body || runs_author_code(tree, node, kind)),
            (Reason::RequestIdReused, writes),
        ],
        other => return plain(other),
    };
    told.into_iter().filter(|(_, can)| *can).map(|(reason, _)| reason).collect()
}

fn is_undelete(node: &Node, method: &CustomMethod) -> bool {
    method.verb == UNDELETE.verb && node.descriptor.soft_delete.is_some()
}

/// Whether the items of a batch are resources that are there.
fn names_items(kind: Kind) -> bool {
    matches!(kind, Kind::Batch(BatchMethod::Update | BatchMethod::Delete))
}

/// Whether the resource or one above can be soft-deleted, and refuse writes then.
fn can_be_frozen(node: &Node, on_collection: bool) -> bool {
    (node.descriptor.soft_delete.is_some() && !on_collection) || !node.soft_above.is_empty()
}

/// Whether an id that the client chose, or a value that must be unique, can be another's.
fn can_be_taken(node: &Node, kind: Kind) -> bool {
    let descriptor = node.descriptor;
    let is_set =
        |field: &&FieldDescriptor, by_author: bool| field.unique && (by_author || !field.output_only);
    let ruled = descriptor.rules.is_some();
    let has = |fixed: bool, by_author: bool| {
        descriptor
            .fields
            .iter()
            .filter(|field| is_set(field, by_author))
            .any(|field| fixed || !field.immutable)
    };
    match single(kind) {
        Kind::Create => {
            matches!(node.id_kind(), Some(IdKind::Uuid | IdKind::Slug | IdKind::Text)) || has(true, ruled)
        }
        Kind::Replace => has(descriptor.upsert, ruled),
        Kind::Patch => has(false, ruled),
        Kind::Custom(method) if !method.read_only && !is_undelete(node, method) => {
            has(method.target == Target::Collection, true)
        }
        _ => false,
    }
}

/// Whether a resource can have others below it; change logs are none.
fn has_child_collections(tree: &Tree, node: &Node) -> bool {
    node.children.iter().map(|child| tree.node(*child)).any(|child| {
        if child.descriptor.is_singleton() {
            has_child_collections(tree, child)
        } else {
            !child.is_change_log
        }
    })
}

/// The component's name of a refusal; one with other reasons than most operations have is named by these.
pub(super) fn name(refusal: &Refusal) -> String {
    let name = match refusal.status {
        400 => "BadRequest",
        403 => "Forbidden",
        404 => "NotFound",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        412 => "PreconditionFailed",
        413 => "ContentTooLarge",
        414 => "UriTooLong",
        415 => "UnsupportedMediaType",
        421 => "MisdirectedRequest",
        422 => "UnprocessableContent",
        428 => "PreconditionRequired",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "InternalServerError",
    };
    let most: &[Reason] = match refusal.status {
        400 => &plain(400),
        409 => &[Reason::RequestInProgress, Reason::Aborted],
        422 => &[Reason::InvalidValue, Reason::RequestIdReused],
        _ => return name.to_owned(),
    };
    let joined = |reasons: &[Reason], others: &[Reason]| -> String {
        reasons.iter().filter(|reason| !others.contains(reason)).map(|reason| wire_name(*reason)).collect()
    };
    let (more, less) = (joined(&refusal.reasons, most), joined(most, &refusal.reasons));
    let without = if less.is_empty() { "" } else { "Without" };
    format!("{name}{more}{without}{less}")
}

/// What a refusal with the status means, and the reasons that it can have.
pub(super) fn text(status: u16, reasons: &[Reason]) -> String {
    let what = match status {
        400 => "The request cannot be understood",
        403 => {
            return "The caller may not do this: `PermissionDenied`. A page of another origin may not write."
                .to_owned();
        }
        404 => "Nothing is at this address",
        405 => {
            return "The address does not have the method: `MethodNotAllowed`. The header `Allow` names those that it has."
                .to_owned();
        }
        406 => "There is no representation that the client accepts",
        408 => "The body did not arrive in time",
        409 => "The current state does not allow it",
        412 => "`If-Match`, `If-None-Match` or the `etag` of an item does not hold",
        413 => "The body is larger than the limit",
        414 => "The address is longer than the limit",
        415 => "The body has a media type that is not taken",
        421 => "The service does not answer for this host",
        422 => {
            let sentences = reasons.iter().filter_map(|reason| match reason {
                Reason::InvalidValue => Some("A value breaks its declaration or a rule: `InvalidValue`."),
                Reason::RequestIdReused => {
                    Some("The request id was used for another request: `RequestIdReused`.")
                }
                _ => None,
            });
            return sentences.collect::<Vec<_>>().join(" ");
        }
        428 => "The resource is written with `If-Match` only, or in a batch with its `etag`",
        503 => "The service cannot answer at the moment",
        504 => "The service took longer than it may",
        _ => {
            return "A fault of the service: `Internal`. Nothing was changed, or sending the same request id again is safe."
                .to_owned();
        }
    };
    let names: Vec<_> = reasons.iter().map(|reason| format!("`{}`", wire_name(*reason))).collect();
    match &*names {
        [others @ .., last] if !others.is_empty() => format!("{what}: {} or {last}.", others.join(", ")),
        names => format!("{what}: {}.", names.concat()),
    }
}
