//! The tree that the facts are about, drawn on the crate's page: every shape, id kind and field kind, each once.

use rest_standard::{
    descriptor::{
        Descriptor, Element, EnumDescriptor, FieldDescriptor, FieldKind, IdKind, OnDelete, Reference, Shape,
        Variant,
    },
    store::Column,
    value::{Id, Path, Value},
};
use serde_json::json;
use uuid::Uuid;

use crate::declare::{INTEGER, field, plain, required, resource, searched, unique};

const TEXTS: FieldKind = FieldKind::List(&Element { kind: FieldKind::Text, nullable: false });
const CONDITION: FieldKind = FieldKind::Enum(&EnumDescriptor {
    name: "Condition",
    doc: "",
    variants: &[
        Variant { number: 0, name: "Fine", doc: "" },
        Variant { number: 1, name: "Worn", doc: "" },
        Variant { number: 2, name: "Bad", doc: "" },
    ],
});

pub(crate) static SHELF: Descriptor = Descriptor {
    fields: &[
        searched(required(unique(field("code", FieldKind::Text)))),
        unique(field("tag", FieldKind::Text)),
    ],
    changes: true,
    ..resource("Shelf", "shelves", Shape::Collection(IdKind::Slug))
};

pub(crate) static LAMP: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[field("brightness", INTEGER)],
    ..resource("Lamp", "lamp", Shape::Singleton)
};

pub(crate) static BULB: Descriptor = Descriptor {
    parent: Some(|| &LAMP),
    fields: &[field("watts", INTEGER)],
    across_parents: true,
    ..resource("Bulb", "bulbs", Shape::Collection(IdKind::Integer))
};

pub(crate) static BOOK: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[
        searched(required(field("title", FieldKind::Text))),
        searched(field("subtitle", FieldKind::Text)),
        required(field("pages", INTEGER)),
        field("rating", INTEGER),
        field("weight", FieldKind::Float),
        field("lent", FieldKind::Bool),
        field("condition", CONDITION),
        field("printed", FieldKind::Timestamp),
        field("day", FieldKind::Date),
        field("work", FieldKind::Uuid),
        unique(field("isbn", FieldKind::Text)),
        plain(field("cover", FieldKind::Bytes)),
        searched(plain(field("tags", TEXTS))),
    ],
    changes: true,
    across_parents: true,
    export: true,
    ..resource("Book", "books", Shape::Collection(IdKind::Uuid))
};

pub(crate) const TITLE: usize = 0;
pub(crate) const PAGES: usize = 2;
pub(crate) const ISBN: usize = 10;

/// The columns of a book that a list can be ordered by.
pub(crate) const BOOK_COLUMNS: [Column; 15] = [
    Column::Field(TITLE),
    Column::Field(1),
    Column::Field(PAGES),
    Column::Field(3),
    Column::Field(4),
    Column::Field(5),
    Column::Field(6),
    Column::Field(7),
    Column::Field(8),
    Column::Field(9),
    Column::Id,
    Column::CreatedAt,
    Column::CreatedBy,
    Column::UpdatedAt,
    Column::UpdatedBy,
];

pub(crate) static LOAN: Descriptor = Descriptor {
    parent: Some(|| &BOOK),
    fields: &[field("days", INTEGER)],
    ..resource("Loan", "loan", Shape::Singleton)
};

pub(crate) static TERMS: Descriptor = Descriptor {
    parent: Some(|| &LOAN),
    fields: &[field("fee", INTEGER)],
    ..resource("Terms", "terms", Shape::Singleton)
};

pub(crate) static DRAFT: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[searched(unique(field("title", FieldKind::Text)))],
    soft_delete: Some(60),
    ..resource("Draft", "drafts", Shape::Collection(IdKind::Slug))
};

pub(crate) static NOTE: Descriptor = Descriptor {
    parent: Some(|| &DRAFT),
    fields: &[field("page", INTEGER)],
    ..resource("Note", "notes", Shape::Collection(IdKind::Integer))
};

pub(crate) static TICKET: Descriptor = Descriptor {
    fields: &[field("amount", INTEGER)],
    ..resource("Ticket", "tickets", Shape::Collection(IdKind::Integer))
};

pub(crate) static STAMP: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[FieldDescriptor {
        references: Some(Reference { target: || &TICKET, on_delete: OnDelete::Refuse }),
        ..field("ticket", INTEGER)
    }],
    ..resource("Stamp", "stamps", Shape::Collection(IdKind::Integer))
};

pub(crate) static SETTINGS: Descriptor = Descriptor {
    fields: &[field("limit", INTEGER)],
    changes: true,
    ..resource("Settings", "settings", Shape::Singleton)
};

pub(crate) static ALL: [&Descriptor; 11] =
    [&SHELF, &LAMP, &BULB, &BOOK, &LOAN, &TERMS, &DRAFT, &NOTE, &TICKET, &STAMP, &SETTINGS];

/// The path of a shelf, its lamp and the parent of its books.
pub(crate) fn shelf(id: &str) -> Path {
    Path(vec![Id::from(id)])
}

/// The path of a book, its loan and the loan's terms.
pub(crate) fn book(shelf_id: &str, id: u128) -> Path {
    shelf(shelf_id).join(Id::Uuid(Uuid::from_u128(id)))
}

/// The path of a bulb.
pub(crate) fn bulb(shelf_id: &str, id: i64) -> Path {
    shelf(shelf_id).join(Id::Integer(id))
}

/// The path of a draft, the parent of its notes.
pub(crate) fn draft(shelf_id: &str, id: &str) -> Path {
    shelf(shelf_id).join(Id::from(id))
}

/// The path of a stamp.
pub(crate) fn stamp(shelf_id: &str, id: i64) -> Path {
    shelf(shelf_id).join(Id::Integer(id))
}

/// The path of a ticket.
pub(crate) fn ticket(id: i64) -> Path {
    Path(vec![Id::Integer(id)])
}

/// The path of a singleton at the root.
pub(crate) fn root() -> Path {
    Path::default()
}

/// A text value.
pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// The fields of a shelf.
pub(crate) fn shelf_row(code: &str) -> Vec<Value> {
    vec![text(code), Value::Null]
}

/// The fields of a book, the optional ones null.
pub(crate) fn book_row(pages: i64) -> Vec<Value> {
    let mut row = vec![Value::Null; BOOK.fields.len()];
    row[TITLE] = text("Emma");
    row[PAGES] = Value::Integer(pages);
    row
}

/// The fields of a book with a value of every kind.
pub(crate) fn full_book_row() -> Vec<Value> {
    vec![
        text("\u{1F4D6} Ämma\t\"quoted\" \\ 'too' %_*"),
        text(""),
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Float(-1.0e-300),
        Value::Bool(false),
        Value::Integer(2),
        Value::Timestamp("1815-12-23T08:09:10.000001Z".parse().expect("a timestamp")),
        Value::Date("1815-12-23".parse().expect("a date")),
        Value::Uuid(Uuid::from_u128(u128::MAX)),
        text("978-0"),
        Value::Bytes(vec![0, 1, 254, 255]),
        Value::Json(json!(["a", "ä", ""])),
    ]
}
