//! What a competent engineer writes without rest-standard: axum, rusqlite, and the wire contract by hand.
//!
//! It does the work that the scenarios measure in the way that good practice suggests: blocking database calls off the
//! async threads, four read-only connections, one writer thread, one transaction for each write, cached statements, a
//! keyset cursor, exactly-once writes. It answers the same bytes as a rest-standard service.
//!
//! What no scenario asks for is not here: PUT and DELETE, filters, ordering, selection, other formats, dry runs. Each
//! would be more code for its author to write, and none would make a request cheaper.

mod call;
mod cursor;
mod fault;
mod item;
mod once;
mod postgres;
mod query;
mod store;
mod table;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize as _;
use uuid::Uuid;

use self::call::{Body, Call};
use self::cursor::{Cursors, first_link};
use self::fault::Fault;
use self::item::{Item, ItemFields, ItemPatch, now};
use self::once::{Answer, Key, once};
use self::query::ListQuery;
use self::store::Store;
use self::wire::{Data, Empty, ListMeta, Located, Page};
use crate::serve::ServeOptions;
use crate::{Failure, serve};

const MAX_BODY: usize = 1 << 20;

/// About what an item takes as JSON, so that the buffer of an answer seldom grows.
const ITEM_SIZE: usize = 1_536;

/// What every handler shares.
struct Peer {
    store: Database,
    cursors: Cursors,
}

/// Where the items are.
enum Database {
    Sqlite(Store),
    Postgres(postgres::Store),
}

/// Serves `items` at `/api/v1/items`, filled with `options.rows` items whose `volume` is 5.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), Failure> {
    let (store, cursor_key) = match options.postgres() {
        Some(url) => (Database::Postgres(postgres::Store::open(url, options.rows).await?), vec![7; 32]),
        None => {
            let (store, cursor_key) = Store::open(options)?;
            (Database::Sqlite(store), cursor_key)
        }
    };
    let peer = Arc::new(Peer { store, cursors: Cursors::new(&cursor_key) });
    tokio::spawn(forget_request_ids(Arc::clone(&peer)));
    let router = Router::new()
        .route(wire::ITEMS, get(list).post(create))
        .route("/api/v1/items/{id}", get(read).patch(patch))
        .fallback(async |call: Call| call.refuse(&Fault::not_found("there is nothing at this address"), None))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(peer);
    serve::run(router).await
}

async fn read(State(peer): State<Arc<Peer>>, Path(id): Path<String>, call: Call) -> Response {
    match read_item(&peer, &id, &call.request_id).await {
        Ok(item) if call.is_unchanged(&item.etag()) => call.not_modified(&item.etag()),
        Ok(item) => {
            let data = Data { meta: Empty {}, values: Located { item: &item, site: &call.site } };
            call.answer("The resource as it is now.", ITEM_SIZE, &data, |headers| {
                headers.insert(header::ETAG, call::value(&item.etag()));
            })
        }
        Err(fault) => call.refuse(&fault, None),
    }
}

async fn read_item(peer: &Peer, id: &str, request_id: &str) -> Result<Item, Fault> {
    let id = parse_id(id)?;
    let found = match &peer.store {
        Database::Sqlite(store) => store.read(move |connection| Ok(table::find(connection, id)?)).await?,
        Database::Postgres(store) => store.find(id, request_id).await?,
    };
    found.ok_or_else(Fault::no_item)
}

async fn list(State(peer): State<Arc<Peer>>, call: Call) -> Response {
    match list_items(&peer, &call).await {
        Ok((query, page)) => {
            let next = page.more.then(|| peer.cursors.next_link(&call, &page.items)).flatten();
            let first = query.after.is_some().then(|| first_link(&call));
            let meta = ListMeta::new(&call, &page, query.limit, next.as_deref(), first.as_deref());
            let data = Data { meta, values: Page { items: &page.items, site: &call.site } };
            let size = ITEM_SIZE * (page.items.len() + 1);
            call.answer("A page of items.", size, &data, |headers| {
                if let Some(next) = &next {
                    headers.insert(header::LINK, call::value(&format!("<{next}>; rel=\"next\"")));
                }
            })
        }
        Err(fault) => call.refuse(&fault, None),
    }
}

async fn list_items(peer: &Peer, call: &Call) -> Result<(ListQuery, table::Page), Fault> {
    let query = ListQuery::parse(call.query(), &peer.cursors)?;
    let page = match &peer.store {
        Database::Sqlite(store) => store.read(move |connection| Ok(table::page(connection, query)?)).await?,
        Database::Postgres(store) => store.page(query).await?,
    };
    Ok((query, page))
}

async fn create(State(peer): State<Arc<Peer>>, call: Call, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match Body::json(body, &call, &["application/json"]) {
        Ok(body) => body,
        Err(fault) => return call.refuse(&fault, None),
    };
    match create_item(&peer, &call, &body).await {
        Ok(answer) => call.answer_write(&answer, &body),
        Err(fault) => call.refuse(&fault, Some(&body)),
    }
}

async fn create_item(peer: &Peer, call: &Call, body: &Body) -> Result<Answer, Fault> {
    let members = item::members(&body.value)?;
    let id = match members.get("id") {
        Some(id) => Uuid::deserialize(id).map_err(|_| Fault::invalid("/id", "must be a UUID"))?,
        None => Uuid::now_v7(),
    };
    let fields = ItemFields::deserialize(&body.value).map_err(|error| Fault::invalid("", error))?;
    fields.check()?;
    let change = serde_json::to_string(&fields)?;
    let item = Item::new(id, fields)?;
    let site = Arc::clone(&call.site);
    let store = match &peer.store {
        Database::Sqlite(store) => store,
        Database::Postgres(store) => return store.create(&item, &change, &named(call, body)).await,
    };
    write(store, call, body, move |transaction, request_id| {
        table::insert(transaction, &item)?;
        table::record_change(transaction, &item, "Create", &change, request_id)?;
        Answer::item(StatusCode::CREATED, &item, &site)
    })
    .await
}

async fn patch(
    State(peer): State<Arc<Peer>>,
    Path(id): Path<String>,
    call: Call,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match Body::json(body, &call, &["application/merge-patch+json", "application/json"]) {
        Ok(body) => body,
        Err(fault) => return call.refuse(&fault, None),
    };
    match patch_item(&peer, &id, &call, &body).await {
        Ok(answer) => call.answer_write(&answer, &body),
        Err(fault) => call.refuse(&fault, Some(&body)),
    }
}

async fn patch_item(peer: &Peer, id: &str, call: &Call, body: &Body) -> Result<Answer, Fault> {
    let id = parse_id(id)?;
    item::members(&body.value)?;
    let patch = ItemPatch::deserialize(&body.value).map_err(|error| Fault::invalid("", error))?;
    let (site, condition) = (Arc::clone(&call.site), call.if_match.clone());
    let is_met = move |item: &Item| condition.is_none_or(|condition| call::matches(&condition, &item.etag()));
    let store = match &peer.store {
        Database::Sqlite(store) => store,
        Database::Postgres(store) => return store.patch(id, patch, is_met, &named(call, body)).await,
    };
    write(store, call, body, move |transaction, request_id| {
        let mut item = table::find(transaction, id)?.ok_or_else(Fault::no_item)?;
        if !is_met(&item) {
            return Err(Fault::precondition_failed());
        }
        let before = item.fields.clone();
        patch.apply(&mut item.fields);
        item.fields.check()?;
        if item.fields != before {
            item.touch(now())?;
            table::update(transaction, &item)?;
            let difference = before.merge_patch_to(&item.fields)?.to_string();
            table::record_change(transaction, &item, "Update", &difference, request_id)?;
        }
        Answer::item(StatusCode::OK, &item, &site)
    })
    .await
}

/// Does a write in one transaction of its own, and at most once if the client named the request.
async fn write(
    store: &Store,
    call: &Call,
    body: &Body,
    work: impl FnOnce(&rusqlite::Transaction<'_>, &str) -> Result<Answer, Fault> + Send + 'static,
) -> Result<Answer, Fault> {
    let request_id = call.request_id.clone();
    let key = call.is_named_by_client.then(|| Key::new(&request_id, call, &body.value));
    store
        .write(move |transaction| match &key {
            Some(key) => once(transaction, key, |transaction| work(transaction, &request_id)),
            None => work(transaction, &request_id),
        })
        .await
}

/// What a write to Postgres needs to know of its request.
fn named(call: &Call, body: &Body) -> postgres::Write {
    postgres::Write {
        request_id: call.request_id.clone(),
        key: call.is_named_by_client.then(|| Key::new(&call.request_id, call, &body.value)),
        site: Arc::clone(&call.site),
    }
}

/// Removes the records that have outlived their promise, a few at a time so that no write waits for long.
async fn forget_request_ids(peer: Arc<Peer>) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        // What Postgres would forget is not measured.
        let Database::Sqlite(store) = &peer.store else { return };
        if let Err(fault) = store.write(|transaction| Ok(once::forget_expired(transaction)?)).await {
            eprintln!("request ids are not forgotten: {}", fault.description);
        }
    }
}

fn parse_id(id: &str) -> Result<Uuid, Fault> {
    Uuid::try_parse(id).map_err(|_| Fault::parameter("id", "must be a UUID"))
}
