use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    pub to: String,
}

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn ring(&mut self, _step: Step, _cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
