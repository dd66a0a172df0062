//! `$search`: which words are found, where, and with what it goes together, on every store.

use proptest::{
    collection::vec, prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner,
};
use rest_standard::prelude::*;
use rest_standard_tests::{Api, Registry, Stored, column, is_long, locators, on_every_store};
use serde_json::{Value as Tree, json};

/// A book, whose every text but one is searched.
#[resource(collection = "books", id = Integer, soft_delete = "1d")]
#[derive(Debug)]
pub(crate) struct Book {
    /// What is on the cover.
    #[field(search, filter, order)]
    pub title: String,
    /// What is below it.
    #[field(search)]
    pub subtitle: Option<String>,
    /// What it is about.
    #[field(search)]
    pub keywords: Vec<String>,
    /// Where it stands; not searched.
    pub place: Option<String>,
    /// The lock's code; nobody sees it.
    #[field(input_only)]
    pub code: Option<String>,
}

/// A chapter of a book.
#[resource(collection = "chapters", parent = Book, id = Slug)]
#[derive(Debug)]
pub(crate) struct Chapter {
    /// What it is called.
    #[field(search, order)]
    pub title: String,
    /// A field called like the parameter.
    #[field(filter)]
    pub search: Option<String>,
}

/// A page; nothing of it is searched.
#[resource(collection = "pages", id = Integer)]
#[derive(Debug)]
pub(crate) struct Page {
    /// What is on it.
    #[field(filter)]
    pub text: String,
}

struct Library(Api);

impl std::ops::Deref for Library {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.0
    }
}

impl Library {
    async fn start(stored: Stored) -> Self {
        let service = Service::new("library");
        let service =
            service.version("v1", |api| api.resource::<Book>().resource::<Chapter>().resource::<Page>());
        Self(stored.start(service).await)
    }

    async fn book(&self, title: &str) -> String {
        self.book_with(json!({"title": title})).await
    }

    async fn book_with(&self, body: Tree) -> String {
        let answer = self.post("books", body).await.assert_status(201);
        format!("books/{}", answer.values()["id"])
    }

    /// The titles of the books that a search finds, in the order of their ids.
    async fn found(&self, search: &str) -> Vec<Tree> {
        self.column(&searching("books", search), "title").await
    }

    async fn refused(&self, path: &str, reason: &str) -> String {
        let answer = self.get(path).await.assert_status(400);
        assert_eq!(answer.reason(), reason, "{path}: {answer}");
        assert_eq!(answer.errors().len(), 1, "{answer}");
        answer.errors()[0]["detail"].as_str().expect("a detail").to_owned()
    }
}

/// A path with an encoded search.
fn searching(path: &str, search: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("$search", search).finish();
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

on_every_store! {
    async fn every_word_must_begin_a_word_of_a_searched_field(api: Library) {
        for body in [
            json!({"title": "Northanger Abbey"}),
            json!({"title": "Emma", "subtitle": "A novel in three volumes"}),
            json!({"title": "Persuasion", "keywords": ["navy", "Lyme Regis"]}),
        ] {
            let _ = api.book_with(body).await;
        }
        for (search, expected) in [
            ("abbey", vec!["Northanger Abbey"]),
            ("abb nor", vec!["Northanger Abbey"]),
            ("abb  nor abb", vec!["Northanger Abbey"]),
            ("anger", vec![]),
            ("n", vec!["Northanger Abbey", "Emma", "Persuasion"]),
            ("nov", vec!["Emma"]),
            ("emma volumes", vec!["Emma"]),
            ("emma lyme", vec![]),
            ("regis navy pers", vec!["Persuasion"]),
            ("emma-novel", vec!["Emma"]),
            ("\"emma\" AND nov*", vec![]),
            ("OR emma", vec![]),
        ] {
            assert_eq!(api.found(search).await, expected, "{search}");
        }
    }

    async fn case_and_diacritics_make_no_difference(api: Library) {
        for title in ["Émile", "STRASSE", "ὈΔΥΣΣΕΎΣ", "ﬁn de siècle", "हिन्दी", "Ⅷ"] {
            let _ = api.book(title).await;
        }
        for (search, expected) in [
            ("emi", vec!["Émile"]),
            ("E\u{301}MILE", vec!["Émile"]),
            ("straße", vec!["STRASSE"]),
            ("strasse", vec!["STRASSE"]),
            ("οδυσσευς", vec!["ὈΔΥΣΣΕΎΣ"]),
            ("οδυσσευσ", vec!["ὈΔΥΣΣΕΎΣ"]),
            ("fin siecle", vec!["ﬁn de siècle"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("viii", vec!["Ⅷ"]),
        ] {
            assert_eq!(api.found(search).await, expected, "{search}");
        }
    }

    async fn only_declared_fields_are_searched(api: Library) {
        let _ = api.book_with(json!({"title": "Emma", "place": "attic", "code": "4711"})).await;
        for search in ["attic", "4711", "1", "anonymous", "null"] {
            assert_eq!(api.found(search).await, Vec::<Tree>::new(), "{search}");
        }
    }

    async fn the_bare_name_is_taken_where_no_field_has_it(api: Library) {
        let book = api.book("Emma").await;
        for name in ["$search", "search", "%24search"] {
            assert_eq!(api.column(&format!("books?{name}=emma"), "title").await, ["Emma"], "{name}");
        }
        assert_eq!(api.refused("books?$search=a&search=b", "InvalidParameter").await, "is the same parameter as `$search`; give one of them");
        for body in [json!({"id": "one", "title": "Emma", "search": "x"}), json!({"id": "two", "title": "Emma"})] {
            let _ = api.post(&format!("{book}/chapters"), body).await.assert_status(201);
        }
        assert_eq!(api.column(&format!("{book}/chapters?search=x"), "id").await, ["one"]);
        assert_eq!(api.column(&format!("{book}/chapters?search=emma"), "id").await, Vec::<Tree>::new());
        assert_eq!(api.column(&format!("{book}/chapters?$search=emma"), "id").await, ["one", "two"]);
    }

    async fn a_search_without_words_or_with_too_many_is_refused(api: Library) {
        for (search, detail) in [
            ("", "must have a word, such as `lamp`; leave it out to list everything"),
            (" ", "must have a word, which is made of letters and digits; other characters only part words"),
            ("*", "must have a word, which is made of letters and digits; other characters only part words"),
            ("\u{1F514}\u{301}", "must have a word, which is made of letters and digits; other characters only part words"),
            (&"a ".repeat(17), "must have at most 16 words, got 17"),
            (&"a".repeat(257), "must have at most 256 characters, got 257"),
        ] {
            assert_eq!(api.refused(&searching("books", search), "InvalidParameter").await, detail, "{search}");
        }
        for search in ["a ".repeat(16), "\u{FDFA}".repeat(256).replace(' ', "x"), "a".repeat(256)] {
            let status = api.get(&searching("books", &search)).await.status;
            assert!([200, 400].contains(&status), "{search}");
        }
        let answer = api.get("books?$search=%FF").await.assert_status(400);
        assert_eq!(locators(&answer), ["parameter $search"]);
    }

    async fn a_list_without_searched_fields_does_not_take_it(api: Library) {
        let expected = "means nothing here, as no field of the list is searched for words; ask with `$filter`";
        for name in ["$search", "search"] {
            assert_eq!(api.refused(&format!("pages?{name}=a"), "UnknownParameter").await, expected);
        }
        let book = api.book("Emma").await;
        assert_eq!(api.refused(&format!("{book}?$search=emma"), "UnknownParameter").await, "means nothing for this method");
    }

    async fn it_goes_together_with_all_else_that_a_list_takes(api: Library) {
        for title in ["Lamp one", "Lamp two", "Bell one", "Lamp three"] {
            let _ = api.book(title).await;
        }
        let titles = async |query: &str| api.column(&format!("books?$search=lamp{query}"), "title").await;
        assert_eq!(titles("&$filter=title%20=%20%22*o%22").await, ["Lamp two"]);
        assert_eq!(titles("&title=Lamp%20one").await, ["Lamp one"]);
        assert_eq!(titles("&$orderBy=title%20desc").await, ["Lamp two", "Lamp three", "Lamp one"]);
        assert_eq!(titles("&$offset=1&$limit=1").await, ["Lamp two"]);
        assert_eq!(titles("&$filter=NOT%20title%20=%20%22Lamp%20one%22").await, ["Lamp two", "Lamp three"]);
        for (query, expected) in [("", 3), ("&$count=true", 3), ("&$limit=1", 3), ("&title=Lamp%20one", 1)] {
            let answer = api.get(&format!("books?$search=lamp{query}")).await.assert_status(200);
            assert_eq!(answer.meta()["totalCount"], expected, "{query}");
        }
        let answer = api.get("books").await.assert_status(200);
        assert_eq!(answer.meta()["totalCount"], 4, "the count of a search is not kept as the list's");
        let answer = api.get("books.csv?$search=bell&$select=title").await.assert_status(200);
        assert!(answer.text.ends_with("Bell one\r\n"), "{}", answer.text);
    }

    async fn cursors_follow_a_search_and_are_bound_to_it(api: Library) {
        for number in 0..10 {
            let _ = api.book(&format!("{} {number}", if number % 2 == 0 { "Lamp" } else { "Bell" })).await;
        }
        let lamps = ["Lamp 0", "Lamp 2", "Lamp 4", "Lamp 6", "Lamp 8"];
        assert_eq!(api.column_of_all("books?$search=lamp&$limit=2", "title").await, lamps);
        let mut backwards = api.column_of_all("books?$search=lamp&$limit=2&$orderBy=title%20desc", "title").await;
        backwards.reverse();
        assert_eq!(backwards, lamps);
        let answer = api.get("books?$search=lamp&$limit=2").await.assert_status(200);
        let next = answer.meta()["cursorNextLink"].as_str().expect("there is more").to_owned();
        let query = next.split_once('?').expect("it has a query").1;
        for other in [query.replace("$search=lamp", "$search=bell"), query.replace("$search=lamp&", ""), query.replace("=lamp", "=lam")] {
            assert_ne!(other, query);
            let answer = api.get(&format!("books?{other}")).await.assert_status(400);
            assert_eq!(locators(&answer), ["parameter $cursor"], "{other}");
        }
    }

    async fn a_search_stays_below_its_parent(api: Library) {
        let (first, second) = (api.book("First").await, api.book("Second").await);
        for (book, id) in [(&first, "one"), (&second, "two"), (&second, "three")] {
            let _ = api.post(&format!("{book}/chapters"), json!({"id": id, "title": "A chapter"})).await.assert_status(201);
        }
        assert_eq!(api.column(&format!("{first}/chapters?$search=chapter"), "id").await, ["one"]);
        assert_eq!(api.column(&format!("{second}/chapters?$search=chapter"), "id").await, ["three", "two"]);
        // The path of a row is no word of it.
        for search in ["one", "first", "1", "2"] {
            assert_eq!(api.column(&searching(&format!("{first}/chapters"), search), "id").await, Vec::<Tree>::new());
        }
    }

    async fn it_finds_what_is_there_now(api: Library) {
        let book = api.book_with(json!({"title": "Emma", "subtitle": "novel"})).await;
        assert_eq!(api.found("emma").await, ["Emma"]);
        let _ = api.patch(&book, json!({"title": "Persuasion"})).await.assert_status(200);
        assert_eq!((api.found("emma").await, api.found("pers nov").await), (vec![], vec![json!("Persuasion")]));
        let _ = api.patch(&book, json!({"place": "attic"})).await.assert_status(200);
        assert_eq!(api.found("pers nov").await, ["Persuasion"]);
        let _ = api.put(&book, json!({"title": "Sanditon"})).await.assert_status(200);
        assert_eq!((api.found("nov").await, api.found("sand").await), (vec![], vec![json!("Sanditon")]));
        let _ = api.patch(&format!("{book}?$validate=true"), json!({"title": "Emma"})).await.assert_status(200);
        assert_eq!((api.found("emma").await, api.found("sand").await), (vec![], vec![json!("Sanditon")]));
    }

    async fn soft_deleted_elements_are_found_where_they_are_shown(api: Library) {
        let book = api.book("Emma").await;
        let _ = api.delete(&book).await.assert_status(200);
        assert_eq!(api.found("emma").await, Vec::<Tree>::new());
        assert_eq!(api.column("books?$search=emma&$showDeleted=true", "title").await, ["Emma"]);
        let _ = api.call(&format!("{book}:undelete")).await.assert_status(200);
        assert_eq!(api.found("emma").await, ["Emma"]);
    }

    async fn what_is_deleted_is_found_no_more_and_can_come_anew(api: Library) {
        let book = api.book("Emma").await;
        let chapters = format!("{book}/chapters");
        for title in ["Chapter", "Other", "Chapter"] {
            let _ = api.post(&chapters, json!({"id": "one", "title": title})).await.assert_status(201);
            assert_eq!(api.column(&searching(&chapters, title), "id").await, ["one"]);
            let _ = api.delete(&format!("{chapters}/one")).await.assert_status(200);
            assert_eq!(api.column(&searching(&chapters, title), "id").await, Vec::<Tree>::new());
        }
        let items = json!({"items": [{"id": "a", "title": "Both"}, {"id": "b", "title": "Both"}]});
        let _ = api.post(&format!("{chapters}:batchCreate"), items).await.assert_status(200);
        assert_eq!(api.column(&searching(&chapters, "both"), "id").await, ["a", "b"]);
        let items = json!({"items": [{"id": "a", "patch": {"title": "One"}}, {"id": "b", "patch": {"title": "Two"}}]});
        let _ = api.post(&format!("{chapters}:batchUpdate"), items).await.assert_status(200);
        assert_eq!(api.column(&searching(&chapters, "two"), "id").await, ["b"]);
        let _ = api.post(&format!("{chapters}:batchDelete"), json!({"items": [{"id": "a"}, {"id": "b"}]})).await.assert_status(200);
        assert_eq!(api.column(&searching(&chapters, "o t"), "id").await, Vec::<Tree>::new());
    }

    async fn a_batch_that_is_refused_leaves_no_words(api: Library) {
        let book = api.book("Emma").await;
        let chapters = format!("{book}/chapters");
        let _ = api.post(&chapters, json!({"id": "b", "title": "There"})).await.assert_status(201);
        let items = json!({"items": [{"id": "a", "title": "Absent"}, {"id": "b", "title": "Absent"}]});
        let _ = api.post(&format!("{chapters}:batchCreate"), items).await.assert_status(409);
        assert_eq!(api.column(&searching(&chapters, "absent"), "id").await, Vec::<Tree>::new());
        assert_eq!(api.column(&searching(&chapters, "there"), "id").await, ["b"]);
    }

    async fn the_registry_finds_devices_by_name_owner_and_number(api: Registry) {
        let kind = api.kind("lamp").await;
        let device = api.device_with(&kind, json!({"displayName": "Front door", "owner": "Zoë", "serialNumber": "XK-77"})).await;
        let devices = device.rsplit_once('/').expect("it is in a list").0;
        let _ = api.device_with(&kind, json!({"displayName": "Front gate", "owner": "Ann"})).await;
        for search in ["front zoe", "xk 77", "door xk-7"] {
            assert_eq!(api.column(&searching(devices, search), "owner").await, ["Zoë"], "{search}");
        }
        assert_eq!(api.column(&searching(devices, "front"), "owner").await.len(), 2);
    }

    async fn the_document_says_what_is_searched(api: Library) {
        let document = api.get("openapi.json").await.assert_status(200).body;
        let search = |path: &str| {
            let parameters = document["paths"].as_object().expect("paths").iter().find(|(other, _)| other.ends_with(path)).expect("it is there").1["get"]["parameters"].as_array().expect("parameters").clone();
            parameters.into_iter().find(|parameter| parameter["name"] == "$search")
        };
        let parameter = search("/books").expect("books are searched");
        assert_eq!(parameter["schema"]["x-fields"], json!(["title", "subtitle", "keywords"]));
        assert_eq!((&parameter["schema"]["minLength"], &parameter["schema"]["maxLength"]), (&json!(1), &json!(256)));
        assert_eq!(search("/pages"), None);
        let page = api.get("docs").header("accept", "text/html").await.assert_status(200);
        assert!(page.text.contains("$search"));
    }
}

/// What texts are made of: what folds, what parts words, and what the languages of databases know.
const PIECES: [&str; 56] = [
    "a",
    "ab",
    "abc",
    "A",
    "Ab",
    "é",
    "E\u{301}",
    "ß",
    "SS",
    "ẞ",
    "İ",
    "ı",
    "i\u{307}",
    "σ",
    "ς",
    "Σ",
    "ᾳ",
    "ﬁ",
    "fi",
    "²",
    "2",
    "½",
    "Ⅷ",
    "viii",
    "が",
    "か",
    "한",
    "ㅎ",
    "हिन्दी",
    "ก็",
    "\u{FDFA}",
    "東京",
    "ø",
    "o",
    "1",
    "12",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    ")",
    "\"",
    "*",
    "^",
    "-",
    ":",
    "words:",
    "¶",
    "§",
    "¦",
    "·2d",
    "'",
    "\u{200D}",
    "\u{AD}",
    "\u{1F514}",
    "_",
];

fn awkward() -> impl Strategy<Value = String> {
    let space = prop_oneof![3 => Just(""), 2 => Just(" "), 1 => Just("\n")];
    let piece = prop_oneof![8 => select(&PIECES[..]).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    vec((piece, space), 1..6).prop_map(|parts| {
        let text: String = parts.into_iter().map(|(piece, space)| piece + space).collect();
        // What no field takes.
        text.replace(
            |char: char| (char < ' ' && char != '\n') || ['\u{FFFE}', '\u{FFFF}'].contains(&char),
            "",
        )
    })
}

/// All stores find the same, whatever the texts and the words.
#[tokio::test]
async fn every_store_finds_the_same_in_awkward_texts() {
    let memory = Library::start(Stored::Memory).await;
    let mut durable = Vec::new();
    for stored in Stored::durable() {
        durable.push(Library::start(stored).await);
    }
    let mut runner = TestRunner::deterministic();
    let mut draw = |strategy: &dyn Fn() -> BoxedStrategy<String>| {
        strategy().new_tree(&mut runner).expect("it can be drawn").current()
    };
    let text = || awkward().boxed();
    let mut found_some = 0;
    for _ in 0..if is_long() { 60 } else { 6 } {
        let items: Vec<_> = (0..40)
            .map(|_| json!({"title": draw(&text), "subtitle": draw(&text), "keywords": [draw(&text)]}))
            .collect();
        for api in durable.iter().chain([&memory]) {
            let _ = api.post("books:batchCreate", json!({"items": items})).await.assert_status(200);
        }
        for _ in 0..100 {
            let path = searching("books?$limit=1000&$select=id", &draw(&text));
            let expected = memory.get(&path).await;
            for store in &durable {
                let found = store.get(&path).await;
                assert_eq!(
                    (expected.status, column_or_error(&expected)),
                    (found.status, column_or_error(&found)),
                    "{path}"
                );
            }
            found_some += usize::from(expected.status == 200 && !column(&expected, "id").is_empty());
        }
    }
    assert!(found_some > 100, "{found_some}");
}

fn column_or_error(answer: &rest_standard::testing::TestResponse) -> Vec<Tree> {
    if answer.status == 200 { column(answer, "id") } else { answer.errors().to_vec() }
}
