//! Random batches: one does what its items do one by one, or nothing; and both stores answer them alike.

use std::cell::Cell;

use proptest::prelude::*;
use rest_standard::testing::Deterministic;
use rest_standard_tests::{Api, Stored, is_long, without, workshop};
use serde_json::{Value as Json, json};

/// A batch that writes.
#[derive(Clone, Debug)]
struct Batch {
    collection: &'static str,
    verb: &'static str,
    /// The ids with the values of each item.
    items: Vec<(&'static str, Json)>,
    /// Whether nothing keeps the items from being refused.
    is_wild: bool,
}

/// The collections, each with what makes items meet: unique values, immutable ones, rules, children.
const COLLECTIONS: [&str; 3] = ["sites/1/shelves", "ledgers", "sites/1/shelves/a/items"];

fn select<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

/// Some of a resource's members.
fn values(collection: &'static str) -> BoxedStrategy<Json> {
    match collection {
        "ledgers" => (select(&["A", " B ", "forbidden"]), select(&[0, 1, 2]))
            .prop_map(|(title, balance)| json!({"title": title, "balance": balance}))
            .boxed(),
        "sites/1/shelves" => (select(&["S1", "S2", "S3", "S4"]), select(&["B1", "B2"]))
            .prop_map(|(code, barcode)| json!({"displayName": "N", "code": code, "barcode": barcode}))
            .boxed(),
        _ => select(&[json!({"displayName": "I"}), json!({"displayName": "J", "rank": 1})]).boxed(),
    }
}

/// A batch as it comes; [`Batch::tamed`] makes most of them go through.
fn batch() -> impl Strategy<Value = Batch> {
    let verb = select(&["batchCreate", "batchCreate", "batchUpdate", "batchUpdate", "batchDelete"]);
    (select(&COLLECTIONS), verb).prop_flat_map(|(collection, verb)| {
        let ids = prop::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..4).prop_shuffle();
        ids.prop_flat_map(move |ids| {
            let values = prop::collection::vec(values(collection), ids.len());
            (Just(ids), values, prop::bool::weighted(0.15)).prop_map(move |(ids, values, is_wild)| Batch {
                collection,
                verb,
                items: ids.into_iter().zip(values).collect(),
                is_wild,
            })
        })
    })
}

impl Batch {
    /// Leaves out what would be refused, unless the batch is a wild one.
    async fn tamed(mut self, api: &Api, step: usize) -> Self {
        if self.is_wild {
            return self;
        }
        let list = api.get(self.collection).await;
        let there: Vec<Json> = list.values().as_array().into_iter().flatten().cloned().collect();
        let is_create = self.verb == "batchCreate";
        self.items.retain(|(id, _)| there.iter().any(|element| element["id"] == *id) != is_create);
        for (id, values) in &mut self.items {
            match self.collection {
                "ledgers" => *values = json!({"title": format!(" {id} "), "balance": step}),
                "sites/1/shelves" => {
                    // Each code but one is the shelf's own at this step.
                    values["code"] = json!(if *id == "a" { "S1".to_owned() } else { format!("{id}{step}") });
                    values["barcode"] = json!("B1");
                }
                _ => {}
            }
        }
        // A shelf with something on it and a ledger with money in it stay.
        if self.verb == "batchDelete" && self.collection != "sites/1/shelves/a/items" {
            self.items.retain(|(id, _)| self.collection == "sites/1/shelves" && *id != "a");
        }
        self
    }

    fn body(&self) -> Json {
        let item = |(id, values): &(&str, Json)| {
            let mut item = json!({"id": id});
            match self.verb {
                "batchCreate" => rest_standard_tests::merge(&mut item, values.clone()),
                "batchUpdate" => item["patch"] = values.clone(),
                _ => {}
            }
            item
        };
        json!({"items": self.items.iter().map(item).collect::<Vec<_>>()})
    }

    fn path(&self) -> String {
        format!("{}:{}", self.collection, self.verb)
    }

    /// Sends the items one by one; whether each went through.
    async fn one_by_one(&self, api: &Api) -> bool {
        if self.items.is_empty() {
            return api.get(self.collection).await.status < 300;
        }
        for (id, values) in &self.items {
            let path = format!("{}/{id}", self.collection);
            let answer = match self.verb {
                "batchCreate" => {
                    let mut body = json!({"id": id});
                    rest_standard_tests::merge(&mut body, values.clone());
                    api.post(self.collection, body).await
                }
                "batchUpdate" => api.patch(&path, values.clone()).await,
                _ => api.delete(&path).await,
            };
            if answer.status >= 300 {
                return false;
            }
        }
        true
    }
}

/// Everything below the workshop's collections, without what differs from run to run.
async fn world(api: &Api) -> Vec<Json> {
    let mut world = Vec::new();
    for list in [
        "sites/1/shelves",
        "ledgers",
        "sites/1/shelves/a/items",
        "sites/1/shelves/a/changes",
        "sites/1/shelves/b/changes",
    ] {
        let answer = api.get(&format!("{list}?$limit=1000&$orderBy=id")).await;
        let elements = answer.values().as_array().cloned().unwrap_or_default();
        let own = ["etag", "createdAt", "updatedAt", "requestId", "links"];
        world.push(elements.iter().map(|element| without(element, &own)).collect());
    }
    world
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn config() -> ProptestConfig {
    let cases = if is_long() { 500 } else { 8 };
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: if is_long() { 500 } else { 16 },
        ..ProptestConfig::default()
    }
}

async fn start(stored: Stored) -> Api {
    let api = stored.start(workshop::service().source(Deterministic::new(7))).await;
    let site = json!({"displayName": "N", "capacity": "1"});
    let _ = api.post("sites", site).await.assert_status(201);
    let shelf = json!({"id": "a", "displayName": "N", "code": "S1", "barcode": "B1"});
    let _ = api.post("sites/1/shelves", shelf).await.assert_status(201);
    api
}

#[test]
fn r065_a_batch_does_what_its_items_do_one_by_one_or_nothing() {
    let runtime = runtime();
    let (done, refused) = (Cell::new(0), Cell::new(0));
    proptest!(config(), |(batches in prop::collection::vec(batch(), 12))| {
        runtime.block_on(async {
            let (batched, single) = (start(Stored::Memory).await, start(Stored::Memory).await);
            for (step, batch) in batches.into_iter().enumerate() {
                let batch = batch.tamed(&batched, step).await;
                let before = world(&batched).await;
                let answer = batched.post(&batch.path(), batch.body()).await;
                let goes_through = batch.one_by_one(&single).await;
                assert_eq!(answer.status < 300, goes_through, "{batch:?}\n{answer}");
                if !goes_through {
                    refused.set(refused.get() + 1);
                    assert_eq!(world(&batched).await, before, "{batch:?}");
                    // What went through one by one stays, so the two are not alike any more.
                    break;
                }
                done.set(done.get() + 1);
                assert_eq!(world(&batched).await, world(&single).await, "{batch:?}");
            }
        });
    });
    let (done, refused) = (done.get(), refused.get());
    assert!(done > 10 && refused > 0, "{done} batches were carried out and {refused} refused");
}

#[test]
fn r065_all_stores_answer_batches_alike() {
    let runtime = runtime();
    proptest!(config(), |(batches in prop::collection::vec(batch(), 12))| {
        runtime.block_on(async {
            let memory = start(Stored::Memory).await;
            let mut durable = Vec::new();
            for stored in Stored::durable() {
                durable.push(start(stored).await);
            }
            for (step, batch) in batches.into_iter().enumerate() {
                // Both are asked what is there, so that their sources go on alike.
                for store in &durable {
                    let _ = batch.clone().tamed(store, step).await;
                }
                let batch = batch.tamed(&memory, step).await;
                let ids: Vec<_> = batch.items.iter().map(|(id, _)| id).collect();
                let get = format!("{}:batchGet", batch.collection);
                let one = memory.post(&batch.path(), batch.body()).await;
                let read = memory.post(&get, json!({"ids": ids})).await;
                for store in &durable {
                    let other = store.post(&batch.path(), batch.body()).await;
                    assert_eq!((one.status, &one.body), (other.status, &other.body), "{batch:?}");
                    let other = store.post(&get, json!({"ids": ids})).await;
                    assert_eq!((read.status, &read.body), (other.status, &other.body), "{batch:?}");
                }
            }
        });
    });
}
