//! What a world draws everything from: its seed gives the same world for ever.

/// The core's generator; a stream of its own.
pub(crate) struct Random(cascade::Random);

impl Random {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(cascade::Random::seeded(seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1)))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0.number()
    }

    /// From `least` up to and including `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.number() % (most - least + 1)
    }

    /// As [`Random::between`], for what the core counts.
    pub(crate) fn count(&mut self, least: u32, most: u32) -> u32 {
        least + u32::try_from(self.number() % u64::from(most - least + 1)).expect("within u32")
    }

    /// Whether something that happens `percent` times in a hundred does.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.number() % 100 < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// An index into something of so many parts.
    pub(crate) fn index(&mut self, parts: usize) -> usize {
        usize::try_from(self.number() % parts as u64).expect("less than an index")
    }
}
