//! Two releases on one database: a rolling upgrade and its way back, with the programs of both.
//!
//! `lamps-before` and `lamps-after` run as processes of their own and are asked over HTTP, by clients that send a request
//! again under its id until it has a definite answer. Whatever they are answered is compared with what is there in the end.

mod check;
mod client;
mod fleet;
mod postgres;
mod program;
mod turns;
mod words;
mod work;

const LAMPS: &str = "/api/v1/lamps";
