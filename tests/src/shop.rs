//! The database of a shop that was there before any service, on both engines, and the declaration of its tables: text keys, keys of
//! two columns, lines whose customer only their order knows, a view, states in words.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use rest_standard::{
    prelude::*,
    store::{
        Store,
        postgres::PostgresStore,
        sqlite::{SqliteOptions, SqliteStore},
    },
    testing::TestService,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{Api, postgres::Database};

/// Somebody who orders.
#[resource(
    collection = "customers",
    id = Text,
    example = "ALFKI",
    table = "Customers",
    key = "CustomerID",
    created_at = "Since",
    without(batch)
)]
#[derive(Debug)]
pub struct Customer {
    /// The name of the company.
    #[field(column = "CompanyName", length = 1..=40, filter, order)]
    pub company_name: String,
    /// Where it is.
    #[field(column = "Region", length = 1..=15, filter, order)]
    pub area: Option<String>,
    /// How well it is served; another program knows more of these.
    #[field(column = "Tier", texts(Basic = "basic", Gold = "gold"), filter, order)]
    pub tier: Option<Tier>,
}

/// How well a customer is served.
#[resource_enum]
pub enum Tier {
    /// As everybody.
    Basic = 0,
    /// Before others.
    Gold = 1,
}

/// What becomes of an order.
#[resource_enum]
pub enum OrderState {
    /// Nobody has begun.
    Open = 0,
    /// It is being packed.
    InProgress = 1,
    /// It is on its way.
    Shipped = 2,
}

/// An order.
#[resource(
    collection = "orders",
    id = Integer,
    parent = Customer,
    table = "Orders",
    key("CustomerID", "OrderID"),
    updated_at = "ChangedAt",
    updated_by = "ChangedBy",
    across_parents
)]
#[derive(Debug)]
pub struct Order {
    /// What it costs to send.
    #[field(column = "Freight", default = 0.0, filter, order)]
    pub freight: f64,
    /// What becomes of it.
    #[field(
        column = "Status",
        texts(Open = "open", InProgress = "in progress", Shipped = "shipped"),
        filter,
        order
    )]
    pub state: OrderState,
    /// When it has to be there.
    #[field(column = "Due", filter, order)]
    pub due_at: Option<Timestamp>,
}

/// A line of an order.
#[resource(
    collection = "order-lines",
    id = Integer,
    parent = Order,
    table = "OrderLines",
    key("OrderID", "LineID"),
    across_parents
)]
#[derive(Debug)]
pub struct OrderLine {
    /// What is ordered.
    #[field(column = "Article", length = 1..=20, filter, order)]
    pub article: String,
    /// How many.
    #[field(column = "Quantity", filter, order)]
    pub quantity: i16,
    /// Twice as many, as the database computes it.
    #[field(column = "Doubled", output_only, filter, order)]
    pub doubled: Option<i32>,
}

/// Where articles lie.
#[resource(collection = "warehouses", id = Integer, table = "Warehouses", key = "ID")]
#[derive(Debug)]
pub struct Warehouse {
    /// The place.
    #[field(column = "Place", unique, length = 1..=20)]
    pub place: String,
    /// The customer that it is for.
    #[field(column = "CustomerID", references = Customer, length = 1..=20, filter)]
    pub customer_id: Option<String>,
}

/// How many of an article lie in a warehouse.
#[resource(collection = "stocks", id = Text, parent = Warehouse, table = "Stock", key("Warehouse", "Article"), upsert)]
#[derive(Debug)]
pub struct Stock {
    /// How many.
    #[field(column = "Amount", range = 0..=1_000_000)]
    pub amount: i32,
}

/// What a customer has paid for being sent to.
#[resource(collection = "sales", id = Text, table = "Sales", key = "CustomerID", methods(list, read))]
#[derive(Debug)]
pub struct Sale {
    /// How many orders.
    #[field(column = "Orders", filter, order)]
    pub orders: i64,
}

/// The shop as a service.
pub fn service() -> Service {
    Service::new("shop").version("v1", |api| {
        api.resource::<Customer>()
            .resource::<Order>()
            .resource::<OrderLine>()
            .resource::<Warehouse>()
            .resource::<Stock>()
            .resource::<Sale>()
    })
}

const SQLITE: &str = r#"
CREATE TABLE "Customers" (
  "CustomerID" NVARCHAR(20) NOT NULL PRIMARY KEY,
  "CompanyName" NVARCHAR(40) NOT NULL,
  "Region" NVARCHAR(15),
  "Tier" NVARCHAR(10),
  "Since" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE "Orders" (
  "OrderID" INTEGER PRIMARY KEY AUTOINCREMENT,
  "CustomerID" NVARCHAR(20) NOT NULL REFERENCES "Customers" ("CustomerID"),
  "Freight" NUMERIC(10, 2) NOT NULL DEFAULT 0,
  "Status" VARCHAR(12) NOT NULL CHECK ("Status" IN ('open', 'in progress', 'shipped')),
  "Due" DATETIME,
  "ChangedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "ChangedBy" VARCHAR(200),
  "Note" TEXT NOT NULL DEFAULT 'none'
);
CREATE TABLE "OrderLines" (
  "LineID" INTEGER PRIMARY KEY,
  "OrderID" INTEGER NOT NULL REFERENCES "Orders" ("OrderID"),
  "Article" VARCHAR(20) NOT NULL,
  "Quantity" SMALLINT NOT NULL CHECK ("Quantity" > 0),
  "Doubled" INTEGER GENERATED ALWAYS AS ("Quantity" * 2) STORED
);
CREATE TABLE "Warehouses" (
  "ID" INTEGER PRIMARY KEY,
  "Place" VARCHAR(20) NOT NULL UNIQUE,
  "CustomerID" NVARCHAR(20)
);
CREATE TABLE "Stock" (
  "Warehouse" INTEGER NOT NULL REFERENCES "Warehouses" ("ID"),
  "Article" VARCHAR(20) NOT NULL,
  "Amount" INTEGER NOT NULL,
  PRIMARY KEY ("Warehouse", "Article")
);
"#;

const POSTGRES: &str = r#"
CREATE TYPE order_status AS ENUM ('open', 'in progress', 'shipped');
CREATE TABLE "Customers" (
  "CustomerID" character varying(20) NOT NULL PRIMARY KEY,
  "CompanyName" character varying(40) NOT NULL,
  "Region" character varying(15),
  "Tier" character varying(10),
  "Since" timestamp without time zone NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE TABLE "Orders" (
  "OrderID" serial PRIMARY KEY,
  "CustomerID" character varying(20) NOT NULL REFERENCES "Customers" ("CustomerID"),
  "Freight" numeric(10, 2) NOT NULL DEFAULT 0,
  "Status" order_status NOT NULL,
  "Due" timestamp without time zone,
  "ChangedAt" timestamp with time zone NOT NULL DEFAULT now(),
  "ChangedBy" character varying(200),
  "Note" text NOT NULL DEFAULT 'none'
);
CREATE TABLE "OrderLines" (
  "LineID" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "OrderID" integer NOT NULL REFERENCES "Orders" ("OrderID"),
  "Article" character(20) NOT NULL,
  "Quantity" smallint NOT NULL CHECK ("Quantity" > 0),
  "Doubled" integer GENERATED ALWAYS AS ("Quantity" * 2) STORED
);
CREATE TABLE "Warehouses" (
  "ID" bigint PRIMARY KEY,
  "Place" character varying(20) NOT NULL UNIQUE,
  "CustomerID" character varying(20)
);
CREATE TABLE "Stock" (
  "Warehouse" bigint NOT NULL REFERENCES "Warehouses" ("ID"),
  "Article" character(20) NOT NULL,
  "Amount" integer NOT NULL,
  PRIMARY KEY ("Warehouse", "Article")
);
"#;

const ROWS: &str = r#"
CREATE VIEW "Sales" AS SELECT "CustomerID", count(*) AS "Orders" FROM "Orders" GROUP BY "CustomerID";
INSERT INTO "Customers" ("CustomerID", "CompanyName", "Region", "Tier", "Since") VALUES
  ('ALFKI', 'Alfreds', NULL, 'gold', '1996-07-04 08:00:00'), ('b/1:x', 'Berglund', 'Nord', NULL, '1997-01-02 00:00:00'),
  ('ZEBRA', 'adler', 'Nord', 'platinum', '1998-03-04 10:20:30');
INSERT INTO "Orders" ("CustomerID", "Freight", "Status", "Due", "ChangedAt") VALUES
  ('ALFKI', 12.75, 'open', '1996-08-01 00:00:00', '1996-07-05 00:00:00'),
  ('ALFKI', 0.99, 'shipped', NULL, '1996-07-06 00:00:00'),
  ('ZEBRA', 5, 'in progress', '1996-08-02 12:30:15', '1996-07-07 00:00:00');
INSERT INTO "OrderLines" ("OrderID", "Article", "Quantity") VALUES (1, 'lamp', 2), (1, 'chair', 1), (3, 'lamp', 4);
INSERT INTO "Warehouses" ("ID", "Place") VALUES (7, 'Oslo'), (8, 'Bergen');
INSERT INTO "Stock" VALUES (7, 'lamp', 30), (7, 'desk/oak', 4), (8, 'lamp', 1);
"#;

/// Where the shop's database is.
#[derive(Debug)]
pub enum Place {
    /// In a file, whose folder goes with it.
    Sqlite(TempDir),
    /// In a server.
    Postgres(Database),
}

impl Place {
    /// Both engines, each with the shop's tables and rows.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite(&[SQLITE, ROWS].concat())];
        if !crate::postgres::is_left_out() {
            all.push(Self::postgres(&[POSTGRES, ROWS].concat()).await);
        }
        all
    }

    /// An SQLite file that this SQL has made.
    ///
    /// # Panics
    ///
    /// When it cannot.
    #[must_use]
    pub fn sqlite(sql: &str) -> Self {
        let this = Self::Sqlite(tempfile::tempdir().expect("a folder can be made"));
        this.connection().execute_batch(sql).expect("the SQL is right");
        this
    }

    /// A Postgres database that this SQL has made.
    ///
    /// # Panics
    ///
    /// When it cannot.
    pub async fn postgres(sql: &str) -> Self {
        let database = Database::take().await;
        database.connect().await.batch_execute(sql).await.expect("the SQL is right");
        Self::Postgres(database)
    }

    fn connection(&self) -> Connection {
        let Self::Sqlite(folder) = self else { panic!("it is no file") };
        let connection = Connection::open(folder.path().join("shop.db")).expect("it opens");
        connection.busy_timeout(Duration::from_secs(5)).expect("it can wait");
        connection
    }

    /// What `--database` says.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("shop.db").display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// Runs SQL as a program does that knows nothing of the service.
    ///
    /// # Panics
    ///
    /// When it cannot.
    pub async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => self.connection().execute_batch(sql).expect("it can be done"),
            Self::Postgres(database) => {
                database.connect().await.batch_execute(sql).await.expect("it can be done");
            }
        }
    }

    /// The text in the first column of the first row.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn ask(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(_) => {
                self.connection().query_row(sql, [], |row| row.get(0)).expect("there is a text")
            }
            Self::Postgres(database) => {
                database.connect().await.query_one(sql, &[]).await.expect("there is a row").get(0)
            }
        }
    }

    /// A store on the database.
    ///
    /// # Panics
    ///
    /// When the file cannot be opened.
    #[must_use]
    pub fn store(&self, service: &str) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(folder) => {
                let options = SqliteOptions::new(folder.path().join("shop.db"));
                Arc::new(SqliteStore::open(options, service).expect("the file opens"))
            }
            Self::Postgres(database) => {
                let options = database.url().parse().expect("it is a URL");
                Arc::new(PostgresStore::new(options, service).expect("the options are right"))
            }
        }
    }

    /// Serves the database.
    pub async fn serve(&self, service: Service) -> Api {
        let service = match self {
            Self::Sqlite(folder) => TestService::sqlite_at(service, &folder.path().join("shop.db")).await,
            Self::Postgres(database) => TestService::postgres(service, database.url()).await,
        };
        Api { client: service.client(), service, _database: None, serial: AtomicU32::new(0) }
    }
}
