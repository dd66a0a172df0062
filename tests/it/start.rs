//! What keeps a service from starting, and the book's chapter of it: each refusal as a service that earns it.
//!
//! `BLESS=1 cargo nextest run -p rest-standard-tests --test it -E 'test(start::)'` writes the chapter anew.

use std::{env, fmt::Write as _, fs, path::Path};

use rest_standard::{
    clap,
    command::{Resources, Service},
    store::Capability,
    testing::TestService,
};
use rest_standard_tests::faulty::without;

const CHAPTER: &str = "../book/src/guide/start-up-errors.md";

const BEGINNING: &str = "\
# Start-up errors

What the compiler cannot see across types is refused when the service starts, before it answers anything: each mistake on a line of its own, all of them at once.
`check` says the same without starting, see [The command line](../operating/command-line.md).
What is wrong with one type is a [compiler error](compiler-errors.md) already; what is wrong with a flag or the database is said by the command line.
";

/// Where refusals are made or handed on, and at how many places. One more needs a service in [`refusals`].
///
/// Two cannot be shown, as the macros refuse them earlier: a pattern that is none, and a resource at `docs`.
const SOURCES: [(&str, &str, usize); 5] = [
    ("tree.rs", include_str!("../../rest-standard/src/tree.rs"), 18),
    ("start.rs", include_str!("../../rest-standard/src/command/start.rs"), 5),
    ("mod.rs", include_str!("../../rest-standard/src/openapi/mod.rs"), 1),
    ("document.rs", include_str!("../../rest-standard/src/openapi/document.rs"), 2),
    ("schema.rs", include_str!("../../rest-standard/src/openapi/schema.rs"), 1),
];

/// The refusal of a start with what to know of it.
struct Refusal {
    title: &'static str,
    service: Service,
    cause: &'static str,
    mend: &'static str,
}

fn refusal(
    title: &'static str,
    declare: impl FnOnce(Resources) -> Resources,
    cause: &'static str,
    mend: &'static str,
) -> Refusal {
    Refusal { title, service: Service::new("library").version("v1", declare), cause, mend }
}

/// The declarations that do not go together.
mod declared {
    use rest_standard::prelude::*;

    #[resource(collection = "shelves", id = Slug)]
    pub(super) struct Shelf {
        pub(super) room: String,
    }

    #[resource(collection = "books", parent = Shelf)]
    pub(super) struct Book {
        pub(super) title: String,
    }

    #[resource(collection = "rooms", parent = House)]
    pub(super) struct Room {
        pub(super) name: String,
    }

    #[resource(collection = "houses", parent = Room)]
    pub(super) struct House {
        pub(super) name: String,
    }

    #[resource(collection = "shelves")]
    pub(super) struct Rack {
        pub(super) room: String,
    }

    #[resource(collection = "copies", parent = Shelf)]
    pub(super) struct Copy {
        pub(super) shelves_id: String,
    }

    #[resource(collection = "shelves", dropped(room))]
    pub(super) struct Board {
        pub(super) room: String,
    }

    #[resource(collection = "shelves")]
    pub(super) struct Cabinet {
        pub(super) room: String,
        #[field(renamed_from = "room")]
        pub(super) hall: String,
    }

    #[resource(collection = "shelves", dropped(wing))]
    pub(super) struct Ledge {
        #[field(renamed_from = "wing")]
        pub(super) room: String,
    }

    #[resource(collection = "drawers", parent = Shelf, table = "Drawer", key = "DrawerId")]
    pub(super) struct Drawer {
        pub(super) depth: i64,
    }

    #[resource(collection = "boxes", table = "Box")]
    pub(super) struct Crate {
        #[field(texts(Full = "full"))]
        pub(super) label: String,
    }

    #[resource(collection = "chests", table = "Chest")]
    pub(super) struct Chest {
        #[field(texts(Broken = "broken"))]
        pub(super) state: Condition,
    }

    #[resource_enum]
    pub(super) enum Condition {
        Whole,
    }

    #[resource(singleton = "hall")]
    pub(super) struct Hall {
        #[field(default = "west")]
        pub(super) wing: String,
    }

    #[resource(collection = "benches", parent = Hall, across_parents)]
    pub(super) struct Bench {
        pub(super) wood: String,
    }

    #[resource(collection = "loans")]
    pub(super) struct Loan {
        #[field(range = 1..=30, default = 30 + 1)]
        pub(super) days: i64,
    }

    #[resource(collection = "visits")]
    pub(super) struct Visit {
        #[field(example = "21.11.2026")]
        pub(super) day: Option<Date>,
    }

    #[resource(collection = "exhibits")]
    pub(super) struct Exhibit {
        #[field(default = Json(None))]
        pub(super) note: Json<Option<bool>>,
    }

    #[resource(collection = "parts")]
    pub(super) struct Part {
        pub(super) name: String,
    }

    #[resource(collection = "part-patches")]
    pub(super) struct PartPatch {
        pub(super) name: String,
    }

    #[resource(collection = "volumes")]
    pub(super) struct Volume {
        pub(super) title: String,
    }

    #[resource(collection = "rare-volumes")]
    pub(super) struct RareVolume {
        pub(super) title: String,
    }

    #[custom_methods]
    impl Volume {
        #[custom_method]
        async fn read_rare(&self, _cx: &mut Context<Self>) -> Result<()> {
            Ok(())
        }
    }

    #[resource(collection = "readers")]
    pub(super) struct Reader {
        #[field(references = Volume)]
        pub(super) reads: Option<Uuid>,
    }

    pub(super) mod other {
        use rest_standard::prelude::*;

        #[resource(collection = "book-cases")]
        pub(in super::super) struct Shelf {
            pub(in super::super) room: String,
        }
    }
}

/// Flags of which every service has one.
#[derive(Clone, Debug, clap::Args)]
struct Flags {
    /// Where to listen.
    #[arg(long)]
    listen: Option<String>,
}

fn refusals() -> Vec<Refusal> {
    use declared::*;
    vec![
        Refusal {
            title: "The name of the service is not in kebab-case",
            service: Service::new("My Library").version("v1", |api| api),
            cause: "The name is part of file names and variables of the environment.",
            mend: "Write it in lower-case words joined by `-`: `Service::new(\"my-library\")`.",
        },
        Refusal {
            title: "A version has another form",
            service: Service::new("library").version("1", |api| api),
            cause: "The version is a segment of every address.",
            mend: "Write `.version(\"v1\", …)`, or a date such as `2026-11-21`.",
        },
        Refusal {
            title: "There is no version",
            service: Service::new("library"),
            cause: "Resources are registered in a version.",
            mend: "Add `.version(\"v1\", |api| api.resource::<Book>())`.",
        },
        Refusal {
            title: "There are several versions",
            service: Service::new("library").version("v1", |api| api).version("v2", |api| api),
            cause: "A service serves one.",
            mend: "Leave one out.",
        },
        Refusal {
            title: "A flag of the service's own is one that every service has",
            service: Service::new("library").args::<Flags>().version("v1", |api| api),
            cause: "The flag would have two meanings.",
            mend: "Rename the field of the struct in `.args::<…>()`, or write `#[arg(long = \"…\")]`.",
        },
        refusal(
            "A list across parents has none to go across",
            |api| api.resource::<Hall>().resource::<Bench>(),
            "The list below every parent has `-` in the place of each id above, and here there is none: the resource stands below singletons alone.",
            "Leave `across_parents` out; the list has all resources already.",
        ),
        refusal(
            "A resource is registered twice",
            |api| api.resource::<Shelf>().resource::<Shelf>(),
            "It would have its address twice.",
            "Leave one of the two `.resource::<Shelf>()` out.",
        ),
        refusal(
            "A parent is not registered",
            |api| api.resource::<Book>(),
            "A resource without what it stands under has no address.",
            "Add `.resource::<Shelf>()`; the order does not matter.",
        ),
        refusal(
            "What a field refers to is not registered",
            |api| api.resource::<Reader>(),
            "Nobody could check the reference, or follow it.",
            "Add `.resource::<Volume>()`; the order does not matter.",
        ),
        refusal(
            "Parents form a cycle",
            |api| api.resource::<Room>().resource::<House>(),
            "No address could begin anywhere.",
            "Leave `parent` out where the hierarchy begins. What refers to another resource without standing under it holds its id in a field.",
        ),
        refusal(
            "Two resources have one address",
            |api| api.resource::<Shelf>().resource::<Rack>(),
            "The address would have two meanings.",
            "Give one of them another `collection` or `parent`.",
        ),
        refusal(
            "Two resources have one name",
            |api| api.resource::<Shelf>().resource::<other::Shelf>(),
            "The name of the type is the name of its schema and of its operations.",
            "Rename one of the types; the module it is in does not count.",
        ),
        refusal(
            "A field has the name of an ancestor's key",
            |api| api.resource::<Shelf>().resource::<Copy>(),
            "The table has a column for the id of each ancestor.",
            "Rename the field. `rename = \"…\"` keeps its name in JSON.",
        ),
        refusal(
            "A column is to go and to stay",
            |api| api.resource::<Board>(),
            "`dropped(…)` names columns of an earlier release, and what is in them goes.",
            "Leave the field out, or its column out of `dropped`.",
        ),
        refusal(
            "A column has two names",
            |api| api.resource::<Cabinet>(),
            "`renamed_from` names a column of an earlier release that has another name now.",
            "Leave `renamed_from` out, or the field that still has the name.",
        ),
        refusal(
            "A column has two futures",
            |api| api.resource::<Ledge>(),
            "A column of an earlier release becomes that of one field, or goes.",
            "Name it once.",
        ),
        refusal(
            "The key of an existing table does not lead to a row",
            |api| api.resource::<Shelf>().resource::<Drawer>(),
            "`key` names the columns that hold the last ids of an address: the parent's, where there is one, and the resource's own.",
            "Write both: `key(\"ShelfId\", \"DrawerId\")`.",
        ),
        refusal(
            "A field without variants has texts",
            |api| api.resource::<Crate>(),
            "`texts` says what the column of an enum holds for each variant.",
            "Leave `texts` out, or make the field an enum.",
        ),
        refusal(
            "A text is for a variant that the enum does not have",
            |api| api.resource::<Chest>(),
            "`texts` names variants of the field's enum.",
            "Name a variant, or add one to the enum.",
        ),
        refusal(
            "A default or example breaks its declaration",
            |api| api.resource::<Loan>(),
            "The compiler sees literals against `length` and `range`; expressions, `pattern` and `format` are judged here.",
            "Write a value that fits, or change the constraint.",
        ),
        refusal(
            "The text of a default or example is no date, timestamp or UUID",
            |api| api.resource::<Visit>(),
            "The text becomes a value of the field's type.",
            "Write it as a client would send it.",
        ),
        refusal(
            "A default or example is null",
            |api| api.resource::<Exhibit>(),
            "What null stands for is that there is no value.",
            "Make the field an `Option`, or give it a value.",
        ),
        refusal(
            "Two schemas have one name",
            |api| api.resource::<Part>().resource::<PartPatch>(),
            "The document has forms of each type beside it: `…Create`, `…Update`, `…Patch`, `…Input`, `…Response`.",
            "Rename one of the types.",
        ),
        refusal(
            "Two operations have one name",
            |api| api.resource::<Volume>().resource::<RareVolume>(),
            "A custom method's operation is called by its verb and its type, as the standard methods' are.",
            "Rename the verb, `#[custom_method(verb = \"…\")]`, or one of the types.",
        ),
    ]
}

/// What the panic of a service that does not start says.
async fn told(service: Service) -> String {
    let panic = tokio::spawn(TestService::memory(service)).await.expect_err("the service does not start");
    let text = panic.into_panic().downcast_ref::<String>().expect("the panic has a text").clone();
    text.strip_prefix("the service does not start: ").expect("a refused start").to_owned()
}

#[tokio::test]
async fn the_chapter_is_what_services_that_do_not_start_say() {
    let mut chapter = BEGINNING.to_owned();
    for Refusal { title, service, cause, mend } in refusals() {
        let told = told(service).await;
        write!(chapter, "\n## {title}\n\n```text\n{told}\n```\n\n{cause}\n{mend}\n")
            .expect("a text takes everything");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHAPTER);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &chapter).expect("the book's folder is writable");
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|written| written == chapter),
        "the chapter is out of date; run this test with `BLESS=1` and review it"
    );
}

/// Nothing is left out in silence: each thing that a declaration asks of its store stops the start by name.
#[tokio::test]
async fn a_store_that_cannot_do_what_is_declared_is_refused() {
    for (capability, words) in [
        (Capability::Search, "`device-types/devices` declares `search`"),
        (Capability::Export, "`device-types/devices` declares `export`"),
        (Capability::AcrossParents, "`device-types/devices` declares `across_parents`"),
        (Capability::SoftDelete, "`device-types` declares `soft_delete`"),
        (Capability::References, "`device-types/devices` declares `references`"),
        (Capability::Table, "`customers` declares `table`"),
    ] {
        let service = match capability {
            Capability::Table => rest_standard_tests::shop::service(),
            _ => device_registry::service(),
        };
        let service = service.store(without(capability));
        let error = service.router().await.expect_err("the service does not start");
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(cause.starts_with("the store cannot do what the resources declare"), "{cause}");
        assert!(cause.contains(words), "{cause}");
    }
}

#[test]
fn a_new_refusal_gets_a_section() {
    for (file, text, expected) in SOURCES {
        let text: String = text.split_whitespace().collect();
        let made: usize = ["push(", "insert(", "extend("]
            .into_iter()
            .map(|call| text.matches(&format!("mistakes.{call}")).count())
            .sum();
        assert_eq!(made, expected, "{file}: show what is new in `refusals`, and count it in `SOURCES`");
    }
}
