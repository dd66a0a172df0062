//! What an export of everything takes: time, bytes, and how much more memory than the server had before.

use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Failure;
use crate::child::Server;

/// By how much the server's memory may grow, in KiB.
const MOST: u64 = 20 << 10;

/// How many pieces of the answer are read between two looks at the memory.
const BETWEEN: usize = 16;

/// Exports a collection twice, as the first export also fills the caches that stay, and says what the second took.
pub(crate) async fn measure(server: &Server, collection: &str) -> Result<String, Failure> {
    read(server, collection).await?;
    let before = server.memory()?;
    let start = Instant::now();
    let Export { bytes, rows, peak } = read(server, collection).await?;
    let took = start.elapsed().as_secs_f64();
    let grown = peak.saturating_sub(before);
    let met = if grown < MOST { "yes" } else { "no" };
    Ok(format!(
        "export of {rows} rows: {bytes} bytes in {took:.2} s, {:.0} rows/s; memory of its own {before} KiB before, at most {peak}, \
         so {grown} more (< {MOST}: {met})",
        rows as f64 / took
    ))
}

/// What an export was.
struct Export {
    /// With the framing of chunks.
    bytes: u64,
    rows: u64,
    /// The most memory that the server had meanwhile, in KiB.
    peak: u64,
}

/// Reads an export to its end.
async fn read(server: &Server, collection: &str) -> Result<Export, Failure> {
    let mut stream = TcpStream::connect(server.address()).await?;
    let (host, mut buffer) = (server.address(), vec![0; 64 << 10]);
    let request = format!("GET {collection}:export HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut bytes, mut rows, mut last, mut end) = (0, 0, 0, [0; 7]);
    let mut peak = 0;
    for piece in 0.. {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        if piece % BETWEEN == 0 {
            peak = peak.max(server.memory()?);
        }
        for byte in &buffer[..count] {
            rows += u64::from(last == b'}' && *byte == b'\n');
            last = *byte;
            end.rotate_left(1);
            end[6] = *byte;
        }
        bytes += count as u64;
    }
    // An export that breaks off has no last chunk.
    if end != *b"\r\n0\r\n\r\n" {
        return Err("the export ended without its end".into());
    }
    Ok(Export { bytes, rows, peak })
}
