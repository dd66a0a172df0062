//! A generated client that drives a running device registry; the first argument is the address of its entry point.

// The client is a whole API, of which this program calls a part.
#[allow(dead_code, unused_imports, clippy::all)]
mod registry {
    include!(concat!(env!("OUT_DIR"), "/registry.rs"));
}

use std::{collections::BTreeSet, env, error::Error, result::Result};

use registry::{
    Client, Error as Refused,
    types::{ApiErrorInfoReason, Device, DeviceOrNothing, DeviceStateResponse, Mode},
};
use reqwest::Url;
use uuid::Uuid;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const KIND: &str = "rust-client";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let root = env::args().nth(1).ok_or("the address of the entry point is missing")?;
    let client = Client::new(&root);
    let devices = create(&client).await?;
    pages(&client, &devices).await?;
    update(&client, devices[0]).await?;
    custom_methods(&client, devices[0]).await?;
    refusal(&client).await?;
    dry_run(&client, devices.len()).await
}

/// A device type and five devices; the first one is sent twice.
async fn create(client: &Client) -> Outcome<Vec<Uuid>> {
    // book: create
    let kind = client
        .create_device_type()
        .body_map(|body| body.id("rust-client").display_name("Made by a client"))
        .send()
        .await?;
    // book: end
    assert_eq!(kind.status(), 201);
    let mut devices = Vec::new();
    for number in 1..=5 {
        let device = create_device(client, number).await?;
        devices.push(device.id);
    }
    let again = create_device(client, 1).await?;
    assert_eq!(again.id, devices[0], "a request id makes one device, however often it is sent");
    println!("created {KIND} with {} devices", devices.len());
    Ok(devices)
}

async fn create_device(client: &Client, number: u32) -> Outcome<Device> {
    // book: retry
    let mut attempts = 0;
    let created = loop {
        attempts += 1;
        let sent = client
            .create_device()
            .device_type_id("rust-client")
            .request_id(format!("rust-client-device-{number}"))
            .body_map(|body| {
                body.display_name(format!("Device {number}"))
                    .owner("amira")
                    .serial_number(format!("RC-{number:04}"))
            })
            .send()
            .await;
        match sent {
            Err(Refused::ErrorResponse(refused)) if refused.status.additional_info.retry && attempts < 3 => {}
            Err(Refused::CommunicationError(_)) if attempts < 3 => {}
            other => break other?,
        }
    };
    // book: end
    resource(created.into_inner().data.values)
}

/// A create answers with the resource, or with nothing after a dry run.
fn resource(values: DeviceOrNothing) -> Outcome<Device> {
    values.subtype_0.ok_or_else(|| "there is no device in the answer".into())
}

async fn pages(client: &Client, devices: &[Uuid]) -> Outcome {
    // book: pages
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut list = client.list_devices().device_type_id("rust-client").limit(2_u64);
        if let Some(cursor) = cursor {
            list = list.cursor(cursor);
        }
        let page = list.send().await?.into_inner().data;
        seen.push(page.values);
        let Some(next) = page.meta.cursor_next_link else { break };
        let next = Url::parse(&next)?;
        cursor = next.query_pairs().find(|(name, _)| name == "$cursor").map(|(_, value)| value.into_owned());
    }
    // book: end
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    let ids: BTreeSet<_> = seen.iter().flatten().map(|device| device.id).collect();
    assert_eq!(ids, devices.iter().copied().collect());
    println!("listed {} devices on {} pages", ids.len(), seen.len());
    Ok(())
}

async fn update(client: &Client, id: Uuid) -> Outcome {
    // book: update
    let device = client.read_device().device_type_id("rust-client").device_id(id).send().await?;
    let etag = device.into_inner().data.values.etag;
    let louder = client
        .patch_device()
        .device_type_id("rust-client")
        .device_id(id)
        .if_match(etag.clone())
        .body_map(|body| body.volume(9))
        .send()
        .await?;
    // book: end
    let louder = louder.into_inner().data.values;
    assert_eq!(louder.volume, 9);
    assert_ne!(louder.etag, etag);
    let stale = client
        .patch_device()
        .device_type_id(KIND)
        .device_id(id)
        .if_match(etag)
        .body_map(|body| body.volume(1))
        .send()
        .await;
    let Err(Refused::ErrorResponse(refused)) = stale else { return Err("an old tag was taken".into()) };
    assert_eq!(refused.status(), 412);
    assert_eq!(refused.status.additional_info.reason, ApiErrorInfoReason::PreconditionFailed);
    println!("updated with If-Match, and was refused with the old tag");
    Ok(())
}

async fn custom_methods(client: &Client, id: Uuid) -> Outcome {
    let mode = |answer: DeviceStateResponse| answer.data.values.mode;
    let early = client.ring_device_state().device_type_id(KIND).device_id(id).send().await;
    let Err(Refused::ErrorResponse(refused)) = early else { return Err("a device that is off rings".into()) };
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.status.additional_info.reason, ApiErrorInfoReason::FailedPrecondition);
    // book: custom
    let state = client
        .transition_device_state()
        .device_type_id("rust-client")
        .device_id(id)
        .body_map(|body| body.to(Mode::On))
        .send()
        .await?;
    // book: end
    assert_eq!(mode(state.into_inner()), Mode::On);
    let state = client.ring_device_state().device_type_id(KIND).device_id(id).send().await?;
    assert_eq!(mode(state.into_inner()), Mode::Ring);
    println!("switched a device on and let it ring");
    Ok(())
}

async fn refusal(client: &Client) -> Outcome {
    // book: refusal
    let sent = client
        .create_device()
        .device_type_id("rust-client")
        .body_map(|body| body.display_name("Too loud").owner("amira").serial_number("RC-9999").volume(11))
        .send()
        .await;
    match sent {
        Err(Refused::ErrorResponse(refused)) => {
            let info = &refused.status.additional_info;
            println!("{}: {}", info.reason, refused.status.description);
            for fault in &info.errors {
                println!("  {}: {}", fault.pointer.as_deref().unwrap_or_default(), fault.detail);
            }
        }
        other => drop(other?),
    }
    // book: end
    let again = client
        .create_device()
        .device_type_id(KIND)
        .body_map(|body| body.display_name("Too loud").owner("amira").serial_number("RC-9999").volume(11))
        .send()
        .await;
    let Err(Refused::ErrorResponse(refused)) = again else { return Err("11 was taken".into()) };
    assert_eq!(refused.status(), 422);
    let info = &refused.status.additional_info;
    assert_eq!(info.reason, ApiErrorInfoReason::InvalidValue);
    assert_eq!(
        info.errors.iter().map(|fault| fault.pointer.as_deref()).collect::<Vec<_>>(),
        [Some("/volume")]
    );
    Ok(())
}

async fn dry_run(client: &Client, before: usize) -> Outcome {
    let planned = client
        .create_device()
        .device_type_id(KIND)
        .validate(true)
        .body_map(|body| body.display_name("Planned").owner("amira").serial_number("RC-1000"))
        .send()
        .await?
        .into_inner();
    assert!(planned.data.values.subtype_0.is_none());
    assert_eq!(planned.data.meta.validated, Some(true));
    assert_eq!(planned.data.meta.preview["displayName"], "Planned");
    let list = client.list_devices().device_type_id(KIND).limit(0_u64).send().await?;
    assert_eq!(list.into_inner().data.meta.total_count, Some(i64::try_from(before)?));
    println!("planned a device, and made none");
    Ok(())
}
