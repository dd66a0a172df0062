//! `$select`: which of a resource's members an answer has.
//!
//! A selection is a set: what it names is answered in the resource's usual order, naming something twice changes nothing,
//! and naming an object beside one of its members means all of it.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::{
    descriptor::{Descriptor, FieldDescriptor, FieldKind, Target, View},
    error::MOST_FAULTS,
    query::{
        filter::{Name, Problem, paths},
        order::{list, shown},
    },
    store::{Column, Extent},
    validate::did_you_mean,
};

/// How many names one dotted name may have.
const DEEPEST: usize = 32;

/// How many bytes of the digest tell selections apart.
const DIGEST: usize = 8;

/// What of a value is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing.
    #[default]
    Nothing,
    /// All of it.
    Whole,
    /// These members of the object, of each element of the list, or under these keys of the map.
    Members(BTreeMap<String, Self>),
}

/// The members of the framework that an answer has only if they are selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    CreatedAt,
    CreatedBy,
    UpdatedAt,
    UpdatedBy,
    DeletedAt,
    DeletedBy,
    PurgeAt,
    Etag,
    Links,
}

impl Own {
    /// All of them in the order of an answer: the member, the name in a declaration, and the column that it needs.
    const ALL: [(&'static str, &'static str, Self, Option<Column>); 9] = [
        ("createdAt", "created_at", Self::CreatedAt, Some(Column::CreatedAt)),
        ("createdBy", "created_by", Self::CreatedBy, Some(Column::CreatedBy)),
        ("updatedAt", "updated_at", Self::UpdatedAt, Some(Column::UpdatedAt)),
        ("updatedBy", "updated_by", Self::UpdatedBy, Some(Column::UpdatedBy)),
        ("deletedAt", "deleted_at", Self::DeletedAt, Some(Column::DeletedAt)),
        ("deletedBy", "deleted_by", Self::DeletedBy, Some(Column::DeletedBy)),
        ("purgeAt", "purge_at", Self::PurgeAt, Some(Column::PurgeAt)),
        ("etag", "etag", Self::Etag, None),
        ("links", "links", Self::Links, None),
    ];

    /// Those that resources of the declaration have, in the order of an answer, with the member that each is.
    pub(crate) fn of(descriptor: &Descriptor) -> impl Iterator<Item = (&'static str, Self)> {
        let known = Self::ALL.iter().map(|(name, _, own, _)| (*name, *own));
        known.filter(|(_, own)| own.is_in(descriptor))
    }

    /// Whether resources of the declaration have it.
    pub(crate) fn is_in(self, descriptor: &Descriptor) -> bool {
        match self {
            Self::CreatedAt => Column::CreatedAt.is_in(descriptor),
            Self::CreatedBy => Column::CreatedBy.is_in(descriptor),
            Self::UpdatedAt => Column::UpdatedAt.is_in(descriptor),
            Self::UpdatedBy => Column::UpdatedBy.is_in(descriptor),
            Self::DeletedAt | Self::DeletedBy | Self::PurgeAt => descriptor.soft_delete.is_some(),
            Self::Etag | Self::Links => true,
        }
    }
}

/// The members that every answer has.
pub(crate) const ALWAYS: [&str; 2] = ["id", "url"];

/// What of a resource is selected.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    descriptor: &'static Descriptor,
    /// For each field of the declaration.
    fields: Vec<Part>,
    own: [bool; 9],
}

impl Selection {
    fn nothing(descriptor: &'static Descriptor) -> Self {
        let fields = vec![Part::Nothing; descriptor.fields.len()];
        Self { descriptor, fields, own: [false; 9] }
    }

    /// Everything but the links.
    #[must_use]
    pub(crate) fn without_links(descriptor: &'static Descriptor) -> Self {
        let fields = vec![Part::Whole; descriptor.fields.len()];
        let own = Own::ALL.map(|(_, _, own, _)| own != Own::Links && own.is_in(descriptor));
        Self { descriptor, fields, own }
    }

    /// The selection that a text stands for: the name of a view, or dotted names separated by commas.
    ///
    /// # Errors
    ///
    /// The first fault of its form, or all faults of its names.
    pub(super) fn parse(descriptor: &'static Descriptor, text: &str) -> Result<Self, Vec<Problem>> {
        if let Some(view) = descriptor.view(text.trim()) {
            return Ok(Self::of_view(descriptor, view));
        }
        let paths = paths(text).map_err(|problem| vec![problem])?;
        let mut selection = Self::nothing(descriptor);
        let mut problems = Vec::new();
        for path in &paths {
            problems.extend(selection.add(path, paths.len() == 1).err());
            if problems.len() > MOST_FAULTS {
                break;
            }
        }
        if problems.is_empty() { Ok(selection) } else { Err(problems) }
    }

    /// What a declared view selects.
    #[must_use]
    pub(crate) fn of_view(descriptor: &'static Descriptor, view: &View) -> Self {
        let mut selection = Self::nothing(descriptor);
        for path in view.fields {
            let mut names = path.split('.');
            let first = names.next().unwrap_or_default();
            if let Some(at) = Own::ALL.iter().position(|(_, declared, ..)| *declared == first) {
                selection.own[at] = true;
            }
            let Some(index) = descriptor.fields.iter().position(|field| field.rust_name == first) else {
                continue;
            };
            let mut kind = descriptor.fields[index].kind;
            // What a macro has seen resolves; a name that does not would be of a field that this build leaves out.
            let names: Option<Vec<&str>> = names
                .map(|name| {
                    let (wire, inner) = match within_lists(kind) {
                        FieldKind::Object(declared) => {
                            let member = declared.fields.iter().find(|member| member.rust_name == name)?;
                            (member.name, member.kind)
                        }
                        FieldKind::Map(element) => (name, element.kind),
                        _ => return None,
                    };
                    kind = inner;
                    Some(wire)
                })
                .collect();
            if let Some(names) = names {
                selection.fields[index].add(&names);
            }
        }
        selection
    }

    fn add(&mut self, path: &[Name], is_alone: bool) -> Result<(), Problem> {
        let descriptor = self.descriptor;
        let Some((first, rest)) = path.split_first() else {
            return Err(Problem::new(0, "must name a field"));
        };
        if let Some(name) = path.get(DEEPEST) {
            let detail = format!("must have {DEEPEST} names with dots between them at most");
            return Err(Problem::new(name.at, detail));
        }
        let own = Own::ALL.iter().position(|(name, _, own, _)| *name == first.text && own.is_in(descriptor));
        if own.is_some() || ALWAYS.contains(&first.text.as_str()) {
            if let Some(name) = rest.first() {
                return Err(without_members(name, first));
            }
            if let Some(at) = own {
                self.own[at] = true;
            }
            return Ok(());
        }
        let Some((index, field)) = visible(descriptor.fields).find(|(_, field)| field.name == first.text)
        else {
            return Err(Problem::new(first.at, unknown(descriptor, &first.text, is_alone)));
        };
        check_members(field.kind, first, rest)?;
        let names: Vec<&str> = rest.iter().map(|name| name.text.as_str()).collect();
        self.fields[index].add(&names);
        Ok(())
    }

    /// What of the field at `index` is selected.
    #[must_use]
    pub(crate) fn field(&self, index: usize) -> &Part {
        self.fields.get(index).unwrap_or(&Part::Nothing)
    }

    /// Whether a member of the framework is selected.
    #[must_use]
    pub(crate) fn has(&self, own: Own) -> bool {
        Own::ALL.iter().zip(self.own).any(|((.., other, _), is_selected)| *other == own && is_selected)
    }

    /// What must be read of each row for it, with the columns of an order.
    #[must_use]
    pub(crate) fn extent(&self, order: impl IntoIterator<Item = Column>) -> Extent {
        // A condition of a link asks the whole resource.
        let asks = |target| target != Target::Collection;
        let mut methods = self.descriptor.custom_methods.iter();
        if self.has(Own::Links) && methods.any(|method| asks(method.target) && method.when.is_some()) {
            return Extent::Whole;
        }
        let fields = self.fields.iter().enumerate().filter(|(_, part)| **part != Part::Nothing);
        let own = Own::ALL.iter().zip(self.own).filter(|(_, is_selected)| *is_selected);
        let own = own.filter_map(|((.., column), _)| *column);
        // A link leads to what a field refers to.
        let linked = self.descriptor.references().filter(|_| self.has(Own::Links));
        let linked = linked.map(|(index, ..)| Column::Field(index));
        Extent::only(fields.map(|(index, _)| Column::Field(index)).chain(own).chain(linked).chain(order))
    }

    /// The dotted names that select the same, each thing once and in the order of an answer.
    #[must_use]
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (field, part) in self.descriptor.fields.iter().zip(&self.fields) {
            part.push_names(field.name.to_owned(), &mut names);
        }
        let own = Own::ALL.iter().zip(self.own).filter(|(_, is_selected)| *is_selected);
        names.extend(own.map(|((name, ..), _)| (*name).to_owned()));
        names
    }

    /// What tells its answers from those of other selections, as a part of an entity tag.
    #[must_use]
    pub(crate) fn tag(&self) -> String {
        tag_part("select", Sha256::new_with_prefix(self.names().join(",")))
    }
}

/// The part of an entity tag for what `name` names, told apart by a digest.
#[must_use]
pub(crate) fn tag_part(name: &str, digest: Sha256) -> String {
    digest.finalize()[..DIGEST].iter().fold(format!("{name}-"), |mut tag, byte| {
        let _ = write!(tag, "{byte:02x}");
        tag
    })
}

impl Part {
    /// Selects the member that `names` lead to as well.
    fn add(&mut self, names: &[&str]) {
        let Some((first, rest)) = names.split_first() else {
            *self = Self::Whole;
            return;
        };
        if *self == Self::Nothing {
            *self = Self::Members(BTreeMap::new());
        }
        if let Self::Members(members) = self {
            members.entry((*first).to_owned()).or_default().add(rest);
        }
    }

    /// What of the member with this name is selected.
    #[must_use]
    pub(crate) fn member(&self, name: &str) -> &Self {
        match self {
            Self::Members(members) => members.get(name).unwrap_or(&Self::Nothing),
            whole_or_nothing => whole_or_nothing,
        }
    }

    fn push_names(&self, above: String, names: &mut Vec<String>) {
        match self {
            Self::Nothing => {}
            Self::Whole => names.push(above),
            Self::Members(members) => {
                for (name, part) in members {
                    let is_word = name.chars().all(|char| char.is_alphanumeric() || "_-".contains(char));
                    let name = if is_word && !name.is_empty() {
                        format!("{above}.{name}")
                    } else {
                        format!("{above}.\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
                    };
                    part.push_names(name, names);
                }
            }
        }
    }

    /// The selected part of a value in its form on the wire. What is null or no object stays as it is.
    #[must_use]
    pub(crate) fn of(&self, json: &Json) -> Json {
        match (self, json) {
            (Self::Members(_), Json::Array(items)) => items.iter().map(|item| self.of(item)).collect(),
            (Self::Members(parts), Json::Object(members)) => {
                let selected = members
                    .iter()
                    .filter_map(|(name, member)| parts.get(name).map(|part| (name.clone(), part.of(member))));
                Json::Object(selected.collect())
            }
            _ => json.clone(),
        }
    }
}

/// The kind that dots lead into: lists are looked through.
fn within_lists(mut kind: FieldKind) -> FieldKind {
    while let FieldKind::List(element) = kind {
        kind = element.kind;
    }
    kind
}

fn visible(fields: &'static [FieldDescriptor]) -> impl Iterator<Item = (usize, &'static FieldDescriptor)> {
    fields.iter().enumerate().filter(|(_, field)| !field.input_only)
}

/// Whether the names lead to something below a field of the kind.
fn check_members<'a>(mut kind: FieldKind, mut above: &'a Name, names: &'a [Name]) -> Result<(), Problem> {
    for name in names {
        kind = match within_lists(kind) {
            FieldKind::Object(declared) => {
                let mut members = visible(declared.fields).map(|(_, member)| member);
                let Some(member) = members.find(|member| member.name == name.text) else {
                    let known = || visible(declared.fields).map(|(_, member)| member.name);
                    let hint = match did_you_mean(&name.text, known()) {
                        none if none.is_empty() => format!("; members are {}", list(known())),
                        hint => hint,
                    };
                    let (found, above) = (shown(&name.text), shown(&above.text));
                    let detail = format!("`{found}` is no member of `{above}`{hint}");
                    return Err(Problem::new(name.at, detail));
                };
                member.kind
            }
            FieldKind::Map(element) => element.kind,
            _ => return Err(without_members(name, above)),
        };
        above = name;
    }
    Ok(())
}

fn without_members(name: &Name, above: &Name) -> Problem {
    let above = shown(&above.text);
    let detail = format!("`{above}` has no members that could be named, so that nothing can follow its dot");
    Problem::new(name.at, detail)
}

/// What is wrong with a name that is none of the resource's members.
fn unknown(descriptor: &'static Descriptor, name: &str, is_alone: bool) -> String {
    if descriptor.view(name).is_some() {
        return format!("must name fields, or one view alone, `{}` is a view", shown(name));
    }
    let views = descriptor.views.iter().filter(|_| is_alone).map(|view| view.name);
    let fields = || visible(descriptor.fields).map(|(_, field)| field.name);
    let own = || Own::of(descriptor).map(|(name, _)| name);
    let names = || fields().chain(ALWAYS).chain(own());
    let (what, is_not) = if is_alone && !descriptor.views.is_empty() {
        ("fields of the resource, or a view", "is neither")
    } else {
        ("fields of the resource", "is not one")
    };
    let hint = match did_you_mean(name, names().chain(views.clone())) {
        none if !none.is_empty() => none,
        _ if name == "*" => "; leave `$select` out for all of them".to_owned(),
        _ => {
            let views = match list(views) {
                none if none.is_empty() => none,
                views => format!("; views are {views}"),
            };
            format!("; fields are {}{views}", list(names()))
        }
    };
    format!("must name {what}, `{}` {is_not}{hint}", shown(name))
}
