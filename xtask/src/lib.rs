//! What the project's tasks share with its other programs: running programs, and servers of Postgres.

pub mod command;
pub mod postgres;
