//! A rolling upgrade: the release before and the one after on one database, both serving.

use rest_standard::testing::TestService;
use rest_standard_tests::postgres::Database;
use serde_json::json;

/// The release before.
mod before {
    use rest_standard::prelude::*;

    #[resource_enum]
    pub(super) enum Mode {
        Off = 0,
        On = 1,
    }

    #[resource(collection = "lamps", id = Slug, changes, upsert)]
    pub(super) struct Lamp {
        #[field(order)]
        pub(super) name: String,
        pub(super) mode: Mode,
    }

    pub(super) fn service() -> Service {
        Service::new("lamps").version("v1", |api| api.resource::<Lamp>())
    }
}

/// The release after: more fields, a variant more, a collection more, a field searched and one without index.
mod after {
    use rest_standard::prelude::*;

    #[resource_enum]
    pub(super) enum Mode {
        Off = 0,
        On = 1,
        Dimmed = 2,
    }

    #[resource(collection = "lamps", id = Slug, changes, upsert)]
    pub(super) struct Lamp {
        #[field(search, filter)]
        pub(super) name: String,
        pub(super) mode: Mode,
        pub(super) note: Option<String>,
        #[field(default = "white", filter)]
        pub(super) color: String,
        pub(super) tags: Vec<String>,
    }

    #[resource(collection = "switches", parent = Lamp)]
    pub(super) struct Switch {
        pub(super) place: String,
    }

    pub(super) fn service() -> Service {
        Service::new("lamps").version("v1", |api| api.resource::<Lamp>().resource::<Switch>())
    }
}

const LAMPS: &str = "/api/v1/lamps";
const DESK: &str = "/api/v1/lamps/desk";

#[tokio::test]
async fn both_releases_serve_and_neither_loses_what_the_other_wrote() {
    let database = Database::take().await;
    let old = TestService::postgres(before::service(), database.url()).await.client();
    let _ = old.post(LAMPS, json!({"id": "hall", "name": "Hall"})).await.assert_status(201);
    // The tables grow while the old release serves.
    let new = TestService::postgres(after::service(), database.url()).await.client();
    let hall = new.get("/api/v1/lamps/hall").await.assert_status(200);
    assert_eq!(hall.values()["color"], "white");
    assert_eq!(hall.values()["tags"], json!([]));

    let lamp = json!({"id": "desk", "name": "Desk", "note": "old wiring", "color": "red", "tags": ["a"]});
    let _ = new.post(LAMPS, lamp).header("request-id", "made").await.assert_status(201);
    // A request id is known at both.
    let again = json!({"id": "desk", "name": "Desk"});
    old.post(LAMPS, again).header("request-id", "made").await.assert_refused(422, "RequestIdReused");
    let kept = async || {
        let desk = new.get(DESK).await.assert_status(200).values().clone();
        assert_eq!(
            (&desk["note"], &desk["color"], &desk["tags"]),
            (&json!("old wiring"), &json!("red"), &json!(["a"]))
        );
        desk
    };
    // Whatever the old release writes keeps what it does not know: PUT as a whole, PATCH in part, upsert.
    let put = old.put(DESK, json!({"name": "Desk lamp", "mode": "On"})).await.assert_status(200);
    assert_eq!(put.values()["name"], "Desk lamp");
    assert_eq!(kept().await["mode"], "On");
    let _ = old.patch(DESK, json!({"name": "Lamp"})).await.assert_status(200);
    let desk = kept().await;
    // The entity tag is the row's, whoever asks.
    let etag = old.get(DESK).await.header("etag").to_owned();
    let renamed = json!({"name": "Table lamp", "note": "new wiring"});
    let _ = new.patch(DESK, renamed).header("if-match", &etag).await.assert_status(200);
    old.patch(DESK, json!({"name": "x"}))
        .header("if-match", &etag)
        .await
        .assert_refused(412, "PreconditionFailed");
    assert_eq!(desk["name"], "Lamp");
    // What the old release makes has the new fields' defaults.
    let _ = old.put("/api/v1/lamps/attic", json!({"name": "Attic"})).await.assert_status(201);
    let attic = new.get("/api/v1/lamps/attic").await.assert_status(200);
    assert_eq!((&attic.values()["color"], &attic.values()["note"]), (&json!("white"), &json!(null)));
    // A change of either is in the log of both.
    let changes = old.get(&format!("{DESK}/changes")).await.assert_status(200);
    assert_eq!(changes.values().as_array().map(Vec::len), Some(4), "{}", changes.values());
    // What is below a row in a collection that the old release does not know stays while it writes.
    let _ = new.post(&format!("{DESK}/switches"), json!({"place": "door"})).await.assert_status(201);
    let _ = old.patch(DESK, json!({"name": "Last lamp"})).await.assert_status(200);
    let switches = new.get(&format!("{DESK}/switches")).await.assert_status(200);
    assert_eq!(switches.values().as_array().map(Vec::len), Some(1));
    // And the old release still starts on the grown tables.
    let old = TestService::postgres(before::service(), database.url()).await.client();
    assert_eq!(old.get(DESK).await.assert_status(200).values()["name"], "Last lamp");
}
