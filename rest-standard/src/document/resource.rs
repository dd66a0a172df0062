//! One resource as clients see it: framework fields around the author's.

use serde_json::Value as Json;

use super::{
    etag,
    expanded::Expanded,
    links::{self, Link, Site},
    view::View,
    writer::JsonWriter,
};
use crate::{
    codec::{self, Audience},
    descriptor::{FieldDescriptor, FieldKind},
    query::{Own, Part, Selection},
    value::{Id, Value},
};

/// How much is known of the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Everything: it is stored.
    Stored,
    /// A preview of an update: what only the commit can know (the time, the entity tag) is left out.
    Updated,
    /// A preview of a create, whose time of creation only the commit can know, too.
    Created,
    /// A preview of a create whose id only the commit can know: its addresses are left out, too.
    CreatedWithoutId,
}

/// Writes a resource.
pub(crate) fn write_resource(
    writer: &mut JsonWriter,
    site: Site<'_>,
    view: &View<'_>,
    collection_url: &str,
    detail: Detail,
) {
    let (node, excerpt) = (view.node, &view.excerpt);
    let mut url = String::with_capacity(collection_url.len() + 40);
    url.push_str(collection_url);
    writer.begin_object();
    if detail != Detail::CreatedWithoutId {
        writer.name("id");
        match (node.id_kind(), excerpt.path().id()) {
            (Some(_), Some(id)) => {
                url.push('/');
                let at = url.len();
                id.push_to(&mut url);
                match id {
                    Id::Integer(id) => writer.integer(*id),
                    Id::Uuid(_) => writer.plain(&url[at..]),
                    Id::Slug(id) => writer.string(id),
                }
            }
            _ => writer.plain(node.descriptor.segment),
        }
        writer.name("url");
        writer.string(&url);
    }
    for (index, field) in node.descriptor.fields.iter().enumerate() {
        let part = view.part(index);
        if !field.input_only
            && *part != Part::Nothing
            && let Some(value) = excerpt.field(index)
        {
            writer.name(field.name);
            write_value(writer, field, value, part);
        }
    }
    if view.shows(Own::CreatedAt)
        && matches!(detail, Detail::Stored | Detail::Updated)
        && let Some(created_at) = excerpt.created_at()
    {
        writer.name("createdAt");
        writer.timestamp(created_at);
    }
    if view.shows(Own::CreatedBy) {
        writer.name("createdBy");
        write_caller(writer, excerpt.created_by());
    }
    if view.shows(Own::UpdatedAt)
        && detail == Detail::Stored
        && let Some(updated_at) = excerpt.updated_at()
    {
        writer.name("updatedAt");
        writer.timestamp(updated_at);
    }
    if view.shows(Own::UpdatedBy) {
        writer.name("updatedBy");
        write_caller(writer, excerpt.updated_by());
    }
    if node.descriptor.soft_delete.is_some() {
        write_deletion(writer, view, detail);
    }
    if view.shows(Own::Etag) && detail == Detail::Stored {
        writer.name("etag");
        writer.string(&etag::of_revision(excerpt.revision()));
    }
    if view.shows(Own::Links) && detail != Detail::CreatedWithoutId {
        writer.name("links");
        writer.begin_array();
        links::for_resource(site, view, collection_url, &url, |link| write_link(writer, link));
        writer.end_array();
    }
    if let Some(expanded) = view.expanded {
        write_expanded(writer, site, view, expanded);
    }
    writer.end_object();
}

/// Writes what the fields refer to as a read of it gives it, one level deep; null where a field refers to nothing.
fn write_expanded(writer: &mut JsonWriter, site: Site<'_>, view: &View<'_>, expanded: &Expanded) {
    writer.name("expanded");
    writer.begin_object();
    for (index, target) in expanded.fields() {
        writer.name(view.node.descriptor.fields[*index].name);
        match expanded.get(&view.excerpt, *index, *target) {
            Some(record) => {
                let target = site.tree.node(*target);
                let bare = expanded.without_links.then(|| Selection::without_links(target.descriptor));
                let view = View { selection: bare.as_ref(), ..View::whole(target, record.clone()) };
                write_resource(
                    writer,
                    site,
                    &view,
                    &site.collection_url(target, &record.path),
                    Detail::Stored,
                );
            }
            None => writer.null(),
        }
    }
    writer.end_object();
}

fn write_deletion(writer: &mut JsonWriter, view: &View<'_>, detail: Detail) {
    let deletion = view.excerpt.deletion();
    let times = [
        (Own::DeletedAt, "deletedAt", deletion.map(|deletion| deletion.at)),
        (Own::PurgeAt, "purgeAt", deletion.map(|deletion| deletion.purge_at)),
    ];
    for (own, name, instant) in times {
        if own == Own::PurgeAt && view.shows(Own::DeletedBy) {
            writer.name("deletedBy");
            write_caller(writer, deletion.and_then(|deletion| deletion.by.as_deref()));
        }
        // Only the commit knows when it deletes.
        if !view.shows(own) || (instant.is_some() && detail != Detail::Stored) {
            continue;
        }
        writer.name(name);
        match instant {
            Some(instant) => writer.timestamp(instant),
            None => writer.null(),
        }
    }
}

fn write_caller(writer: &mut JsonWriter, name: Option<&str>) {
    match name {
        Some(name) => writer.string(name),
        None => writer.null(),
    }
}

fn write_value(writer: &mut JsonWriter, field: &FieldDescriptor, value: &Value, part: &Part) {
    match (value, field.kind) {
        (Value::Null, _) => writer.null(),
        (Value::Json(_), _) if *part != Part::Whole => {
            writer.json(&part.of(&codec::field_to_json(field, value, Audience::Client)));
        }
        (Value::Bool(inner), _) => writer.boolean(*inner),
        (Value::Integer(number), FieldKind::Enum(declared)) => match declared.by_number(*number) {
            Some(variant) => writer.plain(variant.name),
            None => writer.null(),
        },
        (Value::Integer(number), _) if !field.integer_as_text() => writer.integer(*number),
        (Value::Text(text), _) => writer.string(text),
        (Value::Json(inner), FieldKind::Json | FieldKind::Foreign(_)) => writer.json(inner),
        (other, _) => writer.json(&codec::field_to_json(field, other, Audience::Client)),
    }
}

/// Writes one link.
pub(crate) fn write_link(writer: &mut JsonWriter, link: Link<'_>) {
    // Every piece is an address the service made of checked names and ids, or a query that was escaped.
    let [start, middle, end] = link.href;
    writer.pieces([
        r#"{"rel":""#,
        link.rel,
        r#"","href":""#,
        start,
        middle,
        end,
        "\",",
        link.action.members(),
        "}",
    ]);
}

/// A resource as a JSON tree, as JSON Patch sees it.
#[must_use]
pub(crate) fn resource_json(site: Site<'_>, view: &View<'_>) -> Json {
    let mut writer = JsonWriter::default();
    let collection_url = site.collection_url(view.node, view.excerpt.path());
    write_resource(&mut writer, site, view, &collection_url, Detail::Stored);
    serde_json::from_slice(&writer.into_bytes()).unwrap_or(Json::Null)
}
