//! The same tables in Postgres: a pool of connections, cached statements, one transaction for each write whose statements are
//! sent one after the other, as `tokio_postgres::Transaction` leads one to do.

use std::sync::Arc;

use axum::http::StatusCode;
use deadpool_postgres::{Manager, Pool, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};
use uuid::Uuid;

use super::fault::Fault;
use super::item::{Item, ItemFields, ItemPatch, now};
use super::once::{Answer, Key};
use super::query::ListQuery;
use super::table::{Count, MAX_COUNT, Page};
use super::wire::Site;
use crate::Failure;

/// As many as the framework has.
const CONNECTIONS: usize = 16;

const SCHEMA: &str = r#"
    CREATE TABLE items (
        id uuid PRIMARY KEY,
        display_name text NOT NULL,
        owner text NOT NULL,
        volume bigint NOT NULL,
        serial_number text NOT NULL,
        enabled boolean NOT NULL,
        weight bigint NOT NULL,
        created_at text NOT NULL,
        updated_at text NOT NULL,
        revision bigint NOT NULL,
        changes bigint NOT NULL
    );
    CREATE TABLE changes (
        item_id uuid NOT NULL,
        id bigint NOT NULL,
        created_at text NOT NULL,
        request_id text NOT NULL,
        method text NOT NULL,
        patch text NOT NULL,
        PRIMARY KEY (item_id, id)
    );
    CREATE TABLE request_ids (
        request_id text PRIMARY KEY,
        fingerprint bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        status bigint NOT NULL,
        data text NOT NULL,
        location text,
        etag text NOT NULL
    );
    CREATE INDEX ON request_ids (created_at);
"#;

macro_rules! columns {
    () => {
        "id, display_name, owner, volume, serial_number, enabled, weight, created_at, updated_at, revision, changes"
    };
}

/// The pool.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pool: Pool,
    /// Whether the read of one item says in a comment for which request it is.
    has_comments: bool,
}

/// What a write is and under which id it is done once.
pub(super) struct Write {
    pub(super) request_id: String,
    pub(super) key: Option<Key>,
    pub(super) site: Arc<Site>,
}

impl Store {
    /// Opens an empty database and fills it; `?comments=on` behind its URL has reads name their request.
    pub(super) async fn open(url: &str, rows: u64) -> Result<Self, Failure> {
        let plain = url.strip_suffix("?comments=on");
        let (url, has_comments) = (plain.unwrap_or(url), plain.is_some());
        let pool = Pool::builder(Manager::new(url.parse()?, NoTls)).max_size(CONNECTIONS).build()?;
        let mut client = pool.get().await?;
        client.batch_execute(SCHEMA).await?;
        let transaction = client.transaction().await?;
        for number in 0..rows {
            let fields = ItemFields::numbered(number)?;
            let patch = serde_json::to_string(&fields)?;
            let item = Item::new(Uuid::now_v7(), fields).map_err(|fault| fault.description)?;
            insert(&transaction, &item).await.map_err(|fault| fault.description)?;
            record_change(&transaction, &item, "Create", &patch, "import")
                .await
                .map_err(|fault| fault.description)?;
        }
        transaction.commit().await?;
        drop(client);
        Ok(Self { pool, has_comments })
    }

    pub(super) async fn find(&self, id: Uuid, request_id: &str) -> Result<Option<Item>, Fault> {
        let client = self.pool.get().await?;
        let statement =
            client.prepare_cached(concat!("SELECT ", columns!(), " FROM items WHERE id = $1")).await?;
        let row = if self.has_comments {
            // Both go out together.
            let comment = format!("/* request {request_id} */");
            let parameters: [&(dyn ToSql + Sync); 1] = [&id];
            let said = client.batch_execute(&comment);
            tokio::try_join!(said, client.query_opt(&statement, &parameters))?.1
        } else {
            client.query_opt(&statement, &[&id]).await?
        };
        Ok(row.as_ref().map(item))
    }

    /// The items after one, or the first ones, with their count of the same moment where it is asked for.
    pub(super) async fn page(&self, query: ListQuery) -> Result<Page, Fault> {
        let mut client = self.pool.get().await?;
        // One more than asked for tells whether there is a next page.
        let wanted = i64::try_from(query.limit).unwrap_or(i64::MAX) + 1;
        let first = concat!("SELECT ", columns!(), " FROM items ORDER BY id LIMIT $1");
        let next = concat!("SELECT ", columns!(), " FROM items WHERE id > $2 ORDER BY id LIMIT $1");
        let (rows, count) = if query.count {
            let snapshot = client
                .build_transaction()
                .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
                .read_only(true)
                .start()
                .await?;
            let rows = match query.after {
                Some(id) => snapshot.query(&snapshot.prepare_cached(next).await?, &[&wanted, &id]).await?,
                None => snapshot.query(&snapshot.prepare_cached(first).await?, &[&wanted]).await?,
            };
            let sql = "SELECT count(*) FROM (SELECT 1 FROM items LIMIT 10001) AS counted";
            let counted: i64 = snapshot.query_one(&snapshot.prepare_cached(sql).await?, &[]).await?.get(0);
            snapshot.commit().await?;
            let counted = u32::try_from(counted).unwrap_or(u32::MAX);
            let count = if counted > MAX_COUNT { Count::AtLeast(MAX_COUNT) } else { Count::Exact(counted) };
            (rows, Some(count))
        } else {
            let rows = match query.after {
                Some(id) => client.query(&client.prepare_cached(next).await?, &[&wanted, &id]).await?,
                None => client.query(&client.prepare_cached(first).await?, &[&wanted]).await?,
            };
            (rows, None)
        };
        let mut items: Vec<Item> = rows.iter().map(item).collect();
        let more = items.len() > query.limit;
        items.truncate(query.limit);
        Ok(Page { items, more, count })
    }

    pub(super) async fn create(&self, item: &Item, change: &str, write: &Write) -> Result<Answer, Fault> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        let answer = Answer::item(StatusCode::CREATED, item, &write.site)?;
        if let Some(replayed) = record(&transaction, write, &answer).await? {
            return Ok(replayed);
        }
        insert(&transaction, item).await?;
        record_change(&transaction, item, "Create", change, &write.request_id).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    pub(super) async fn patch(
        &self,
        id: Uuid,
        patch: ItemPatch,
        matches: impl FnOnce(&Item) -> bool + Send,
        write: &Write,
    ) -> Result<Answer, Fault> {
        let mut client = self.pool.get().await?;
        let transaction = client.transaction().await?;
        let sql = concat!("SELECT ", columns!(), " FROM items WHERE id = $1 FOR UPDATE");
        let row = transaction.query_opt(&transaction.prepare_cached(sql).await?, &[&id]).await?;
        let mut item = row.as_ref().map(item).ok_or_else(Fault::no_item)?;
        if !matches(&item) {
            return Err(Fault::precondition_failed());
        }
        let before = item.fields.clone();
        patch.apply(&mut item.fields);
        item.fields.check()?;
        let is_changed = item.fields != before;
        if is_changed {
            item.touch(now())?;
        }
        let answer = Answer::item(StatusCode::OK, &item, &write.site)?;
        if let Some(replayed) = record(&transaction, write, &answer).await? {
            return Ok(replayed);
        }
        if is_changed {
            update(&transaction, &item).await?;
            let difference = before.merge_patch_to(&item.fields)?.to_string();
            record_change(&transaction, &item, "Update", &difference, &write.request_id).await?;
        }
        transaction.commit().await?;
        Ok(answer)
    }
}

/// Records the answer under the request's id; gives the first one where there is one.
async fn record(
    transaction: &Transaction<'_>,
    write: &Write,
    answer: &Answer,
) -> Result<Option<Answer>, Fault> {
    let Some(key) = &write.key else { return Ok(None) };
    let sql = "INSERT INTO request_ids (request_id, fingerprint, status, data, location, etag) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id) DO NOTHING";
    let statement = transaction.prepare_cached(sql).await?;
    let status = i64::from(answer.status.as_u16());
    let inserted = transaction
        .execute(
            &statement,
            &[&key.request_id, &&key.fingerprint[..], &status, &answer.data, &answer.location, &answer.etag],
        )
        .await?;
    if inserted == 1 {
        return Ok(None);
    }
    let sql = "SELECT fingerprint, status, data, location, etag FROM request_ids WHERE request_id = $1";
    let row = transaction.query_one(&transaction.prepare_cached(sql).await?, &[&key.request_id]).await?;
    if row.get::<_, &[u8]>(0) != key.fingerprint {
        return Err(Fault::request_id_reused());
    }
    let status = u16::try_from(row.get::<_, i64>(1)).unwrap_or(200);
    Ok(Some(Answer {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
        data: row.get(2),
        location: row.get(3),
        etag: row.get(4),
        is_replay: true,
    }))
}

async fn insert(transaction: &Transaction<'_>, item: &Item) -> Result<(), Fault> {
    let sql =
        concat!("INSERT INTO items (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    let statement = transaction.prepare_cached(sql).await?;
    let fields = &item.fields;
    let inserted = transaction
        .execute(
            &statement,
            &[
                &item.id,
                &fields.display_name,
                &fields.owner,
                &fields.volume,
                &fields.serial_number,
                &fields.enabled,
                &fields.weight,
                &item.created_at,
                &item.updated_at,
                &item.revision.cast_signed(),
                &item.changes,
            ],
        )
        .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Err(Fault::exists()),
        Err(error) => Err(error.into()),
    }
}

async fn update(transaction: &Transaction<'_>, item: &Item) -> Result<(), Fault> {
    let sql = "UPDATE items SET display_name = $2, owner = $3, volume = $4, serial_number = $5, enabled = $6, \
               weight = $7, updated_at = $8, revision = $9, changes = $10 WHERE id = $1";
    let statement = transaction.prepare_cached(sql).await?;
    let fields = &item.fields;
    transaction
        .execute(
            &statement,
            &[
                &item.id,
                &fields.display_name,
                &fields.owner,
                &fields.volume,
                &fields.serial_number,
                &fields.enabled,
                &fields.weight,
                &item.updated_at,
                &item.revision.cast_signed(),
                &item.changes,
            ],
        )
        .await?;
    Ok(())
}

/// Adds the item's latest change to its log.
async fn record_change(
    transaction: &Transaction<'_>,
    item: &Item,
    method: &str,
    patch: &str,
    request_id: &str,
) -> Result<(), Fault> {
    let sql = "INSERT INTO changes (item_id, id, created_at, request_id, method, patch) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let statement = transaction.prepare_cached(sql).await?;
    transaction
        .execute(&statement, &[&item.id, &item.changes, &item.updated_at, &request_id, &method, &patch])
        .await?;
    Ok(())
}

fn item(row: &Row) -> Item {
    let revision: i64 = row.get(9);
    Item {
        id: row.get(0),
        fields: ItemFields {
            display_name: row.get(1),
            owner: row.get(2),
            volume: row.get(3),
            serial_number: row.get(4),
            enabled: row.get(5),
            weight: row.get(6),
        },
        created_at: row.get(7),
        updated_at: row.get(8),
        revision: revision.cast_unsigned(),
        changes: row.get(10),
    }
}
