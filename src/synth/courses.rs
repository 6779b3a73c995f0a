//! What becomes of an event, domain by domain: how late it is recorded, who takes it up, how it
//! ends.

/// A table of shares by code.
pub type Shares = &'static [(&'static str, f64)];

/// How cases of a domain are brought to an end.
#[derive(Debug)]
pub struct Ending {
    /// Share that ever ends.
    pub share: f64,
    pub median_days: f64,
    pub sd: f64,
    pub outcomes: Shares,
    /// Who settles it; empty where the domain has no such column in practice.
    pub levels: Shares,
    /// Share of ended cases in which somebody is asked how satisfied they are.
    pub asked: f64,
}

/// The course of a domain's events.
#[derive(Debug)]
pub struct Course {
    /// Median delay from happening to recording, in hours, and the standard deviation of its
    /// logarithm.
    pub delay_hours: f64,
    pub delay_sd: f64,
    /// Begins in working hours (else at any time, evenings most).
    pub office: bool,
    /// Accepted and triaged, with times.
    pub taken_up: bool,
    /// Time limit, days after acceptance.
    pub due_days: Option<i64>,
    pub ending: Option<Ending>,
    pub channels: Shares,
    pub grades: Shares,
    /// Share of events with a sum of money, its median in CNY and the standard deviation of its
    /// logarithm.
    pub money: (f64, f64, f64),
}

const LEVELS: Shares = &[("grid", 0.2), ("village", 0.45), ("township", 0.27), ("county", 0.08)];
const GRADES: Shares =
    &[("ordinary", 0.62), ("community", 0.2), ("specialist", 0.14), ("special", 0.04)];
const SOLVED: Shares = &[("solved", 1.0)];

/// In the order of `lake::schema::DOMAINS`.
pub static COURSES: [Course; 10] = [
    Course {
        delay_hours: 3.0,
        delay_sd: 0.9,
        office: false,
        taken_up: true,
        due_days: None,
        ending: Some(Ending {
            share: 0.78,
            median_days: 2.0,
            sd: 1.1,
            outcomes: SOLVED,
            levels: &[],
            asked: 0.0,
        }),
        channels: &[("police", 1.0)],
        grades: &[],
        money: (0.25, 1500.0, 1.2),
    },
    Course {
        delay_hours: 14.0,
        delay_sd: 0.9,
        office: false,
        taken_up: true,
        due_days: None,
        ending: Some(Ending {
            share: 0.5,
            median_days: 25.0,
            sd: 0.9,
            outcomes: SOLVED,
            levels: &[],
            asked: 0.0,
        }),
        channels: &[("police", 1.0)],
        grades: &[],
        money: (0.85, 18000.0, 1.4),
    },
    Course {
        delay_hours: 6.0,
        delay_sd: 0.8,
        office: false,
        taken_up: false,
        due_days: None,
        ending: None,
        channels: &[("police", 1.0)],
        grades: &[],
        money: (0.2, 4000.0, 1.0),
    },
    Course {
        delay_hours: 8.0,
        delay_sd: 0.9,
        office: false,
        taken_up: false,
        due_days: None,
        ending: None,
        channels: &[("grid", 0.5), ("hotline", 0.3), ("police", 0.2)],
        grades: &[],
        money: (0.35, 8000.0, 1.5),
    },
    Course {
        delay_hours: 30.0,
        delay_sd: 0.9,
        office: true,
        taken_up: true,
        due_days: Some(7),
        ending: Some(Ending {
            share: 0.95,
            median_days: 3.2,
            sd: 0.8,
            outcomes: &[("mediated", 0.86), ("failed", 0.06), ("to_court", 0.08)],
            levels: LEVELS,
            asked: 0.6,
        }),
        channels: &[
            ("grid", 0.42),
            ("window", 0.16),
            ("police", 0.14),
            ("court", 0.1),
            ("petition", 0.05),
            ("hotline", 0.06),
            ("dispute_code", 0.05),
            ("procuratorate", 0.02),
        ],
        grades: GRADES,
        money: (0.55, 12000.0, 1.3),
    },
    Course {
        delay_hours: 60.0,
        delay_sd: 0.7,
        office: true,
        taken_up: true,
        due_days: Some(60),
        ending: Some(Ending {
            share: 0.96,
            median_days: 28.0,
            sd: 0.5,
            outcomes: &[("closed", 0.97), ("to_court", 0.03)],
            levels: &[("village", 0.1), ("township", 0.55), ("county", 0.35)],
            asked: 0.7,
        }),
        channels: &[("window", 0.5), ("online", 0.38), ("hotline", 0.12)],
        grades: &[],
        money: (0.2, 30000.0, 1.2),
    },
    Course {
        delay_hours: 100.0,
        delay_sd: 0.6,
        office: true,
        taken_up: true,
        due_days: None,
        ending: Some(Ending {
            share: 0.97,
            median_days: 55.0,
            sd: 0.6,
            outcomes: &[("settled", 0.42), ("dropped", 0.16), ("judged", 0.42)],
            levels: &[],
            asked: 0.0,
        }),
        channels: &[("court", 1.0)],
        grades: &[],
        money: (0.7, 40000.0, 1.3),
    },
    Course {
        delay_hours: 1.0,
        delay_sd: 1.0,
        office: true,
        taken_up: true,
        due_days: Some(5),
        ending: Some(Ending {
            share: 0.98,
            median_days: 1.6,
            sd: 0.9,
            outcomes: &[("closed", 1.0)],
            levels: &[("grid", 0.55), ("village", 0.2), ("township", 0.18), ("county", 0.07)],
            asked: 0.5,
        }),
        channels: &[("hotline", 0.45), ("grid", 0.38), ("online", 0.12), ("enterprise_code", 0.05)],
        grades: &[],
        money: (0.0, 1.0, 1.0),
    },
    Course {
        delay_hours: 12.0,
        delay_sd: 0.8,
        office: false,
        taken_up: true,
        due_days: Some(2),
        ending: Some(Ending {
            share: 0.93,
            median_days: 0.9,
            sd: 0.8,
            outcomes: &[("answered", 1.0)],
            levels: &[("township", 0.55), ("county", 0.45)],
            asked: 0.0,
        }),
        channels: &[("online", 1.0)],
        grades: &[],
        money: (0.0, 1.0, 1.0),
    },
    Course {
        delay_hours: 168.0,
        delay_sd: 0.5,
        office: true,
        taken_up: false,
        due_days: None,
        ending: None,
        channels: &[("grid", 0.85), ("police", 0.15)],
        grades: &[],
        money: (0.0, 1.0, 1.0),
    },
];

/// Categories whose money or grievance falls into one of the risk sectors, by (domain, category).
pub fn risk_sector(domain: &str, category: &str) -> Option<&'static str> {
    Some(match (domain, category) {
        (_, "illegal_fundraising") => "illegal_fundraising",
        (_, "wage_arrears" | "wages") => "wages",
        ("disputes", "expropriation") | ("petitions", "land") => "land",
        ("petitions", "housing") | (_, "property_management" | "property") => "real_estate",
        (_, "medical") => "medical",
        ("public_opinion", "education") | (_, "campus") => "education",
        (_, "environment") => "environment",
        (_, "workplace") => "workplace",
        (_, "veterans") => "veterans",
        (_, "law_related") => "law_related",
        ("litigation", "private_lending") => "finance",
        _ => return None,
    })
}
