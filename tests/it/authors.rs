//! What author code may do to the resources of its plan, and what is refused by name.

use std::ops::Deref;

use rest_standard::prelude::*;
use rest_standard_tests::{Api, Stored, locators, on_every_store};
use serde_json::json;

/// Who borrows.
#[resource(collection = "readers", id = Slug)]
struct Reader {
    /// How many loans there are.
    #[field(output_only, default = 0)]
    pub out: i32,
}

#[custom_methods]
impl Reader {
    /// Lends something, and leaves `self` as it was before the loan's rule counted.
    #[custom_method]
    async fn lend(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.put(&cx.child("lent"), &Loan { title: "Lent".to_owned() }).await
    }

    /// Leaves more notes than a forced delete asks one by one.
    #[custom_method]
    async fn scribble(&self, cx: &mut Context<Self>) -> Result<()> {
        for number in 0..=1000 {
            cx.put(&cx.child(format!("n{number}")), &Note { text: "Scribble".to_owned() }).await?;
        }
        Ok(())
    }

    /// Deletes itself, unless something is below.
    #[custom_method]
    async fn leave(&self, cx: &mut Context<Self>) -> Result<()> {
        cx.delete(&cx.key::<Self>([cx.id().clone()])).await
    }

    /// Looks for a loan with a key that is too short.
    #[custom_method(read_only)]
    async fn lose(&self, cx: &mut Context<Self>) -> Result<()> {
        cx.find(&cx.key::<Loan>(["lent".into()])).await.map(|_| ())
    }

    /// Deletes a line by a text.
    #[custom_method]
    async fn misread(&self, cx: &mut Context<Self>) -> Result<()> {
        cx.delete(&cx.key::<Line>(["one".into()])).await
    }
}

/// What a reader has.
#[resource(collection = "loans", parent = Reader, id = Slug, rules)]
struct Loan {
    /// What it is.
    pub title: String,
}

impl Rules for Loan {
    async fn on_create(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let key = cx.parent::<Reader>();
        let mut reader = cx.read(&key).await?;
        reader.out += 1;
        cx.put(&key, &reader).await
    }

    async fn on_delete(&self, cx: &mut Context<Self>) -> Result<()> {
        let key = cx.parent::<Reader>();
        let mut reader = cx.read(&key).await?;
        reader.out -= 1;
        cx.put(&key, &reader).await?;
        match self.title.as_str() {
            "Bound" => {
                cx.put(
                    &cx.key([key.id().expect("an id").clone(), "b".into()]),
                    &Note { text: "kept".to_owned() },
                )
                .await
            }
            _ => Ok(()),
        }
    }
}

/// What a reader left.
#[resource(collection = "notes", parent = Reader, id = Slug)]
struct Note {
    /// What it says.
    pub text: String,
}

/// A line of a log, whose first ones are there from the start.
#[resource(collection = "lines", id = Integer)]
struct Line {
    /// What it says.
    pub text: String,
}

/// Where things are.
#[resource(collection = "rooms", id = Slug)]
struct Room {
    /// When somebody was last there.
    #[field(output_only, filter)]
    pub at: Option<Timestamp>,
    /// When somebody was there at all.
    #[field(output_only)]
    pub all: Vec<Timestamp>,
    /// How many fit in.
    #[field(range = 0..=9, default = 4)]
    pub seats: i32,
}

/// How many fit in.
#[resource_value]
struct Seats {
    /// The number.
    pub seats: i32,
}

#[custom_methods]
impl Room {
    /// Makes the room too large.
    #[custom_method]
    async fn widen(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.seats = 99;
        Ok(())
    }

    /// Makes the room as large as the client wants.
    #[custom_method]
    async fn resize(&mut self, input: Seats, _cx: &mut Context<Self>) -> Result<()> {
        self.seats = input.seats;
        Ok(())
    }

    /// Makes the room too large, and passes over the refusal.
    #[custom_method]
    async fn insist(&self, cx: &mut Context<Self>) -> Result<()> {
        let key = cx.key::<Self>([cx.id().clone()]);
        let refused = cx.put(&key, &Self { at: None, all: Vec::new(), seats: 99 }).await;
        assert!(refused.is_err());
        Ok(())
    }

    /// Fails and does not say why.
    #[custom_method]
    async fn sulk(&self, _cx: &mut Context<Self>) -> Result<()> {
        Err(Error::failed_precondition(""))
    }

    /// Notes an instant that is finer than what a client reads.
    #[custom_method]
    async fn enter(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        let instant = "2026-01-01T00:00:00.123456789Z".parse()?;
        self.at = Some(instant);
        self.all = vec![instant];
        Ok(())
    }
}

/// What is in a room.
#[resource(collection = "things", parent = Room, id = Integer, rules)]
struct Thing {
    /// What it is.
    pub title: String,
}

impl Rules for Thing {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.title = self.title.trim().to_owned();
        Ok(())
    }
}

/// What opens doors, each with a code of its own.
#[resource(collection = "badges", id = Slug)]
struct Badge {
    /// What the door reads.
    #[field(unique)]
    pub code: String,
}

#[custom_methods]
impl Badge {
    /// Makes two badges with one code.
    #[custom_method]
    async fn double(cx: &mut Context<Self>) -> Result<()> {
        for id in ["a", "b"] {
            cx.put(&cx.key([id.into()]), &Self { code: "same".to_owned() }).await?;
        }
        Ok(())
    }

    /// Makes a badge, gives its code up and makes another with it.
    #[custom_method]
    async fn replace(cx: &mut Context<Self>) -> Result<()> {
        for (id, code) in [("a", "old"), ("a", "new"), ("b", "old")] {
            cx.put(&cx.key([id.into()]), &Self { code: code.to_owned() }).await?;
        }
        Ok(())
    }
}

/// How many things the room `full` has.
const THINGS: i64 = 1200;

async fn first(mut cx: Context<Root>) -> Result<()> {
    for id in 1..=12 {
        let key = cx.key([Id::from(id)]);
        cx.put(&key, &Line { text: "first".to_owned() }).await?;
    }
    let key = cx.key(["full".into()]);
    cx.put(&key, &Room { at: None, all: Vec::new(), seats: 4 }).await?;
    for id in 1..=THINGS {
        let key = cx.key(["full".into(), id.into()]);
        cx.put(&key, &Thing { title: "Thing".to_owned() }).await?;
    }
    Ok(())
}

struct Club(Api);

impl Deref for Club {
    type Target = Api;
    fn deref(&self) -> &Api {
        &self.0
    }
}

impl Club {
    async fn start(stored: Stored) -> Self {
        let service = Service::new("club").version("v1", |api| {
            let api = api.resource::<Reader>().resource::<Loan>().resource::<Note>();
            api.resource::<Line>().resource::<Room>().resource::<Thing>().resource::<Badge>()
        });
        Self(stored.start(service.on_empty(first)).await)
    }

    async fn reader(&self, titles: &[&str]) -> &'static str {
        let _ = self.post("readers", json!({"id": "r"})).await.assert_status(201);
        for (id, title) in titles.iter().enumerate() {
            let body = json!({"id": format!("l{id}"), "title": title});
            let _ = self.post("readers/r/loans", body).await.assert_status(201);
        }
        "readers/r"
    }
}

on_every_store! {
    async fn one_call_cannot_give_two_resources_a_unique_value(api: Club) {
        let answer = api.call("badges:double").await;
        answer.assert_refused(409, "AlreadyExists");
        assert_eq!(locators(&answer), ["pointer /code"]);
        assert_eq!(api.count("badges").await, 0);
        let _ = api.call("badges:replace").await.assert_status(200);
        assert_eq!(api.column("badges?$orderBy=id", "code").await, [json!("new"), json!("old")]);
    }

    async fn a_forced_delete_holds_where_the_rule_of_a_child_writes_the_parent(api: Club) {
        for titles in [&["a"][..], &["a", "b", "c", "d", "e"]] {
            let reader = api.reader(titles).await;
            assert_eq!(api.values(reader).await["out"], titles.len());
            let _ = api.delete(&format!("{reader}?$force=true")).await.assert_status(200);
            let _ = api.get(reader).await.assert_refused(404, "NotFound");
        }
    }

    async fn a_forced_delete_asks_a_thousand_at_most(api: Club) {
        let reader = api.reader(&[]).await;
        let _ = api.call(&format!("{reader}:scribble")).await.assert_status(200);
        let path = format!("{reader}?$force=true");
        let _ = api.delete(&path).await.assert_refused(409, "FailedPrecondition");
        let _ = api.delete(&format!("{reader}/notes/n0")).await.assert_status(200);
        let _ = api.post(&format!("{reader}/loans"), json!({"id": "l", "title": "a"})).await.assert_status(201);
        let _ = api.delete(&path).await.assert_refused(409, "FailedPrecondition");
        let _ = api.delete(&format!("{reader}/loans/l")).await.assert_status(200);
        let _ = api.delete(&path).await.assert_status(200);
    }

    async fn a_forced_delete_takes_what_its_rules_add(api: Club) {
        let reader = api.reader(&["Bound"]).await;
        let _ = api.delete(&format!("{reader}?$force=true")).await.assert_status(200);
        let _ = api.get(reader).await.assert_refused(404, "NotFound");
        let _ = api.reader(&[]).await;
        assert_eq!(api.count(&format!("{reader}/notes")).await, 0);
    }

    async fn a_method_is_not_told_of_force(api: Club) {
        let reader = api.reader(&["a"]).await;
        let answer = api.call(&format!("{reader}:leave")).await;
        answer.assert_refused(409, "HasChildren");
        assert_eq!(answer.body["status"]["description"], "The resource still has loans; delete them first.");
        let _ = api.delete(&format!("{reader}/loans/l0")).await.assert_status(200);
        let _ = api.call(&format!("{reader}:leave")).await.assert_status(200);
    }

    async fn what_self_would_undo_is_a_fault_of_the_service(api: Club) {
        let reader = api.reader(&[]).await;
        let _ = api.call(&format!("{reader}:lend")).await.assert_refused(500, "Internal");
        assert_eq!(api.count(&format!("{reader}/loans")).await, 0);
    }

    async fn a_key_of_another_form_is_a_fault_of_the_service(api: Club) {
        let reader = api.reader(&[]).await;
        for verb in ["lose", "misread"] {
            let _ = api.call(&format!("{reader}:{verb}")).await.assert_refused(500, "Internal");
        }
    }

    async fn a_new_id_is_none_that_author_code_took(api: Club) {
        let made = api.post("lines", json!({"text": "mine"})).await.assert_status(201);
        assert_eq!(made.values()["id"], 13);
        assert_eq!(api.values("lines/1").await["text"], "first");
        assert_eq!(api.count("lines").await, 13);
    }

    async fn a_faulty_value_is_the_bodys_only_where_that_had_it(api: Club) {
        for (verb, body, whose) in [("widen", json!(null), "resource"), ("resize", json!({"seats": 99}), "body")] {
            let answer = api.post(&format!("rooms/full:{verb}"), body).await;
            answer.assert_refused(422, "InvalidValue");
            let text = format!("The {whose}'s `/seats` must be between 0 and 9, got 99.");
            assert_eq!(answer.body["status"]["description"], text);
            assert_eq!(locators(&answer), ["pointer /seats"]);
        }
    }

    async fn a_refused_put_is_never_stored(api: Club) {
        let _ = api.call("rooms/full:insist").await.assert_refused(500, "Internal");
        assert_eq!(api.values("rooms/full").await["seats"], 4);
    }

    async fn an_error_without_a_sentence_has_its_reasons(api: Club) {
        let answer = api.call("rooms/full:sulk").await;
        answer.assert_refused(409, "FailedPrecondition");
        assert_eq!(answer.body["status"]["description"], "The current state forbids it.");
    }

    async fn an_instant_is_stored_as_it_is_read(api: Club) {
        let _ = api.post("rooms", json!({"id": "hall"})).await.assert_status(201);
        let once = api.call("rooms/hall:enter").await.assert_status(200);
        let twice = api.call("rooms/hall:enter").await.assert_status(200);
        assert_eq!(once.values(), twice.values());
        assert_eq!(once.values()["all"], json!(["2026-01-01T00:00:00.123456Z"]));
        assert_eq!(api.column("rooms?at=2026-01-01T00:00:00.123456Z", "id").await, ["hall"]);
    }

    async fn a_forced_delete_asks_no_type_without_a_delete_rule(api: Club) {
        assert_eq!(api.count("rooms/full/things").await, THINGS as u64);
        let _ = api.delete("rooms/full").await.assert_refused(409, "HasChildren");
        let _ = api.delete("rooms/full?$force=true").await.assert_status(200);
        let _ = api.get("rooms/full/things").await.assert_refused(404, "NotFound");
    }
}
