//! A device registry that was filled through its API, and what can be asked of it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::Failure;
use crate::load::{Connection, Requests};
use crate::scenario::{STRIDE, write_body, write_get};

/// Where the devices are.
pub(crate) const DEVICES: &str = "/api/v1/device-types/bench/devices";
/// How many items a batch has.
pub(crate) const BATCH: u64 = 100;
/// How many elements a page has.
pub(crate) const PAGE: u64 = 50;

/// How many devices are imported by one request; the service commits them in chunks.
const IMPORT: u64 = 20_000;
/// How many elements a page has that is only read for its ids: the most that the service gives.
const IDS_PAGE: usize = 1_000;

/// What requests need to know of a registry; its devices are all below one device type.
#[derive(Debug)]
pub(crate) struct Registry {
    address: SocketAddr,
    host: String,
    /// The next device's number.
    next: AtomicU64,
}

impl Registry {
    /// Creates the device type and imports its devices.
    pub(crate) async fn fill(address: SocketAddr, rows: u64) -> Result<Arc<Self>, Failure> {
        let registry = Self { address, host: address.to_string(), next: AtomicU64::new(rows) };
        let mut connection = Connection::open(address).await?;
        let mut request = Vec::new();
        let body = r#"{"id":"bench","displayName":"Bench"}"#;
        registry.write(&mut request, "/api/v1/device-types", "application/json", u64::MAX, body);
        connection.exchange(&request).await?;
        for first in (0..rows).step_by(IMPORT as usize) {
            let end = rows.min(first + IMPORT);
            let mut lines = String::new();
            for number in first..end {
                let _ = writeln!(lines, "{}", device(number));
            }
            request.clear();
            let import = format!("{DEVICES}:import");
            registry.write(&mut request, &import, "application/x-ndjson", first, &lines);
            connection.exchange(&request).await?;
            if rows > IMPORT {
                eprintln!("{end} of {rows} devices");
            }
        }
        Ok(Arc::new(registry))
    }

    /// The address of a page by its number, from 1, learnt by following the list; the last page where there are fewer.
    pub(crate) async fn page(&self, number: u64) -> Result<String, Failure> {
        let mut connection = Connection::open(self.address).await?;
        let mut page = format!("{DEVICES}?$limit={PAGE}&$count=false");
        for _ in 1..number {
            let Some(next) = self.follow(&mut connection, &page, |_| ()).await? else { break };
            page = next;
        }
        Ok(page)
    }

    /// The ids of all devices.
    pub(crate) async fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut connection = Connection::open(self.address).await?;
        let mut ids = Vec::new();
        let mut page = Some(format!("{DEVICES}?$limit={IDS_PAGE}&$count=false"));
        while let Some(address) = page {
            let take = |device: &Value| ids.extend(device["id"].as_str().map(str::to_owned));
            page = self.follow(&mut connection, &address, take).await?;
        }
        Ok(ids)
    }

    /// Reads a page and gives the address of the next one.
    async fn follow(
        &self,
        connection: &mut Connection,
        page: &str,
        each: impl FnMut(&Value),
    ) -> Result<Option<String>, Failure> {
        let mut request = Vec::new();
        write_get(&mut request, page, &self.host);
        let answer: Value = serde_json::from_slice(connection.exchange(&request).await?)?;
        answer["data"]["values"].as_array().ok_or("a list without values")?.iter().for_each(each);
        let Some(next) = answer["data"]["meta"]["cursorNextLink"].as_str() else { return Ok(None) };
        let (_, path) = next.split_once(&self.host).ok_or("a next link to another host")?;
        Ok(Some(path.to_owned()))
    }

    /// Reads of one address.
    pub(crate) fn get(self: &Arc<Self>, path: String) -> Requests {
        let registry = Arc::clone(self);
        Arc::new(move |out| write_get(out, &path, &registry.host))
    }

    /// Lists of the devices with more parameters, each of which begins with `&`.
    pub(crate) fn list(self: &Arc<Self>, parameters: &str) -> Requests {
        self.get(format!("{DEVICES}?$limit={PAGE}{parameters}"))
    }

    /// Reads of the devices with these ids, in a scattered order.
    pub(crate) fn reads(self: &Arc<Self>, ids: Vec<String>) -> Requests {
        let (registry, visited) = (Arc::clone(self), AtomicU64::new(0));
        Arc::new(move |out| {
            let number = visited.fetch_add(1, Ordering::Relaxed);
            let index = number.wrapping_mul(STRIDE) % ids.len() as u64;
            write_get(out, format_args!("{DEVICES}/{}", ids[index as usize]), &registry.host);
        })
    }

    /// Creates of one device each.
    pub(crate) fn creates(self: &Arc<Self>) -> Requests {
        let registry = Arc::clone(self);
        Arc::new(move |out| {
            let number = registry.next.fetch_add(1, Ordering::Relaxed);
            registry.write(out, DEVICES, "application/json", number, &device(number));
        })
    }

    /// Creates of as many devices as a batch may have.
    pub(crate) fn batches(self: &Arc<Self>) -> Requests {
        let registry = Arc::clone(self);
        let address = format!("{DEVICES}:batchCreate");
        Arc::new(move |out| {
            let first = registry.next.fetch_add(BATCH, Ordering::Relaxed);
            let items: Vec<String> = (first..first + BATCH).map(device).collect();
            let body = format!(r#"{{"items":[{}]}}"#, items.join(","));
            registry.write(out, &address, "application/json", first, &body);
        })
    }

    fn write(&self, out: &mut Vec<u8>, address: &str, media_type: &str, number: u64, body: &str) {
        write_body(out, format_args!("POST {address}"), &self.host, media_type, number, body);
    }
}

/// A device's body. Whose names come one after the other is spread over all numbers.
fn device(number: u64) -> String {
    format!(
        r#"{{"displayName":"Device {}","owner":"owner-{}","serialNumber":"SN-{number:08}","volume":{},"enabled":true,"tags":["bench"]}}"#,
        number.wrapping_mul(48_271) % 1_000_003,
        number % 97,
        number % 11
    )
}
