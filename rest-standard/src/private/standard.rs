//! Fields whose names mean the same in every service.

use super::{Column, FieldDescriptor, FieldKind, Format, text::Text};

impl<T> Column<T> {
    /// Has a name that means a text in every service.
    ///
    /// # Panics
    ///
    /// In a constant, so that it does not compile: where it is of another type.
    #[track_caller]
    pub const fn standard_text(self) -> Self {
        if !matches!(self.field.kind, FieldKind::Text) {
            not_standard(&self.field, "a text", "`String` or `Option<String>`");
        }
        self
    }

    /// The same with a form.
    ///
    /// # Panics
    ///
    /// In a constant, so that it does not compile: where it is of another type.
    #[track_caller]
    pub const fn standard_format(self, format: Format) -> Self {
        let mut column = self.standard_text();
        column.field.format = Some(format);
        column
    }

    /// Has a name that means texts under keys in every service.
    ///
    /// # Panics
    ///
    /// In a constant, so that it does not compile: where it is of another type.
    #[track_caller]
    pub const fn labels(self) -> Self {
        let is_map = match self.field.kind {
            FieldKind::Map(element) => matches!(element.kind, FieldKind::Text) && !element.nullable,
            _ => false,
        };
        if !is_map {
            not_standard(&self.field, "a map of texts", "`BTreeMap<String, String>`");
        }
        self
    }
}

#[track_caller]
const fn not_standard(field: &FieldDescriptor, what: &str, types: &str) -> ! {
    let text = Text::new("[RS501] a field called `")
        .and(field.name)
        .and("` must be ")
        .and(what)
        .and("\nnote: the name means the same in every service\nhelp: make its type ")
        .and(types)
        .and(", or give the field another name");
    panic!("{}", text.as_str());
}
