use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

impl Device {
    #[custom_methods]
    async fn lock(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
