//! Books that are lent and taken back: a whole service.

use rest_standard::prelude::*;

/// A book of the library.
#[resource(collection = "books", changes)]
#[derive(Debug)]
pub struct Book {
    /// The title on the cover.
    #[field(length = 1..=200, filter, order)]
    pub title: String,
    /// Whether it is on the shelf.
    #[field(output_only, filter)]
    pub status: Status,
}

/// Where a book is.
#[resource_enum]
pub enum Status {
    /// On the shelf.
    Available = 0,
    /// With a reader.
    Lent,
}

#[custom_methods]
impl Book {
    /// Lends the book to a reader.
    #[custom_method(when = self.status == Status::Available)]
    async fn lend(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        self.status = Status::Lent;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    Service::new("quickstart").version("v1", |api| api.resource::<Book>()).run().await
}
