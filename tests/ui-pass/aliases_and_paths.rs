//! Types and macros behind aliases, renamed imports and long paths.

use rest_standard as rs;
use rs::{context::Context as Cx, custom_methods as verbs, error::Error, resource as node};

type Name = Option<String>;
type Answer<T> = rs::error::Result<T>;
type StepResult = Step;
pub type ApiResult<T> = Result<T, Error>;

#[node(collection = "devices")]
pub struct Device {
    pub name: Name,
    pub counts: std::collections::BTreeMap<String, std::vec::Vec<core::option::Option<i64>>>,
    pub at: rs::prelude::Timestamp,
    pub step: Option<self::nested::Deep>,
}

#[rs::resource_value]
pub struct Step {
    pub to: String,
}

pub mod nested {
    #[rest_standard::resource_value]
    pub struct Deep {
        pub step: super::Step,
    }
}

#[verbs]
impl self::Device {
    #[rs::custom_method]
    async fn one(&mut self, input: self::nested::Deep, _cx: &mut Cx<Self>) -> ApiResult<StepResult> {
        Ok(input.step)
    }

    #[rest_standard::custom_method]
    async fn two(&mut self, _cx: &mut Cx<Device>) -> core::result::Result<(), Error> {
        Ok(())
    }
}

pub fn main() {
    let _: Option<Answer<()>> = None;
}
