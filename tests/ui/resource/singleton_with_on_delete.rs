use rest_standard::prelude::*;

#[resource(singleton = "state", rules)]
pub struct State {
    pub owner: Option<String>,
}

impl Rules for State {
    async fn on_delete(&self, _cx: &mut Context<Self>) -> Result<()> {
        Err(Error::failed_precondition("Not yet."))
    }
}

fn main() {}
