//! Empty.

// README and the chapters of the book as doc tests; `build.rs` lists them.
include!(concat!(env!("OUT_DIR"), "/book.rs"));
