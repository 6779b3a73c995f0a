//! Forms of a name: how it was typed does not matter (`fold`), nor how its committee is styled
//! (`canonical`), nor its suffix (`stem`).

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Traditional characters that occur in area names and addresses, each before its simplified form.
/// Both sides of a comparison are folded, so that characters the table lacks only have to be
/// written the same way.
const TRADITIONAL: &str = "\
臺台檯台灣湾區区鎮镇鄉乡縣县龍龙營营東东門门號号莊庄廟庙關关鹽盐學学內内將将軍军麗丽樹树嶺岭溝沟壩坝橋桥園园廣广寶宝島岛雞鸡銅铜鐵铁錦锦華华興兴義义樂乐萬万鳳凤鳥鸟馬马魚鱼鶴鹤蘭兰蓮莲蘆芦葉叶蘇苏藍蓝陽阳陰阴陳陈陸陆隴陇雙双雲云電电靜静\
頭头順顺項项飛飞黃黄齊齐龜龟後后歸归許许壽寿貴贵會会積积徑径雜杂無无鶯莺澤泽濱滨漢汉濟济瀘泸灤滦滬沪潯浔潤润漣涟漁渔澗涧濰潍瀋沈瀾澜灘滩灑洒烏乌爾尔獅狮瑪玛環环瓊琼異异疊叠盧卢盤盘碼码礦矿祿禄禮礼種种穀谷穩稳窯窑竇窦筆笔節节範范築筑簡简\
籃篮糧粮約约紅红納纳紹绍統统綠绿維维網网緣缘縱纵績绩羅罗聖圣聯联聰聪腦脑膠胶與与舊旧艙舱蔣蒋蕭萧薩萨藥药虛虚衛卫裡里裏里見见觀观記记設设訓训詔诏詩诗誠诚調调論论諸诸講讲謝谢豐丰貝贝財财貢贡貨货賀贺賓宾賢贤賴赖贛赣趙赵車车軟软輝辉輪轮轉转\
農农連连進进遊游運运過过達达遠远遷迁鄭郑鄧邓鄒邹鄲郸醫医釋释銀银鋪铺錢钱鍋锅鎖锁鏡镜鐘钟鑼锣長长開开間间閘闸閣阁闊阔陝陕陣阵隊队階阶際际隨随險险離离難难霧雾韓韩頂顶須须領领頸颈顏颜類类風风餘余館馆駱骆駐驻騎骑驛驿驚惊髮发魯鲁鮑鲍鯉鲤鱗鳞\
鳴鸣鴨鸭鴻鸿鵝鹅鷹鹰麥麦點点壢坜壠垄塊块塗涂墾垦壓压壟垄聲声處处備备傑杰傳传僑侨億亿兒儿兩两冊册凍冻劉刘劍剑劃划動动勝胜勢势協协單单啟启員员喬乔國国圍围圓圆團团埡垭報报場场墻墙夾夹奧奥婁娄孫孙寧宁實实對对導导尋寻層层屬属岡冈峽峡峯峰崗岗\
嵐岚幣币師师帶带幹干幾几庫库廠厂廳厅強强彌弥彎弯復复徵征應应懷怀戶户戲戏戰战擴扩擺摆敵敌數数斷断時时晉晋曉晓暉晖條条來来極极楊杨業业榮荣構构樓楼標标權权橫横機机檔档檢检櫃柜檳槟櫻樱歲岁歷历殼壳氣气決决況况涇泾涼凉淺浅淵渊渦涡測测渾浑湧涌\
溫温滄沧滿满漿浆潛潜潔洁瀏浏瀧泷煙烟熱热牆墙產产畫画當当療疗皺皱監监確确磚砖磯矶禪禅秈籼稅税競竞筍笋衝冲補补裝装製制複复覺觉誌志諒谅謙谦貞贞貿贸質质軌轨較较載载邊边鄰邻釣钓鈴铃鉛铅鋼钢録录錄录鍾钟鏢镖鑄铸闕阙闢辟隱隐雖虽靈灵飯饭飲饮養养";

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let chars: Vec<char> = TRADITIONAL.chars().collect();
    chars.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// How a committee or an office is styled → the unit it stands for. Longer endings first.
const STYLES: [(&str, &str); 20] = [
    ("社区居民委员会", "社区"),
    ("社区村民委员会", "社区"),
    ("社区居委会", "社区"),
    ("社区村委会", "社区"),
    ("嘎查村民委员会", "嘎查"),
    ("嘎查村委会", "嘎查"),
    ("嘎查委员会", "嘎查"),
    ("嘎查村", "嘎查"),
    ("村村民委员会", "村"),
    ("村民委员会", "村"),
    ("村村委会", "村"),
    ("村委会", "村"),
    ("居民委员会", "社区"),
    ("居委会", "社区"),
    ("街道办事处", "街道"),
    ("街道办", "街道"),
    ("乡人民政府", "乡"),
    ("镇人民政府", "镇"),
    ("乡政府", "乡"),
    ("镇政府", "镇"),
];

/// What a short form leaves out. Longer endings first.
const SUFFIXES: [&str; 13] = [
    "自治县",
    "自治州",
    "自治旗",
    "街道",
    "社区",
    "嘎查",
    "镇",
    "乡",
    "区",
    "县",
    "市",
    "村",
    "旗",
];

const PEOPLES: &str = "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 \
毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺";

/// Width, white space, punctuation at the ends, traditional characters and case removed.
pub fn fold(text: &str) -> String {
    let plain: String = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !invisible(*c))
        .map(simplified)
        .flat_map(char::to_lowercase)
        .collect();
    plain.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn simplified(c: char) -> char {
    SIMPLIFIED.get(&c).copied().unwrap_or(c)
}

fn invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// A folded name with its committee's or office's style removed: 金湾村委会, 金湾村民委员会 and
/// 金湾村村委会 are 金湾村.
pub fn canonical(folded: &str) -> String {
    STYLES
        .iter()
        .find_map(|(style, unit)| {
            folded
                .strip_suffix(style)
                .filter(|rest| !rest.is_empty())
                .map(|rest| format!("{rest}{unit}"))
        })
        .unwrap_or_else(|| folded.to_owned())
}

/// A canonical name without its suffix, where anything remains: 东区 is 东.
pub fn stem(canonical: &str) -> Option<&str> {
    let stem = SUFFIXES.iter().find_map(|suffix| canonical.strip_suffix(suffix))?;
    Some(stem).filter(|s| !s.is_empty())
}

/// A canonical name without the peoples in it, as it is mostly written: 小金湾东乡族乡 is 小金湾乡.
pub fn without_peoples(canonical: &str) -> Option<String> {
    let suffix = ["自治县", "自治州", "自治旗", "乡", "镇"]
        .into_iter()
        .find(|suffix| canonical.ends_with(suffix))?;
    let mut rest = &canonical[..canonical.len() - suffix.len()];
    while let Some(named) = rest.strip_suffix('族') {
        rest = PEOPLES
            .split_whitespace()
            .filter_map(|people| named.strip_suffix(people))
            .min_by_key(|r| r.len())?;
    }
    let own = canonical.len() - suffix.len();
    (!rest.is_empty() && rest.len() < own)
        .then(|| format!("{rest}{}", suffix.trim_start_matches("自治")))
}

/// An area's name without peoples and suffix, where two characters remain: 玉门市 is 玉门, 东区
/// stays.
pub fn short(name: &str) -> String {
    let plain = without_peoples(name).unwrap_or_else(|| name.to_owned());
    stem(&plain).filter(|s| s.chars().count() > 1).unwrap_or(&plain).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_typing_does_not_matter() {
        assert_eq!(fold(" ：中　西 區。"), "中西区");
        assert_eq!(fold("臺南市東區"), fold("台南市东区"));
        assert_eq!(fold("６２０９８１"), "620981");
        assert_eq!(fold("Ｂlock A座"), fold("BLOCK a座"));
        assert_eq!(fold("\u{feff}、，"), "");
    }

    #[test]
    fn the_table_of_characters_is_in_pairs() {
        assert_eq!(TRADITIONAL.chars().count() % 2, 0);
        for (from, to) in SIMPLIFIED.iter() {
            assert_eq!(simplified(*to), *to, "{from} becomes {to}, which is itself folded");
        }
        for (from, to) in [('養', '养'), ('麥', '麦'), ('條', '条'), ('聲', '声'), ('涼', '凉')]
        {
            assert_eq!(simplified(from), to);
        }
    }

    #[test]
    fn committees_and_suffixes_come_off() {
        for written in
            ["金湾村", "金湾村委会", "金湾村民委员会", "金湾村村委会", "金湾村村民委员会"]
        {
            assert_eq!(canonical(written), "金湾村");
        }
        assert_eq!(canonical("南街居委会"), "南街社区");
        assert_eq!(canonical("查干嘎查村委会"), "查干嘎查");
        assert_eq!(canonical("村委会"), "村委会");
        assert_eq!(stem("新市区"), Some("新市"));
        assert_eq!(stem("区"), None);
        assert_eq!(stem("国营饮马农场"), None);
    }

    #[test]
    fn peoples_come_off() {
        assert_eq!(without_peoples("小金湾东乡族乡").as_deref(), Some("小金湾乡"));
        assert_eq!(without_peoples("积石山保安族东乡族撒拉族自治县").as_deref(), Some("积石山县"));
        assert_eq!(without_peoples("东乡族自治县"), None);
        assert_eq!(without_peoples("花海镇"), None);
        assert_eq!(
            ["玉门市", "东区", "积石山保安族东乡族撒拉族自治县"].map(short),
            ["玉门", "东区", "积石山"]
        );
    }
}
