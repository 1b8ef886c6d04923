//! Times as people read them on the clock on their wall.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// `at` in `zone`, seen from `now`: `16:40`, `tomorrow 09:12`, `Dec 3 09:12`.
pub(crate) fn on_the_wall(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (zone.to_datetime(at), zone.to_datetime(now).date());
    let time = then.strftime("%H:%M");
    if then.date() == today {
        return time.to_string();
    }
    if today.checked_add(1.day()).is_ok_and(|tomorrow| tomorrow == then.date()) {
        return format!("tomorrow {time}");
    }
    format!("{} {time}", then.strftime("%b %-d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_named_where_it_is_not_today() {
        let zone = TimeZone::posix("PST8PDT,M3.2.0,M11.1.0").expect("a zone");
        let told = |at: &str| {
            let now = "2026-12-01T20:00:00Z".parse().expect("a time");
            on_the_wall(at.parse().expect("a time"), now, &zone)
        };
        assert_eq!(told("2026-12-02T00:40:00Z"), "16:40");
        assert_eq!(told("2026-12-02T08:00:00Z"), "tomorrow 00:00");
        assert_eq!(told("2026-12-04T08:00:00Z"), "Dec 4 00:00");
    }
}
