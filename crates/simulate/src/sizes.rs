//! How long prompts and answers are, and how long a tier takes to its first byte.

use crate::draws::Draws;

/// The 95th percentile of a normal distribution lies so many deviations above its mean.
const P95: f64 = 1.644_853_626_951_472_7;

/// Whole numbers that follow some distribution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sizes {
    /// One of these, each as often as another.
    Listed(Vec<u32>),
    /// Log-normal: the logarithm is normally distributed, as it is of the lengths of what people and models write.
    LogNormal {
        /// Half of all are larger.
        median: f64,
        /// The deviation of the logarithm.
        deviation: f64,
    },
}

impl Sizes {
    pub(crate) fn fixed(size: u32) -> Self {
        Self::Listed(vec![size])
    }

    /// Log-normal, where half are larger than `median` and one in twenty is larger than `p95`.
    pub(crate) fn log_normal(median: u32, p95: u32) -> Self {
        let median = f64::from(median.max(1));
        Self::LogNormal { median, deviation: libm::log((f64::from(p95) / median).max(1.0)) / P95 }
    }

    pub(crate) fn draw(&self, random: &mut Draws) -> u32 {
        match self {
            Self::Listed(sizes) => sizes[random.index(sizes.len())],
            // Within what a token count can be: `as` stops at the largest.
            Self::LogNormal { median, deviation } => (median * libm::exp(deviation * random.normal())).round() as u32,
        }
    }

    /// The size that half of all exceed, and the one that one in twenty does.
    pub(crate) fn median_and_p95(&self) -> (u32, u32) {
        match self {
            Self::Listed(sizes) => {
                let mut sizes = sizes.clone();
                sizes.sort_unstable();
                let at = |percent: usize| sizes[(sizes.len() * percent).div_ceil(100).saturating_sub(1)];
                (at(50), at(95))
            }
            Self::LogNormal { median, deviation } => {
                (median.round() as u32, (median * libm::exp(P95 * deviation)).round() as u32)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_are_above_the_median_and_one_in_twenty_above_p95() {
        let sizes = Sizes::log_normal(600, 2_400);
        let mut random = Draws::of(1, &[]);
        let drawn: Vec<u32> = (0..100_000).map(|_| sizes.draw(&mut random)).collect();
        let above = |bound| drawn.iter().filter(|&&size| size > bound).count();
        assert!((49_000..51_000).contains(&above(600)), "{}", above(600));
        assert!((4_700..5_300).contains(&above(2_400)), "{}", above(2_400));
        assert_eq!(sizes.median_and_p95(), (600, 2_400));
    }

    #[test]
    fn a_list_gives_what_is_on_it() {
        let sizes = Sizes::Listed(vec![10, 20, 30]);
        let mut random = Draws::of(1, &[]);
        let mut drawn: Vec<u32> = (0..100).map(|_| sizes.draw(&mut random)).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn, [10, 20, 30]);
        assert_eq!(sizes.median_and_p95(), (20, 30));
    }
}
