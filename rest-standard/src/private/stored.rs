//! What generated code says of a column that is, or was, not what its field says.

use super::Column;

impl<T> Column<T> {
    /// Is called otherwise, in an existing table.
    #[must_use]
    pub const fn column(mut self, column: &'static str) -> Self {
        self.field.column = column;
        self
    }

    /// Holds texts in place of the numbers of an enum's variants, in an existing table.
    #[must_use]
    pub const fn variant_texts(mut self, texts: &'static [(&'static str, &'static str)]) -> Self {
        self.field.texts = Some(texts);
        self
    }

    /// Was called otherwise.
    #[must_use]
    pub const fn renamed_from(mut self, column: &'static str) -> Self {
        self.field.renamed_from = Some(column);
        self
    }

    /// Held values of another kind.
    #[must_use]
    pub const fn converted_from(mut self, kind: &'static str) -> Self {
        self.field.converted_from = Some(kind);
        self
    }
}
