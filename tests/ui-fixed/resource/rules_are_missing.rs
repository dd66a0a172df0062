use rest_standard::prelude::*;

#[resource(collection = "devices", rules)]
pub struct Device {
    pub owner: String,
}

impl Rules for Device {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
