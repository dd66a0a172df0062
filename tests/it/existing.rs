//! Tables that were there before the service, on both engines.

use http::Method;
use rest_standard::prelude::*;
use rest_standard_tests::{
    Api, column,
    shop::{self, Place},
};
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;

async fn shops() -> Vec<(Place, Api)> {
    let mut shops = Vec::new();
    for place in Place::all().await {
        let api = place.serve(shop::service()).await;
        shops.push((place, api));
    }
    shops
}

#[tokio::test]
async fn rows_are_resources_of_the_standard_form() {
    for (_, api) in shops().await {
        let order = api.values("customers/ALFKI/orders/1").await;
        assert_eq!(order["id"], 1);
        assert_eq!(order["freight"], 12.75);
        assert_eq!(order["state"], "Open");
        assert_eq!(order["dueAt"], "1996-08-01T00:00:00Z");
        assert_eq!(order["updatedAt"], "1996-07-05T00:00:00Z");
        assert_eq!(order["updatedBy"], Json::Null);
        assert!(order.get("createdAt").is_none() && order.get("createdBy").is_none(), "{order}");
        let customer = api.values("customers/ALFKI").await;
        assert_eq!(customer["createdAt"], "1996-07-04T08:00:00Z");
        assert!(customer.get("updatedAt").is_none(), "{customer}");
        // A line knows its order only; whose order it is, the order's table says.
        let line = api.values("customers/ALFKI/orders/1/order-lines/1").await;
        assert_eq!((&line["article"], &line["quantity"]), (&json!("lamp"), &json!(2)));
        let _ = api.get("customers/ZEBRA/orders/1/order-lines/1").await.assert_status(404);
        let _ = api.get("customers/ZEBRA/orders/1").await.assert_status(404);
        let all = api.get("customers/-/orders/-/order-lines?$orderBy=id").await.assert_status(200);
        let urls: Vec<&str> = all
            .values()
            .as_array()
            .expect("it is a list")
            .iter()
            .filter_map(|line| line["url"].as_str())
            .collect();
        assert!(urls[2].ends_with("/customers/ZEBRA/orders/3/order-lines/3"), "{urls:?}");
        assert_eq!(api.values("sales/ALFKI").await["orders"], "2");
    }
}

#[tokio::test]
async fn ids_that_are_texts_are_encoded_in_addresses() {
    for (_, api) in shops().await {
        let customer = api.values("customers/b%2F1%3Ax").await;
        assert_eq!(customer["id"], "b/1:x");
        let url = customer["url"].as_str().expect("it is a text");
        assert!(url.ends_with("/customers/b%2F1%3Ax"), "{url}");
        let stock = api.values("warehouses/7/stocks/desk%2Foak").await;
        assert_eq!((&stock["id"], &stock["amount"]), (&json!("desk/oak"), &json!(4)));
        let body = json!({"id": "ø 100%", "companyName": "Ø"});
        let made = api.post("customers", body).await.assert_status(201);
        let location = made.header("location").to_owned();
        assert!(location.ends_with("/customers/%C3%B8%20100%25"), "{location}");
        let _ = api.get(&location).await.assert_status(200);
        for id in ["", "-", ".", "..", "a\u{7}"] {
            let _ = api
                .post("customers", json!({"id": id, "companyName": "Nobody"}))
                .await
                .assert_refused(422, "InvalidValue");
        }
        let page = api.get("customers/b%2F1%3Ax").header("accept", "text/html").await.assert_status(200);
        assert!(page.text.contains("/customers/b%2F1%3Ax/orders"), "the links of the page lead on");
        assert!(page.text.contains(">b/1:x</li>"), "the way here says the id as it is");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_ordered_by_code_points() {
    for (_, api) in shops().await {
        let names = api.column("customers?$orderBy=companyName", "companyName").await;
        assert_eq!(names, [json!("Alfreds"), json!("Berglund"), json!("adler")]);
        let pages = api.column_of_all("customers?$orderBy=companyName%20desc&$limit=1", "companyName").await;
        assert_eq!(pages, [json!("adler"), json!("Berglund"), json!("Alfreds")]);
        let ids = api.column_of_all("customers?$orderBy=area,id&$limit=1", "id").await;
        assert_eq!(ids, [json!("ALFKI"), json!("ZEBRA"), json!("b/1:x")]);
        for (filter, found) in [
            ("state = Shipped", json!([2])),
            ("state >= InProgress", json!([2, 3])),
            ("state != Open AND freight < 1", json!([2])),
            ("freight = 12.75", json!([1])),
            ("dueAt > \"1996-08-01T00:00:00Z\"", json!([3])),
            ("dueAt = \"1996-08-02T12:30:15Z\"", json!([3])),
            ("dueAt = null", json!([2])),
            ("updatedAt <= \"1996-07-06T00:00:00Z\"", json!([1, 2])),
        ] {
            let query = form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
            let found_ids =
                api.column(&format!("customers/-/orders?$orderBy=id&$filter={query}"), "id").await;
            assert_eq!(json!(found_ids), found, "{filter}");
        }
        let ids = api.column_of_all("customers/-/orders?$orderBy=state%20desc,dueAt&$limit=1", "id").await;
        assert_eq!(ids, [json!(2), json!(3), json!(1)]);
        let ids = api.column_of_all("customers/-/orders?$orderBy=dueAt%20desc&$limit=1", "id").await;
        assert_eq!(ids, [json!(3), json!(1), json!(2)]);
        let counted =
            api.get("customers/-/orders/-/order-lines?$filter=article%20%3D%20%22la*%22&$count=true").await;
        assert_eq!(counted.meta()["totalCount"], 2);
        // What the table has no column for is no name of the list either.
        let _ =
            api.get("customers/-/orders?$orderBy=createdAt").await.assert_refused(400, "InvalidParameter");
        let _ = api
            .get("customers/-/orders?$filter=createdBy%20%3D%20null")
            .await
            .assert_refused(400, "InvalidParameter");
        let _ = api.get("customers/-/orders?$select=createdAt").await.assert_refused(400, "InvalidParameter");
    }
}

#[tokio::test]
async fn writes_keep_what_is_not_declared_and_draw_ids_where_others_do() {
    for (place, api) in shops().await {
        place.run("UPDATE \"Orders\" SET \"Note\" = 'handle with care' WHERE \"OrderID\" = 1").await;
        let changed =
            api.put("customers/ALFKI/orders/1", json!({"state": "InProgress", "freight": 3.5})).await;
        let changed = changed.assert_status(200);
        assert_eq!(changed.values()["dueAt"], Json::Null);
        let kept =
            place.ask("SELECT \"Note\" || ' ' || \"Status\" FROM \"Orders\" WHERE \"OrderID\" = 1").await;
        assert_eq!(kept, "handle with care in progress");
        let due = json!({"dueAt": "2026-11-21T10:00:00.25Z", "state": "Open"});
        let patched = api.patch("customers/ALFKI/orders/1", due).await.assert_status(200);
        assert_eq!(patched.values()["dueAt"], "2026-11-21T10:00:00.25Z");
        assert_eq!(patched.values()["etag"], api.values("customers/ALFKI/orders/1").await["etag"]);
        let made = api.post("customers/ALFKI/orders", json!({"state": "Open"})).await.assert_status(201);
        assert_eq!(made.values()["id"], 4);
        assert_eq!(made.values()["freight"], 0.0);
        // Another program still gets ids of its own, and sees none of ours.
        place.run("INSERT INTO \"Orders\" (\"CustomerID\", \"Status\") VALUES ('ALFKI', 'open')").await;
        let made = api.post("customers/ALFKI/orders", json!({"state": "Shipped"})).await.assert_status(201);
        assert_eq!(made.values()["id"], 6);
        let orders = api.column("customers/ALFKI/orders", "id").await;
        assert_eq!(json!(orders), json!([1, 2, 4, 5, 6]));
        let line = json!({"article": "table", "quantity": 3});
        let made = api.post("customers/ALFKI/orders/6/order-lines", line).await.assert_status(201);
        assert_eq!(made.values()["article"], "table");
        let lines = api.column("customers/ALFKI/orders/6/order-lines", "article").await;
        assert_eq!(lines, [json!("table")]);
        // A line of somebody else's order is not there, and cannot be made there.
        let line = json!({"article": "table", "quantity": 3});
        let _ = api.post("customers/ZEBRA/orders/6/order-lines", line).await.assert_status(404);
        let stock = api.put("warehouses/8/stocks/desk", json!({"amount": 5})).await.assert_status(201);
        assert_eq!(stock.values()["amount"], 5);
        let items = json!({"items": [{"state": "Open"}, {"state": "Shipped", "freight": 1.25}]});
        let made = api.post("customers/ZEBRA/orders:batchCreate", items).await.assert_status(200);
        assert_eq!(column(&made, "state"), [json!("Open"), json!("Shipped")]);
        assert_eq!(column(&made, "id"), [json!(7), json!(8)]);
    }
}

#[tokio::test]
async fn deletes_are_refused_while_rows_are_below() {
    for (place, api) in shops().await {
        let _ = api.delete("customers/ALFKI/orders/1").await.assert_refused(409, "HasChildren");
        let _ = api.delete("customers/ALFKI").await.assert_refused(409, "HasChildren");
        let _ = api.delete("customers/ALFKI/orders/2").await.assert_status(200);
        let _ = api.get("customers/ALFKI/orders/2").await.assert_status(404);
        let _ = api.delete("customers/ALFKI?$force=true").await.assert_status(200);
        let lines = place.ask("SELECT CAST(count(*) AS text) FROM \"OrderLines\"").await;
        assert_eq!(lines, "1");
        // A row that only the database knows to refer here.
        place.run("CREATE TABLE \"Visits\" (\"Customer\" VARCHAR(20) NOT NULL REFERENCES \"Customers\" (\"CustomerID\"))").await;
        place.run("INSERT INTO \"Visits\" VALUES ('b/1:x')").await;
        let _ = api.delete("customers/b%2F1%3Ax").await.assert_refused(409, "HasChildren");
        // References are the declaration's own.
        let _ = api.patch("warehouses/7", json!({"customerId": "ZEBRA"})).await.assert_status(200);
        let _ = api
            .patch("warehouses/7", json!({"customerId": "NOBODY"}))
            .await
            .assert_refused(422, "InvalidValue");
        let _ = api.delete("customers/ZEBRA?$force=true").await.assert_status(409);
    }
}

#[tokio::test]
async fn what_others_write_is_seen_and_never_overwritten() {
    for (place, api) in shops().await {
        let before = api.get("customers/ALFKI/orders/1").await.assert_status(200);
        let tag = before.header("etag").to_owned();
        place.run("UPDATE \"Orders\" SET \"Freight\" = 99.5 WHERE \"OrderID\" = 1").await;
        let after = api.get("customers/ALFKI/orders/1").await.assert_status(200);
        assert_eq!(after.values()["freight"], 99.5);
        assert_ne!(after.header("etag"), tag);
        let patch = || api.patch("customers/ALFKI/orders/1", json!({"state": "Shipped"}));
        let _ = patch().header("if-match", &tag).await.assert_refused(412, "PreconditionFailed");
        let changed = patch().header("if-match", after.header("etag")).await.assert_status(200);
        assert_eq!(changed.values()["freight"], 99.5);
        let unchanged =
            api.get("customers/ALFKI/orders/1").header("if-none-match", changed.header("etag")).await;
        let _ = unchanged.assert_status(304);
        // A request happens once.
        let again =
            || api.post("customers/ALFKI/orders", json!({"state": "Open"})).header("request-id", "once");
        let (first, second) = (again().await.assert_status(201), again().await.assert_status(201));
        assert_eq!(first.values()["id"], second.values()["id"]);
        assert_eq!(api.count("customers/ALFKI/orders").await, 3);
        let dry = api.patch("customers/ALFKI/orders/1?$validate=true", json!({"freight": 1.0})).await;
        let _ = dry.assert_status(200);
        assert_eq!(api.values("customers/ALFKI/orders/1").await["freight"], 99.5);
    }
}

#[tokio::test]
async fn what_a_table_refuses_is_the_clients_fault() {
    for (place, api) in shops().await {
        let line = |quantity: i64| json!({"article": "lamp", "quantity": quantity});
        let refused = api.post("customers/ALFKI/orders/1/order-lines", line(0)).await;
        let _ = refused.assert_refused(422, "InvalidValue");
        let _ = api
            .patch("customers/ALFKI/orders/1/order-lines/1", json!({"quantity": -1}))
            .await
            .assert_refused(422, "InvalidValue");
        let _ = api.post("warehouses", json!({"place": "Oslo"})).await.assert_refused(409, "AlreadyExists");
        if matches!(place, Place::Postgres(_)) {
            // It would be rounded to what nobody sent.
            let _ = api
                .patch("customers/ALFKI/orders/1", json!({"freight": 0.125}))
                .await
                .assert_refused(422, "InvalidValue");
            let _ = api
                .patch("customers/ALFKI/orders/1", json!({"freight": 1e300}))
                .await
                .assert_refused(422, "InvalidValue");
        }
        assert_eq!(api.values("customers/ALFKI/orders/1").await["freight"], 12.75);
        let big = "9".repeat(18);
        let _ = api.get(&format!("customers/ALFKI/orders/{big}")).await.assert_status(404);
        let _ = api
            .get(&format!("customers/ALFKI/orders/1/order-lines?$filter=quantity%20%3C%20{big}"))
            .await
            .assert_status(200);
        let _ = api.request(Method::DELETE, "sales/ALFKI").await.assert_refused(405, "MethodNotAllowed");
    }
}

/// What the declaration does not know of a column is not written over, and what the database computes is not written at all.
#[tokio::test]
async fn what_others_keep_in_a_column_survives_writes() {
    for (place, api) in shops().await {
        let tier = || {
            place.ask("SELECT coalesce(\"Tier\", 'none') FROM \"Customers\" WHERE \"CustomerID\" = 'ZEBRA'")
        };
        let zebra = api.get("customers/ZEBRA").await.assert_status(200);
        assert_eq!(zebra.values()["tier"], Json::Null);
        assert_eq!(api.values("customers/ALFKI").await["tier"], "Gold");
        let renamed = api.patch("customers/ZEBRA", json!({"companyName": "Adler"}));
        let renamed = renamed.header("if-match", zebra.header("etag")).await.assert_status(200);
        assert_eq!(tier().await, "platinum");
        assert_eq!(api.values("customers/ZEBRA").await["etag"], renamed.values()["etag"]);
        let _ = api.patch("customers/ZEBRA", json!({"tier": "Basic"})).await.assert_status(200);
        assert_eq!(tier().await, "basic");
        let _ = api.put("customers/ZEBRA", json!({"companyName": "Adler"})).await.assert_status(200);
        assert_eq!(tier().await, "none");
        let line = json!({"article": "stool", "quantity": 4, "doubled": 99});
        let made = api.post("customers/ALFKI/orders/1/order-lines", line).await.assert_status(201);
        let path = made.values()["url"].as_str().expect("it is a text").to_owned();
        assert_eq!(api.values(&path).await["doubled"], 8);
        let _ = api.patch(&path, json!({"quantity": 5})).await.assert_status(200);
        assert_eq!(api.values(&path).await["doubled"], 10);
        // A key of a fixed width is read without its blanks, and found again.
        let stock = api.get("warehouses/7/stocks").await.assert_status(200);
        for element in stock.values().as_array().expect("it is a list") {
            let _ = api.get(element["url"].as_str().expect("it is a text")).await.assert_status(200);
        }
        assert_eq!(column(&stock, "id"), [json!("desk/oak"), json!("lamp")]);
    }
}

/// What a start says of a declaration that the shop's tables do not fit.
async fn refusal(place: &Place, service: Service) -> String {
    let store = place.store("shop");
    let refused = service.store(store.clone()).router().await.map(drop).expect_err("the tables do not fit");
    store.close().await;
    refused.to_string()
}

/// A declaration with every mistake that only the tables show.
mod wrong {
    use rest_standard::prelude::*;

    #[resource(collection = "customers", id = Integer, table = "Customers", key = "CustomerID", created_at = "Region")]
    pub(super) struct Customer {
        #[field(column = "Name")]
        pub(super) name: String,
        #[field(column = "Region", unique)]
        pub(super) area: String,
    }

    #[resource(collection = "orders", id = Integer, table = "Orders", key = "CustomerID")]
    pub(super) struct Order {
        #[field(column = "Freight")]
        pub(super) freight: bool,
        #[field(column = "Due")]
        pub(super) due_at: Option<i64>,
        #[field(column = "Note")]
        pub(super) note: Option<String>,
    }

    #[resource(collection = "sales", id = Text, table = "Sales", key = "CustomerID")]
    pub(super) struct Sale {
        #[field(column = "Orders")]
        pub(super) orders: i64,
    }

    #[resource(collection = "nothings", id = Text, table = "Nothing")]
    pub(super) struct Nothing {
        pub(super) name: String,
    }
}

#[tokio::test]
async fn a_start_names_what_does_not_fit_and_changes_nothing() {
    for place in Place::all().await {
        let service = Service::new("shop").version("v1", |api| {
            api.resource::<wrong::Customer>()
                .resource::<wrong::Order>()
                .resource::<wrong::Sale>()
                .resource::<wrong::Nothing>()
        });
        let said = refusal(&place, service).await;
        for expected in [
            "table `Nothing` of `Nothing`: it is not in the database",
            "table `Customers` of `Customer`: the key column `CustomerID` is",
            "which does not hold integer",
            "the column `Region` of `created_at` ",
            "-- write `id = Text`, or `id = Slug`",
            "the column `Name` of `name` is missing",
            "the columns are `CustomerID`, `CompanyName`, `Region`, `Tier`, `Since`",
            "the column `Region` of `area` allows NULL, but the field is required",
            "`area` is unique, and its column is not",
            "CREATE UNIQUE INDEX \"Customers.Region.unique\" ON \"Customers\" (\"Region\");",
            "the column `CompanyName` is not declared, and no row can be inserted without a value for it",
            "the column `Note` of `note` is NOT NULL, but the field is optional",
            "two rows may have the same (CustomerID)",
            "table `Sales` of `Sale`: it is a view, and a view is only read",
        ] {
            assert!(said.contains(expected), "{expected} is not in:\n{said}");
        }
        let on_postgres = matches!(place, Place::Postgres(_));
        // SQLite's types say little; the rows tell.
        assert_eq!(
            said.contains("the column `Due` of `due_at` holds values of another form"),
            !on_postgres,
            "{said}"
        );
        assert_eq!(
            said.contains("the column `Due` of `due_at` is timestamp without time zone"),
            on_postgres,
            "{said}"
        );
        assert_eq!(
            said.contains("the column `Freight` of `freight` is numeric(10,2)"),
            on_postgres,
            "{said}"
        );
        // The tables of the service itself are not made either.
        let tables = match on_postgres {
            true => "SELECT CAST(count(*) AS text) FROM pg_class WHERE relname = '_meta'",
            false => "SELECT CAST(count(*) AS text) FROM sqlite_schema WHERE name = '_meta'",
        };
        assert_eq!(place.ask(tables).await, "0");
    }
}

#[tokio::test]
async fn a_file_of_somebody_elses_without_existing_tables_is_left_alone() {
    let place = Place::sqlite("CREATE TABLE \"Letters\" (\"ID\" INTEGER PRIMARY KEY)");
    let said = refusal(&place, device_registry::service()).await;
    assert!(said.contains("is not the database of a rest-standard service"), "{said}");
    assert_eq!(place.ask("SELECT journal_mode FROM pragma_journal_mode").await, "delete");
}

#[tokio::test]
async fn tables_of_the_service_stand_beside_and_below_those_that_were_there() {
    #[resource(collection = "remarks", parent = shop::Order, changes)]
    struct Remark {
        #[field(search)]
        pub text: String,
    }
    for place in Place::all().await {
        let service = Service::new("shop").version("v1", |api| {
            api.resource::<shop::Customer>().resource::<shop::Order>().resource::<Remark>()
        });
        let api = place.serve(service).await;
        let made = api.post("customers/ALFKI/orders/1/remarks", json!({"text": "Ring twice"})).await;
        let path = made.assert_status(201).values()["id"].as_str().expect("it is a text").to_owned();
        let changes = api.column(&format!("customers/ALFKI/orders/1/remarks/{path}/changes"), "method").await;
        assert_eq!(changes, [json!("Create")]);
        let found = api.column("customers/ALFKI/orders/1/remarks?$search=ring", "text").await;
        assert_eq!(found, [json!("Ring twice")]);
        let _ = api.post("customers/ZEBRA/orders/1/remarks", json!({"text": "?"})).await.assert_status(404);
        let _ = api.delete("customers/ALFKI/orders/1").await.assert_status(409);
        let _ = api.delete("customers/ALFKI/orders/2").await.assert_status(200);
    }
}

#[tokio::test]
async fn nothing_is_added_below_a_row_that_went_meanwhile() {
    static DECIDED: Semaphore = Semaphore::const_new(0);
    static GONE: Semaphore = Semaphore::const_new(0);

    #[resource(collection = "remarks", parent = shop::Order, rules)]
    struct Remark {
        pub text: String,
    }
    impl Rules for Remark {
        async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
            if self.text == "Late" {
                DECIDED.add_permits(1);
                // Planned again, it need not wait.
                let _gone = GONE.acquire().await.expect("it is open");
            }
            Ok(())
        }
    }
    for place in Place::all().await {
        let service = Service::new("shop").version("v1", |api| {
            api.resource::<shop::Customer>().resource::<shop::Order>().resource::<Remark>()
        });
        let api = place.serve(service).await;
        let late = api.post("customers/ALFKI/orders/2/remarks", json!({"text": "Late"}));
        let gone = async {
            DECIDED.acquire().await.expect("it is open").forget();
            let deleted = api.delete("customers/ALFKI/orders/2").await.assert_status(200);
            GONE.add_permits(1);
            deleted
        };
        let (late, _) = tokio::join!(async { late.await }, gone);
        late.assert_refused(404, "NotFound");
        assert_eq!(place.ask("SELECT CAST(count(*) AS text) FROM customers__orders__remarks").await, "0");
        // For the next place.
        GONE.acquire().await.expect("it is open").forget();
        while let Ok(again) = DECIDED.try_acquire() {
            again.forget();
        }
    }
}
