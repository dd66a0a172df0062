use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn state(&self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

#[resource(singleton = "state", parent = Device)]
pub struct State {
    pub mode: Option<String>,
}

fn main() {}
