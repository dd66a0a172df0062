//! The table of lints, and what each of them finds.

use super::*;
use crate::{
    descriptor::{
        CustomMethod, Descriptor, Element, EnumDescriptor, FieldDescriptor, FieldKind, Format, IdKind,
        Methods, OnDelete, Output, Reference, Shape, Target, ValueDescriptor, Variant,
    },
    tree::Tree,
};

const BOOK: &str = include_str!("../../../../book/src/operating/lints.md");

#[test]
fn the_book_has_the_table_of_lints() {
    let mut table = "| code | name | finds | why |\n|---|---|---|---|\n".to_owned();
    for Lint { code, name, title, text } in LINTS {
        table.push_str(&format!("| `{code}` | `{name}` | {title} | {text} |\n"));
    }
    assert!(BOOK.contains(&table), "the table of book/src/operating/lints.md must be\n{table}");
}

#[test]
fn codes_are_in_order_and_names_in_kebab_case() {
    for (at, lint) in LINTS.iter().enumerate() {
        assert_eq!(lint.code, format!("RL{:03}", at + 1));
        assert!(address::is_kebab_case(lint.name), "{}", lint.name);
        assert_eq!(LINTS.iter().filter(|other| other.name == lint.name).count(), 1);
        for text in [lint.code, lint.name, &lint.code.to_lowercase()] {
            assert_eq!(Selected::named(text), Some(Selected::One(lint)));
        }
    }
}

#[test]
fn what_is_allowed_is_not_denied() {
    let levels = Levels { denied: vec![Selected::All], allowed: vec![Selected::One(&NO_RESOURCE)] };
    assert_eq!((levels.of(&NO_RESOURCE), levels.of(&APEX_HOST)), (None, Some(Level::Error)));
    assert_eq!(Levels::default().of(&APEX_HOST), Some(Level::Warning));
}

#[test]
fn r163_a_registered_domain_is_an_apex_and_a_host_below_it_is_not() {
    for url in
        ["https://example.com", "https://example.co.uk", "http://example.com:8080", "https://example.com.br"]
    {
        assert_eq!(public_url(url).map(|found| found.lint.code), Some("RL012"), "{url}");
    }
    for url in [
        "https://api.example.com",
        "https://api.example.co.uk",
        "https://example.github.io",
        "http://localhost:8080",
        "https://registry.internal",
        "https://intranet",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
    ] {
        assert!(public_url(url).is_none(), "{url}");
    }
    let found = public_url("https://example.co.uk").expect("it is an apex");
    assert!(found.text(Level::Warning).contains("https://api.example.co.uk"), "{}", found.line());
}

const fn field(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: name,
        column: name,
        doc: "Said.",
        kind,
        nullable: false,
        length: None,
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: false,
        search: false,
        order: false,
        unique: false,
        immutable: false,
        output_only: false,
        input_only: false,
        required: false,
        references: None,
        renamed_from: None,
        converted_from: None,
        texts: None,
    }
}

const fn resource(doc: &'static str, fields: &'static [FieldDescriptor]) -> Descriptor {
    Descriptor {
        name: "Cat",
        segment: "cats",
        shape: Shape::Collection(IdKind::Uuid),
        parent: None,
        doc,
        example_id: None,
        fields,
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &[],
        rules: None,
        changes: true,
        keep_changes: None,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        dropped: &[],
        existing: None,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}

static COLOUR: EnumDescriptor = EnumDescriptor {
    name: "Colour",
    doc: "",
    variants: &[
        Variant { number: 0, name: "Black", doc: "" },
        Variant { number: 1, name: "White", doc: "As snow." },
        Variant { number: 2, name: "Grey", doc: " " },
    ],
};
static COLLAR: ValueDescriptor = ValueDescriptor {
    name: "Collar",
    doc: "",
    fields: &[
        FieldDescriptor { doc: "", ..field("width", FieldKind::Float) },
        field("within", FieldKind::List(&Element { kind: FieldKind::Object(&COLLAR), nullable: false })),
    ],
};
static METHODS: [CustomMethod; 1] = [CustomMethod {
    verb: "feed",
    doc: "",
    target: Target::Read,
    read_only: true,
    input: Some(&COLLAR),
    output: Output::Resource,
    when: None,
    call: |_| Box::pin(std::future::pending()),
}];

static WANTING: Descriptor = Descriptor {
    custom_methods: &METHODS,
    ..resource(
        "",
        &[
            FieldDescriptor { doc: "", ..field("colour", FieldKind::Enum(&COLOUR)) },
            field("again", FieldKind::Enum(&COLOUR)),
            field("collar", FieldKind::Object(&COLLAR)),
            field("text", FieldKind::Text),
            FieldDescriptor {
                length: Some((3, u64::MAX)),
                filter: true,
                ..field("indexed", FieldKind::Text)
            },
            FieldDescriptor { unique: true, input_only: true, ..field("secret", FieldKind::Text) },
        ],
    )
};

static BOUNDED: Descriptor = resource(
    "A cat.",
    &[
        FieldDescriptor {
            length: Some((0, 64)),
            filter: true,
            unique: true,
            ..field("text", FieldKind::Text)
        },
        FieldDescriptor { format: Some(Format::Email), ..field("mail", FieldKind::Text) },
        FieldDescriptor { output_only: true, ..field("status", FieldKind::Text) },
        field("count", FieldKind::Integer { min: 0, max: 9 }),
        FieldDescriptor {
            references: Some(Reference { target: || &BOUNDED, on_delete: OnDelete::Refuse }),
            filter: true,
            ..field("other", FieldKind::Text)
        },
    ],
);

fn found(descriptors: &[&'static Descriptor]) -> Vec<String> {
    let tree = Tree::build(descriptors).expect("the declarations are right");
    declarations(&tree).iter().map(|found| format!("{} {}", found.lint.code, found.subject)).collect()
}

#[test]
fn each_lint_is_found_where_it_is() {
    let expected = [
        "RL002 Cat",
        "RL003 Cat.colour",
        "RL005 Colour",
        "RL006 Colour",
        "RL005 Collar",
        "RL003 Collar.width",
        "RL008 Collar.within",
        "RL007 Cat.text",
        "RL009 Cat.indexed",
        "RL010 Cat.secret",
        "RL011 Cat.secret",
        "RL004 Cat::feed",
    ];
    assert_eq!(found(&[&WANTING]), expected);
    assert_eq!(found(&[]), ["RL001 the API"]);
}

#[test]
fn nothing_is_found_in_a_declaration_that_says_everything() {
    assert_eq!(found(&[&BOUNDED]), [""; 0]);
}

#[test]
fn a_finding_is_two_lines_with_the_way_out() {
    let tree = Tree::build(&[&WANTING]).expect("the declarations are right");
    let all = declarations(&tree);
    let text =
        |code: &str| all.iter().find(|found| found.lint.code == code).map(|found| found.text(Level::Warning));
    let indexed = "warning[RL009] Cat.indexed: the text can have any length, in its index as well\n  \
                   help: write `#[field(length = 3..=200)]` with the most that makes sense\n";
    assert_eq!(text("RL009").as_deref(), Some(indexed));
    let variants = "warning[RL006] Colour: the variants `Black`, `Grey` have no doc comment\n  \
                    help: write `/// …` above each: what a client says with it\n";
    assert_eq!(text("RL006").as_deref(), Some(variants));
}
