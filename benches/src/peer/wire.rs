//! The JSON of every answer, in this file alone: member order, links and media types are decided here.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::call::Call;
use super::fault::Info;
use super::item::Item;
use super::table::{self, Count};

/// Where the items are.
pub(super) const ITEMS: &str = "/api/v1/items";
const ENTRY_POINT: &str = "/api/v1";

const JSON: &[&str] = &["application/json"];
const PATCHES: &[&str] = &["application/merge-patch+json", "application/json-patch+json"];

/// The addresses that a client sees, which begin with the host that it asked.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) origin: String,
    entry_point: String,
    pub(super) items: String,
}

/// The part of the envelope that does not depend on what is answered.
#[derive(Debug, Serialize)]
pub(super) struct Head<'a> {
    pub(super) status: Status<'a>,
    pub(super) request: Request<'a>,
}

/// The envelope's `status`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status<'a> {
    code: u16,
    description: &'a str,
    additional_info: AdditionalInfo<'a>,
}

/// Only errors say more.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AdditionalInfo<'a> {
    Nothing {},
    Error(&'a Info),
}

/// The envelope's `request`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    pub(super) id: &'a str,
    pub(super) uri: &'a str,
    pub(super) query_string: &'a str,
    pub(super) body: Option<&'a Value>,
}

/// The envelope's `data`.
#[derive(Debug, Serialize)]
pub(super) struct Data<M, V> {
    pub(super) meta: M,
    pub(super) values: V,
}

/// The `meta` of what is not a list.
#[derive(Debug, Serialize)]
pub(super) struct Empty {}

/// The `meta` of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListMeta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count_relation: Option<&'static str>,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor_next_link: Option<&'a str>,
    links: Vec<Link<'a>>,
}

/// The `values` of a list.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) items: &'a [Item],
    pub(super) site: &'a Site,
}

/// An item with what the service adds to it; serialized as the resource.
#[derive(Debug)]
pub(super) struct Located<'a> {
    pub(super) item: &'a Item,
    pub(super) site: &'a Site,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    id: Uuid,
    url: &'a str,
    display_name: &'a str,
    owner: &'a str,
    volume: i64,
    serial_number: &'a str,
    enabled: bool,
    weight: i64,
    created_at: &'a str,
    created_by: Option<&'a str>,
    updated_at: &'a str,
    updated_by: Option<&'a str>,
    etag: &'a str,
    links: [Link<'a>; 7],
}

#[derive(Debug, Serialize)]
struct Link<'a> {
    rel: &'static str,
    href: Cow<'a, str>,
    action: &'static str,
    format: &'static [&'static str],
}

/// Writes the envelope around `data`, which writes itself to the end of the buffer.
pub(super) fn envelope(
    head: &Head<'_>,
    size: usize,
    data: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(size);
    serde_json::to_writer(&mut out, head)?;
    // The head is an object of its own: `data` becomes its last member, whether it is a value or recorded text.
    out.pop();
    out.extend_from_slice(b",\"data\":");
    data(&mut out)?;
    out.push(b'}');
    Ok(out)
}

impl Site {
    pub(super) fn new(host: &str) -> Self {
        let origin = ["http://", host].concat();
        Self { entry_point: [&origin, ENTRY_POINT].concat(), items: [&origin, ITEMS].concat(), origin }
    }

    /// An item's address.
    pub(super) fn item(&self, id: Uuid) -> String {
        let mut buffer = Uuid::encode_buffer();
        [&self.items, "/", id.hyphenated().encode_lower(&mut buffer)].concat()
    }
}

impl<'a> Status<'a> {
    pub(super) fn success(status: StatusCode, description: &'a str) -> Self {
        Self { code: status.as_u16(), description, additional_info: AdditionalInfo::Nothing {} }
    }

    pub(super) fn error(status: StatusCode, description: &'a str, info: &'a Info) -> Self {
        Self { code: status.as_u16(), description, additional_info: AdditionalInfo::Error(info) }
    }
}

impl<'a> ListMeta<'a> {
    pub(super) fn new(
        call: &'a Call,
        page: &table::Page,
        limit: usize,
        next: Option<&'a str>,
        first: Option<&'a str>,
    ) -> Self {
        let (total_count, total_count_relation) = match page.count {
            Some(Count::Exact(count)) => (Some(count), Some("Exact")),
            Some(Count::AtLeast(count)) => (Some(count), Some("AtLeast")),
            None => (None, None),
        };
        let site = &call.site;
        let mut links = vec![
            link("self", [&site.origin, call.path_and_query()].concat(), "GET", JSON),
            link("up", site.entry_point.as_str(), "GET", JSON),
            link("create", site.items.as_str(), "POST", JSON),
        ];
        links.extend(next.map(|next| link("next", next, "GET", JSON)));
        links.extend(first.map(|first| link("first", first, "GET", JSON)));
        Self { total_count, total_count_relation, limit, cursor_next_link: next, links }
    }
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.items.iter().map(|item| Located { item, site: self.site }))
    }
}

impl Serialize for Located<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { item, site } = self;
        let url = site.item(item.id);
        let changes = [url.as_str(), "/changes"].concat();
        Resource {
            id: item.id,
            url: &url,
            display_name: &item.fields.display_name,
            owner: &item.fields.owner,
            volume: item.fields.volume,
            serial_number: &item.fields.serial_number,
            enabled: item.fields.enabled,
            weight: item.fields.weight,
            created_at: &item.created_at,
            created_by: None,
            updated_at: &item.updated_at,
            updated_by: None,
            etag: &item.etag(),
            links: [
                link("self", url.as_str(), "GET", JSON),
                link("self", url.as_str(), "PUT", JSON),
                link("self", url.as_str(), "PATCH", PATCHES),
                link("self", url.as_str(), "DELETE", &[]),
                link("up", site.entry_point.as_str(), "GET", JSON),
                link("collection", site.items.as_str(), "GET", JSON),
                link("changes", changes, "GET", JSON),
            ],
        }
        .serialize(serializer)
    }
}

fn link<'a>(
    rel: &'static str,
    href: impl Into<Cow<'a, str>>,
    action: &'static str,
    format: &'static [&'static str],
) -> Link<'a> {
    Link { rel, href: href.into(), action, format }
}
