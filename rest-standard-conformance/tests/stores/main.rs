//! The kit itself: a store in a page that passes, and stores that forget one thing each and do not.

mod json_lines;
mod wrong;
