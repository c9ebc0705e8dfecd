//! What a number is of: how it is written, with the prefix that makes it short. `chart.js` writes axes the same way.

/// What numbers of a chart are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Things, or no unit that is known.
    Count,
    /// So many each second.
    PerSecond,
    /// Bits each second, with SI prefixes.
    BitsPerSecond,
    /// Bytes, with IEC prefixes.
    Bytes,
    /// Of a hundred.
    Percent,
    /// Seconds, shown as what is read best.
    Seconds,
    /// Degrees.
    Celsius,
}

const SI: [&str; 6] = ["", "k", "M", "G", "T", "P"];
const IEC: [&str; 6] = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

impl Unit {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Count,
        Self::PerSecond,
        Self::BitsPerSecond,
        Self::Bytes,
        Self::Percent,
        Self::Seconds,
        Self::Celsius,
    ];

    /// Its name in a URL, and for the script.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::PerSecond => "per-second",
            Self::BitsPerSecond => "bit-per-second",
            Self::Bytes => "byte",
            Self::Percent => "percent",
            Self::Seconds => "second",
            Self::Celsius => "celsius",
        }
    }

    /// The one of a name; another name is a count.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|unit| unit.name() == name).unwrap_or(Self::Count)
    }

    /// How it is written beside a title; nothing for a count.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::PerSecond => "per second",
            Self::BitsPerSecond => "bit/s",
            Self::Bytes => "B",
            Self::Percent => "%",
            Self::Seconds => "s",
            Self::Celsius => "°C",
        }
    }

    /// A number of it, as people read it.
    pub(crate) fn show(self, value: f64) -> String {
        if !value.is_finite() {
            return value.to_string();
        }
        match self {
            Self::Count => with_prefix(value, 1000.0, SI, ""),
            Self::PerSecond => with_prefix(value, 1000.0, SI, "/s"),
            Self::BitsPerSecond => with_prefix(value, 1000.0, SI, "bit/s"),
            Self::Bytes => with_prefix(value, 1024.0, IEC, "B"),
            Self::Percent => format!("{} %", digits(value)),
            Self::Celsius => format!("{} °C", digits(value)),
            Self::Seconds => seconds(value),
        }
    }
}

/// Counts stay as they are up to 10,000; a unit's name stands after a space.
fn with_prefix(value: f64, base: f64, prefixes: [&str; 6], symbol: &str) -> String {
    let first = if symbol.is_empty() { 10_000.0 } else { base };
    let (mut scaled, mut at) = (value, 0);
    if value.abs() >= first {
        while scaled.abs() >= base && at + 1 < prefixes.len() {
            scaled /= base;
            at += 1;
        }
    }
    let unit = format!("{}{symbol}", prefixes[at]);
    let space = if unit.is_empty() || unit == "/s" { "" } else { " " };
    format!("{}{space}{unit}", digits(scaled))
}

fn seconds(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        0.0 => (value, "s"),
        small if small < 1e-3 => (value * 1e6, "µs"),
        small if small < 1.0 => (value * 1e3, "ms"),
        some if some < 120.0 => (value, "s"),
        some if some < 7200.0 => (value / 60.0, "min"),
        some if some < 172_800.0 => (value / 3600.0, "h"),
        _ => (value / 86_400.0, "d"),
    };
    format!("{} {unit}", digits(scaled))
}

/// Three digits that count, and no zeros after them.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        large if large >= 100.0 => 0,
        some if some >= 10.0 => 1,
        some if some >= 1.0 => 2,
        some if some >= 0.001 => 3,
        _ => 6,
    };
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_their_unit() {
        let rows = [
            (Unit::Count, 0.0, "0"),
            (Unit::Count, 1234.0, "1234"),
            (Unit::Count, 12_345.0, "12.3 k"),
            (Unit::Count, 0.25, "0.25"),
            (Unit::PerSecond, 3.0, "3/s"),
            (Unit::PerSecond, 4500.0, "4.5 k/s"),
            (Unit::BitsPerSecond, 12_340_000.0, "12.3 Mbit/s"),
            (Unit::BitsPerSecond, 999.0, "999 bit/s"),
            (Unit::Bytes, 1_048_576.0, "1 MiB"),
            (Unit::Bytes, 512.0, "512 B"),
            (Unit::Percent, 99.95, "100 %"),
            (Unit::Percent, 7.0, "7 %"),
            (Unit::Seconds, 0.0123, "12.3 ms"),
            (Unit::Seconds, 90.0, "90 s"),
            (Unit::Seconds, 86_400.0, "24 h"),
            (Unit::Celsius, -3.5, "-3.5 °C"),
            (Unit::Count, f64::NAN, "NaN"),
        ];
        for (unit, value, expected) in rows {
            assert_eq!(unit.show(value), expected, "{unit:?} {value}");
        }
    }
}
