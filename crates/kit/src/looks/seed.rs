//! Where an ornament's shapes come from: the page's name, and nothing else, so that the same page always looks the same.

/// A row of numbers that a name leads to.
#[derive(Debug, Clone)]
pub(crate) struct Seed(u64);

impl Seed {
    /// FNV-1a (Fowler, Noll, Vo) over the name.
    pub(crate) fn of(name: &str) -> Self {
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// The next number: splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let end = u64::from(end.max(1));
        u32::try_from((self.next() >> 32) % end).unwrap_or_default()
    }

    /// A number from `from` to `to`.
    pub(crate) fn between(&mut self, from: f32, to: f32) -> f32 {
        let part = f32::from(u16::try_from(self.next() >> 48).unwrap_or_default()) / f32::from(u16::MAX);
        from + (to - from) * part
    }
}
