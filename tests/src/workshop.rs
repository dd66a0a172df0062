//! A service with what the device registry lacks: every kind of field and id, every switch of a declaration, rules, and
//! custom methods that go wrong on purpose.
//!
//! ```text
//! sites/{integer}                     every kind of field
//!     shelves/{slug}                  upsert, changes; :fill, :inspect, :explode, :crawl, and :tally on the collection
//!         items/{slug}                the third level
//!         lamp                        slash verbs: :light, :dim
//! settings                            a singleton at the root; :restore
//! notices/{uuid}                      a write must carry `If-Match`
//! readings/{integer}                  methods(list, read)
//! archives/{slug}                     without(delete)
//! ledgers/{slug}                      rules
//! catalogs/{slug}                     soft delete, changes; :stamp, :peek, and :discard on the collection
//!     cover
//!     drawings/{slug}                 soft delete
//!         copies/{integer}
//! folders/{slug}                      what is below can be brought back, this cannot
//!     sheets/{slug}                   soft delete
//! ```

use std::{collections::BTreeMap, time::Duration};

use rest_standard::prelude::*;

/// The service.
pub fn service() -> Service {
    Service::new("workshop").version("v1", |api| {
        api.resource::<Site>()
            .resource::<Shelf>()
            .resource::<Item>()
            .resource::<Lamp>()
            .resource::<Settings>()
            .resource::<Notice>()
            .resource::<Reading>()
            .resource::<Archive>()
            .resource::<Ledger>()
            .resource::<Catalog>()
            .resource::<Cover>()
            .resource::<Drawing>()
            .resource::<Copy>()
            .resource::<Folder>()
            .resource::<Sheet>()
    })
}

/// What a site is for.
#[resource_enum]
pub enum SiteKind {
    /// Nothing in particular.
    Plain = 0,
    /// Things are kept there.
    Store = 7,
    /// Things are made there.
    Factory = 3,
}

/// Where something is.
#[resource_value]
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// Street and number.
    #[field(length = 1..=80)]
    pub street: String,
    /// Degrees north.
    #[field(range = -90.0..=90.0)]
    pub latitude: Option<f64>,
    /// What opens the gate; nobody sees it.
    #[field(input_only)]
    pub gate_code: Option<String>,
    /// Who answers the door.
    pub doors: Vec<Door>,
}

/// A door of an address.
#[resource_value]
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    /// What is written on it.
    pub label: String,
    /// The storey.
    #[field(range = -5..=200)]
    pub storey: i32,
}

/// A site, with every kind of field.
#[resource(
    collection = "sites",
    id = Integer,
    view(name = "card", fields(display_name, reference, address.doors.label, labels.env, etag)),
    view(name = "rights", fields(links, created_by))
)]
#[derive(Debug)]
pub struct Site {
    /// The name for people.
    #[field(filter, order, search)]
    pub display_name: String,
    /// What it is for.
    #[field(filter, order)]
    pub kind: SiteKind,
    /// How much fits in; too large for a JSON number.
    #[field(filter, order)]
    pub capacity: i64,
    /// How full it is.
    #[field(range = 0.0..=1.0, default = 0.5, filter, order)]
    pub load: f64,
    /// Whether it can be entered.
    #[field(default = true, filter)]
    pub is_open: bool,
    /// How many storeys.
    #[field(range = 1..=300, filter, order)]
    pub floors: Option<i32>,
    /// The first day.
    #[field(filter, order)]
    pub opened_on: Option<Date>,
    /// When somebody last looked.
    #[field(filter, order)]
    pub inspected_at: Option<Timestamp>,
    /// Whose it is.
    #[field(filter)]
    pub owner_id: Option<Uuid>,
    /// A picture.
    pub photo: Option<Bytes>,
    /// Where it is.
    #[field(filter)]
    pub address: Option<Address>,
    /// Numbers of its sections.
    #[field(length = ..=4, filter)]
    pub sections: Vec<i32>,
    /// Whatever else is to be said.
    #[field(filter)]
    pub labels: BTreeMap<String, String>,
    /// A three-letter mark.
    #[field(pattern = "[A-Z]{3}", filter)]
    pub mark: Option<String>,
    /// Whom to ask.
    #[field(format = email)]
    pub contact: Option<String>,
    /// Stands under another name on the wire.
    #[field(rename = "ref", filter, search)]
    pub reference: Option<String>,
    /// A field called like a standard query parameter.
    #[field(filter)]
    pub limit: Option<i32>,
}

/// A shelf of a site.
#[resource(collection = "shelves", parent = Site, id = Slug, upsert, changes = "90d")]
#[derive(Debug)]
pub struct Shelf {
    /// The name for people.
    #[field(length = 1..=20, filter, order)]
    pub display_name: String,
    /// A code that no other shelf has.
    #[field(unique, filter)]
    pub code: String,
    /// Printed on it once and for all.
    #[field(immutable)]
    pub barcode: Option<String>,
    /// The lock's number; nobody sees it.
    #[field(input_only, length = 4..=8)]
    pub pin: Option<String>,
    /// How much lies on it.
    #[field(output_only, default = 0, order)]
    pub stock: i32,
}

/// How many.
#[resource_value]
#[derive(Clone, Debug)]
pub struct Amount {
    /// How many.
    #[field(range = 1..=100)]
    pub amount: i32,
}

/// What an inspection finds.
#[resource_value]
#[derive(Clone, Debug)]
pub struct Finding {
    /// How much lies there.
    pub found_stock: i32,
    /// Whether that is all.
    pub is_complete: bool,
}

#[custom_methods]
impl Shelf {
    /// Puts something on the shelf.
    #[custom_method]
    async fn fill(&mut self, input: Amount, _cx: &mut Context<Self>) -> Result<()> {
        self.stock += input.amount;
        Ok(())
    }

    /// Takes everything from the shelf.
    #[custom_method(when = self.stock > 0)]
    async fn clear(&mut self, _cx: &mut Context<Self>) -> Result<Finding> {
        let found_stock = std::mem::take(&mut self.stock);
        Ok(Finding { found_stock, is_complete: true })
    }

    /// Looks at the shelf.
    #[custom_method(read_only)]
    async fn inspect(&self, _cx: &mut Context<Self>) -> Result<Finding> {
        Ok(Finding { found_stock: self.stock, is_complete: false })
    }

    /// Panics.
    #[custom_method]
    async fn explode(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.stock = 99;
        panic!("secret-of-the-panic in /src/secret.rs");
    }

    /// Fails with an error that has a source.
    #[custom_method]
    async fn fail(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Err(Error::internal("SELECT secret FROM vault"))
    }

    /// Takes longer than any test waits.
    #[custom_method]
    async fn crawl(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok(())
    }

    /// Takes a little while.
    #[custom_method]
    async fn dawdle(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.stock += 1;
        Ok(())
    }

    /// Puts an item on this shelf and on the one named `b`, or on neither.
    #[custom_method]
    async fn spread(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let other = cx.parent::<Site>().child::<Self>("b");
        let mut neighbour = cx.read(&other).await?;
        neighbour.stock += 1;
        self.stock += 1;
        cx.put(&other, &neighbour).await
    }

    /// Counts without being asked what.
    #[custom_method]
    async fn tally(input: Amount, _cx: &mut Context<Self>) -> Result<Finding> {
        Ok(Finding { found_stock: input.amount, is_complete: true })
    }
}

/// Something on a shelf.
#[resource(collection = "items", parent = Shelf, id = Slug, across_parents, export)]
#[derive(Debug)]
pub struct Item {
    /// The name for people.
    #[field(filter, order, search)]
    pub display_name: String,
    /// Its place among the others.
    #[field(filter, order)]
    pub rank: Option<i32>,
}

/// The lamp of a shelf.
#[resource(singleton = "lamp", parent = Shelf, slash_verbs)]
#[derive(Debug)]
pub struct Lamp {
    /// Whether it is lit.
    #[field(default = false)]
    pub is_lit: bool,
    /// How bright it is.
    #[field(range = 0..=9, default = 5)]
    pub level: i32,
}

#[custom_methods]
impl Lamp {
    /// Lights the lamp.
    #[custom_method(when = !self.is_lit)]
    async fn light(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.is_lit = true;
        Ok(())
    }

    /// Puts the lamp out.
    #[custom_method(when = self.is_lit, verb = "putOut")]
    async fn put_out(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.is_lit = false;
        Ok(())
    }
}

/// The settings of the whole workshop.
#[resource(singleton = "settings")]
#[derive(Debug)]
pub struct Settings {
    /// How many days things are kept.
    #[field(range = 1..=365, default = 30)]
    pub retention_days: i32,
    /// What is shown at the door.
    pub motto: Option<String>,
}

#[custom_methods]
impl Settings {
    /// Returns to the defaults.
    #[custom_method]
    async fn restore(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.retention_days = 30;
        self.motto = None;
        Ok(())
    }
}

/// A notice that nobody may overwrite blindly.
#[resource(collection = "notices", require_if_match)]
#[derive(Debug)]
pub struct Notice {
    /// What it says.
    pub text: String,
}

/// What a meter said; written by the service alone.
#[resource(collection = "readings", id = Integer, methods(list, read))]
#[derive(Debug)]
pub struct Reading {
    /// The number.
    pub value: f64,
}

/// What is kept for ever.
#[resource(collection = "archives", id = Slug, without(delete))]
#[derive(Debug)]
pub struct Archive {
    /// What it is called.
    pub title: String,
}

/// An account with rules.
#[resource(collection = "ledgers", id = Slug, rules)]
#[derive(Debug)]
pub struct Ledger {
    /// What it is called; stored without spaces around it.
    pub title: String,
    /// What is in it; never less than before.
    #[field(default = 0)]
    pub balance: i32,
}

impl Rules for Ledger {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.title = self.title.trim().to_owned();
        if self.title == "forbidden" {
            return Err(Error::invalid_value("/title", "must not be `forbidden`"));
        }
        Ok(())
    }

    async fn on_update(&mut self, before: &Self, _cx: &mut Context<Self>) -> Result<()> {
        self.title = self.title.trim().to_owned();
        if self.balance < before.balance {
            return Err(Error::failed_precondition("A balance never falls."));
        }
        Ok(())
    }

    async fn on_delete(&self, _cx: &mut Context<Self>) -> Result<()> {
        if self.balance > 0 {
            return Err(Error::failed_precondition("There is still money in it."));
        }
        Ok(())
    }
}

#[custom_methods]
impl Ledger {
    /// Puts something in, or takes something out, which the rules refuse.
    #[custom_method]
    async fn book(&mut self, input: Booking, _cx: &mut Context<Self>) -> Result<()> {
        self.balance += input.amount;
        Ok(())
    }
}

/// A change of a balance.
#[resource_value]
#[derive(Clone, Debug)]
pub struct Booking {
    /// How much.
    pub amount: i32,
}

/// A catalog that can be brought back after a delete.
#[resource(collection = "catalogs", id = Slug, changes, soft_delete = "30d", example = "bolts")]
#[derive(Debug)]
pub struct Catalog {
    /// What it is called.
    #[field(filter, order, search)]
    pub title: String,
    /// What it is filed under.
    #[field(unique)]
    pub code: Option<String>,
    /// How often it was stamped.
    #[field(output_only, default = 0)]
    pub stamps: i32,
}

#[custom_methods]
impl Catalog {
    /// Stamps it.
    #[custom_method]
    async fn stamp(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.stamps += 1;
        Ok(())
    }

    /// Looks into it.
    #[custom_method(read_only)]
    async fn peek(&self, _cx: &mut Context<Self>) -> Result<Glance> {
        Ok(Glance { title: self.title.clone() })
    }

    /// Deletes the catalog with this id, as author code does.
    #[custom_method]
    async fn discard(input: Glance, cx: &mut Context<Self>) -> Result<()> {
        let key = cx.key([input.title.into()]);
        cx.delete::<Self>(&key).await
    }
}

/// What a look shows.
#[resource_value]
#[derive(Clone, Debug)]
pub struct Glance {
    /// What it is called.
    pub title: String,
}

/// What a catalog is bound in.
#[resource(singleton = "cover", parent = Catalog)]
#[derive(Debug)]
pub struct Cover {
    /// Its colour.
    pub colour: Option<String>,
}

/// A drawing of a catalog.
#[resource(collection = "drawings", id = Slug, parent = Catalog, soft_delete = "2h", example = "hexagon")]
#[derive(Debug)]
pub struct Drawing {
    /// What it shows.
    #[field(search)]
    pub title: String,
}

/// A copy that somebody has.
#[resource(collection = "copies", id = Integer, parent = Drawing, across_parents)]
#[derive(Debug)]
pub struct Copy {
    /// Who has it.
    pub holder: String,
}

/// A folder, which is gone once it is deleted.
#[resource(collection = "folders", id = Slug, example = "red")]
#[derive(Debug)]
pub struct Folder {
    /// What it is called.
    pub title: String,
}

/// A sheet of a folder.
#[resource(collection = "sheets", id = Slug, parent = Folder, soft_delete = "1d", example = "first")]
#[derive(Debug)]
pub struct Sheet {
    /// What is on it.
    pub text: String,
}
