//! `$orderBy`, and which names a list can be filtered and ordered by.

use crate::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind, IdKind},
    error::MOST_FAULTS,
    store::{Column, Direction},
    validate::did_you_mean,
};

/// An order: columns with directions, without the id that the store appends.
pub(crate) type Order = Vec<(Column, Direction)>;

/// What a name is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// An equality parameter, which takes single values.
    Equal,
    /// `$filter`.
    Filter,
    /// `$orderBy`.
    Order,
}

/// The framework's own columns, which a list can be filtered and ordered by where its resources have them.
const FRAMEWORK: [(&str, Column); 8] = [
    ("id", Column::Id),
    ("createdAt", Column::CreatedAt),
    ("createdBy", Column::CreatedBy),
    ("updatedAt", Column::UpdatedAt),
    ("updatedBy", Column::UpdatedBy),
    ("deletedAt", Column::DeletedAt),
    ("deletedBy", Column::DeletedBy),
    ("purgeAt", Column::PurgeAt),
];

fn framework(descriptor: &Descriptor) -> impl Iterator<Item = (&'static str, Column)> + use<'_> {
    FRAMEWORK.into_iter().filter(|(_, column)| column.is_in(descriptor))
}

/// The column called `name`, where the declaration lets a list be filtered or ordered by it.
#[must_use]
pub(crate) fn column(descriptor: &Descriptor, name: &str, wanted: Use) -> Option<Column> {
    if let Some((_, column)) = framework(descriptor).find(|(framework, _)| *framework == name) {
        return Some(column);
    }
    let index = descriptor.field(name)?;
    let field = &descriptor.fields[index];
    allows(field, wanted).then_some(Column::Field(index))
}

/// The names that a list can be filtered or ordered by.
pub(crate) fn names(descriptor: &Descriptor, wanted: Use) -> impl Iterator<Item = &'static str> {
    let declared = descriptor.fields.iter().filter(move |field| allows(field, wanted));
    declared.map(|field| field.name).chain(framework(descriptor).map(|(name, _)| name))
}

fn allows(field: &FieldDescriptor, wanted: Use) -> bool {
    let allowed = match wanted {
        Use::Equal => field.filter && field.kind.is_single(),
        Use::Filter => field.filter,
        Use::Order => field.order,
    };
    allowed && !field.input_only
}

/// The type of a column's values.
#[must_use]
pub(crate) fn column_kind(descriptor: &Descriptor, column: Column) -> FieldKind {
    match column {
        Column::Field(index) => descriptor.fields[index].kind,
        Column::Id => match descriptor.id_kind() {
            Some(IdKind::Uuid) => FieldKind::Uuid,
            Some(IdKind::Integer) => FieldKind::Integer { min: i64::MIN, max: i64::MAX },
            Some(IdKind::Slug | IdKind::Text) | None => FieldKind::Text,
        },
        Column::Above(index) => kind_above(descriptor, index),
        Column::CreatedAt | Column::UpdatedAt | Column::DeletedAt | Column::PurgeAt => FieldKind::Timestamp,
        Column::CreatedBy | Column::UpdatedBy | Column::DeletedBy => FieldKind::Text,
    }
}

/// The type of the id at a position of the paths of a resource.
fn kind_above(descriptor: &Descriptor, index: usize) -> FieldKind {
    let mut kinds = Vec::new();
    let mut above = descriptor.parent;
    while let Some(parent) = above {
        let parent = parent();
        kinds.extend(parent.id_kind().map(|_| column_kind(parent, Column::Id)));
        above = parent.parent;
    }
    let at = kinds.len().checked_sub(index + 1);
    at.and_then(|at| kinds.get(at)).copied().unwrap_or(FieldKind::Text)
}

/// Parses `volume desc,displayName`; `details` gets what is wrong with each of its parts.
pub(crate) fn parse(descriptor: &Descriptor, text: &str, details: &mut Vec<String>) -> Order {
    let mut order = Order::new();
    for part in text.split(',') {
        match parse_part(descriptor, part, &order) {
            Ok(column) => order.push(column),
            Err(detail) if details.contains(&detail) => {}
            Err(detail) => details.push(detail),
        }
        if details.len() > MOST_FAULTS {
            break;
        }
    }
    order
}

fn parse_part(descriptor: &Descriptor, part: &str, order: &Order) -> Result<(Column, Direction), String> {
    let mut words = part.split_whitespace();
    let Some(name) = words.next() else {
        return Err(
            "must name a field before, between and after its commas, such as `volume desc,displayName`"
                .to_owned(),
        );
    };
    let direction = match words.next() {
        None | Some("asc") => Direction::Ascending,
        Some("desc") => Direction::Descending,
        Some(_) => return Err(format!("must have `asc` or `desc` after `{}`", shown(name))),
    };
    if words.next().is_some() {
        return Err(format!("must have a comma after `{}` and its direction", shown(name)));
    }
    let Some(column) = column(descriptor, name, Use::Order) else {
        if let Some((bare, direction @ ("asc" | "desc"))) = name.rsplit_once(':')
            && column(descriptor, bare, Use::Order).is_some()
        {
            return Err(format!("must have a space before its direction, write `{bare} {direction}`"));
        }
        let bare = name.trim_start_matches(['-', '+']);
        if bare != name && column(descriptor, bare, Use::Order).is_some() {
            let direction = if name.starts_with('-') { " desc" } else { "" };
            return Err(format!("must have no sign, write `{bare}{direction}`"));
        }
        return Err(unknown(descriptor, name, Use::Order));
    };
    if order.iter().any(|(other, _)| *other == column) {
        return Err(format!("must name each field once, `{}` is there twice", shown(name)));
    }
    Ok((column, direction))
}

/// What is wrong with a name that a list cannot be filtered or ordered by.
pub(crate) fn unknown(descriptor: &Descriptor, name: &str, wanted: Use) -> String {
    let done = match wanted {
        Use::Equal | Use::Filter => "filtered",
        Use::Order => "ordered",
    };
    let hint = match did_you_mean(name, names(descriptor, wanted)) {
        none if none.is_empty() => format!("; fields are {}", list(names(descriptor, wanted))),
        hint => hint,
    };
    format!("must name fields that the list can be {done} by, `{}` is not{hint}", shown(name))
}

/// A client's word in an error, cut so that no error repeats a long text.
pub(crate) fn shown(text: &str) -> String {
    if text.chars().count() > 40 {
        format!("{}…", text.chars().take(40).collect::<String>())
    } else {
        text.to_owned()
    }
}

/// Names in backticks, separated by commas.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
