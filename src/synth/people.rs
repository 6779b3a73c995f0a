//! Fabricated persons, so that masking has something to mask. None can be real: 某 in every name,
//! an area prefix that is not assigned, births in 1900, a telephone prefix that is not in use.

use rand::RngExt;

use super::streams::stream;
use super::version::Version;

const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "马", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "林", "何", "郭", "罗",
];
const GIVEN: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
/// Persons who come back again and again, in each township.
const REGULARS: u64 = 12;

/// A person who does not exist.
pub struct Person {
    pub name: String,
    /// Eighteen characters with a valid check digit.
    pub identity: String,
    pub phone: String,
}

/// Who an event's file names: for repeated events one of the township's regulars, else a person of
/// its own.
pub fn behind(version: &Version, seed: u64) -> Person {
    let who = if version.repeated {
        format!("{}-{}", version.township, u64::from(version.serial) % REGULARS)
    } else {
        version.event_id()
    };
    let mut rng = stream(seed, &["person", &who]);
    let name = format!(
        "{}某{}",
        SURNAMES[rng.random_range(0..SURNAMES.len())],
        GIVEN[rng.random_range(0..GIVEN.len())]
    );
    let body = format!(
        "9999991900{:02}{:02}{:03}",
        rng.random_range(1..=12),
        rng.random_range(1..=28),
        rng.random_range(1..=999)
    );
    Person {
        name,
        identity: format!("{body}{}", check_digit(&body)),
        phone: format!("1540000{:04}", rng.random_range(0..10_000)),
    }
}

/// The last character of a resident identity number (GB 11643, ISO 7064 MOD 11-2).
fn check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    #[test]
    fn check_digit_of_the_standards_own_examples() {
        assert_eq!(super::check_digit("11010519491231002"), 'X');
        assert_eq!(super::check_digit("44052418800101001"), '4');
    }
}
