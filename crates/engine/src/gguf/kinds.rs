//! The numbers that a GGUF uses for the types of its values and tensors.
//!
//! Source: ggml's `ggml.h`, `ggml-common.h`, `gguf.h` and llama.cpp's `llama.h`, of the llama.cpp that this crate
//! builds.

/// The type of a metadata value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    Unsigned(u8),
    Signed(u8),
    Float(u8),
    Bool,
    String,
    Array,
}

impl ValueKind {
    pub(super) fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::Unsigned(1),
            1 => Self::Signed(1),
            2 => Self::Unsigned(2),
            3 => Self::Signed(2),
            4 => Self::Unsigned(4),
            5 => Self::Signed(4),
            6 => Self::Float(4),
            7 => Self::Bool,
            8 => Self::String,
            9 => Self::Array,
            10 => Self::Unsigned(8),
            11 => Self::Signed(8),
            12 => Self::Float(8),
            _ => return None,
        })
    }

    /// Bytes of one value; `None` where they are not the same for all.
    pub(super) fn width(self) -> Option<u8> {
        match self {
            Self::Unsigned(width) | Self::Signed(width) | Self::Float(width) => Some(width),
            Self::Bool => Some(1),
            Self::String | Self::Array => None,
        }
    }
}

/// How a tensor's elements are stored: so many of them in a block of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TensorKind {
    pub(super) name: &'static str,
    pub(super) elements: u64,
    pub(super) bytes: u64,
}

impl TensorKind {
    pub(super) fn from_code(code: u32) -> Option<Self> {
        let kind = |name, elements, bytes| Some(Self { name, elements, bytes });
        match code {
            0 => kind("F32", 1, 4),
            1 => kind("F16", 1, 2),
            2 => kind("Q4_0", 32, 18),
            3 => kind("Q4_1", 32, 20),
            6 => kind("Q5_0", 32, 22),
            7 => kind("Q5_1", 32, 24),
            8 => kind("Q8_0", 32, 34),
            9 => kind("Q8_1", 32, 36),
            10 => kind("Q2_K", 256, 84),
            11 => kind("Q3_K", 256, 110),
            12 => kind("Q4_K", 256, 144),
            13 => kind("Q5_K", 256, 176),
            14 => kind("Q6_K", 256, 210),
            15 => kind("Q8_K", 256, 292),
            16 => kind("IQ2_XXS", 256, 66),
            17 => kind("IQ2_XS", 256, 74),
            18 => kind("IQ3_XXS", 256, 98),
            19 => kind("IQ1_S", 256, 50),
            20 => kind("IQ4_NL", 32, 18),
            21 => kind("IQ3_S", 256, 110),
            22 => kind("IQ2_S", 256, 82),
            23 => kind("IQ4_XS", 256, 136),
            24 => kind("I8", 1, 1),
            25 => kind("I16", 1, 2),
            26 => kind("I32", 1, 4),
            27 => kind("I64", 1, 8),
            28 => kind("F64", 1, 8),
            29 => kind("IQ1_M", 256, 56),
            30 => kind("BF16", 1, 2),
            34 => kind("TQ1_0", 256, 54),
            35 => kind("TQ2_0", 256, 66),
            39 => kind("MXFP4", 32, 17),
            40 => kind("NVFP4", 64, 36),
            41 => kind("Q1_0", 128, 18),
            42 => kind("Q2_0", 64, 18),
            _ => None,
        }
    }
}

impl TensorKind {
    /// Whether weights are stored so. What llama.cpp multiplies a matrix with while it computes, and whole numbers, it has no
    /// product for: it aborts.
    pub(super) fn is_of_weights(self) -> bool {
        !matches!(self.name, "Q8_1" | "Q8_K" | "I8" | "I16" | "I32" | "I64" | "F64")
    }
}

/// The name of `general.file_type`: which mix of tensor types a quantisation is.
pub(super) fn mix(file_type: u64) -> Option<&'static str> {
    /// Set where the writer only guessed.
    const GUESSED: u64 = 1024;
    Some(match file_type & !GUESSED {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        _ => return None,
    })
}
