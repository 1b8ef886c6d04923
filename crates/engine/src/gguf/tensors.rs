//! The tensor table: names, shapes, types, and where each tensor's data lies.

use std::collections::{HashMap, HashSet};

use super::error::Fault;
use super::kinds::TensorKind;
use super::reader::Reader;

/// `GGML_MAX_NAME` less the zero that ends a name.
const LONGEST_NAME: u64 = 63;
const MOST_DIMENSIONS: u32 = 4;

/// What the table says as a whole.
#[derive(Debug)]
pub(super) struct Tensors {
    /// The type that most of the data is stored in.
    pub(super) most_bytes: &'static str,
}

#[derive(Debug)]
struct Tensor {
    name: String,
    kind: TensorKind,
    bytes: u64,
    offset: u64,
}

/// Reads `count` entries, and holds each one's data against the file's end.
pub(super) fn read(reader: &mut Reader, count: u64, alignment: u64) -> Result<Tensors, Fault> {
    let mut names = HashSet::new();
    let mut tensors = Vec::new();
    for index in 0..count {
        let tensor = read_tensor(reader, index)?;
        if !names.insert(tensor.name.clone()) {
            return Err(Fault::damaged(of(&tensor.name), "stands there twice"));
        }
        tensors.push(tensor);
    }
    check_places(&tensors, reader.position(), reader.length(), alignment)?;
    Ok(Tensors { most_bytes: most_bytes(&tensors) })
}

fn read_tensor(reader: &mut Reader, index: u64) -> Result<Tensor, Fault> {
    let name = reader.string(LONGEST_NAME, &|| format!("the name of tensor {index}"))?;
    if name.is_empty() || name.contains('\0') {
        return Err(Fault::damaged(format!("the name of tensor {index}"), "is empty or holds a zero byte"));
    }
    let dimensions = reader.u32(&|| format!("the number of dimensions of {}", of(&name)))?;
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        return Err(Fault::damaged(
            of(&name),
            format!("has {dimensions} dimensions, 1 to {MOST_DIMENSIONS} are allowed"),
        ));
    }
    let mut shape = [1; MOST_DIMENSIONS as usize];
    for size in &mut shape[..dimensions as usize] {
        *size = reader.u64(&|| format!("the shape of {}", of(&name)))?;
    }
    let code = reader.u32(&|| format!("the type of {}", of(&name)))?;
    let kind = TensorKind::from_code(code)
        .ok_or_else(|| Fault::damaged(of(&name), format!("has type {code}, which there is not")))?;
    // Norms and biases are combined with 32-bit floats, and with nothing else: llama.cpp aborts.
    if !kind.is_of_weights() || (dimensions == 1 && kind.name != "F32") {
        let why = format!("is stored as {}, which llama.cpp cannot compute with there", kind.name);
        return Err(Fault::damaged(of(&name), why));
    }
    let bytes = bytes(shape, kind)
        .ok_or_else(|| Fault::damaged(of(&name), format!("has the impossible shape {shape:?} for {}", kind.name)))?;
    let offset = reader.u64(&|| format!("the offset of {}", of(&name)))?;
    Ok(Tensor { name, kind, bytes, offset })
}

/// The size of a tensor; `None` where a row is no whole number of blocks, or the size is beyond what ggml counts in.
fn bytes(shape: [u64; 4], kind: TensorKind) -> Option<u64> {
    if shape.contains(&0) || !shape[0].is_multiple_of(kind.elements) {
        return None;
    }
    let elements = shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))?;
    let bytes = (elements / kind.elements).checked_mul(kind.bytes)?;
    let countable = i64::MAX as u64;
    (elements <= countable && bytes <= countable).then_some(bytes)
}

/// Each tensor starts where the one before it ends, padded, and ends inside the file.
fn check_places(tensors: &[Tensor], table_end: u64, length: u64, alignment: u64) -> Result<(), Fault> {
    let data = table_end.next_multiple_of(alignment);
    let mut expected = 0_u64;
    for tensor in tensors {
        if !tensor.offset.is_multiple_of(alignment) {
            return Err(Fault::damaged(
                of(&tensor.name),
                format!("has offset {}, no multiple of {alignment}", tensor.offset),
            ));
        }
        let end = data.saturating_add(tensor.offset).saturating_add(tensor.bytes);
        if end > length {
            return Err(Fault::Truncated { what: of(&tensor.name), end, length });
        }
        if tensor.offset != expected {
            return Err(Fault::damaged(
                of(&tensor.name),
                format!("has offset {}, {expected} is expected", tensor.offset),
            ));
        }
        expected = (tensor.offset + tensor.bytes).next_multiple_of(alignment);
    }
    Ok(())
}

fn most_bytes(tensors: &[Tensor]) -> &'static str {
    let mut sums: HashMap<&'static str, u64> = HashMap::new();
    for tensor in tensors {
        *sums.entry(tensor.kind.name).or_default() += tensor.bytes;
    }
    sums.into_iter().max_by_key(|&(name, bytes)| (bytes, name)).map_or("", |(name, _)| name)
}

fn of(name: &str) -> String {
    format!("tensor {name:?}")
}
