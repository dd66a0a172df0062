//! A service whose resources refer to each other.
//!
//! ```text
//! garages/{slug}        soft delete
//! drivers/{uuid}        lead -> drivers, set to null; changes, import
//!     trips/{uuid}      to -> garages, set to null; relief -> drivers
//! vans/{integer}        garage -> garages; driver -> drivers, set to null; soft delete, changes, import, export
//! ```

use rest_standard::prelude::*;
use serde_json::{Value as Json, json};

/// Where vans stand at night.
#[resource(collection = "garages", id = Slug, soft_delete = "30d", example = "north", upsert)]
#[derive(Debug)]
pub struct Garage {
    /// The name that people read.
    #[field(length = ..=64, filter)]
    pub display_name: String,
}

/// Who drives.
#[resource(collection = "drivers", changes, import)]
#[derive(Debug)]
pub struct Driver {
    /// The name that people read.
    #[field(length = ..=64, filter, order)]
    pub display_name: String,
    /// Who leads the driver.
    #[field(references = Driver, on_delete = set_null, filter)]
    pub lead: Option<Uuid>,
}

/// What is driven.
#[resource(collection = "vans", id = Integer, soft_delete = "30d", changes, import, export)]
#[derive(Debug)]
pub struct Van {
    /// Where it stands at night.
    #[field(references = Garage, filter, order)]
    pub garage: String,
    /// Who drives it.
    #[field(references = Driver, on_delete = set_null, filter)]
    pub driver: Option<Uuid>,
    /// How many parcels fit in it.
    #[field(default = 10)]
    pub capacity: i64,
}

/// Where to go.
#[resource_value]
#[derive(Debug)]
pub struct Destination {
    /// The garage.
    pub garage: String,
}

#[custom_methods]
impl Van {
    /// Parks the van somewhere else.
    #[custom_method]
    pub async fn park(&mut self, destination: Destination, _cx: &mut Context<Self>) -> Result<()> {
        self.garage = destination.garage;
        Ok(())
    }

    /// Opens a garage and parks the van there, at once.
    #[custom_method]
    pub async fn move_in(&mut self, destination: Destination, cx: &mut Context<Self>) -> Result<()> {
        let garage = Garage { display_name: format!("For van {}", cx.id()) };
        cx.put(&cx.key([destination.garage.as_str().into()]), &garage).await?;
        self.garage = destination.garage;
        Ok(())
    }
}

/// A way that a driver went.
#[resource(collection = "trips", parent = Driver)]
#[derive(Debug)]
pub struct Trip {
    /// Where it ended.
    #[field(references = Garage, on_delete = set_null)]
    pub to: Option<String>,
    /// Who drove the rest of the way.
    #[field(references = Driver)]
    pub relief: Option<Uuid>,
}

/// The service.
pub fn service() -> Service {
    Service::new("fleet").version("v1", |api| {
        api.resource::<Garage>().resource::<Driver>().resource::<Trip>().resource::<Van>()
    })
}

under_test! {
    /// A fleet under test.
    Fleet, service()
}

impl Fleet {
    /// Makes a garage.
    pub async fn garage(&self, id: &str) {
        let body = json!({"id": id, "displayName": format!("Garage {id}")});
        let _ = self.post("garages", body).await.assert_status(201);
    }

    /// Makes a driver and gives its id.
    pub async fn driver(&self, lead: Option<&str>) -> String {
        let body = json!({"displayName": format!("Driver {}", self.serial()), "lead": lead});
        let made = self.post("drivers", body).await.assert_status(201);
        made.values()["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a van and gives its path.
    pub async fn van(&self, fields: Json) -> String {
        let made = self.post("vans", fields).await.assert_status(201);
        format!("vans/{}", made.values()["id"])
    }
}
