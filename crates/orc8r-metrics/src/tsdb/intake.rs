//! Taking samples into the head, and noting them for the log.

use super::head::{Head, Taken};
use super::log::Pending;
use super::settings::{Intake, Settings};
use super::shapes::ShapeId;
use crate::series::{Sample, Source};

/// A head so many times as large as it should be takes nothing more: the disk does not keep up.
const HEAD_OVERFLOW: usize = 4;

/// What became of samples since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) kept: u64,
    pub(super) known: u64,
    pub(super) contradicting: u64,
    pub(super) too_late: u64,
    pub(super) too_early: u64,
    pub(super) no_room: u64,
}

/// Takes samples of one source; `log` is none while the log itself is read.
pub(super) fn take<'a>(
    head: &mut Head,
    log: Option<&mut Pending>,
    counted: &mut Counted,
    (source, samples): (&Source, impl Iterator<Item = (&'a [u8], Sample)>),
    settings: &Settings,
    now_ms: i64,
) -> Intake {
    let segment = log.as_ref().map_or(0, |log| log.segment);
    let times = Times::new(settings, now_ms);
    let number = head.source_number(source);
    let (mut kept, mut intake) = (Vec::new(), Intake::default());
    let mut log = log;
    for (key, sample) in samples {
        if let Some(problem) = times.problem(sample.time_ms) {
            problem.count(counted);
            intake.out_of_bounds += 1;
            continue;
        }
        let Some((shape, place)) = place(head, number, key, settings) else {
            counted.no_room += 1;
            intake.no_room += 1;
            continue;
        };
        match head.push(number, place, sample, times.late_by_max_ms) {
            Taken::Kept => {
                counted.kept += 1;
                intake.accepted += 1;
                kept.push((shape, sample));
                if let Some(log) = &mut log {
                    define_shape(head, shape, log, segment);
                }
            }
            Taken::Known => {
                counted.known += 1;
                intake.accepted += 1;
            }
            Taken::Contradicts => {
                counted.contradicting += 1;
                intake.out_of_bounds += 1;
            }
            Taken::TooLate => {
                counted.too_late += 1;
                intake.out_of_bounds += 1;
            }
        }
    }
    if kept.is_empty() {
        return intake;
    }
    head.began_ms.get_or_insert(now_ms);
    if let Some(log) = log {
        define_source(head, number, log, segment);
        log.samples(number, &kept);
    }
    intake
}

/// The number and the place of a series, which is begun if there is room for it.
fn place(head: &mut Head, source: u32, key: &[u8], settings: &Settings) -> Option<(ShapeId, u32)> {
    if head.bytes > settings.head_bytes_max.saturating_mul(HEAD_OVERFLOW) {
        return None;
    }
    let known = head.shapes.id(key);
    if let Some(place) = known.and_then(|shape| head.find(source, shape)) {
        return Some((known?, place));
    }
    if !head.has_room(source, settings) {
        return None;
    }
    let shape = match known {
        Some(shape) => shape,
        None => head.shapes.add(key)?,
    };
    Some((shape, head.add_series(source, shape)))
}

fn define_shape(head: &mut Head, shape: ShapeId, log: &mut Pending, segment: u64) {
    let Some(known) = head.shapes.get_mut(shape) else { return };
    if std::mem::replace(&mut known.defined_in, segment) != segment {
        log.shape(shape, &known.key);
    }
}

fn define_source(head: &mut Head, source: u32, log: &mut Pending, segment: u64) {
    let of_source = &mut head.sources[source as usize];
    if std::mem::replace(&mut of_source.defined_in, segment) != segment {
        log.source(source, &of_source.source);
    }
}

/// The times that are taken.
struct Times {
    oldest_ms: i64,
    newest_ms: i64,
    late_by_max_ms: i64,
}

enum Problem {
    TooLate,
    TooEarly,
}

impl Times {
    fn new(settings: &Settings, now_ms: i64) -> Self {
        let ms = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self {
            oldest_ms: now_ms.saturating_sub(ms(settings.retention)),
            newest_ms: now_ms.saturating_add(ms(settings.early_by_max)),
            late_by_max_ms: ms(settings.late_by_max),
        }
    }

    const fn problem(&self, time_ms: i64) -> Option<Problem> {
        if time_ms < self.oldest_ms {
            Some(Problem::TooLate)
        } else if time_ms > self.newest_ms {
            Some(Problem::TooEarly)
        } else {
            None
        }
    }
}

impl Problem {
    const fn count(&self, counted: &mut Counted) {
        match self {
            Self::TooLate => counted.too_late += 1,
            Self::TooEarly => counted.too_early += 1,
        }
    }
}
