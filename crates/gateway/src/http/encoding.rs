//! `Content-Encoding` of a request: what is packed is unpacked here, and no further than a body may go.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use ruzstd::decoding::StreamingDecoder;

use super::error::Error;

/// How often a body may be packed. Nobody does it twice but to cost us time.
const LAYERS: usize = 2;
const BUFFER: usize = 16 * 1024;

/// One layer (RFC 9110, 8.4.1; `br`: RFC 7932; `zstd`: RFC 8878).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The layers that `headers` name, the outermost first.
pub(super) fn layers(headers: &HeaderMap) -> Result<Vec<Encoding>, Error> {
    let mut layers = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = value.to_str().map_err(|_| Error::unknown_encoding("?"))?;
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match &*name.to_ascii_lowercase() {
                "identity" => {}
                "gzip" | "x-gzip" => layers.push(Encoding::Gzip),
                "deflate" => layers.push(Encoding::Deflate),
                "br" => layers.push(Encoding::Brotli),
                "zstd" => layers.push(Encoding::Zstd),
                _ => return Err(Error::unknown_encoding(name)),
            }
        }
    }
    if layers.len() > LAYERS {
        return Err(Error::unknown_encoding("several layers"));
    }
    layers.reverse();
    Ok(layers)
}

/// Unpacks `packed`, on a thread of its own: nobody else's tokens wait for it.
pub(super) async fn unpack(packed: Bytes, layers: Vec<Encoding>, largest: usize) -> Result<Bytes, Error> {
    let unpack = move || layers.into_iter().try_fold(packed, |packed, layer| layer.unpack(&packed, largest));
    tokio::task::spawn_blocking(unpack).await.map_err(|_| Error::unreadable())?
}

impl Encoding {
    fn unpack(self, packed: &[u8], largest: usize) -> Result<Bytes, Error> {
        let unpacked = match self {
            Self::Gzip => bounded(MultiGzDecoder::new(packed), largest),
            // The standard's `deflate` is zlib's form; some clients send the bare one.
            Self::Deflate if is_zlib(packed) => bounded(ZlibDecoder::new(packed), largest),
            Self::Deflate => bounded(DeflateDecoder::new(packed), largest),
            Self::Brotli => bounded(Decompressor::new(packed, BUFFER), largest),
            Self::Zstd => {
                StreamingDecoder::new(packed).map_err(io::Error::other).and_then(|frame| bounded(frame, largest))
            }
        };
        let unpacked = unpacked.map_err(|_| Error::not_packed_so(self))?;
        if unpacked.len() > largest { Err(Error::too_large(largest)) } else { Ok(unpacked.into()) }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// RFC 1950, 2.2: method 8, and a check that makes the first two bytes a multiple of 31.
fn is_zlib(packed: &[u8]) -> bool {
    matches!(packed, [method, flags, ..] if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// All that there is, and at most one byte more than may be.
fn bounded(unpacked: impl Read, largest: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked.take(largest as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
