use super::super::tests::area;
use super::*;

const TAINAN: &str = "新營區 鹽水區 白河區 柳營區 後壁區 東山區 麻豆區 下營區 六甲區 官田區 大內區 佳里區 學甲區 西港區 七股區 將軍區 北門區 新化區 善化區 新市區 安定區 \
    山上區 玉井區 楠西區 南化區 左鎮區 仁德區 歸仁區 關廟區 龍崎區 永康區 東區 南區 北區 安南區 安平區 中西區";

fn tainan() -> Register {
    let mut areas = vec![area("67000", "臺南市", "county", "")];
    areas.extend(
        (1..)
            .zip(TAINAN.split(' '))
            .map(|(i, name)| area(&format!("67000{:03}", i * 10), name, "township", "67000")),
    );
    Register::new(areas).unwrap()
}

fn yumen() -> Register {
    let mut huahai = area("620981103", "花海镇", "township", "620981");
    huahai.aliases = vec!["花海农场".into()];
    Register::new(vec![
        area("620981", "玉门市", "county", ""),
        area("620981002", "新市区街道", "township", "620981"),
        area("620981101", "玉门镇", "township", "620981"),
        area("620981102", "赤金镇", "township", "620981"),
        huahai,
        area("620981206", "小金湾东乡族乡", "township", "620981"),
        area("620981002001", "南街社区居委会", "village", "620981002"),
        area("620981102001", "铁人社区居委会", "village", "620981102"),
        area("620981102200", "铁人村委会", "village", "620981102"),
        area("620981102201", "新民村村民委员会", "village", "620981102"),
        area("620981103200", "金湾村委会", "village", "620981103"),
        area("620981103201", "新民村村民委员会", "village", "620981103"),
        area("620981103202", "花海村委会", "village", "620981103"),
        area("620981103200G1", "金湾村一网格", "grid", "620981103200"),
    ])
    .unwrap()
}

fn show(register: &Register, written: &str, within: Option<&str>) -> String {
    match register.resolve(written, within) {
        Ok(area) => area.name.clone(),
        Err(Unresolved::Empty) => "empty".into(),
        Err(Unresolved::Unknown { suggestion: None }) => "?".into(),
        Err(Unresolved::Unknown { suggestion: Some(name) }) => format!("? {name}"),
        Err(Unresolved::Ambiguous { candidates }) => format!("or {}", candidates.join(", ")),
        Err(Unresolved::Several { names }) => format!("and {}", names.join(", ")),
    }
}

/// Holds every line `written = answer` (answers as `show` writes them).
fn hold(register: &Register, within: Option<&str>, lines: &str) {
    for line in lines.lines().filter(|l| !l.trim().is_empty()) {
        let (written, answer) = line.split_once(" = ").unwrap();
        assert_eq!(show(register, written, within), answer.trim(), "{written}");
    }
}

/// The spellings other than the full name in Tainan's requests of 2015–2019, and some that differ
/// in the way of typing.
#[test]
fn tainan_s_spellings() {
    let short = "安南 永康 中西 新營 安平 新市 麻豆 白河 玉井 柳營 左鎮 關廟 歸仁 善化 佳里 仁德 新化 南 東";
    let (register, known) = (tainan(), TAINAN.split(' ').chain(short.split(' ')));
    for name in known {
        assert_eq!(show(&register, name, None).trim_end_matches('區'), name.trim_end_matches('區'));
    }
    let lines = "\
北 區 = 北區
東 區 = 東區
南　區 = 南區
:中西區 = 中西區
：新市區。 = 新市區
东区 = 東區
台南市盐水区 = 鹽水區
臺南市東區裕農路446巷 = 東區
東區裕農路446巷66號 = 東區
中西區民權路三段285號(阿義小吃店) = 中西區
永康區鹽行路100巷40弄16號附近的空地 = 永康區
永康區小東路373號 = 永康區
永康區中華路901號 = 永康區
鹽水區朝琴路65號 = 鹽水區
善化區中興路68號 = 善化區
仁德區機場路1341號 = 仁德區
北區公園路128號 = 北區
新化區北勢里113號 = 新化區
北區 安南區 = and 北區, 安南區
永康區 仁德區 = and 永康區, 仁德區
安平區 中西區 = and 安平區, 中西區
北區,東區 = and 北區, 東區
北區、東區 = and 北區, 東區
北區東區 = and 北區, 東區
北區東區中華路9號 = and 北區, 東區
永康 仁德 = and 永康區, 仁德區
北區 北區 = 北區
白何區 = ? 白河區
佳理區 = ? 佳里區
七股趨 = ? 七股區
南區鹽 = ? 南區
安南區城 = ? 安南區
歸仁區中 = ? 歸仁區
妨礙安寧 = ?
67000990 = ?
 ， = empty";
    hold(&register, None, lines);
    assert_eq!(register.resolve("", None), Err(Unresolved::Empty));
}

#[test]
fn codes_as_departments_write_them() {
    let lines = "\
620981103 = 花海镇
620981103.0 = 花海镇
６２０９８１１０３ = 花海镇
620981103000 = 花海镇
620981000000 = 玉门市
620981103200 = 金湾村委会
620981103200G1 = 金湾村一网格
620981104 = ?
620981104001 = ?
620900 = ?
000000 = ?";
    hold(&yumen(), None, lines);
    hold(&yumen(), Some("620981103"), "620981102200 = ?\n620981103200 = 金湾村委会");
}

#[test]
fn names_in_a_county_with_villages() {
    let lines = "\
甘肃省酒泉市玉门市花海镇 = 花海镇
甘肃省酒泉市玉门市 = 玉门市
玉门市花海镇 = 花海镇
玉门花海镇 = 花海镇
花海镇金湾村 = 金湾村委会
花海镇 金湾村 = 金湾村委会
甘肃省玉门市花海镇金湾村民委员会 = 金湾村委会
花海镇金湾村3组12号 = 金湾村委会
花海镇中渠村二组 = 花海镇
花海镇人民政府 = 花海镇
花海农场 = 花海镇
新市区街道办事处 = 新市区街道
新市区 = 新市区街道
小金湾乡 = 小金湾东乡族乡
小金湾 = 小金湾东乡族乡
南街居委会 = 南街社区居委会
铁人村 = 铁人村委会
铁人社区 = 铁人社区居委会
铁人 = or 铁人社区居委会 (620981102001), 铁人村委会 (620981102200)
花海 = 花海镇
玉门 = 玉门市
新民村 = or 新民村村民委员会 (620981102201), 新民村村民委员会 (620981103201)
新民村3组 = or 新民村村民委员会 (620981102201), 新民村村民委员会 (620981103201)
赤金镇新民村 = 新民村村民委员会
花海镇、赤金镇 = and 花海镇, 赤金镇
花海镇赤金镇新民村 = and 花海镇, 赤金镇
瓜州县花海镇 = ?
敦煌市 = ?";
    hold(&yumen(), None, lines);
    assert_eq!(yumen().resolve("赤金镇新民村", None).unwrap().code, "620981102201");
}

#[test]
fn within_an_area() {
    let lines = "\
花海 = 花海村委会
花海镇 = 花海镇
玉门市花海镇金湾村 = 金湾村委会
赤金镇新民村 = ?
赤金镇 = ?
玉门市 = ?
金弯村 = ? 金湾村委会";
    let register = yumen();
    hold(&register, Some("620981103"), lines);
    assert_eq!(register.resolve("新民村", Some("620981103")).unwrap().code, "620981103201");
    assert_eq!(register.resolve("新民", Some("620981102")).unwrap().code, "620981102201");
    assert_eq!(show(&register, "金湾村", Some("no such code")), "?");
}

#[test]
fn a_retired_code_that_is_an_alias_resolves() {
    let mut areas = yumen().areas().to_vec();
    areas[4].aliases.push("620981105".into());
    let register = Register::new(areas).unwrap();
    for written in ["620981105", "620981105000", "620981105.0", "６２０９８１１０５", " 620981105 "]
    {
        assert_eq!(show(&register, written, None), "赤金镇", "{written}");
    }
    assert_eq!(show(&register, "620981105", Some("620981103")), "?");
    assert_eq!(show(&register, "620981106", None), "?");
}
