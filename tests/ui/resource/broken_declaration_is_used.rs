use rest_standard::prelude::*;

#[resource(collection = "device")]
pub struct Device {
    pub owner: String,
}

#[resource(singleton = "state", parent = Device, rules)]
pub struct State {
    pub mode: Option<String>,
}

impl Rules for State {
    async fn on_update(&mut self, _before: &Self, cx: &mut Context<Self>) -> Result<()> {
        let device: Device = cx.read(&cx.parent::<Device>()).await?;
        self.mode = Some(device.owner);
        Ok(())
    }
}

fn main() {}
