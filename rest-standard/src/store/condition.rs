//! What a row must be for a scan to give it: a filter after its types were checked.
//!
//! Logic has two values. A test of an absent value fails, and `Not` turns exactly that round, so a store whose database
//! knows a third value MUST render the negation of a test as true for null.

use crate::{descriptor::FieldKind, store::Column, value::Value};

/// A condition on one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of them hold; none is a condition that always holds.
    All(Vec<Self>),
    /// At least one of them holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A value passes a test.
    Test(Place, Test),
}

/// Where in a row a value is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The column.
    pub column: Column,
    /// The way into the JSON of a nested value; empty for the column's own value.
    pub steps: Vec<Step>,
    /// The type of the value.
    pub kind: FieldKind,
}

/// The type follows from the way.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        (self.column, &self.steps) == (other.column, &other.steps)
    }
}

/// One step into a nested value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the declared member of an object.
    Member(&'static str),
    /// Into the value of a map under a client's key.
    Key(String),
    /// Into any element of a list: one that passes the test is enough.
    Element,
}

/// What is asked of a value. Values are of the place's type and never null.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is there.
    Present,
    /// It is a list or a map with something in it.
    Filled,
    /// It equals.
    Equal(Value),
    /// It is less.
    Less(Value),
    /// It is less or equal.
    AtMost(Value),
    /// It is greater.
    Greater(Value),
    /// It is greater or equal.
    AtLeast(Value),
    /// It is a text that begins with this.
    StartsWith(String),
    /// It is a text that ends with this.
    EndsWith(String),
    /// It is a text that has this in it.
    Contains(String),
}
