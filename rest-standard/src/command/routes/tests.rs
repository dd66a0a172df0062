//! The table of addresses.

use super::*;
use crate::descriptor::{Element, EnumDescriptor, Methods, Output, Shape, View};

static METHODS: [CustomMethod; 1] = [CustomMethod {
    verb: "adopt",
    doc: "",
    target: Target::Collection,
    read_only: false,
    input: None,
    output: Output::Resource,
    when: None,
    call: |_| Box::pin(std::future::pending()),
}];

const fn animals(name: &'static str, segment: &'static str, id: IdKind) -> Descriptor {
    Descriptor {
        name,
        segment,
        shape: Shape::Collection(id),
        parent: None,
        doc: "",
        example_id: None,
        fields: &[],
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &METHODS,
        rules: None,
        changes: false,
        keep_changes: None,
        upsert: false,
        slash_verbs: true,
        export: false,
        import: false,
        dropped: &[],
        existing: None,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}

static BY_NAME: Descriptor = animals("Cat", "cats", IdKind::Slug);
static BY_NUMBER: Descriptor = animals("Dog", "dogs", IdKind::Integer);

#[test]
fn a_slash_verb_that_would_be_taken_as_a_slug_is_no_address() {
    let tree = Tree::build(&[&BY_NAME, &BY_NUMBER]).expect("the declarations are right");
    let routes = routes(&tree, "/api/v1", Detail::Addresses, true);
    for served in ["cats:adopt", "dogs:adopt", "dogs/adopt"] {
        assert!(routes.contains(&format!(" /api/v1/{served} ")), "{routes}");
    }
    assert!(!routes.contains("/cats/adopt"), "{routes}");
}

static SIZE: EnumDescriptor = EnumDescriptor { name: "Size", doc: "", variants: &[] };
static MEAL: ValueDescriptor = ValueDescriptor {
    name: "Meal",
    doc: "",
    fields: &[
        field("fish", FieldKind::List(&Element { kind: FieldKind::Text, nullable: false })),
        FieldDescriptor { nullable: true, ..field("grams", FieldKind::Float) },
    ],
};
static FEED: [CustomMethod; 1] =
    [CustomMethod { verb: "feed", target: Target::Read, read_only: true, input: Some(&MEAL), ..METHODS[0] }];
static FIELDS: [FieldDescriptor; 4] = [
    FieldDescriptor { filter: true, order: true, ..field("name", FieldKind::Text) },
    FieldDescriptor { filter: true, ..field("size", FieldKind::Enum(&SIZE)) },
    FieldDescriptor { order: true, ..field("age", FieldKind::Integer { min: 0, max: 99 }) },
    field("colour", FieldKind::Text),
];
static OWNER: Descriptor = Descriptor {
    custom_methods: &[],
    methods: Methods::ALL.without(Method::Delete),
    ..animals("Owner", "owners", IdKind::Slug)
};
static BELOW: Descriptor = Descriptor {
    parent: Some(|| &OWNER),
    fields: &FIELDS,
    views: &[View { name: "summary", fields: &["created_at", "name"] }],
    custom_methods: &FEED,
    slash_verbs: false,
    export: false,
    import: false,
    dropped: &[],
    existing: None,
    ..animals("Cat", "cats", IdKind::Uuid)
};

const fn field(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        rust_name: name,
        column: name,
        doc: "",
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

#[test]
fn each_address_is_one_line_indented_as_it_lies_in_the_tree() {
    let tree = Tree::build(&[&OWNER, &BELOW]).expect("the declarations are right");
    let lines = "\
GET                   /api/v1                                 the entry point
GET POST              /api/v1/owners                          Owner collection
POST                  /api/v1/owners:batchGet                 Owner batch
POST                  /api/v1/owners:batchCreate              Owner batch
POST                  /api/v1/owners:batchUpdate              Owner batch
GET PUT PATCH         /api/v1/owners/{slug}                   Owner
GET POST              /api/v1/owners/{slug}/cats                Cat collection
POST                  /api/v1/owners/{slug}/cats:batchGet       Cat batch
POST                  /api/v1/owners/{slug}/cats:batchCreate    Cat batch
POST                  /api/v1/owners/{slug}/cats:batchUpdate    Cat batch
POST                  /api/v1/owners/{slug}/cats:batchDelete    Cat batch
GET PUT PATCH DELETE  /api/v1/owners/{slug}/cats/{uuid}         Cat
GET POST              /api/v1/owners/{slug}/cats/{uuid}:feed    Cat::feed
GET                   /api/v1/openapi.json                    the OpenAPI document
GET                   /api/v1/docs                            the documentation page
GET                   /openapi.json                           the OpenAPI document
GET                   /docs                                   the documentation page
GET                   /ping                                   whether the service answers
GET                   /health/live                            whether the process works
GET                   /health/ready                           whether it can commit
";
    assert_eq!(routes(&tree, "/api/v1", Detail::Addresses, true), lines);
}

#[test]
fn what_an_address_takes_stands_below_it() {
    let tree = Tree::build(&[&OWNER, &BELOW]).expect("the declarations are right");
    let text = routes(&tree, "/api/v1", Detail::Parameters, true);
    let (_, text) = text.split_once("  Cat collection\n").expect("the cats are there");
    let lines = "    list     $filter $limit $offset $cursor $orderBy $select $count
    filter   name=text size=Size id=uuid createdAt=timestamp createdBy=text updatedAt=timestamp updatedBy=text
    order    name age id createdAt createdBy updatedAt updatedBy
    view     summary=name,createdAt
POST                  /api/v1/owners/{slug}/cats:batchGet       Cat batch
    body     ids: uuid[]
POST                  /api/v1/owners/{slug}/cats:batchCreate    Cat batch
    body     items: Cat[]
POST                  /api/v1/owners/{slug}/cats:batchUpdate    Cat batch
    body     items: {id: uuid, [etag: text], patch: Cat}[]
POST                  /api/v1/owners/{slug}/cats:batchDelete    Cat batch
    body     items: {id: uuid, [etag: text]}[]
GET PUT PATCH DELETE  /api/v1/owners/{slug}/cats/{uuid}         Cat
    read     $select
    view     summary=name,createdAt
    delete   $force $allowMissing
GET POST              /api/v1/owners/{slug}/cats/{uuid}:feed    Cat::feed
    body     [fish: text[]] [grams: number]
GET  ";
    assert!(text.starts_with(lines), "{text}");
    assert!(text.ends_with("\n\nEvery address takes $format, $validate, $requestID as well.\n"), "{text}");
}

#[test]
fn a_line_of_many_names_goes_on_below_itself() {
    let mut text = String::new();
    let items: Vec<_> = (0..30).map(|at| format!("name-{at}")).collect();
    write_items(&mut text, &Takes { word: "order", items: items.clone() });
    assert!(
        text.lines().count() > 1 && text.lines().all(|line| line.len() <= WIDTH && line.starts_with("    ")),
        "{text}"
    );
    assert_eq!(text.split_whitespace().skip(1).collect::<Vec<_>>(), items);
}
