//! Converts HTTP dates (RFC 9110, 5.6.7) to and from seconds since 1970.
//!
//! Writes the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`, and reads it and both obsolete
//! forms. Never reads the clock or a time zone: every date is in GMT.

use crate::encoding::decimal;

/// Length of a date in the preferred form, in bytes.
pub const LEN: usize = 29;

/// The last second of a four-digit year, 9999-12-31 23:59:59, in seconds since 1970.
pub const MAX: u64 = 253_402_300_799;

/// Represents the absence of a date.
pub const NEVER: u64 = u64::MAX;

// Statics rather than constants: a static has a name by which src/sys/image.ld places it near the
// code that formats dates.
static DAYS: [[u8; 3]; 7] = [*b"Thu", *b"Fri", *b"Sat", *b"Sun", *b"Mon", *b"Tue", *b"Wed"];
const LONG_DAYS: [&[u8]; 7] =
    [b"Thursday", b"Friday", b"Saturday", b"Sunday", b"Monday", b"Tuesday", b"Wednesday"];
static MONTHS: [[u8; 3]; 12] = [
    *b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct",
    *b"Nov", *b"Dec",
];
static NO_DATE: [u8; LEN] = *b"Ddd, 00 Mmm 0000 00:00:00 GMT";
const DAY_SECONDS: u32 = 86_400;

/// The date `seconds` after 1970 began, in the preferred form. Seconds above [`MAX`] are clamped.
pub fn format(seconds: u64) -> [u8; LEN] {
    let (days, time) = split(seconds.min(MAX));
    let (year, month, day) = civil(days);
    let mut text = NO_DATE;
    text[..3].copy_from_slice(&DAYS[(days % 7) as usize]);
    put(&mut text[5..7], day);
    text[8..11].copy_from_slice(&MONTHS[((month + 11) % 12) as usize]);
    put(&mut text[12..16], year);
    put(&mut text[17..19], time / 3600);
    put(&mut text[20..22], time / 60 % 60);
    put(&mut text[23..25], time % 60);
    text
}

/// Splits at most [`MAX`] seconds into days and seconds of the day.
///
/// A day is 675 times 128 seconds, so a shift leaves a 32-bit division, as are all that follow: a
/// 64-bit one takes 200 instructions on a small ARM.
#[expect(
    clippy::cast_possible_truncation,
    reason = "MAX / 128 and the seconds of a day fit in 31 bits"
)]
const fn split(seconds: u64) -> (u32, u32) {
    let days = (seconds >> 7) as u32 / (DAY_SECONDS >> 7);
    (days, (seconds - days as u64 * DAY_SECONDS as u64) as u32)
}

/// Writes `number` into `digits`, padded with leading zeros.
fn put(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month (1 to 12) and day (1 to 31) of the day `days` after 1970-01-01.
///
/// Counts years from March, so that the leap day comes last and one formula covers all months.
/// There are 719,468 days from 0000-03-01 to 1970-01-01.
fn civil(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u32::from(month <= 2), month, day)
}

/// Days from 1970-01-01 to a later day: the inverse of [`civil`].
fn days(year: u32, month: u32, day: u32) -> u32 {
    let (year, month_from_march) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Parses a date in any of the three forms into seconds since 1970. `None` if it is in none of
/// them, or before 1970, when no file of a site was changed.
///
/// The day's name must be valid but isn't checked against the date. A two-digit year is in 1970 to
/// 2069: RFC 9110's window of fifty years around today would need a clock and differs only for
/// dates decades ahead.
pub fn parse(text: &[u8]) -> Option<u64> {
    if text.is_empty() { None } else { parse_any(text) }
}

/// Kept out of line so that a request without dates doesn't touch its page.
#[cold]
fn parse_any(text: &[u8]) -> Option<u64> {
    preferred(text).or_else(|| rfc850(text)).or_else(|| asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn preferred(text: &[u8]) -> Option<u64> {
    let (day_name, rest) = text.split_first_chunk::<3>()?;
    DAYS.contains(day_name).then_some(())?;
    let [b',', b' ', d1, d2, b' ', m1, m2, m3, b' ', y1, y2, y3, y4, b' ', time @ ..] = rest else {
        return None;
    };
    let time = clock(time.strip_suffix(b" GMT")?)?;
    seconds(number(&[*y1, *y2, *y3, *y4])?, [*m1, *m2, *m3], number(&[*d1, *d2])?, time)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &[u8]) -> Option<u64> {
    let comma = text.iter().position(|&byte| byte == b',')?;
    let (day_name, rest) = text.split_at(comma);
    LONG_DAYS.contains(&day_name).then_some(())?;
    let [b',', b' ', d1, d2, b'-', m1, m2, m3, b'-', y1, y2, b' ', time @ ..] = rest else {
        return None;
    };
    let time = clock(time.strip_suffix(b" GMT")?)?;
    let year = match number(&[*y1, *y2])? {
        year @ 70.. => 1900 + year,
        year => 2000 + year,
    };
    seconds(year, [*m1, *m2, *m3], number(&[*d1, *d2])?, time)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &[u8]) -> Option<u64> {
    let (day_name, rest) = text.split_first_chunk::<3>()?;
    DAYS.contains(day_name).then_some(())?;
    let [b' ', m1, m2, m3, b' ', d1, d2, b' ', rest @ ..] = rest else { return None };
    let (time, year) = rest.split_first_chunk::<8>()?;
    let [b' ', year @ ..] = year else { return None };
    let year = number(year.first_chunk::<4>().filter(|_| year.len() == 4)?)?;
    let day = number(&[if *d1 == b' ' { b'0' } else { *d1 }, *d2])?;
    seconds(year, [*m1, *m2, *m3], day, clock(time)?)
}

/// `08:49:37` as seconds of the day; second 60, a leap second, is allowed.
fn clock(text: &[u8]) -> Option<u32> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = text else { return None };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

fn seconds(year: u32, month: [u8; 3], day: u32, time: u32) -> Option<u64> {
    let month = (1..).zip(&MONTHS).find_map(|(number, &name)| (name == month).then_some(number))?;
    if year < 1970 || day == 0 {
        return None;
    }
    let days = days(year, month, day);
    // A day that the month doesn't have, such as 31 November, converts back to the next month.
    (civil(days) == (year, month, day))
        .then_some(u64::from(days) * u64::from(DAY_SECONDS) + u64::from(time))
}

fn number(digits: &[u8]) -> Option<u32> {
    decimal::parse(digits)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{MAX, format, parse};

    #[track_caller]
    fn same(seconds: u64, text: &str) {
        assert_eq!(core::str::from_utf8(&format(seconds)), Ok(text));
        assert_eq!(parse(text.as_bytes()), Some(seconds));
    }

    #[test]
    fn writes_and_reads_the_preferred_form() {
        same(0, "Thu, 01 Jan 1970 00:00:00 GMT");
        same(784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT");
        same(951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT");
        same(951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT");
        same(951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT");
        same(1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT");
        same(2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT");
        same(4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT");
        same(MAX, "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn times_after_the_year_9999_are_clamped() {
        assert_eq!(format(MAX + 1), format(MAX));
        assert_eq!(format(u64::MAX), format(MAX));
    }

    #[test]
    fn every_day_of_two_centuries_round_trips() {
        for day in 0..73_050 {
            let seconds = day * 86_400 + day % 86_400;
            assert_eq!(parse(&format(seconds)), Some(seconds), "day {day}");
        }
    }

    #[track_caller]
    fn reads(text: &str, want: Option<u64>) {
        assert_eq!(parse(text.as_bytes()), want, "{text}");
    }

    #[test]
    fn reads_both_obsolete_forms() {
        reads("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        reads("Thursday, 01-Jan-70 00:00:00 GMT", Some(0));
        reads("Saturday, 01-Jan-00 00:00:00 GMT", Some(946_684_800));
        reads("Tuesday, 01-Jan-69 00:00:00 GMT", Some(3_124_224_000));
        reads("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        reads("Sun Nov 06 08:49:37 1994", Some(784_111_777));
        reads("Wed Nov 16 08:49:37 1994", Some(784_975_777));
    }

    #[test]
    fn reads_a_leap_second() {
        reads("Sat, 31 Dec 2016 23:59:60 GMT", Some(1_483_228_800));
    }

    #[test]
    fn rejects_everything_else() {
        for text in [
            "",
            "0",
            "Sun",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            " Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Son, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Tue, 29 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  6 08:49:37 94",
            "Sun Nov  6 08:49:37 1994 ",
            "Sun Nov  6 08:49:37 199é",
        ] {
            reads(text, None);
        }
    }
}
