//! Counts as horizontal bars, in an SVG image that asks for nothing from elsewhere.

use super::label;
use crate::cli::error::CliError;
use plotters::prelude::*;

const WIDTH: u32 = 720;
const ROW: u32 = 30;
/// Height of what stands around the bars: two margins of 8, and the labels below.
const AROUND: u32 = 48;
const LABELS: u32 = 190;
/// Of what was received, and of what was sent; they differ in lightness too.
pub const COLOURS: [RGBColor; 2] = [RGBColor(0x1f, 0x4e, 0x79), RGBColor(0xe0, 0x8e, 0x2d)];

/// The rows that have something to show; none: there is none.
pub fn bars(rows: &[(String, [Option<u64>; 2])]) -> Result<Option<String>, CliError> {
    let some = |counts: &[Option<u64>; 2]| counts.iter().any(|count| count.is_some_and(|count| count > 0));
    let rows: Vec<_> = rows.iter().filter(|(_, counts)| some(counts)).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let mut image = String::new();
    draw(&rows, &mut image)
        .map_err(|error| CliError::failed(format!("a plot could not be drawn: {error}")))?;
    Ok(Some(image))
}

fn draw(rows: &[&(String, [Option<u64>; 2])], image: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let greatest = rows.iter().flat_map(|(_, counts)| counts.iter().flatten()).max().copied().unwrap_or(1);
    let height = u32::try_from(rows.len())? * ROW + AROUND;
    let root = SVGBackend::with_string(image, (WIDTH, height)).into_drawing_area();
    let count = i32::try_from(rows.len())?;
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(32)
        .y_label_area_size(LABELS)
        .build_cartesian_2d(0..greatest + greatest.div_ceil(20), (0..count - 1).into_segmented())?;
    let name = |place: &SegmentValue<i32>| match place {
        // The first row stands at the top.
        SegmentValue::CenterOf(place) => usize::try_from(count - 1 - place)
            .ok()
            .and_then(|place| rows.get(place))
            .map(|(name, _)| label(name))
            .unwrap_or_default(),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_labels(8)
        .y_labels(rows.len())
        .y_label_formatter(&name)
        .label_style(("sans-serif", 13))
        .draw()?;
    let half = ROW / 2;
    for (place, (_, counts)) in (0..count).rev().zip(rows) {
        for (column, value) in counts.iter().enumerate() {
            let Some(value) = value.filter(|value| *value > 0) else { continue };
            let corners = [(0, SegmentValue::Exact(place)), (value, SegmentValue::Exact(place + 1))];
            let mut bar = Rectangle::new(corners, COLOURS[column].filled());
            let (above, below) = if column == 0 { (3, half) } else { (half, 3) };
            bar.set_margin(above, below, 0, 0);
            chart.draw_series(std::iter::once(bar))?;
        }
    }
    root.present()?;
    Ok(())
}
