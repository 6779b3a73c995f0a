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
        Err(Unresolved::OtherCounty) => "other county".into(),
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
620981103200g1 = 金湾村一网格
６２０９８１１０３２００ｇ１ = 金湾村一网格
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
瓜州县花海镇 = other county
敦煌市 = other county";
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

/// A village or a landmark of which no word says that it is an address: its township, and never
/// another one.
#[test]
fn landmarks_are_in_the_area_they_are_named_after() {
    let lines = "\
赤金镇中渠 = 赤金镇
赤金镇火车站 = 赤金镇
赤金镇综治中心 = 赤金镇
赤金镇派出所 = 赤金镇
赤金镇铁人王进喜纪念馆 = 赤金镇
赤金镇农贸市场 = 赤金镇
赤金镇工业园区 = 赤金镇
花海镇卫生院 = 花海镇
花海农场场部 = 花海镇
新市区街道办事处便民大厅 = 新市区街道
玉门市花海镇卫生院 = 花海镇
花海镇金湾 = 金湾村委会
花海镇金湾村卫生室 = 金湾村委会
赤金新民 = 新民村村民委员会
赤金镇铁人 = or 铁人社区居委会 (620981102001), 铁人村委会 (620981102200)
赤金镇花海火车站 = and 赤金镇, 花海镇
赤金镇花海 = and 赤金镇, 花海镇
赤金镇和花海镇 = and 赤金镇, 花海镇
赤金镇往花海农场 = and 赤金镇, 花海镇
赤金镇老君庙镇 = ? 赤金镇
赤金镇城关街道 = ? 赤金镇
玉门市火车站 = ? 玉门市
玉门市公安局 = ? 玉门市
玉门市老君庙镇 = ? 玉门市
赤金火车站 = ? 赤金镇
铁人王进喜纪念馆 = ?
火车站 = ?";
    hold(&yumen(), None, lines);
}

#[test]
fn names_that_are_doubled() {
    let lines = "\
赤金镇赤金镇 = 赤金镇
赤金镇 赤金镇 = 赤金镇
赤金镇、赤金镇 = 赤金镇
赤金赤金镇 = 赤金镇
赤金镇赤金 = 赤金镇
玉门市玉门市赤金镇 = 赤金镇
玉门市玉门市 = 玉门市
玉门市赤金镇玉门市赤金镇 = 赤金镇
甘肃省甘肃省玉门市赤金镇 = 赤金镇
赤金镇赤金镇铁人村 = 铁人村委会
赤金镇铁人村铁人村 = 铁人村委会
赤金镇赤金镇铁人村三组12号 = 铁人村委会
赤金镇赤金镇赤金镇 = 赤金镇
赤金镇赤金镇派出所 = 赤金镇
玉门镇玉门镇 = 玉门镇
花海镇赤金镇花海镇 = and 花海镇, 赤金镇";
    hold(&yumen(), None, lines);
}

#[test]
fn case_does_not_matter() {
    let mut areas = yumen().areas().to_vec();
    areas.push(area("620981104", "Aba乡", "township", "620981"));
    areas.push(area("620981104001", "CBD社区居委会", "village", "620981104"));
    let lines = "\
aba乡 = Aba乡
ABA乡 = Aba乡
ＡＢＡ乡 = Aba乡
玉门市aBa = Aba乡
ABA乡cbd社区 = CBD社区居委会
Cbd = CBD社区居委会
aba镇 = ? Aba乡";
    hold(&Register::new(areas).unwrap(), None, lines);
}

/// What an area was called, offices and words for the whole county: the area, or a suggestion.
#[test]
fn renamed_areas_and_words_for_the_county() {
    let lines = "\
赤金街道 = ? 赤金镇
赤金街道办事处 = ? 赤金镇
赤金乡 = ? 赤金镇
玉门市赤金街道 = ? 赤金镇
玉门市赤金街道办事处 = ? 赤金镇
玉门市赤今镇 = ? 赤金镇
玉门市城关街道 = ? 玉门市
原赤金乡 = ? 赤金镇
玉门市赤金街道 = ? 赤金镇
玉门市赤金街道办事处 = ? 赤金镇
玉门市赤今镇 = ? 赤金镇
玉门市城关街道 = ? 玉门市
原花海镇 = ? 花海镇
原老君庙镇 = ?
赤金镇(原赤金公社) = 赤金镇
赤金镇（原花海镇） = 赤金镇
赤金镇（原赤金公社）铁人村 = 铁人村委会
赤金街道（原赤金镇） = ? 赤金镇
老君庙镇（原赤金镇） = ?
赤金镇人民政府 = 赤金镇
市直 = ? 玉门市
市直机关 = ? 玉门市
县直单位 = ? 玉门市
全市 = ? 玉门市
玉门市 = 玉门市";
    hold(&yumen(), None, lines);
}

/// Places of another county have one answer; what only sounds like one has not.
#[test]
fn places_of_another_county() {
    let lines = "\
外县 = other county
外省 = other county
敦煌市七里镇 = other county
敦煌市花海镇金湾村 = other county
酒泉市敦煌市 = other county
甘肃省酒泉市瓜州县赤金镇新民村 = other county
瓜州 = other county
瓜州花海镇金湾村 = other county
肃州区 = other county
肃北蒙古族自治县 = other county
肃北县党城湾镇 = other county
嘉峪关市 = other county
兰州市城关区 = other county
甘肃兰州市 = other county
兰州城关区雁南街道 = other county
甘肃省天水市 = other county
四川省 = other county
四川省成都市武侯区 = other county
四川成都市 = other county
新疆哈密市伊州区 = other county
新疆维吾尔自治区 = other county
内蒙古自治区额济纳旗 = other county
北京市东城区 = other county
东莞市虎门镇 = other county
泸县 = other county
620982 = other county
620982101 = other county
620982101.0 = other county
620921101200 = other county
110101001 = other county
620971001 = other county
甘肃省 = ?
酒泉市 = ?
酒泉市某处 = ?
新城区 = ?
东区 = ?
兰州市场 = ?
瓜州路口 = ?
河南桥 = ?
13893700000 = ?
138937000000 = ?
999999001 = ?
620900101 = ?";
    hold(&yumen(), None, lines);
    assert_eq!(show(&yumen(), "敦煌市七里镇", Some("620981103")), "other county");
}

#[test]
fn a_register_of_a_city_or_of_no_known_place_has_other_neighbours() {
    let city = |code: &str| {
        Register::new(vec![
            area(code, "酒泉市", "city", ""),
            area("620981", "玉门市", "county", code),
            area("620981102", "赤金镇", "township", "620981"),
        ])
        .unwrap()
    };
    let lines = "\
瓜州县 = ?
620982101 = ?
嘉峪关市 = other county
620201001 = other county";
    hold(&city("620900"), None, lines);
    hold(&city("6209"), None, lines);
    let park = |code: &str| {
        let parts = vec![area(code, "园区", "township", ""), area("P1", "一区", "village", code)];
        Register::new(parts).unwrap()
    };
    hold(&park("620981105"), None, "玉门市 = ?\n敦煌市 = other county\n620982 = other county");
    hold(&park("P0"), None, "玉门市 = ?\n敦煌市 = ?\n620982 = ?");
}
