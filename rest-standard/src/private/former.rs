//! What generated code says of a column that was another one in an earlier release.

use super::Column;

impl<T> Column<T> {
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
