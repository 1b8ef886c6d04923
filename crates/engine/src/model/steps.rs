//! How long a batch takes that holds nothing but the next token of each answer.

use std::time::Duration;

/// What was measured, by how many answers there were.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    /// The first is that of one answer alone.
    took: Vec<Option<Duration>>,
}

impl Steps {
    /// For up to `lanes` answers at once.
    pub(super) fn new(lanes: usize) -> Self {
        Self { took: vec![None; lanes.max(1)] }
    }

    /// A step with so many answers took so long.
    pub(super) fn measured(&mut self, answers: usize, took: Duration) {
        /// One step's share in the average is one over this.
        const PARTS: u32 = 8;
        if let Some(known) = answers.checked_sub(1).and_then(|index| self.took.get_mut(index)) {
            *known = Some(known.map_or(took, |known| known - known / PARTS + took / PARTS));
        }
    }

    /// What a step takes with so many answers. Where that was not measured, what is known of the nearest number says it;
    /// `None` where nothing was.
    pub(super) fn token(&self, answers: usize) -> Option<Duration> {
        let answers = answers.max(1);
        let known = self.took.iter().enumerate().filter_map(|(index, took)| took.map(|took| (index + 1, took)));
        let (measured, took) = known.min_by_key(|&(measured, _)| measured.abs_diff(answers))?;
        Some(took.mul_f64(weight(answers) / weight(measured)))
    }
}

/// How long a step with so many answers takes beside one with a single one, on a CPU with a small model: 33 ms alone and
/// 83 ms for four (docs/performance.md).
fn weight(answers: usize) -> f64 {
    0.5 + 0.5 * answers as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn nothing_is_known_before_anything_was_measured() {
        assert_eq!(Steps::new(4).token(1), None);
    }

    #[test]
    fn what_was_not_measured_follows_from_the_nearest() {
        let mut steps = Steps::new(4);
        steps.measured(1, ms(40));
        assert_eq!((steps.token(0), steps.token(1), steps.token(3)), (Some(ms(40)), Some(ms(40)), Some(ms(80))));
        steps.measured(4, ms(250));
        assert_eq!((steps.token(3), steps.token(2)), (Some(ms(200)), Some(ms(60))));
    }

    #[test]
    fn a_lasting_change_is_followed_and_one_slow_step_is_not_believed() {
        let mut steps = Steps::new(1);
        steps.measured(1, ms(40));
        steps.measured(1, ms(200));
        assert_eq!(steps.token(1), Some(ms(60)));
        (0..50).for_each(|_| steps.measured(1, ms(200)));
        assert!(steps.token(1) > Some(ms(195)));
    }
}
