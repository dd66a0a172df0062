//! Tables that were there before the service.

/// Where the resources of a collection are, when the framework did not make their table.
///
/// The framework adds nothing to such a table and takes nothing away. What it has no column for is absent from the resources:
/// a table without a column for `created_by` gives resources without `createdBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistingTable {
    /// The name of the table or view.
    pub name: &'static str,
    /// The columns that hold the last ids of a path, the resource's own last. The ids before them are found through the tables
    /// of the resources above.
    pub key: &'static [&'static str],
    /// The column of `createdAt`.
    pub created_at: Option<&'static str>,
    /// The column of `createdBy`.
    pub created_by: Option<&'static str>,
    /// The column of `updatedAt`.
    pub updated_at: Option<&'static str>,
    /// The column of `updatedBy`.
    pub updated_by: Option<&'static str>,
}
