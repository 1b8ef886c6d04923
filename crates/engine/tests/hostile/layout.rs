//! Where the fields of a GGUF lie: a second reader, which shares no line with the one that is tested, and trusts its file.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// A tokenizer's arrays have some fifty thousand strings: the first of each stand for all.
const STRINGS: u64 = 2;
/// Of some hundred tensors so many at the start, and the last one.
const TENSORS: u64 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Count,
    NameLength,
    Kind,
    TextLength,
    ArrayLength,
    Dimensions,
    Shape,
    TensorKind,
    Offset,
}

/// A field of the structure: what says how the file goes on.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) at: u64,
    /// Bytes.
    pub(crate) width: usize,
    pub(crate) role: Role,
    pub(crate) of: String,
}

pub(crate) struct Layout {
    pub(crate) fields: Vec<Field>,
    values: HashMap<String, u64>,
    /// Where the table of tensors ends.
    pub(crate) end: u64,
}

impl Layout {
    pub(crate) fn of(file: &File) -> Self {
        let mut reader = Reader { file, at: 8, fields: Vec::new() };
        let tensors = reader.field(8, Role::Count, "tensors");
        let keys = reader.field(8, Role::Count, "keys");
        let values = (0..keys).map(|_| reader.key()).collect();
        for index in 0..tensors {
            let seen = reader.fields.len();
            reader.tensor();
            if (TENSORS..tensors - 1).contains(&index) {
                reader.fields.truncate(seen);
            }
        }
        Self { fields: reader.fields, values, end: reader.at }
    }

    /// Where the value of `key` stands; of a text, its first byte.
    pub(crate) fn value_of(&self, key: &str) -> u64 {
        self.values[key]
    }
}

struct Reader<'a> {
    file: &'a File,
    at: u64,
    fields: Vec<Field>,
}

impl Reader<'_> {
    fn number(&mut self, width: usize) -> u64 {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes[..width], self.at).expect("a whole file");
        self.at += width as u64;
        u64::from_le_bytes(bytes)
    }

    fn field(&mut self, width: usize, role: Role, of: &str) -> u64 {
        self.fields.push(Field { at: self.at, width, role, of: of.to_owned() });
        self.number(width)
    }

    fn text(&mut self, role: Role, of: &str) -> String {
        let length = self.field(8, role, of);
        let mut bytes = vec![0; usize::try_from(length).expect("a length")];
        self.file.read_exact_at(&mut bytes, self.at).expect("a whole file");
        self.at += length;
        String::from_utf8(bytes).expect("UTF-8")
    }

    /// Its name, and where its value stands.
    fn key(&mut self) -> (String, u64) {
        let name = self.text(Role::NameLength, "a key");
        let kind = self.field(4, Role::Kind, &name);
        let value = match kind {
            8 => {
                let at = self.at + 8;
                self.text(Role::TextLength, &name);
                at
            }
            9 => self.array(&name),
            _ => {
                let at = self.at;
                self.at += width(kind);
                at
            }
        };
        (name, value)
    }

    fn array(&mut self, name: &str) -> u64 {
        let kind = self.field(4, Role::Kind, name);
        let count = self.field(8, Role::ArrayLength, name);
        let at = self.at;
        if kind != 8 {
            self.at += width(kind) * count;
            return at;
        }
        for index in 0..count {
            let seen = self.fields.len();
            self.text(Role::TextLength, name);
            if index >= STRINGS {
                self.fields.truncate(seen);
            }
        }
        at
    }

    fn tensor(&mut self) {
        let name = self.text(Role::NameLength, "a tensor");
        let dimensions = self.field(4, Role::Dimensions, &name);
        for _ in 0..dimensions {
            self.field(8, Role::Shape, &name);
        }
        self.field(4, Role::TensorKind, &name);
        self.field(8, Role::Offset, &name);
    }
}

fn width(kind: u64) -> u64 {
    match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        other => panic!("type {other}"),
    }
}
