//! A report's tables as a workbook: one sheet a table, numbers as numbers, nothing that a
//! spreadsheet executes.

use rust_xlsxwriter::{
    ChartSolidFill, ChartType, Color, DocProperties, ExcelDateTime, Format as CellFormat,
    FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::charts::finite;
use super::{Cell, Chart, Report, Shape, Table};

/// Characters that a sheet's name may have.
const NAME: usize = 31;
/// The paper's number in a workbook.
const A4: u8 = 9;

/// The workbook; the same report gives the same bytes.
pub(super) fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(report)?);
    let tables: Vec<&Table> = report.tables().collect();
    list(book.add_worksheet(), report, &tables)?;
    for (n, table) in tables.iter().enumerate() {
        sheet(book.add_worksheet(), n + 1, table)?;
    }
    for chart in report.charts() {
        chart_sheet(book.add_worksheet(), chart)?;
    }
    book.save_to_buffer()
}

/// The workbook in which a document's chart keeps its data.
pub(super) fn chart_data(report: &Report, chart: &Chart) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(report)?);
    let sheet = book.add_worksheet();
    sheet.set_name("Sheet1")?;
    data(sheet, chart)?;
    book.save_to_buffer()
}

fn properties(report: &Report) -> Result<DocProperties, XlsxError> {
    let made = ExcelDateTime::parse_from_str(&report.date.format("%Y-%m-%d").to_string())?;
    Ok(DocProperties::new()
        .set_title(&report.title)
        .set_author(&report.issuer)
        .set_creation_datetime(&made))
}

fn head() -> CellFormat {
    CellFormat::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0xF2F2F0))
}

/// The first sheet: which tables there are, and what each counts.
fn list(sheet: &mut Worksheet, report: &Report, tables: &[&Table]) -> Result<(), XlsxError> {
    sheet.set_name("目录")?;
    let wrapped = CellFormat::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.write_string_with_format(0, 0, &report.title, &CellFormat::new().set_bold())?;
    sheet.write_string(1, 0, &report.subtitle)?;
    for (column, (name, wide)) in [("表", 6.0), ("名称", 36.0), ("口径", 90.0)].iter().enumerate()
    {
        sheet.set_column_width(column as u16, *wide)?;
        sheet.write_string_with_format(3, column as u16, *name, &head())?;
    }
    for (n, table) in tables.iter().enumerate() {
        let row = n as u32 + 4;
        sheet.write_number(row, 0, (n + 1) as f64)?;
        sheet.write_string_with_format(row, 1, &table.title, &wrapped)?;
        sheet.write_string_with_format(row, 2, &table.definition, &wrapped)?;
    }
    sheet.set_freeze_panes(4, 0)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// A name that a sheet may have: short, and without the signs that formulas use.
fn name(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\'))
        .take(NAME)
        .collect()
}

fn sheet(sheet: &mut Worksheet, n: usize, table: &Table) -> Result<(), XlsxError> {
    sheet.set_name(name(&format!("{n} {}", table.id)))?;
    sheet.write_string_with_format(0, 0, &table.title, &CellFormat::new().set_bold())?;
    for (column, header) in table.header.iter().enumerate() {
        sheet.write_string_with_format(1, column as u16, header, &head())?;
    }
    let border = CellFormat::new().set_border(FormatBorder::Thin);
    let absent = border.clone().set_font_color(Color::RGB(0x808080)).set_align(FormatAlign::Right);
    for (row, cells) in table.rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (row as u32 + 2, column as u16);
            match cell {
                Cell::Text(text) => sheet.write_string_with_format(row, column, text, &border)?,
                Cell::Absent(why) => sheet.write_string_with_format(row, column, *why, &absent)?,
                Cell::Number(value, format) | Cell::Shaded(value, format, _) => {
                    let mut format = border.clone().set_num_format(format.code());
                    if let Some(ground) = cell.ground() {
                        format = format.set_background_color(ground);
                    }
                    sheet.write_number_with_format(row, column, *value, &format)?
                }
            };
        }
    }
    widths(sheet, table)?;
    sheet.set_freeze_panes(2, 1)?;
    sheet.set_repeat_rows(0, 1)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    Ok(())
}

fn widths(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    const LEAST: f64 = 8.0;
    const MOST: f64 = 48.0;
    for column in 0..table.header.len() {
        let cells = table.rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|c| crate::text::width(&c.text(), 2.0)).fold(0.0, f64::max);
        let header = crate::text::width(&table.header[column], 1.2);
        sheet.set_column_width(column as u16, (widest.max(header) + 2.0).clamp(LEAST, MOST))?;
    }
    Ok(())
}

/// Labels and values of a chart, from the first cell on.
fn data(sheet: &mut Worksheet, chart: &Chart) -> Result<(), XlsxError> {
    for (row, label) in chart.labels.iter().enumerate() {
        sheet.write_string(row as u32 + 1, 0, label)?;
    }
    for (column, series) in chart.series.iter().enumerate() {
        let column = column as u16 + 1;
        sheet.write_string(0, column, &series.name)?;
        for (row, value) in finite(&series.values, chart.labels.len()).into_iter().enumerate() {
            if let Some(value) = value {
                sheet.write_number(row as u32 + 1, column, value)?;
            }
        }
    }
    Ok(())
}

/// Size of a chart in pixels, and the least height of a bar.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 360;
const BAR: u32 = 26;

/// A sheet with a chart beside its data.
fn chart_sheet(sheet: &mut Worksheet, chart: &Chart) -> Result<(), XlsxError> {
    let name = name(&format!("图 {}", chart.id));
    sheet.set_name(&name)?;
    data(sheet, chart)?;
    let kind = if chart.shape == Shape::Bars { ChartType::Bar } else { ChartType::Line };
    let mut drawn = rust_xlsxwriter::Chart::new(kind);
    let last = chart.labels.len() as u32;
    for (at, series) in chart.series.iter().enumerate() {
        let column = at as u16 + 1;
        let added = drawn
            .add_series()
            .set_name(series.name.as_str())
            .set_categories((name.as_str(), 1, 0, last, 0))
            .set_values((name.as_str(), 1, column, last, column));
        if chart.shape == Shape::Bars {
            added.set_format(ChartSolidFill::new().set_color(Color::RGB(0x4A5A6A)));
        }
    }
    drawn.title().set_name(&chart.title);
    if !chart.unit.is_empty() {
        let axis = if chart.shape == Shape::Bars { drawn.x_axis() } else { drawn.y_axis() };
        axis.set_name(&chart.unit);
    }
    if chart.shape == Shape::Bars {
        drawn.x_axis().set_min(0.0);
        drawn.y_axis().set_reverse();
    }
    if chart.series.len() < 2 {
        drawn.legend().set_hidden();
    }
    drawn.set_alt_text(&chart.alt);
    drawn.set_width(WIDTH).set_height(HEIGHT.max(BAR * last));
    sheet.set_column_width(0, 20)?;
    sheet.insert_chart(1, chart.series.len() as u16 + 2, &drawn)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheets_name_is_short_and_plain() {
        assert_eq!(name("1 a/b:c[d]"), "1 abcd");
        assert_eq!(name(&"平".repeat(40)).chars().count(), NAME);
    }
}
