use rest_standard::prelude::*;

#[resource(singleton = "state", rules)]
pub struct State {
    pub owner: Option<String>,
}

impl Rules for State {
    async fn on_update(&mut self, _before: &Self, _cx: &mut Context<Self>) -> Result<()> {
        Err(Error::failed_precondition("Not yet."))
    }
}

fn main() {}
