use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_method]
impl Device {
    async fn ring(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
