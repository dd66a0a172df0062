//! Generated code means its own `Result`, `Option`, `Some`… whatever these words mean where it stands.

#![allow(dead_code, non_snake_case)]

mod shadows {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Default;
    pub trait Into {}
    pub trait From {}
    pub trait Clone {}
    pub trait Copy {}
    pub trait Debug {}
    pub trait Send {}
    pub fn Some() {}
    pub fn None() {}
    pub fn Ok() {}
    pub fn Err() {}
    pub fn drop() {}
    macro_rules! vec {
        () => {
            compile_error!("the user's `vec!`")
        };
    }
    macro_rules! assert {
        () => {
            compile_error!("the user's `assert!`")
        };
    }
    pub(crate) use {assert, vec};
}
use rest_standard::{
    context::Context, custom_methods, resource, resource::Rules, resource_enum, resource_value,
};
use shadows::*;

#[resource(collection = "devices", changes)]
pub struct Device {
    #[field(length = 1..=64, default = "none", filter, order)]
    pub display_name: std::string::String,
    #[field(range = 0..=10, default = std::option::Option::Some(5))]
    pub volume: std::option::Option<i64>,
    #[field(pattern = "[a-z]+", format = email)]
    pub owner: std::string::String,
    #[cfg(not(target_os = "none"))]
    pub tags: std::vec::Vec<std::string::String>,
    pub last: bool,
}

#[resource(singleton = "state", parent = Device, rules)]
pub struct State {
    pub mode: Mode,
}

impl Rules for State {}

#[resource_enum]
pub enum Mode {
    Off,
    On,
}

#[resource_value]
pub struct Step {
    pub to: Mode,
}

#[custom_methods]
impl State {
    #[custom_method(when = self.mode == Mode::On)]
    async fn step(&mut self, input: Step, _cx: &mut Context<Self>) -> rest_standard::error::Result<Step> {
        std::result::Result::Ok(Step { to: input.to })
    }
}

pub fn main() {}
