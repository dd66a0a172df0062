use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn export(_cx: &mut Context<Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
