//! The title of an official document, broken by sense (GB/T 9704-2012, 7.3.1:
//! 回行时要做到词意完整，排列对称，长短适宜).

use super::text::width;

/// What begins a new line well, with how well: the lower the better.
const BEFORE: &[(&str, f64)] = &[
    ("问题的", 0.0),
    ("情况的", 0.0),
    ("工作的", 1.0),
    ("工作提示", 1.5),
    ("工作督办", 1.5),
    ("办理工作", 1.0),
    ("整改工作", 1.0),
    ("明显上升", 2.0),
    ("持续上升", 2.0),
    ("上升", 3.0),
    ("有关", 2.0),
];

/// What ends a line well.
const AFTER: &[(&str, f64)] = &[
    ("街道办事处", 1.0),
    ("自治县", 1.0),
    ("街道", 1.0),
    ("镇", 1.5),
    ("乡", 1.5),
    ("、", 1.0),
    ("，", 0.5),
    ("》", 1.0),
    ("的", 3.0),
];

/// What may neither be left alone nor torn, and what no line begins with.
const NEVER_FIRST: &str = "，。、；：？！）》」』”’〉】〕的和与及或等族村镇";
const NEVER_LAST: &str = "（《「『“‘〈【〔和与及或";

/// Cost of a break that no rule speaks for.
const ANYWHERE: f64 = 40.0;

/// The lines of a title, none wider than `em` full-width characters: one where it fits well, else
/// as few as may be, broken where the sense allows it and as alike in length as that leaves them. A
/// word without any place to break is broken anywhere but in a run of Latin letters and figures.
pub(super) fn title_lines(title: &str, em: f64) -> Vec<String> {
    let characters: Vec<char> = title.trim().chars().collect();
    let whole: String = characters.iter().collect();
    // A full line of title reads badly above a narrower text: two lines from 18 characters of 20
    // on.
    if width(&whole, 1.0) <= em * 0.9 {
        return vec![whole];
    }
    let costs: Vec<f64> = (0..=characters.len()).map(|at| cost(&characters, at)).collect();
    let least = (width(&whole, 1.0) / em).ceil().max(2.0) as usize;
    (least..least + 3)
        .find_map(|lines| split(&characters, &costs, em, lines))
        .unwrap_or(vec![whole])
}

/// What a break before character `at` costs; infinite where none may be.
fn cost(characters: &[char], at: usize) -> f64 {
    let (head, tail): (String, String) =
        (characters.iter().take(at).collect(), characters.iter().skip(at).collect());
    let (Some(last), Some(first)) = (head.chars().last(), tail.chars().next()) else {
        return f64::INFINITY;
    };
    let latin = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '-');
    if NEVER_FIRST.contains(first) || NEVER_LAST.contains(last) || (latin(last) && latin(first)) {
        return f64::INFINITY;
    }
    let before = BEFORE.iter().filter(|(word, _)| tail.starts_with(word)).map(|(_, c)| *c);
    // The name of a town comes after two characters at least (关于), and is not all of the title's
    // beginning.
    let after = AFTER.iter().filter(|(word, _)| head.ends_with(word) && at > 3).map(|(_, c)| *c);
    before.chain(after).fold(ANYWHERE, f64::min)
}

/// The cheapest way to make so many lines, where there is one: breaks, and how far each line is
/// from the mean length.
fn split(characters: &[char], costs: &[f64], em: f64, lines: usize) -> Option<Vec<String>> {
    let of = |from: usize, to: usize| characters.iter().take(to).skip(from).collect::<String>();
    let mean = width(&of(0, characters.len()), 1.0) / lines as f64;
    // best[k][to]: cost of setting the first `to` characters on k lines, and where the last of them
    // begins.
    let mut best = vec![vec![None::<(f64, usize)>; characters.len() + 1]; lines + 1];
    *best.first_mut()?.first_mut()? = Some((0.0, 0));
    for line in 1..=lines {
        for to in 1..=characters.len() {
            let ending = if to == characters.len() {
                0.0
            } else {
                costs.get(to).copied().unwrap_or(f64::INFINITY)
            };
            let reach = |from: usize| {
                let (before, _) = best.get(line - 1)?.get(from).copied()??;
                let wide = width(&of(from, to), 1.0);
                let cost = before + ending + (wide - mean).abs();
                (wide <= em && cost.is_finite()).then_some((cost, from))
            };
            let cheapest = (0..to).filter_map(reach).min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some(cell) = best.get_mut(line).and_then(|row| row.get_mut(to)) {
                *cell = cheapest;
            }
        }
    }
    let mut at = characters.len();
    let mut found = Vec::new();
    for line in (1..=lines).rev() {
        let (_, from) = best.get(line)?.get(at).copied()??;
        found.push(of(from, at));
        at = from;
    }
    found.reverse();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(title: &str) -> Vec<String> {
        title_lines(title, 20.0)
    }

    #[test]
    fn a_title_is_broken_by_sense() {
        assert_eq!(lines("关于城关镇治安问题的提示函"), ["关于城关镇治安问题的提示函"]);
        assert_eq!(
            lines(
                "关于积石山保安族东乡族撒拉族自治县某某某某民族乡劳务纠纷、邻里纠纷明显上升问题的工作提示函"
            ),
            [
                "关于积石山保安族东乡族撒拉族自治县",
                "某某某某民族乡劳务纠纷、",
                "邻里纠纷明显上升问题的工作提示函"
            ]
        );
        assert_eq!(
            lines("关于加强供暖诉求集中乡镇办理工作的提示函"),
            ["关于加强供暖诉求集中乡镇", "办理工作的提示函"]
        );
        assert_eq!(
            lines("关于花海镇劳务纠纷、邻里纠纷明显上升问题的工作提示函"),
            ["关于花海镇劳务纠纷、邻里纠纷", "明显上升问题的工作提示函"]
        );
        assert_eq!(lines("关于鄠邑街道办事处劳务纠纷明显上升问题的工作提示函").len(), 2);
    }

    #[test]
    fn no_line_is_too_wide_and_nothing_is_lost() {
        let long = "关于某某某自治县某某某某民族乡人民政府辖区内劳务纠纷、邻里纠纷、婚姻家庭纠纷和道路交通安全隐患持续上升问题的工作提示函";
        for title in [
            long,
            "关于ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789项目的函",
            "一二三四五六七八九十一二三四五六七八九十一二三四五",
            "函",
            "",
        ] {
            let lines = lines(title);
            assert_eq!(lines.concat(), title);
            assert!(lines.iter().all(|l| width(l, 1.0) <= 20.0 + 1e-9), "{lines:?}");
        }
        assert!((3..=4).contains(&lines(long).len()), "{:?}", lines(long));
    }

    #[test]
    fn no_line_begins_with_a_mark_or_a_particle() {
        for title in [
            "关于清泉乡邻里纠纷和劳务纠纷大幅度明显上升问题的工作督办函",
            "关于柳河镇《某某某某某某某某某某方案》落实情况的工作督办函",
        ] {
            let lines = lines(title);
            assert!(
                lines.len() > 1
                    && lines.iter().all(|l| !l.starts_with(|c| NEVER_FIRST.contains(c))),
                "{lines:?}"
            );
        }
    }
}
