//! What a client can do next: the links of a resource, a collection and the API root.
//!
//! Every link that is shown works; a DELETE alone may still meet 409, `HasChildren`, or `FailedPrecondition` where
//! something refers to the resource.

use super::{expanded::refers_to, view::View};
use crate::{
    descriptor::{Descriptor, Method, OnDelete, Target, UNDELETE, Verb},
    error::Result,
    tree::{Node, Tree},
    value::{Path, Row},
};

/// The media type of bodies and answers.
pub(crate) const JSON: &str = "application/json";
/// The media type of pages for people.
pub(crate) const HTML: &str = "text/html; charset=utf-8";
/// JSON Merge Patch (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";
/// JSON Patch (RFC 6902).
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";

/// One link; `href` comes in pieces, so that none is put together only to be copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    /// The relation.
    pub(crate) rel: &'a str,
    /// The absolute URL, in pieces.
    pub(crate) href: [&'a str; 3],
    /// What the client does there.
    pub(crate) action: Action,
}

/// The HTTP method of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Get,
    /// GET of a collection.
    List,
    /// GET of all of a collection.
    Export,
    /// GET of the document for machines.
    GetDocument,
    /// GET of a page for people.
    GetPage,
    Post,
    /// POST of lines.
    Import,
    Put,
    Patch,
    Delete,
}

impl Action {
    /// The members `action` and `format`: the media types that a write accepts or a read produces.
    pub(crate) fn members(self) -> &'static str {
        match self {
            Self::Get => r#""action":"GET","format":["application/json","application/xml","text/html"]"#,
            Self::List => {
                r#""action":"GET","format":["application/json","application/xml","text/csv","text/html"]"#
            }
            Self::Export => r#""action":"GET","format":["application/x-ndjson","text/csv"]"#,
            Self::GetDocument => r#""action":"GET","format":["application/json"]"#,
            Self::GetPage => r#""action":"GET","format":["text/html"]"#,
            Self::Post => r#""action":"POST","format":["application/json"]"#,
            Self::Import => r#""action":"POST","format":["application/x-ndjson"]"#,
            Self::Put => r#""action":"PUT","format":["application/json"]"#,
            Self::Patch => {
                r#""action":"PATCH","format":["application/merge-patch+json","application/json-patch+json"]"#
            }
            Self::Delete => r#""action":"DELETE","format":[]"#,
        }
    }
}

/// The tree with the URL that its addresses start with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// The resources.
    pub(crate) tree: &'a Tree,
    /// The entry point's URL: `https://api.example.com/api/v1`.
    pub(crate) root: &'a str,
}

impl Site<'_> {
    /// The URL of the resource or singleton of `node` at `path`; an id that the path leaves open is `-`.
    #[must_use]
    pub(crate) fn resource_url(&self, node: &Node, path: &Path) -> String {
        let mut url = self.collection_url(node, path);
        if node.id_kind().is_some() {
            url.push('/');
            match path.0.get(node.depth - 1) {
                Some(id) => id.push_to(&mut url),
                None => url.push('-'),
            }
        }
        url
    }

    /// The URL of the collection or singleton `node` below the parent that `path` leads to or through.
    #[must_use]
    pub(crate) fn collection_url(&self, node: &Node, path: &Path) -> String {
        let mut url = match node.parent {
            Some(parent) => self.resource_url(self.tree.node(parent), path),
            None => self.root.to_owned(),
        };
        url.push('/');
        url.push_str(node.descriptor.segment);
        url
    }
}

/// The links of one resource or singleton; `collection_url` and `url` are its own addresses. Without the whole record no
/// condition can be asked, and the links that have one are not shown. Where it or one above is soft-deleted, nothing can be
/// written but that it comes back.
pub(crate) fn for_resource(
    site: Site<'_>,
    view: &View<'_>,
    collection_url: &str,
    url: &str,
    mut emit: impl FnMut(Link<'_>),
) {
    let (node, record, is_deleted) = (view.node, view.excerpt.whole(), view.excerpt.deletion().is_some());
    let frozen = view.frozen || is_deleted;
    let methods = node.descriptor.methods;
    let mut own = |rel: &str, href: [&str; 3], action| emit(Link { rel, href, action });
    if methods.has(Method::Read) {
        own("self", [url, "", ""], Action::Get);
    }
    if methods.has(Method::Update) && !frozen {
        own("self", [url, "", ""], Action::Put);
        own("self", [url, "", ""], Action::Patch);
    }
    if methods.has(Method::Delete) && !frozen {
        own("self", [url, "", ""], Action::Delete);
    }
    up(site, node, collection_url, &mut own);
    if node.id_kind().is_some() && methods.has(Method::List) {
        own("collection", [collection_url, "", ""], Action::List);
    }
    for child in &node.children {
        let child = site.tree.node(*child).descriptor;
        if let Some(action) = reading(child) {
            own(child.segment, [url, "/", child.segment], action);
        }
    }
    for (index, target) in &node.references {
        let Some(path) = refers_to(&view.excerpt, *index) else { continue };
        let field = &node.descriptor.fields[*index];
        let target = site.tree.node(*target);
        let href = site.resource_url(target, &path);
        let has = |method| target.descriptor.methods.has(method);
        // The reference itself refuses the delete of what it leads to, unless it would let go.
        let lets_go = field.references.is_some_and(|reference| reference.on_delete == OnDelete::SetNull);
        let actions = [
            (has(Method::Read), Action::Get),
            (has(Method::Update), Action::Put),
            (has(Method::Update), Action::Patch),
            (has(Method::Delete) && lets_go, Action::Delete),
        ];
        for (_, action) in actions.into_iter().filter(|(is_there, _)| *is_there) {
            own(field.name, [&href, "", ""], action);
        }
    }
    for method in node.descriptor.custom_methods.iter().filter(|method| method.target != Target::Collection) {
        // A condition that cannot be asked (stored data that no longer fits) hides the link; the call says why.
        let asked =
            |when: fn(&Row) -> Result<bool>| record.is_some_and(|record| when(&record.row).unwrap_or(false));
        let allowed = method.when.is_none_or(asked);
        if allowed && (method.read_only || !frozen) {
            own(method.verb, [url, ":", method.verb], Action::Post);
        }
    }
    if is_deleted && !view.frozen {
        own(UNDELETE.verb, [url, ":", UNDELETE.verb], Action::Post);
    }
}

/// How a collection or singleton is read, where it can be.
fn reading(descriptor: &Descriptor) -> Option<Action> {
    let (method, action) =
        if descriptor.is_singleton() { (Method::Read, Action::Get) } else { (Method::List, Action::List) };
    descriptor.methods.has(method).then_some(action)
}

/// `up`: the resource above, or the entry point.
fn up(site: Site<'_>, node: &Node, collection_url: &str, own: &mut impl FnMut(&str, [&str; 3], Action)) {
    let readable =
        node.parent.is_none_or(|parent| site.tree.node(parent).descriptor.methods.has(Method::Read));
    if readable && let Some(above) = collection_url.strip_suffix(node.descriptor.segment) {
        own("up", [above.trim_end_matches('/'), "", ""], Action::Get);
    }
}

/// The links of a list apart from those to other pages; `frozen` where a resource above is soft-deleted.
pub(crate) fn for_collection(
    site: Site<'_>,
    node: &Node,
    url: &str,
    page: &str,
    frozen: bool,
    mut emit: impl FnMut(Link<'_>),
) {
    let mut own = |rel: &str, href: [&str; 3], action| emit(Link { rel, href, action });
    own("self", [page, "", ""], Action::List);
    up(site, node, url, &mut own);
    if node.descriptor.methods.has(Method::Create) && !frozen {
        own("create", [url, "", ""], Action::Post);
    }
    for verb in node.descriptor.collection_verbs().filter(|verb| verb.is_read_only() || !frozen) {
        let action = match verb {
            Verb::Export => Action::Export,
            Verb::Import => Action::Import,
            Verb::Batch(_) | Verb::Custom(_) => Action::Post,
        };
        own(verb.name(), [url, ":", verb.name()], action);
    }
}

/// The links of a list across all parents whose paths begin with `path`: `up` is the collection of the first of them.
pub(crate) fn for_list_across(
    site: Site<'_>,
    node: &Node,
    path: &Path,
    page: &str,
    mut emit: impl FnMut(Link<'_>),
) {
    emit(Link { rel: "self", href: [page, "", ""], action: Action::List });
    if node.descriptor.export {
        let url = site.collection_url(node, path);
        emit(Link { rel: "export", href: [&url, ":export", ""], action: Action::Export });
    }
    let mut above = node;
    while let Some(parent) = above.parent.map(|parent| site.tree.node(parent))
        && parent.depth > path.0.len()
    {
        above = parent;
    }
    // A singleton between is no collection of parents.
    if above.id_kind().is_some() && above.id != node.id && above.descriptor.methods.has(Method::List) {
        let url = site.collection_url(above, path);
        emit(Link { rel: "up", href: [&url, "", ""], action: Action::List });
    }
}

/// The links of the entry point: the root collections and singletons, the document for machines and the page for people
/// (RFC 8631).
pub(crate) fn for_root(site: Site<'_>, docs: bool, mut emit: impl FnMut(Link<'_>)) {
    emit(Link { rel: "self", href: [site.root, "", ""], action: Action::Get });
    for id in site.tree.roots() {
        let descriptor = site.tree.node(*id).descriptor;
        if let Some(action) = reading(descriptor) {
            let href = [site.root, "/", descriptor.segment];
            emit(Link { rel: descriptor.segment, href, action });
        }
    }
    emit(Link { rel: "service-desc", href: [site.root, "/", "openapi.json"], action: Action::GetDocument });
    if docs {
        emit(Link { rel: "service-doc", href: [site.root, "/", "docs"], action: Action::GetPage });
    }
}
