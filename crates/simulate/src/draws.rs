//! What a simulation draws everything from: a seed gives the same numbers for ever, on every machine.

use cascade::Random;

/// The core's generator, and the distributions that traffic is of. The logarithms and the cosine are `libm`'s, written in Rust:
/// those of the system differ in their last bits from one machine to the next.
#[derive(Clone, Debug)]
pub(crate) struct Draws(Random);

/// Spreads the numbers that a stream is of.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draws {
    /// What belongs to the numbers `of` alone, in whichever order things happen: with the same seed, what goes wrong for
    /// one request stays the same when another one is changed.
    pub(crate) fn of(seed: u64, of: &[u64]) -> Self {
        let mut mixed = Random::seeded(seed);
        for number in of {
            mixed = Random::seeded(mixed.number() ^ number.wrapping_mul(SPREAD));
        }
        Self(Random::seeded(mixed.number()))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.number()
    }

    /// From zero up to one, which it never is.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something that happens in `percent` of a hundred cases does.
    pub(crate) fn chance(&mut self, percent: f64) -> bool {
        self.share() * 100.0 < percent
    }

    /// An index into something of so many parts.
    pub(crate) fn index(&mut self, parts: usize) -> usize {
        usize::try_from(self.next() % parts as u64).expect("less than an index")
    }

    /// The time to the next of what happens once in `1.0` on the average, by chance.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.share())
    }

    /// Of the normal distribution with mean 0 and deviation 1 (Box and Muller, 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        radius * libm::cos(std::f64::consts::TAU * self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_the_mean_and_the_deviation_that_it_should() {
        let mut random = Draws::of(3, &[]);
        let many = 100_000;
        let mean = |draw: &mut dyn FnMut() -> f64| (0..many).map(|_| draw()).sum::<f64>() / f64::from(many);
        assert!((mean(&mut || random.exponential()) - 1.0).abs() < 0.02);
        assert!(mean(&mut || random.normal()).abs() < 0.02);
        assert!((mean(&mut || random.normal().powi(2)) - 1.0).abs() < 0.02);
        assert!((mean(&mut || f64::from(u8::from(random.chance(30.0)))) - 0.3).abs() < 0.01);
    }

    #[test]
    fn what_belongs_to_one_request_is_not_what_belongs_to_another() {
        let first = |of: &[u64]| Draws::of(1, of).next();
        assert_eq!(first(&[7, 0]), first(&[7, 0]));
        assert_ne!(first(&[7, 0]), first(&[7, 1]));
        assert_ne!(first(&[7, 0]), first(&[0, 7]));
    }
}
