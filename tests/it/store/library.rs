//! The tree that the suite runs on: every shape, id kind and field kind, each once.
//!
//! ```text
//! shelves (slug, changes)     code unique, tag unique and nullable
//!   lamp                      a singleton
//!     bulbs (integer)         a collection below a singleton
//!   books (uuid, changes)     a field of every kind, isbn unique and nullable
//!     loan                    a singleton
//!       terms                 a singleton below a singleton
//!   drafts (slug)           soft-deleted, title unique
//!     notes (integer)
//! tickets (integer)
//! settings (changes)          a singleton at the root
//! ```

use rest_standard::{
    descriptor::{
        Descriptor, Element, EnumDescriptor, FieldDescriptor, FieldKind, IdKind, Methods, Shape, Variant,
    },
    store::Column,
    value::{Id, Path, Value},
};
use serde_json::json;
use uuid::Uuid;

/// A field that may be null, and that a list can be filtered and ordered by.
pub(crate) const fn field(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        column: name,
        doc: "",
        kind,
        nullable: true,
        length: None,
        range: None,
        pattern: None,
        format: None,
        default: None,
        example: None,
        filter: true,
        order: true,
        search: false,
        unique: false,
        immutable: false,
        output_only: false,
        input_only: false,
        required: false,
        references: None,
    }
}

const fn required(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { nullable: false, ..field }
}

pub(crate) const fn unique(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { unique: true, ..field }
}

pub(crate) const fn searched(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { search: true, ..field }
}

/// A field that may be null, and that a list is neither filtered nor ordered by.
pub(crate) const fn nullable(name: &'static str, kind: FieldKind) -> FieldDescriptor {
    plain(field(name, kind))
}

/// A field that a list is neither filtered nor ordered by.
const fn plain(field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { filter: false, order: false, ..field }
}

/// A resource without fields.
pub(crate) const fn resource(name: &'static str, segment: &'static str, shape: Shape) -> Descriptor {
    Descriptor {
        name,
        segment,
        shape,
        parent: None,
        doc: "",
        example_id: None,
        fields: &[],
        views: &[],
        indexes: &[],
        methods: Methods::ALL,
        custom_methods: &[],
        rules: None,
        changes: false,
        upsert: false,
        slash_verbs: false,
        export: false,
        import: false,
        require_if_match: false,
        across_parents: false,
        soft_delete: None,
    }
}

pub(crate) const INTEGER: FieldKind = FieldKind::Integer { min: i64::MIN, max: i64::MAX };
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

pub(super) static SHELF: Descriptor = Descriptor {
    fields: &[
        searched(required(unique(field("code", FieldKind::Text)))),
        unique(field("tag", FieldKind::Text)),
    ],
    changes: true,
    ..resource("Shelf", "shelves", Shape::Collection(IdKind::Slug))
};

pub(super) static LAMP: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[field("brightness", INTEGER)],
    ..resource("Lamp", "lamp", Shape::Singleton)
};

pub(super) static BULB: Descriptor = Descriptor {
    parent: Some(|| &LAMP),
    fields: &[field("watts", INTEGER)],
    ..resource("Bulb", "bulbs", Shape::Collection(IdKind::Integer))
};

pub(super) static BOOK: Descriptor = Descriptor {
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
    ..resource("Book", "books", Shape::Collection(IdKind::Uuid))
};

pub(super) const TITLE: usize = 0;
pub(super) const PAGES: usize = 2;
pub(super) const ISBN: usize = 10;

/// The columns of a book that a list can be ordered by.
pub(super) const BOOK_COLUMNS: [Column; 15] = [
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

pub(super) static LOAN: Descriptor = Descriptor {
    parent: Some(|| &BOOK),
    fields: &[field("days", INTEGER)],
    ..resource("Loan", "loan", Shape::Singleton)
};

pub(super) static TERMS: Descriptor = Descriptor {
    parent: Some(|| &LOAN),
    fields: &[field("fee", INTEGER)],
    ..resource("Terms", "terms", Shape::Singleton)
};

pub(super) static DRAFT: Descriptor = Descriptor {
    parent: Some(|| &SHELF),
    fields: &[searched(unique(field("title", FieldKind::Text)))],
    soft_delete: Some(60),
    ..resource("Draft", "drafts", Shape::Collection(IdKind::Slug))
};

pub(super) static NOTE: Descriptor = Descriptor {
    parent: Some(|| &DRAFT),
    fields: &[field("page", INTEGER)],
    ..resource("Note", "notes", Shape::Collection(IdKind::Integer))
};

pub(super) static TICKET: Descriptor = Descriptor {
    fields: &[field("amount", INTEGER)],
    ..resource("Ticket", "tickets", Shape::Collection(IdKind::Integer))
};

pub(super) static SETTINGS: Descriptor = Descriptor {
    fields: &[field("limit", INTEGER)],
    changes: true,
    ..resource("Settings", "settings", Shape::Singleton)
};

pub(super) static ALL: [&Descriptor; 10] =
    [&SHELF, &LAMP, &BULB, &BOOK, &LOAN, &TERMS, &DRAFT, &NOTE, &TICKET, &SETTINGS];

/// The path of a shelf, its lamp and the parent of its books.
pub(super) fn shelf(id: &str) -> Path {
    Path(vec![Id::from(id)])
}

/// The path of a book, its loan and the loan's terms.
pub(super) fn book(shelf_id: &str, id: u128) -> Path {
    shelf(shelf_id).join(Id::Uuid(Uuid::from_u128(id)))
}

/// The path of a bulb.
pub(super) fn bulb(shelf_id: &str, id: i64) -> Path {
    shelf(shelf_id).join(Id::Integer(id))
}

/// The path of a draft, the parent of its notes.
pub(super) fn draft(shelf_id: &str, id: &str) -> Path {
    shelf(shelf_id).join(Id::from(id))
}

/// The path of a ticket.
pub(super) fn ticket(id: i64) -> Path {
    Path(vec![Id::Integer(id)])
}

/// The path of a singleton at the root.
pub(super) fn root() -> Path {
    Path::default()
}

/// A text value.
pub(super) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// The fields of a shelf.
pub(super) fn shelf_row(code: &str) -> Vec<Value> {
    vec![text(code), Value::Null]
}

/// The fields of a book, the optional ones null.
pub(super) fn book_row(pages: i64) -> Vec<Value> {
    let mut row = vec![Value::Null; BOOK.fields.len()];
    row[TITLE] = text("Emma");
    row[PAGES] = Value::Integer(pages);
    row
}

/// The fields of a book with a value of every kind.
pub(super) fn full_book_row() -> Vec<Value> {
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
