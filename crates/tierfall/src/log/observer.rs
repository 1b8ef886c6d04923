//! What the gateway tells of its requests, as lines of the log.

use gateway::{Note, Observer};

use super::{Line, Log};

impl Observer for Log {
    fn note(&self, note: &Note<'_>) {
        match *note {
            Note::Trying { request, tier } => self.print(&Line::Trying { request, tier }),
            Note::Skipped { request, tier, reason } => self.print(&Line::Skipped { request, tier, reason }),
            Note::Failed { request, tier, reason, took } => {
                let (code, reason) = (&reason.code(), &reason.to_string());
                self.print(&Line::Failed { request, tier, reason, code, took });
            }
            Note::Succeeded { request, tier, took, total } => {
                self.print(&Line::Succeeded { request, tier, took, total });
            }
            Note::AllFailed { request, total } => self.print(&Line::AllFailed { request, total }),
            Note::CarriedOn { request, tier, seam } => self.print(&Line::CarriedOn { request, tier, seam }),
            Note::BrokenOff { request, tier } => self.print(&Line::BrokenOff { request, tier }),
            Note::CallerLeft { request, total } => self.print(&Line::CallerLeft { request, total }),
        }
    }
}
