//! Brings the database up to the tree, in one transaction. Replicas that start together wait for each other at the row that
//! says whose the database is, and the later ones find everything done.

mod inspection;

pub(crate) use self::inspection::Inspection;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use deadpool_postgres::Client;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio_postgres::{Error as Cause, Row, error::SqlState};

use self::inspection::read_tables;
use super::{
    failure,
    pool::Connections,
    session::{Session, typed},
    value::{Columns, Param},
};
use crate::{
    error::{Error, Reason, Result},
    search::words_of,
    store::sql::{
        Dialect, postgres as text,
        record::{Columns as _, key},
        schema::{
            self, Found, Plan,
            declared::{self, Change, Declared},
            existing::{Existing, existing},
            script,
        },
        search::{LEXEMES, made_of},
        statements::{Layout, Table},
    },
    value::{Row as Values, Value},
};

/// The form of the framework's own tables and columns; a release reads its own and older ones.
const FORMAT: i64 = 1;
/// Where the number of partitions is recorded.
const META: &str = "_meta";
const PARTITIONS: &str = "partitions";
/// The oldest server whose SQL is enough.
const OLDEST: i64 = 130_000;
/// How often a migration is tried that another replica was in the way of.
const ATTEMPTS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(50);
/// How long a migration that met a lock lets others by before it asks for it again.
const LET_BY: Duration = Duration::from_millis(500);
/// After how many such rests the log has another line.
const WARN_EVERY: u32 = 12;

/// What the database says of itself.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) created_at: Timestamp,
    pub(super) secret: [u8; 32],
}

fn refusal(text: String) -> Error {
    Error::new(Reason::Unavailable, text)
}

/// No connection could be had, in words for the operator.
fn unreachable(error: &Error) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let hint = [
        ("(SQLSTATE 3D000)", "; make it: createdb --encoding=UTF8 NAME"),
        ("(SQLSTATE 28", "; look at the user and the password in the URL, and at the server's pg_hba.conf"),
        ("certificate", "; name the file with the root certificates: `?sslrootcert=FILE`"),
    ];
    let hint = hint.iter().find(|(of, _)| cause.contains(of)).map_or("", |(_, hint)| hint);
    refusal(format!("the database cannot be reached: {cause}{hint}"))
}

pub(super) async fn migrate(
    connections: &Connections,
    layout: &mut Layout,
    service: &str,
    now: Timestamp,
    declared: Declared,
) -> Result<Meta> {
    let mut attempt = 1;
    let mut waits = 0_u32;
    loop {
        let mut session = Session::begin(connections).await.map_err(|error| unreachable(&error))?;
        session.occupy();
        let outcome = {
            let client = session.connection();
            let outcome =
                in_transaction(client, layout, connections.partitions, service, now, declared).await;
            let end = if outcome.is_ok() { text::COMMIT } else { text::ROLLBACK };
            match (outcome, client.batch_execute(end).await) {
                (Ok(_), Err(cause)) => Err(Stopped::Failed(cause)),
                (outcome, _) => outcome,
            }
        };
        let cause = match outcome {
            Ok(meta) => {
                session.all_taken();
                return Ok(meta);
            }
            Err(Stopped::Refused(error)) => return Err(error),
            Err(Stopped::Failed(cause)) => cause,
        };
        // Two replicas that make the same table meet in the system's catalogues.
        let is_race = cause.code().is_some_and(|code| {
            [
                SqlState::UNIQUE_VIOLATION,
                SqlState::DUPLICATE_TABLE,
                SqlState::DUPLICATE_OBJECT,
                SqlState::DUPLICATE_COLUMN,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::INTERNAL_ERROR,
            ]
            .contains(code)
        });
        if cause.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
            // Another replica that brings the database up to date, or a long transaction: both may take their time.
            if waits.is_multiple_of(WARN_EVERY) {
                tracing::warn!(
                    "the database is brought up to date as soon as another transaction lets go of a table"
                );
            }
            waits += 1;
            drop(session);
            tokio::time::sleep(LET_BY).await;
            continue;
        }
        if attempt >= ATTEMPTS || !(is_race || failure::is_lost(&cause)) {
            return Err(refusal(format!(
                "the database cannot be brought up to date: {}",
                failure::words(&cause)
            )));
        }
        session.lose();
        drop(session);
        tokio::time::sleep(PAUSE * attempt).await;
        attempt += 1;
    }
}

/// The SQL that [`migrate`] would run. Nothing is changed.
pub(super) async fn pending(
    connections: &Connections,
    layout: &Layout,
    service: &str,
    now: Timestamp,
) -> Result<Vec<String>> {
    let mut session = Session::begin(connections).await.map_err(|error| unreachable(&error))?;
    session.occupy();
    let outcome = {
        let client = session.connection();
        let outcome = look(client, layout, connections.partitions, service, now).await;
        match (outcome, client.batch_execute(text::ROLLBACK).await) {
            (Ok(_), Err(cause)) => Err(Stopped::Failed(cause)),
            (outcome, _) => outcome,
        }
    };
    match outcome {
        Ok(script) => {
            session.all_taken();
            Ok(script)
        }
        Err(Stopped::Refused(error)) => Err(error),
        Err(Stopped::Failed(cause)) => {
            Err(refusal(format!("the database cannot be compared: {}", failure::words(&cause))))
        }
    }
}

async fn look(
    client: &Client,
    layout: &Layout,
    wanted: Option<u32>,
    service: &str,
    now: Timestamp,
) -> Result<Vec<String>, Stopped> {
    client.batch_execute(&format!("{}; {}", text::BEGIN_WRITE, text::NO_LIMIT)).await?;
    check_server(client).await?;
    let names = schema::tables(&layout.tree, Dialect::Postgres, 0)?;
    let is_new = is_new(client, &names).await?;
    let (mut script, mut found) = if is_new {
        let now = now.to_string();
        (
            script::framework(
                Dialect::Postgres,
                text::FRAMEWORK_TABLES,
                FORMAT,
                service,
                &now,
                &draw_secret()?,
            ),
            read_tables(client).await?,
        )
    } else {
        read_meta(client, service).await?;
        (Vec::new(), read_tables(client).await?)
    };
    let partitions = partitions(wanted, &found, is_new)?;
    if is_new && partitions > 0 {
        script.push(script::record(META, PARTITIONS, &partitions.to_string()));
    }
    let tables = &schema::tables(&layout.tree, Dialect::Postgres, partitions)?;
    // They are not made for a look, as that would keep everybody from their tables: what must be asked of the rows of a table
    // that changes, `migrate apply` asks.
    let changes = declared_changes(tables, &mut found);
    script.extend(changes.iter().map(|(_, change)| change.script()));
    let changed: HashSet<&str> = changes.iter().map(|(table, _)| *table).collect();
    script.extend(
        plan(client, tables, &existing(&layout.tree, Dialect::Postgres), &found, &changed).await?.script(),
    );
    for table in layout.tables().iter().filter(|table| table.has_lexemes()) {
        let made_of = made_of(table.fields);
        match found.get(&table.name) {
            Some(found) if found.kinds.get(LEXEMES) == Some(&made_of) => {}
            Some(_) => script.push(script::words(&table.name)),
            None => script.push(script::record(&table.name, LEXEMES, &made_of)),
        }
    }
    Ok(script)
}

enum Stopped {
    Refused(Error),
    Failed(Cause),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Cause> for Stopped {
    fn from(cause: Cause) -> Self {
        Self::Failed(cause)
    }
}

async fn rows(client: &Client, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Cause> {
    let mut stream = std::pin::pin!(client.query_typed_raw(sql, typed(params)).await?);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

async fn in_transaction(
    client: &Client,
    layout: &mut Layout,
    wanted: Option<u32>,
    service: &str,
    now: Timestamp,
    declared: Declared,
) -> Result<Meta, Stopped> {
    client.batch_execute(&format!("{}; {}", text::BEGIN_WRITE, text::MIGRATION_LIMITS)).await?;
    check_server(client).await?;
    let names = schema::tables(&layout.tree, Dialect::Postgres, 0)?;
    let is_new = is_new(client, &names).await?;
    let meta = prepare(client, is_new, service, now).await?;
    let mut found = read_tables(client).await?;
    let partitions = partitions(wanted, &found, is_new)?;
    if is_new && partitions > 0 {
        record_kind(client, META, PARTITIONS, &partitions.to_string()).await?;
    }
    let tables = &schema::tables(&layout.tree, Dialect::Postgres, partitions)?;
    let changes: Vec<Change> =
        declared_changes(tables, &mut found).into_iter().map(|(_, change)| change).collect();
    match declared::refusal(&changes) {
        Some(text) if declared == Declared::Refused => return Err(refusal(text).into()),
        Some(_) => {
            make(client, &changes).await?;
            found = read_tables(client).await?;
        }
        None => {}
    }
    let plan =
        plan(client, tables, &existing(&layout.tree, Dialect::Postgres), &found, &HashSet::new()).await?;
    for statement in &plan.statements {
        client.batch_execute(statement).await?;
    }
    for (table, column, kind) in &plan.kinds {
        record_kind(client, table, column, kind.name()).await?;
    }
    if partitions > 0 {
        layout.learn_partitions();
    }
    layout.learn(|table, column| found.get(table).is_some_and(|found| found.computes(column)));
    for table in layout.tables() {
        bring_words_up(client, table, found.get(&table.name)).await?;
    }
    Ok(meta)
}

/// The changes that the declaration names, with their tables; `found` is then as if they had been made.
fn declared_changes<'a>(
    tables: &'a [schema::Table],
    found: &mut HashMap<String, Found>,
) -> Vec<(&'a str, Change)> {
    let mut changes = Vec::new();
    for table in tables {
        if let Some(found) = found.get_mut(&table.name) {
            let of_table = table.declared_changes(found);
            changes.extend(of_table.into_iter().map(|change| (table.name.as_str(), change)));
        }
    }
    changes
}

/// Makes declared changes, unless a value would be lost.
async fn make(client: &Client, changes: &[Change]) -> Result<(), Stopped> {
    for change in changes {
        if let Some(question) = change.question() {
            let answer = rows(client, &question, &[]).await?;
            let is_lost = answer.first().map(|row| Columns::new(row).boolean()).transpose()?;
            if is_lost.unwrap_or_default() {
                return Err(refusal(change.loss()).into());
            }
        }
        for statement in &change.statements {
            client.batch_execute(statement).await?;
        }
    }
    Ok(())
}

async fn record_kind(client: &Client, table: &str, column: &str, kind: &str) -> Result<(), Cause> {
    let params = [Param::Text(table), Param::Text(column), Param::Text(kind)];
    rows(client, text::RECORD_KIND, &params).await.map(drop)
}

async fn check_server(client: &Client) -> Result<(), Stopped> {
    let found = rows(client, text::READ_SERVER, &[]).await?;
    let Some(row) = found.first() else {
        return Err(Error::internal("Postgres says nothing of itself").into());
    };
    let mut columns = Columns::new(row);
    let (version, encoding, schema) = (columns.integer()?, columns.text()?, columns.borrowed_text()?);
    if version < OLDEST {
        return Err(refusal(format!(
            "the server is Postgres {}, and the oldest that is enough is {}",
            version / 10_000,
            OLDEST / 10_000
        ))
        .into());
    }
    if encoding != "UTF8" {
        return Err(refusal(format!(
            "the database has the encoding {encoding}, and texts need UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        ))
        .into());
    }
    if schema.is_none() {
        return Err(refusal(
            "no schema of the search path exists in the database; make it: CREATE SCHEMA …".to_owned(),
        )
        .into());
    }
    Ok(())
}

/// Whether the framework's tables are not there yet; then nothing may be there that is called like the service's.
async fn is_new(client: &Client, tables: &[schema::Table]) -> Result<bool, Stopped> {
    let names = rows(client, text::LIST_TABLES, &[]).await?;
    let names: Vec<&str> = names.iter().map(|row| Columns::new(row).text()).collect::<Result<_>>()?;
    if names.contains(&"_meta") {
        return Ok(false);
    }
    // Tables of the same names would be taken for this service's and changed.
    match tables.iter().find(|table| names.contains(&table.name.as_str())) {
        None => Ok(true),
        Some(table) => Err(refusal(format!(
            "the table `{}` is in the database, which is not that of a rest-standard service; give the service a \
             database or a schema of its own",
            table.name
        ))
        .into()),
    }
}

/// In how many parts the tables are: as many as were asked for when they were made.
fn partitions(wanted: Option<u32>, found: &HashMap<String, Found>, is_new: bool) -> Result<u32> {
    let recorded = found.get(META).and_then(|meta| meta.kinds.get(PARTITIONS)?.parse().ok()).unwrap_or(0);
    match wanted {
        Some(wanted) if is_new => Ok(wanted),
        Some(wanted) if wanted != recorded => {
            let there = if recorded == 0 { "none".to_owned() } else { recorded.to_string() };
            Err(refusal(format!(
                "`partitions={wanted}` is in the URL, and the tables of the database have {there}, which is decided when they are \
                 made; leave it out, or `copy` into a new database"
            )))
        }
        _ => Ok(recorded),
    }
}

fn draw_secret() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|failure| Error::internal(failure.to_string()))?;
    Ok(secret)
}

/// Makes the framework's tables where there are none, and waits for whoever migrates.
async fn prepare(client: &Client, is_new: bool, service: &str, now: Timestamp) -> Result<Meta, Stopped> {
    if is_new {
        client.batch_execute(text::FRAMEWORK_TABLES).await?;
        let secret = draw_secret()?;
        let params =
            [Param::Integer(FORMAT), Param::Text(service), Param::Timestamp(now), Param::Bytes(&secret)];
        rows(client, text::INSERT_META, &params).await?;
    }
    read_meta(client, service).await
}

/// What the database says of itself, which must be this service's.
async fn read_meta(client: &Client, service: &str) -> Result<Meta, Stopped> {
    let found = rows(client, text::READ_META, &[]).await?;
    let Some(row) = found.first() else {
        return Err(Error::internal("the database has no row in `_meta`").into());
    };
    let mut columns = Columns::new(row);
    let (format, owner) = (columns.integer()?, columns.text()?);
    if format > FORMAT {
        return Err(refusal(format!(
            "the database has the format {format}, and this release reads up to {FORMAT}; use the newer release that wrote it"
        ))
        .into());
    }
    if owner != service {
        return Err(refusal(format!(
            "the database belongs to the service `{owner}`, and this one is `{service}`; give it another database or schema"
        ))
        .into());
    }
    let (created_at, secret) = (columns.timestamp()?, columns.bytes()?);
    let secret = secret.try_into().map_err(|_| Error::internal("the stored secret is not 32 bytes long"))?;
    Ok(Meta { created_at, secret })
}

/// What separates the database from the declaration. What must be asked of the rows is asked between two looks.
async fn plan(
    client: &Client,
    tables: &[schema::Table],
    existing: &[Existing],
    found: &HashMap<String, Found>,
    unasked: &HashSet<&str>,
) -> Result<Plan, Stopped> {
    let mut answers: HashMap<String, bool> = HashMap::new();
    let plan = loop {
        let mut open = None;
        let mut plan = Plan::default();
        let mut ask = |sql: &str| match answers.get(sql) {
            Some(answer) => Ok(*answer),
            None => {
                open = Some(sql.to_owned());
                Err(Error::internal("a question to the database is open"))
            }
        };
        let mut compare = || {
            for table in existing {
                table.compare(&|name| found.get(name), &mut plan, &mut ask)?;
            }
            for table in tables {
                match found.get(&table.name) {
                    None => plan.create(table),
                    Some(there) if unasked.contains(table.name.as_str()) => {
                        table.compare(there, &mut plan, &mut |_| Ok(false))?;
                    }
                    Some(there) => table.compare(there, &mut plan, &mut ask)?,
                }
            }
            Ok::<_, Error>(())
        };
        match compare() {
            Err(error) if open.is_none() => return Err(error.into()),
            _ => {}
        }
        let Some(question) = open else { break plan };
        let answer = rows(client, &question, &[]).await?;
        let answer = answer.first().map(|row| Columns::new(row).boolean()).transpose()?;
        answers.insert(question, answer.unwrap_or_default());
    };
    match plan.refusal() {
        Some(text) => Err(refusal(text).into()),
        None => Ok(plan),
    }
}

/// Makes the words of all rows anew where they were made of something else.
async fn bring_words_up(client: &Client, table: &Table, found: Option<&Found>) -> Result<(), Stopped> {
    let recorded = found.and_then(|found| found.kinds.get(LEXEMES));
    if !table.has_lexemes() {
        // Nobody keeps them, so that they must be made anew should the fields be searched again.
        if recorded.is_some() {
            rows(client, text::FORGET_KIND, &[Param::Text(&table.name), Param::Text(LEXEMES)]).await?;
        }
        return Ok(());
    }
    let made_of = made_of(table.fields);
    if recorded == Some(&made_of) {
        return Ok(());
    }
    if found.is_some() {
        let update = table.put_words();
        for row in rows(client, &table.searched(), &[]).await? {
            let mut columns = Columns::new(&row);
            let path = key(table, &mut columns)?;
            let mut values = Vec::with_capacity(table.fields.len());
            for field in table.fields {
                values.push(if field.search { columns.value(field)? } else { Value::Null });
            }
            let words = words_of(table.fields, &Values(values)).into_iter().collect();
            let params: Vec<_> = std::iter::once(Param::Texts(words)).chain(Param::key(&path)).collect();
            rows(client, &update, &params).await?;
        }
    }
    record_kind(client, &table.name, LEXEMES, &made_of).await?;
    Ok(())
}
