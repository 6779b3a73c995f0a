//! The departments' untidy files: which columns under which headers, in which form, and the mapping
//! file that says so.

use std::fmt::Write as _;

/// How a department delivers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// CSV in GB18030, dates as people write them.
    GbkCsv,
    /// CSV in UTF-8 with BOM, semicolons.
    SemicolonCsv,
    /// CSV in UTF-8, full-width digits here and there.
    WideDigitsCsv,
    /// XLSX with a merged title above the header, dates as serial numbers.
    TitledXlsx,
    /// XLSX with two sheets, dates as text.
    TwoSheetsXlsx,
}

/// What a column of a department's file holds.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A canonical column.
    Column(&'static str),
    Township,
    Village,
    /// Whom it concerns: name, identity number, telephone.
    Name,
    Identity,
    Phone,
    /// A number plate: to be dropped.
    Plate,
    /// Free text with a name and a telephone in it: to be dropped.
    Story,
}

/// One department's file.
#[derive(Debug)]
pub struct Layout {
    pub domain: &'static str,
    pub form: Form,
    /// The title above the header, and the names of the sheets.
    pub title: &'static str,
    pub columns: &'static [(&'static str, Holds)],
    /// Words of their own: column, what they write, our code.
    pub words: &'static [(&'static str, &'static str, &'static str)],
}

use Holds::{Column, Identity, Name, Phone, Plate, Story, Township, Village};

/// The untidy files, by domain; the other domains deliver Parquet.
pub static LAYOUTS: [Layout; 5] = [
    Layout {
        domain: "disputes",
        form: Form::GbkCsv,
        title: "矛盾纠纷排查化解台账",
        columns: &[
            ("纠纷编号", Column("event_id")),
            ("登记时间", Column("recorded_at")),
            ("发生时间", Column("occurred_at")),
            ("乡镇", Township),
            ("村社区", Village),
            ("纠纷类型", Column("category")),
            ("纠纷级别", Column("severity")),
            ("风险领域", Column("risk_sector")),
            ("当事人", Name),
            ("身份证号", Identity),
            ("联系电话", Phone),
            ("涉及人数", Column("persons")),
            ("涉及金额", Column("amount")),
            ("来源渠道", Column("channel")),
            ("分级", Column("grade")),
            ("受理时间", Column("accepted_at")),
            ("分流时间", Column("triaged_at")),
            ("化解期限", Column("due_at")),
            ("化解时间", Column("resolved_at")),
            ("化解层级", Column("resolved_level")),
            ("化解结果", Column("outcome")),
            ("满意度", Column("satisfaction")),
            ("民转刑", Column("turned_criminal")),
            ("上报时间", Column("reported_at")),
            ("主办单位", Column("unit")),
            ("现场调解", Column("on_site")),
            ("回访时间", Column("revisited_at")),
            ("是否反复", Column("relapsed")),
            ("仲裁时间", Column("arbitrated_at")),
            ("行政裁决时间", Column("adjudicated_at")),
            ("行政复议时间", Column("reconsidered_at")),
            ("转信访时间", Column("petitioned_at")),
            ("起诉时间", Column("sued_at")),
            ("已撤销", Column("withdrawn")),
            ("简要情况", Story),
        ],
        words: &[
            ("category", "拖欠薪酬类", "wage_arrears"),
            ("category", "邻里关系", "neighbour"),
            ("channel", "网格排查", "grid"),
        ],
    },
    Layout {
        domain: "requests",
        form: Form::SemicolonCsv,
        title: "群众诉求",
        columns: &[
            ("工单编号", Column("event_id")),
            ("来电时间", Column("occurred_at")),
            ("录入时间", Column("recorded_at")),
            ("所属乡镇", Township),
            ("村社区", Village),
            ("诉求类别", Column("category")),
            ("紧急程度", Column("severity")),
            ("渠道", Column("channel")),
            ("诉求人", Name),
            ("诉求人电话", Phone),
            ("诉求人数", Column("persons")),
            ("受理时间", Column("accepted_at")),
            ("派单时间", Column("triaged_at")),
            ("办结期限", Column("due_at")),
            ("办结时间", Column("resolved_at")),
            ("办结层级", Column("resolved_level")),
            ("办理结果", Column("outcome")),
            ("回访满意度", Column("satisfaction")),
            ("重复诉求", Column("repeated")),
            ("上报时间", Column("reported_at")),
            ("承办单位", Column("unit")),
            ("是否重派", Column("reassigned")),
            ("是否延期", Column("extended")),
            ("办理方式", Column("form")),
            ("回访时间", Column("revisited_at")),
            ("是否反复", Column("relapsed")),
            ("作废", Column("withdrawn")),
            ("诉求内容", Story),
        ],
        words: &[
            ("category", "扰民噪声", "noise"),
            ("category", "乱停车", "parking"),
            ("resolved_level", "网格内", "grid"),
        ],
    },
    Layout {
        domain: "petitions",
        form: Form::TitledXlsx,
        title: "信访事项登记表",
        columns: &[
            ("信访件编号", Column("event_id")),
            ("信访日期", Column("occurred_at")),
            ("登记日期", Column("recorded_at")),
            ("属地乡镇", Township),
            ("村（社区）", Village),
            ("信访人姓名", Name),
            ("证件号码", Identity),
            ("手机号", Phone),
            ("内容分类", Column("category")),
            ("级别", Column("severity")),
            ("风险领域", Column("risk_sector")),
            ("人数", Column("persons")),
            ("涉及金额（元）", Column("amount")),
            ("信访形式", Column("channel")),
            ("受理时间", Column("accepted_at")),
            ("转办时间", Column("triaged_at")),
            ("办理期限", Column("due_at")),
            ("办结时间", Column("resolved_at")),
            ("办理层级", Column("resolved_level")),
            ("办理结果", Column("outcome")),
            ("群众评价", Column("satisfaction")),
            ("是否重复", Column("repeated")),
            ("是否集体访", Column("collective")),
            ("是否越级", Column("beyond_level")),
            ("承办单位", Column("unit")),
            ("是否延期", Column("extended")),
            ("来访形式", Column("form")),
            ("是否撤回", Column("withdrawn")),
            ("主要诉求", Story),
        ],
        words: &[
            ("category", "欠薪类", "wages"),
            ("channel", "走访", "window"),
            ("channel", "网上信访", "online"),
        ],
    },
    Layout {
        domain: "public_order",
        form: Form::TwoSheetsXlsx,
        title: "治安警情",
        columns: &[
            ("警情编号", Column("event_id")),
            ("发案时间", Column("occurred_at")),
            ("接警录入", Column("recorded_at")),
            ("辖区", Township),
            ("村居", Village),
            ("警情类别", Column("category")),
            ("等级", Column("severity")),
            ("报警人", Name),
            ("报警电话", Phone),
            ("涉案人数", Column("persons")),
            ("损失金额", Column("amount")),
            ("渠道", Column("channel")),
            ("受案时间", Column("accepted_at")),
            ("分派时间", Column("triaged_at")),
            ("查处时间", Column("resolved_at")),
            ("查处结果", Column("outcome")),
            ("撤销", Column("withdrawn")),
        ],
        words: &[
            ("category", "打架", "assault"),
            ("category", "偷窃", "theft"),
            ("outcome", "在办", "unsolved"),
        ],
    },
    Layout {
        domain: "traffic",
        form: Form::WideDigitsCsv,
        title: "交通警情",
        columns: &[
            ("编号", Column("event_id")),
            ("时间", Column("occurred_at")),
            ("入库时间", Column("recorded_at")),
            ("区划代码", Column("area_code")),
            ("类别", Column("category")),
            ("等级", Column("severity")),
            ("号牌", Plate),
            ("涉及人数", Column("persons")),
            ("损失", Column("amount")),
            ("渠道", Column("channel")),
            ("死亡人数", Column("deaths")),
            ("受伤人数", Column("injured")),
            ("作废", Column("withdrawn")),
        ],
        words: &[("category", "剐蹭", "crash"), ("category", "亡人", "fatal_crash")],
    },
];

impl Layout {
    /// Name of the file for a month written `2025-12`.
    pub fn file(&self, month: &str) -> String {
        format!("{}_{month}.{}", self.domain, self.extension())
    }

    /// Their own word for a code, if they have one.
    pub fn own_word(&self, column: &str, code: &str) -> Option<&'static str> {
        self.words.iter().find(|w| w.0 == column && w.2 == code).map(|w| w.1)
    }

    fn extension(&self) -> &'static str {
        match self.form {
            Form::GbkCsv | Form::SemicolonCsv | Form::WideDigitsCsv => "csv",
            Form::TitledXlsx | Form::TwoSheetsXlsx => "xlsx",
        }
    }

    /// The mapping file.
    pub fn mapping(&self) -> String {
        let header = |wanted: fn(&Holds) -> bool| {
            self.columns
                .iter()
                .filter(move |c| wanted(&c.1))
                .map(|c| format!("{:?}", c.0))
                .collect::<Vec<_>>()
        };
        let mut text = format!("# {}: simulated by `pingan synth`.\n", self.title);
        let _ = writeln!(
            text,
            "domain = {:?}\nfiles = [\"{}_*.{}\"]\n\n[columns]",
            self.domain,
            self.domain,
            self.extension()
        );
        for (theirs, holds) in self.columns {
            if let Column(ours) = holds {
                let _ = writeln!(text, "{ours} = {theirs:?}");
            }
        }
        let place = header(|h| matches!(h, Township | Village));
        if !place.is_empty() {
            let _ = writeln!(text, "area_code = [{}]", place.join(", "));
        }
        let mut last = "";
        for (column, theirs, code) in self.words {
            if *column != last {
                let _ = writeln!(text, "\n[words.{column}]");
                last = column;
            }
            let _ = writeln!(text, "{theirs:?} = {code:?}");
        }
        let persons = header(|h| matches!(h, Name | Identity | Phone));
        if !persons.is_empty() {
            let _ = writeln!(text, "\n[persons]\ncolumns = [{}]", persons.join(", "));
        }
        text
    }
}
