//! Which frequencies LTE may use: the channel numbers (EARFCN) of each band, 3GPP TS 36.101 table 5.7.3-1.

use std::fmt;

/// A pair of frequencies, or one that both directions share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LteChannel {
    /// Both directions in turn.
    TimeDivision {
        /// The channel.
        number: u32,
    },
    /// A frequency for each direction.
    FrequencyDivision {
        /// The channel toward phones.
        downlink: u32,
        /// The channel from phones.
        uplink: u32,
    },
}

/// Why no cell can use a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LteChannelError {
    /// No band has it.
    NoBand {
        /// The channel toward phones.
        number: u32,
    },
    /// Its band divides the other way.
    OtherDuplex {
        /// The channel toward phones.
        number: u32,
        /// The band that has it.
        band: u8,
        /// Whether that band divides time.
        is_time: bool,
    },
    /// The channel from phones is of another band.
    OtherBand {
        /// The channel from phones.
        uplink: u32,
        /// The band of the other.
        band: u8,
        /// The channels of that band from phones, the last one included; none for a band that only leads toward them.
        allowed: Option<(u32, u32)>,
    },
}

impl LteChannel {
    /// Looks whether a band has the channel.
    ///
    /// # Errors
    /// [`LteChannelError`].
    pub fn check(self) -> Result<(), LteChannelError> {
        let (Self::TimeDivision { number } | Self::FrequencyDivision { downlink: number, .. }) = self;
        let is_in = |(low, high): (u32, u32), number: u32| (low..=high).contains(&number);
        let of_time = TIME.iter().find(|(_, range)| is_in(*range, number)).map(|(band, _)| *band);
        let of_frequency = FREQUENCY.iter().find(|(_, range, _)| is_in(*range, number));
        match (self, of_time, of_frequency) {
            (Self::TimeDivision { .. }, Some(_), _) => Ok(()),
            (Self::TimeDivision { .. }, None, Some((band, ..))) => {
                Err(LteChannelError::OtherDuplex { number, band: *band, is_time: false })
            }
            (Self::FrequencyDivision { .. }, Some(band), _) => {
                Err(LteChannelError::OtherDuplex { number, band, is_time: true })
            }
            (Self::FrequencyDivision { uplink, .. }, None, Some((band, _, allowed))) => match allowed {
                Some(range) if is_in(*range, uplink) => Ok(()),
                _ => Err(LteChannelError::OtherBand { uplink, band: *band, allowed: *allowed }),
            },
            (_, None, None) => Err(LteChannelError::NoBand { number }),
        }
    }
}

impl std::error::Error for LteChannelError {}

impl fmt::Display for LteChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoBand { number } => write!(f, "earfcndl {number} is in no band of 3GPP TS 36.101"),
            Self::OtherDuplex { number, band, is_time: true } => {
                write!(f, "earfcndl {number} is in band {band}, which is a TDD band: use tdd_config")
            }
            Self::OtherDuplex { number, band, is_time: false } => {
                write!(f, "earfcndl {number} is in band {band}, which is an FDD band: use fdd_config")
            }
            Self::OtherBand { uplink, band, allowed: Some((low, high)) } => {
                write!(
                    f,
                    "earfcnul {uplink} is not in band {band} as earfcndl is: it must be {low} to {high}"
                )
            }
            Self::OtherBand { band, allowed: None, .. } => {
                write!(f, "earfcndl is in band {band}, which has no uplink: no cell can use it alone")
            }
        }
    }
}

/// A band, and the channels from its first to its last.
type TimeBand = (u8, (u32, u32));
/// A band, its channels toward phones, and those from phones.
type FrequencyBand = (u8, (u32, u32), Option<(u32, u32)>);

const TIME: [TimeBand; 21] = [
    (33, (36_000, 36_199)),
    (34, (36_200, 36_349)),
    (35, (36_350, 36_949)),
    (36, (36_950, 37_549)),
    (37, (37_550, 37_749)),
    (38, (37_750, 38_249)),
    (39, (38_250, 38_649)),
    (40, (38_650, 39_649)),
    (41, (39_650, 41_589)),
    (42, (41_590, 43_589)),
    (43, (43_590, 45_589)),
    (44, (45_590, 46_589)),
    (45, (46_590, 46_789)),
    (46, (46_790, 54_539)),
    (47, (54_540, 55_239)),
    (48, (55_240, 56_739)),
    (49, (56_740, 58_239)),
    (50, (58_240, 59_089)),
    (51, (59_090, 59_139)),
    (52, (59_140, 60_139)),
    (53, (60_140, 60_254)),
];

const FREQUENCY: [FrequencyBand; 45] = [
    (1, (0, 599), Some((18_000, 18_599))),
    (2, (600, 1_199), Some((18_600, 19_199))),
    (3, (1_200, 1_949), Some((19_200, 19_949))),
    (4, (1_950, 2_399), Some((19_950, 20_399))),
    (5, (2_400, 2_649), Some((20_400, 20_649))),
    (6, (2_650, 2_749), Some((20_650, 20_749))),
    (7, (2_750, 3_449), Some((20_750, 21_449))),
    (8, (3_450, 3_799), Some((21_450, 21_799))),
    (9, (3_800, 4_149), Some((21_800, 22_149))),
    (10, (4_150, 4_749), Some((22_150, 22_749))),
    (11, (4_750, 4_949), Some((22_750, 22_949))),
    (12, (5_010, 5_179), Some((23_010, 23_179))),
    (13, (5_180, 5_279), Some((23_180, 23_279))),
    (14, (5_280, 5_379), Some((23_280, 23_379))),
    (17, (5_730, 5_849), Some((23_730, 23_849))),
    (18, (5_850, 5_999), Some((23_850, 23_999))),
    (19, (6_000, 6_149), Some((24_000, 24_149))),
    (20, (6_150, 6_449), Some((24_150, 24_449))),
    (21, (6_450, 6_599), Some((24_450, 24_599))),
    (22, (6_600, 7_399), Some((24_600, 25_399))),
    (23, (7_500, 7_699), Some((25_500, 25_699))),
    (24, (7_700, 8_039), Some((25_700, 26_039))),
    (25, (8_040, 8_689), Some((26_040, 26_689))),
    (26, (8_690, 9_039), Some((26_690, 27_039))),
    (27, (9_040, 9_209), Some((27_040, 27_209))),
    (28, (9_210, 9_659), Some((27_210, 27_659))),
    (29, (9_660, 9_769), None),
    (30, (9_770, 9_869), Some((27_660, 27_759))),
    (31, (9_870, 9_919), Some((27_760, 27_809))),
    (32, (9_920, 10_359), None),
    (65, (65_536, 66_435), Some((131_072, 131_971))),
    (66, (66_436, 67_335), Some((131_972, 132_671))),
    (67, (67_336, 67_535), None),
    (68, (67_536, 67_835), Some((132_672, 132_971))),
    (69, (67_836, 68_335), None),
    (70, (68_336, 68_585), Some((132_972, 133_121))),
    (71, (68_586, 68_935), Some((133_122, 133_471))),
    (72, (68_936, 68_985), Some((133_472, 133_521))),
    (73, (68_986, 69_035), Some((133_522, 133_571))),
    (74, (69_036, 69_465), Some((133_572, 134_001))),
    (75, (69_466, 70_315), None),
    (76, (70_316, 70_365), None),
    (85, (70_366, 70_545), Some((134_002, 134_181))),
    (87, (70_546, 70_595), Some((134_182, 134_231))),
    (88, (70_596, 70_645), Some((134_232, 134_281))),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_of_a_band_that_divides_as_it_does() {
        let time = |number| LteChannel::TimeDivision { number };
        let frequency = |downlink, uplink| LteChannel::FrequencyDivision { downlink, uplink };
        for (channel, expected) in [
            (time(44_590), ""),
            (time(36_000), ""),
            (time(60_254), ""),
            (frequency(0, 18_000), ""),
            (frequency(599, 18_599), ""),
            (frequency(67_335, 132_671), ""),
            (time(60_255), "earfcndl 60255 is in no band of 3GPP TS 36.101"),
            (frequency(35_999, 1), "earfcndl 35999 is in no band of 3GPP TS 36.101"),
            (time(1), "earfcndl 1 is in band 1, which is an FDD band: use fdd_config"),
            (frequency(44_590, 1), "earfcndl 44590 is in band 43, which is a TDD band: use tdd_config"),
            (
                frequency(1, 18_600),
                "earfcnul 18600 is not in band 1 as earfcndl is: it must be 18000 to 18599",
            ),
            (frequency(9_700, 1), "earfcndl is in band 29, which has no uplink: no cell can use it alone"),
        ] {
            let told = channel.check().err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(told, expected, "{channel:?}");
        }
    }

    #[test]
    fn no_channel_is_in_two_bands() {
        let mut downlinks: Vec<(u32, u32)> = TIME.iter().map(|(_, range)| *range).collect();
        downlinks.extend(FREQUENCY.iter().map(|(_, range, _)| *range));
        let mut uplinks: Vec<(u32, u32)> = FREQUENCY.iter().filter_map(|(.., range)| *range).collect();
        for ranges in [&mut downlinks, &mut uplinks] {
            ranges.sort_unstable();
            for pair in ranges.windows(2) {
                assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
            }
        }
    }
}
